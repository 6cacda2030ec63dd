package panes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// Bar is how far something is.
type Bar struct {
	Name     string
	Done, Of int64  // Of is 0 when nobody knows
	News     string // behind the bar, of the same width always
}

// SetBars shows bars below the responses, in place of those before.
func (s *Screen) SetBars(bars []Bar) {
	s.change(func() { s.responses.bars = labelled(bars) })
}

// SetJobs shows bars of what runs in the background, above the others.
func (s *Screen) SetJobs(bars []Bar) {
	s.change(func() { s.responses.jobs = labelled(bars) })
}

// labelled are bars with names and news that are bounded.
func labelled(bars []Bar) []Bar {
	bars = slices.Clone(bars)
	for i := range bars {
		bars[i].Name, bars[i].News = label(bars[i].Name), label(bars[i].News)
	}
	return bars
}

// drawBars draws one bar a row, in at most so many rows; it returns how many
// it took.
func (s *Screen) drawBars(r rect) int {
	bars := slices.Concat(s.responses.jobs, s.responses.bars)
	if len(bars) > r.height {
		bars = bars[len(bars)-r.height:] // the last one is the total
	}
	for i, b := range bars {
		s.drawBar(rect{r.x, r.y + r.height - len(bars) + i, r.width, 1}, b)
	}
	return len(bars)
}

// drawBar draws name, bar and news; where that has no room only name and
// news, the name over the part that is done.
func (s *Screen) drawBar(r rect, b Bar) {
	news := printable(b.News)
	room := r.width - columns(news)
	name := min(max(room/3, 12), 32)
	if room-name < 8 {
		text := uniseg.StringWidth(news)
		s.put(r.x, r.y, r.width, []span{
			{fill(shorten(printable(b.Name), max(room-1, 0)), max(room, 0)), s.palette.normal},
			{news[max(len(news)-max(min(text, r.width), 0), 0):], s.palette.dim},
		})
		return
	}
	full, empty := s.bar(room-name-1, b)
	s.put(r.x, r.y, r.width, []span{
		{fill(shorten(printable(b.Name), name-1), name), s.palette.normal},
		{full, s.palette.done}, {empty, s.palette.todo}, {" ", s.palette.normal}, {news, s.palette.dim},
	})
}

// bar is a bar of a width, its done part and the rest.
func (s *Screen) bar(width int, b Bar) (full, empty string) {
	parts := len(s.glyphs.parts)
	done := 0
	if b.Of > 0 {
		done = int(float64(min(b.Done, b.Of)) / float64(b.Of) * float64(width*parts))
	}
	full = strings.Repeat(s.glyphs.full, done/parts) + s.glyphs.parts[done%parts]
	return full, strings.Repeat(s.glyphs.empty, max(width-columns(full), 0))
}

// fill is a text with blanks behind it.
func fill(text string, width int) string {
	return text + fmt.Sprintf("%*s", max(width-columns(text), 0), "")
}
