package panes

import "strings"

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

// keyLine is the keys of the active pane, as many as there is room for.
func (s *Screen) keyLine(room int) []span {
	if s.asking != nil && s.focus == responsesPane {
		return s.askLine()
	}
	var line []span
	used := 1
	for _, b := range bindings() {
		if b.brief == "" || !s.within(b.in, s.focus) {
			continue
		}
		if used += columns(b.name) + columns(b.brief) + 3; used > room {
			break
		}
		line = append(line, span{" " + b.name, s.palette.key}, span{" " + b.brief + " ", s.palette.bar})
	}
	return line
}

// askLine is the keys of a question.
func (s *Screen) askLine() []span {
	line := []span{{" Enter", s.palette.key}, {" answer ", s.palette.bar}}
	if len(s.asking.Answers) > 0 {
		line = append(line, span{" ← →", s.palette.key}, span{" choose, or type ", s.palette.bar})
	}
	if s.asking.ForAll {
		line = append(line, span{" Space", s.palette.key}, span{" for all ", s.palette.bar})
	}
	return append(line, span{" ^C", s.palette.key}, span{" stop ", s.palette.bar})
}
