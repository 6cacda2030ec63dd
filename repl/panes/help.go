package panes

import (
	"strings"

	"github.com/gdamore/tcell/v2"
)

// toggleHelp shows the keys, or no longer.
func (s *Screen) toggleHelp() {
	if s.help != nil {
		s.help = nil
		return
	}
	page := newScroll(14)
	for _, b := range bindings() {
		if b.long != "" {
			page.add(line{spans: []span{{fill("  "+b.name, 14), s.palette.bold}, {b.long, s.palette.normal}}})
		}
	}
	for _, text := range []string{"", "Lines are edited with the keys of emacs, or of vi after `set keys vi`. `help` tells of the verbs.",
		"If the screen is ever left in disorder, as kill -9 leaves it, `reset` mends it."} {
		page.add(line{spans: []span{{text, s.palette.normal}}})
	}
	page.top()
	s.help = &page
}

// helpKey scrolls the keys; all others close them.
func (s *Screen) helpKey(ev *tcell.EventKey) {
	switch ev.Key() {
	case tcell.KeyUp:
		s.help.move(1)
	case tcell.KeyDown:
		s.help.move(-1)
	case tcell.KeyPgUp:
		s.help.move(s.help.page())
	case tcell.KeyPgDn:
		s.help.move(-s.help.page())
	default:
		s.help = nil
	}
}

// drawHelp draws the keys over everything.
func (s *Screen) drawHelp() {
	width, height := s.screen.Size()
	r := rect{width: min(width, 84), height: min(height-1, len(s.help.lines)+3)}
	r.x, r.y = (width-r.width)/2, (height-1-r.height)/2
	g := s.glyphs.thick
	for y := r.y; y < r.y+r.height; y++ {
		s.put(r.x, y, r.width, []span{{g[1] + strings.Repeat(" ", max(r.width-2, 0)) + g[1], s.palette.focused}})
	}
	across := strings.Repeat(g[0], max(r.width-2, 0))
	s.put(r.x, r.y, r.width, []span{{g[2] + across + g[3], s.palette.focused}})
	s.put(r.x, r.y+r.height-1, r.width, []span{{g[4] + across + g[5], s.palette.focused}})
	s.put(r.x+2, r.y, r.width-4, []span{{" Keys ", s.palette.focused}})
	s.drawScroll(s.help, r.inner())
	s.screen.HideCursor()
}
