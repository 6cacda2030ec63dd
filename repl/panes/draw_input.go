package panes

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
