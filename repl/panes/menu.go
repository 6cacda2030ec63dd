package panes

import (
	"slices"

	"github.com/gdamore/tcell/v2"
)

// menu is what a line could become. One is chosen, or none yet.
type menu struct {
	choices []Choice
	more    int
	at      int // -1: none
	across  int // columns of the last drawing
	top     int // the first row that is seen
	places  []rect
}

func newMenu(c Completion) menu {
	m := menu{choices: slices.Clone(c.Menu), more: c.More, at: -1}
	for i := range m.choices {
		m.choices[i].Text = label(m.choices[i].Text)
	}
	return m
}

func (m *menu) open() bool { return len(m.choices) > 0 }

// menuKey is a key while a menu stands: Tab and the arrows choose, Enter
// takes. Everything else closes it and is a key of the line.
func (s *Screen) menuKey(ev *tcell.EventKey) bool {
	in := &s.input
	m := &in.menu
	switch ev.Key() {
	case tcell.KeyTab:
		m.move(1)
	case tcell.KeyBacktab:
		m.move(-1)
	case tcell.KeyRight:
		if m.at < 0 {
			*m = menu{}
			return false
		}
		m.move(m.rows())
	case tcell.KeyLeft:
		if m.at < 0 {
			*m = menu{}
			return false
		}
		m.move(-m.rows())
	case tcell.KeyDown:
		m.move(1)
	case tcell.KeyUp:
		m.move(-1)
	case tcell.KeyEnter:
		if m.at < 0 {
			*m = menu{}
			return false
		}
		s.take(m.at)
	case tcell.KeyEscape:
		*m = menu{}
	default:
		*m = menu{}
		return false
	}
	return true
}

func (m *menu) rows() int {
	across := max(m.across, 1)
	return (len(m.choices) + across - 1) / across
}

// move goes through the choices, around the end.
func (m *menu) move(by int) {
	n := len(m.choices)
	switch {
	case m.at < 0 && by > 0:
		m.at = 0
	case m.at < 0:
		m.at = n - 1
	case m.at+by < 0 || m.at+by >= n:
		if by == 1 || by == -1 {
			m.at = (m.at + by + n) % n
		}
	default:
		m.at += by
	}
}

// take makes the line that a choice stands for.
func (s *Screen) take(i int) {
	in := &s.input
	c := in.menu.choices[i]
	in.menu = menu{}
	in.set(c.Line, c.Pos)
}

// drawMenu draws the menu down before across, the chosen one in view.
func (s *Screen) drawMenu(r rect) {
	m := &s.input.menu
	widest := 1
	for _, c := range m.choices {
		widest = max(widest, columns(printable(c.Text)))
	}
	widest = min(widest+1, r.width) // a column for the pointer
	m.across = max((r.width+2)/(widest+2), 1)
	rows := m.rows()
	if m.at >= 0 {
		row := m.at % rows
		m.top = min(max(m.top, row-r.height+1), row)
	}
	m.top = max(min(m.top, rows-r.height), 0)
	m.places = make([]rect, len(m.choices))
	for i, c := range m.choices {
		x, y := r.x+i/rows*(widest+2), r.y+i%rows-m.top
		if y < r.y || y >= r.y+r.height {
			continue
		}
		style, lead := colored(s.palette.normal, s.palette.normal, sgr(c.Color)), " "
		if i == m.at {
			style, lead = s.palette.chosen, s.glyphs.point
		}
		s.put(x, y, r.x+r.width-x, []span{{lead + shorten(printable(c.Text), widest-1), style}})
		m.places[i] = rect{x, y, widest, 1}
	}
}

// sgr is what a colour says: "1;34" of "\x1b[1;34m".
func sgr(color string) string {
	_, sequence, _ := cutColor(color)
	return sequence
}
