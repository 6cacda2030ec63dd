package panes

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"
)

// desk is the one primitive of tview: all that is seen.
type desk struct {
	*tview.Box
	*Screen
}

// Draw is tview's.
func (d *desk) Draw(screen tcell.Screen) {
	s := d.Screen
	s.first.Do(func() { close(s.begun) })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrange()
	screen.HideCursor()
	for p, r := range s.rects {
		if r.height > 0 {
			s.drawPane(pane(p), r)
		}
	}
	s.drawFoot()
	if s.help != nil {
		s.drawHelp()
	}
}

// put writes spans at a place, cut at a width, and returns how many columns
// they took.
func (s *Screen) put(x, y, width int, spans []span) int {
	return s.putAll(x, y, width, eachCell(spans))
}

func (s *Screen) putCells(x, y, width int, all []cell) int {
	return s.putAll(x, y, width, slices.Values(all))
}

func (s *Screen) putAll(x, y, width int, all iter.Seq[cell]) int {
	at := 0
	for c := range all {
		if at+c.wide > width {
			break
		}
		s.screen.Put(x+at, y, c.text, c.style)
		at += c.wide
	}
	return at
}

func (s *Screen) drawPane(p pane, r rect) {
	s.frame(p, r)
	in := r.inner()
	if in.height <= 0 || in.width <= 0 {
		return
	}
	switch p {
	case inputPane:
		s.drawInput(in)
	case dialoguePane:
		s.drawScroll(&s.dialogue.scroll, in)
	case responsesPane:
		s.drawResponses(in)
	}
}

// frame draws a pane's border with its title, and on the right what is
// particular about it. The one that keys go to has a thick one.
func (s *Screen) frame(p pane, r rect) {
	g, style, title := s.glyphs.plain, s.palette.border, s.palette.normal
	if p == s.focus {
		g, style, title = s.glyphs.thick, s.palette.focused, s.palette.focused
	}
	if r.width < 2 || r.height < 2 {
		return
	}
	across := strings.Repeat(g[0], r.width-2)
	s.put(r.x, r.y, r.width, []span{{g[2] + across + g[3], style}})
	s.put(r.x, r.y+r.height-1, r.width, []span{{g[4] + across + g[5], style}})
	for y := r.y + 1; y < r.y+r.height-1; y++ {
		s.put(r.x, y, 1, []span{{g[1], style}})
		s.put(r.x+r.width-1, y, 1, []span{{g[1], style}})
	}
	used := s.put(r.x+2, r.y, r.width-4, []span{{fmt.Sprintf(" %d %s ", p+1, names()[p]), title}})
	note := s.note(p)
	if room := r.width - used - 6; note != "" && room > 8 {
		note = " " + shorten(note, room-2) + " "
		s.put(r.x+r.width-2-columns(note), r.y, columns(note), []span{{note, s.palette.warn}})
	}
}

func names() [paneCount]string { return [paneCount]string{"Input", "Dialogue", "Responses"} }

// note is what is particular about a pane.
func (s *Screen) note(p pane) string {
	var notes []string
	if s.zoomed {
		notes = append(notes, "zoomed")
	}
	if p == inputPane {
		if n := len(s.input.queue); n > 0 {
			notes = append(notes, fmt.Sprintf("%d typed ahead", n))
		}
		if s.input.line.Vi && s.input.vi.commanding {
			notes = append(notes, "vi")
		}
	}
	sc := s.scrollOf(p)
	if sc.filter.text != "" {
		notes = append(notes, "only: "+printable(sc.filter.text))
	}
	if sc.find != "" {
		notes = append(notes, "/"+printable(sc.find))
	}
	if sc.mark >= 0 {
		notes = append(notes, fmt.Sprintf("%d selected", len(sc.selected())))
	}
	if shown := sc.shown; p == responsesPane && sc.back == 0 && len(shown) > 0 && shown[0] > s.responses.since {
		notes = append(notes, "PgUp for the beginning")
	}
	if sc.back > 0 {
		notes = append(notes, fmt.Sprintf("%d below %s", sc.back, s.glyphs.down))
	}
	return strings.Join(notes, s.glyphs.separator)
}

func (s *Screen) scrollOf(p pane) *scroll {
	switch p {
	case dialoguePane:
		return &s.dialogue.scroll
	case responsesPane:
		return &s.responses.scroll
	}
	return &s.input.scroll
}

// drawScroll draws lines. They stand at the top while there are few.
func (s *Screen) drawScroll(sc *scroll, r rect) {
	rows := sc.view(r.width, r.height)
	for i, row := range rows {
		all := row.cells
		if n := sc.shown[i]; sc.pointed(n) {
			style := s.palette.found
			if sc.mark >= 0 {
				style = s.palette.chosen
			}
			all = restyled(all, style)
			s.put(r.x, r.y+i, r.width, []span{{strings.Repeat(" ", r.width), style}})
		}
		s.putCells(r.x+row.indent, r.y+i, r.width-row.indent, all)
	}
}

func restyled(all []cell, style tcell.Style) []cell {
	other := make([]cell, len(all))
	for i, c := range all {
		other[i] = cell{c.text, c.wide, style}
	}
	return other
}
