package panes

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
	rows, buttons, first := s.fitted(s.askRows(r.width), s.buttons(r.width), r.height)
	height := len(rows) + len(buttons)
	y := r.y + r.height - height
	for i, row := range rows {
		at := row.indent + s.putCells(r.x+row.indent, y+i, r.width-row.indent, row.cells)
		if i == len(rows)-1 && s.focus == responsesPane && s.entry == nil {
			s.screen.ShowCursor(r.x+min(at, r.width-1), y+i)
		}
	}
	a.places = make([]rect, first, len(a.Answers)+1) // what is not seen has no place
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

// fitted cuts a question to a height: the end of its text and what is typed
// stay, and of the buttons the one that is chosen. First is how many of them
// are left out before those that are seen.
func (s *Screen) fitted(rows []row, buttons [][]span, height int) (_ []row, _ [][]span, first int) {
	if len(rows)+len(buttons) <= height {
		return rows, buttons, 0
	}
	a := s.asking
	texts := min(len(rows), max(height-len(buttons), 1))
	if height == 1 && a.text == "" && a.chosen >= 0 {
		texts = 0
	}
	rows = rows[len(rows)-texts:]
	room := height - texts
	for len(buttons) > room && room > 0 && first+len(buttons[0]) <= a.chosen {
		first += len(buttons[0])
		buttons = buttons[1:]
	}
	return rows, buttons[:min(room, len(buttons))], first
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
