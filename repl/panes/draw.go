package panes

import (
	"fmt"
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
	return s.putCells(x, y, width, cells(spans))
}

func (s *Screen) putCells(x, y, width int, all []cell) int {
	at := 0
	for _, c := range all {
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

// drawResponses draws a question at the bottom, bars above it, and the lines
// in what remains.
func (s *Screen) drawResponses(r rect) {
	if s.asking != nil {
		r.height -= s.drawQuestion(r)
	}
	if len(s.responses.bars)+len(s.responses.jobs) > 0 {
		bars := r
		bars.y += (r.height + 1) / 2
		bars.height = r.height - (r.height+1)/2
		r.height -= s.drawBars(bars)
	}
	s.drawScroll(&s.responses.scroll, r)
}

// drawQuestion draws the question that stands, and returns its height.
func (s *Screen) drawQuestion(r rect) int {
	a := s.asking
	rows := s.askRows(r.width)
	buttons := s.buttons(r.width)
	height := min(len(rows)+len(buttons), r.height)
	rows = rows[max(len(rows)+len(buttons)-height, 0):]
	y := r.y + r.height - height
	for i, row := range rows {
		at := row.indent + s.putCells(r.x+row.indent, y+i, r.width-row.indent, row.cells)
		if i == len(rows)-1 && s.focus == responsesPane && s.entry == nil {
			s.screen.ShowCursor(r.x+min(at, r.width-1), y+i)
		}
	}
	a.places = a.places[:0]
	for i, line := range buttons {
		x := r.x
		for _, b := range line {
			w := s.put(x, y+len(rows)+i, r.x+r.width-x, []span{b})
			a.places = append(a.places, rect{x, y + len(rows) + i, w, 1})
			x += w + 1
		}
	}
	return height
}

// buttons are the answers in rows.
func (s *Screen) buttons(width int) [][]span {
	a := s.asking
	var all []span
	for i, text := range a.Answers {
		text = printable(text)
		if i == a.chosen && a.text == "" {
			all = append(all, span{"[" + text + "]", s.palette.chosen.Bold(true)})
			continue
		}
		all = append(all, span{" " + text + " ", s.palette.key})
	}
	if a.ForAll {
		sign := s.glyphs.off
		if a.forAll {
			sign = s.glyphs.on
		}
		all = append(all, span{" " + sign + " for all ", s.palette.bold})
	}
	var rows [][]span
	room := 0
	for _, b := range all {
		if w := columns(b.text) + 1; w <= room {
			room -= w
			rows[len(rows)-1] = append(rows[len(rows)-1], b)
		} else {
			room = width + 1 - w
			rows = append(rows, []span{b})
		}
	}
	return rows
}

// drawInput draws what was typed, the line that is being typed, and the menu
// below it.
func (s *Screen) drawInput(r rect) {
	in := &s.input
	rows, at := s.typed(r.width)
	menuRows := 0
	if in.menu.open() {
		menuRows = max(min(r.height-min(len(rows), r.height/2), 12), 1)
	}
	if len(rows) > r.height-menuRows { // the rows around the cursor
		from := max(min(at.y-(r.height-menuRows)/2, len(rows)-(r.height-menuRows)), 0)
		rows, at.y = rows[from:min(from+r.height-menuRows, len(rows))], at.y-from
	}
	above := rect{r.x, r.y, r.width, max(r.height-len(rows)-menuRows, 0)}
	seen := min(len(in.scroll.view(r.width, above.height)), above.height)
	above.height = seen
	s.drawScroll(&in.scroll, above)
	y := r.y + seen
	for i, row := range rows {
		s.putCells(r.x+row.indent, y+i, r.width-row.indent, row.cells)
	}
	if s.focus == inputPane && s.entry == nil && s.help == nil {
		s.screen.ShowCursor(r.x+at.x, y+at.y)
	}
	if menuRows > 0 {
		s.drawMenu(rect{r.x, y + len(rows), r.width, r.y + r.height - y - len(rows)})
	}
}

// typed are the rows of the line that is being typed, and where the cursor is.
func (s *Screen) typed(width int) (rows []row, cursor struct{ x, y int }) {
	in := &s.input
	prompt := in.prompt(s)
	switch {
	case in.recall.searching:
		prompt = []span{{"search: " + printable(in.recall.wanted) + " ", s.palette.warn}}
	case !in.reading:
		prompt = []span{{s.waiting(), s.palette.dim}}
	}
	before := cells(append(prompt, span{printable(in.text[:in.pos]), s.palette.normal}))
	all := append(before, cells([]span{{printable(in.text[in.pos:]), s.palette.normal}, {printable(s.suggestion()), s.palette.dim}, {" ", s.palette.normal}})...)
	// Typed lines break anywhere: a blank more must not move what stands.
	x, y, from, at := 0, 0, 0, 0
	for i, c := range all {
		if x+c.wide > width {
			rows = append(rows, row{cells: all[from:i]})
			x, y, from = 0, y+1, i
		}
		if at == len(before) {
			cursor.x, cursor.y = x, y
		}
		x += c.wide
		at++
	}
	return append(rows, row{cells: all[from:]}), cursor
}

// waiting stands in the place of the prompt while there is none. What is typed
// then is for later.
func (s *Screen) waiting() string {
	switch {
	case s.asking != nil:
		return "a question waits below the responses "
	case s.input.text != "":
		return "then: "
	case s.input.busy != "":
		return "running; ^C stops it "
	}
	return ""
}

// drawFoot draws the last row: what is typed there, a message, or the keys;
// and where one is.
func (s *Screen) drawFoot() {
	width, height := s.screen.Size()
	y := height - 1
	s.put(0, y, width, []span{{strings.Repeat(" ", width), s.palette.bar}})
	if s.entry != nil {
		used := s.put(0, y, width, []span{{" " + s.entry.label, s.palette.key}, {printable(s.entry.text[:s.entry.pos]), s.palette.bar}})
		s.put(used, y, width-used, []span{{printable(s.entry.text[s.entry.pos:]), s.palette.bar}})
		s.screen.ShowCursor(min(used, width-1), y)
		return
	}
	where := s.where()
	room := width - columns(plain(where))
	if s.message != "" {
		s.put(0, y, room, []span{{" " + printable(s.message), s.palette.key}})
	} else {
		s.put(0, y, room, s.keyLine(room))
	}
	if room > 0 {
		s.put(room, y, width-room, where)
	}
}

// where is one's place and how private it is.
func (s *Screen) where() []span {
	style := s.palette.bar
	switch s.trust {
	case NoConnection:
		return []span{{" not connected ", style}}
	case Private:
		style = s.palette.good.Reverse(true)
	case InClear:
		style = s.palette.warn.Reverse(true)
	case Lost:
		style = s.palette.bad.Reverse(true)
	}
	return []span{{" " + printable(s.status) + " ", style.Bold(true)}}
}
