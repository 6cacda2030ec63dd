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
