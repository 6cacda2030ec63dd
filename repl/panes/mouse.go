package panes

import (
	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"
)

// wheelRows is how far a notch of the wheel scrolls.
const wheelRows = 3

// MouseHandler is tview's.
func (d *desk) MouseHandler() func(tview.MouseAction, *tcell.EventMouse, func(tview.Primitive)) (bool, tview.Primitive) {
	return func(action tview.MouseAction, ev *tcell.EventMouse, _ func(tview.Primitive)) (bool, tview.Primitive) {
		s := d.Screen
		s.mu.Lock()
		defer s.mu.Unlock()
		x, y := ev.Position()
		return s.mouse(action, x, y), nil
	}
}

// mouse does what the mouse did; false when there is nothing to draw.
func (s *Screen) mouse(action tview.MouseAction, x, y int) bool {
	p := s.at(x, y)
	switch action {
	case tview.MouseScrollUp, tview.MouseScrollDown:
		s.wheel(p, action)
	case tview.MouseLeftDown:
		s.down(p, x, y)
	case tview.MouseMove:
		if s.dragging < 0 {
			return false
		}
		s.drag(y)
	case tview.MouseLeftUp:
		s.dragging = -1
	case tview.MouseLeftDoubleClick:
		if p >= 0 && y == s.rects[p].y {
			s.zoomed = !s.zoomed
		}
	default:
		return false
	}
	return true
}

func (s *Screen) wheel(p pane, action tview.MouseAction) {
	rows := wheelRows
	if action == tview.MouseScrollDown {
		rows = -rows
	}
	switch {
	case s.help != nil:
		s.help.move(rows)
	case p >= 0:
		s.scrollOf(p).move(rows)
	}
}

// down is a button that goes down: on a button or a name it takes it, else it
// chooses the pane.
func (s *Screen) down(p pane, x, y int) {
	s.message, s.dragging = "", -1
	if s.help != nil {
		s.help = nil
		return
	}
	if p < 0 {
		return
	}
	if s.asking != nil {
		for i, r := range s.asking.places {
			if r.holds(x, y) {
				s.press(i)
				return
			}
		}
	}
	for i, r := range s.input.menu.places {
		if p == inputPane && s.input.menu.open() && r.holds(x, y) {
			s.take(i)
			return
		}
	}
	s.focus, s.entry = p, nil
	if p == inputPane {
		return
	}
	sc := s.scrollOf(p)
	sc.cursor, sc.mark = -1, -1
	if n := s.lineAt(p, y); n >= 0 {
		s.dragging = p
		sc.cursor = n
	}
}

// lineAt is the number of the line that stands at a row of the screen.
func (s *Screen) lineAt(p pane, y int) int {
	i := y - s.rects[p].inner().y
	if shown := s.scrollOf(p).shown; i >= 0 && i < len(shown) {
		return shown[i]
	}
	return -1
}

// drag selects from where the mouse went down; beyond the edge it scrolls.
func (s *Screen) drag(y int) {
	sc, in := s.scrollOf(s.dragging), s.rects[s.dragging].inner()
	switch {
	case y < in.y:
		sc.move(1)
	case y >= in.y+in.height:
		sc.move(-1)
	}
	n := s.lineAt(s.dragging, min(max(y, in.y), in.y+in.height-1))
	if n < 0 || sc.cursor < 0 {
		return
	}
	if sc.mark < 0 {
		sc.mark = sc.cursor
	}
	sc.cursor = n
}
