package panes

import "strings"

// block is output that looks different at each width, such as a listing in
// columns. Its lines stand together, and are made again when the pane has
// another width.
type block struct {
	lines func(width int) []line // at least one
	each  int                    // bytes that a line of it costs beside its own
}

// Lay shows the text that layout makes for so many columns, now and whenever
// the responses have another width. Layout must not use the screen.
func (s *Screen) Lay(layout func(width int) string) {
	s.change(func() { s.responses.lay(layout) })
}

func (r *responses) lay(layout func(width int) string) {
	r.screen.arrange()
	width := max(r.screen.rects[responsesPane].width-2, 1)
	if len(r.open) > 0 {
		r.endLine()
	}
	r.relay(width)
	text := layout(width)
	if text == "" {
		return
	}
	b, at := &block{}, r.screen.cfg.Now()
	b.lines = func(width int) (all []line) {
		for text := range strings.SplitSeq(strings.TrimSuffix(layout(width), "\n"), "\n") {
			all = append(all, line{at: at, spans: styled(text[:min(len(text), maxLine)], r.screen.palette.normal), block: b})
		}
		return all
	}
	lines := b.lines(width)
	b.each = blockCost * len(text) / len(lines)
	for _, l := range lines {
		r.add(l)
	}
}

// relay lays the blocks out for a width. What was seen, found and selected
// stays so.
func (s *scroll) relay(width int) {
	if width == s.laid {
		return
	}
	s.laid = width
	lines, moved := s.laidOut()
	if moved == nil {
		return
	}
	for _, n := range []*int{&s.cursor, &s.mark, &s.since} {
		if *n >= s.first {
			*n = s.first + moved[min(*n-s.first, len(s.lines))]
		}
	}
	for i, n := range s.shown {
		s.shown[i] = s.first + moved[min(max(n-s.first, 0), len(s.lines))]
	}
	s.lines, s.bytes = lines, 0
	for i := range lines {
		s.bytes += lines[i].size()
	}
	s.trim()
}

// laidOut are the lines at the width that is laid, and where each one is now;
// nil when there are no blocks.
func (s *scroll) laidOut() (lines []line, moved []int) {
	blocks := false
	for i, n := 0, 0; i < len(s.lines); i = n {
		b, at := s.lines[i].block, len(lines)
		for n = i + 1; b != nil && n < len(s.lines) && s.lines[n].block == b; n++ {
		}
		if b == nil {
			lines = append(lines, s.lines[i])
		} else {
			blocks = true
			lines = append(lines, b.lines(s.laid)...)
		}
		for j := i; j < n; j++ {
			moved = append(moved, at+(j-i)*(len(lines)-at)/(n-i))
		}
	}
	if !blocks {
		return nil, nil
	}
	return lines, append(moved, len(lines))
}

// anchor scrolls so that a line stands at the top, or as near as there is
// room: the one that stood there before the width changed.
func (s *scroll) anchor(n int) {
	rows := 0
	for i := s.end() - 1; i >= max(n, s.first); i-- {
		if s.filter.passes(s.line(i)) {
			rows += s.rowsOf(i)
		}
	}
	s.back = max(rows-s.height, 0)
}
