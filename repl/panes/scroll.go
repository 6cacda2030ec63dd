package panes

import (
	"strconv"
	"strings"
	"time"

	"ferry/proto"
)

// line is one line of a pane.
type line struct {
	at      time.Time
	session int             // of the dialogue; 0 elsewhere
	from    proto.Direction // of the dialogue; 0 elsewhere
	spans   []span
	block   *block // that it is of, nil: of none
}

// text is a line as it is searched, copied and saved: of the dialogue as
// transcripts have it.
func (l *line) text() string {
	if l.from == 0 {
		return plain(l.spans)
	}
	return string(l.from) + ": " + plain(l.spans)
}

func (l *line) size() int {
	n := 64
	for _, s := range l.spans {
		n += len(s.text)
	}
	if l.block != nil {
		n += l.block.each
	}
	return n
}

// scroll is the lines of a pane, and which of them are seen. Lines have
// numbers that never change, from 0.
type scroll struct {
	lines  []line
	first  int // number of lines[0]
	bytes  int
	indent int                 // of wrapped rows
	lead   func(n int) []span  // what stands before line n; nil: nothing
	paint  func(l line) []span // nil: as it is

	dropped func(l *line) // hears of lines that are not kept any more; nil: nobody does

	back   int    // rows below the view
	filter filter // which lines are shown
	find   string // what is searched, in lower case
	cursor int    // the line found or pointed at, -1 for none
	mark   int    // the other end of what is selected, -1 for none
	since  int    // the first line that answers what was typed last
	laid   int    // the width that blocks are laid out for

	// of the last drawing
	width, height int
	shown         []int // number of the line in each row, -1 for none
}

func newScroll(indent int) scroll { return scroll{indent: indent, cursor: -1, mark: -1} }

func (s *scroll) end() int         { return s.first + len(s.lines) }
func (s *scroll) line(n int) *line { return &s.lines[n-s.first] }

// add appends a line and drops the oldest ones. Who has scrolled back goes on
// seeing what he sees.
func (s *scroll) add(l line) {
	s.lines = append(s.lines, l)
	s.bytes += l.size()
	if s.back > 0 && s.filter.passes(&l) {
		s.back += s.rowsOf(s.end() - 1)
	}
	s.trim()
}

// trim drops the oldest lines where there are too many.
func (s *scroll) trim() {
	for len(s.lines) > maxLines || s.bytes > maxBytes && len(s.lines) > 1 {
		s.bytes -= s.lines[0].size()
		s.drop(&s.lines[0])
		s.lines[0] = line{}
		s.lines = s.lines[1:]
		s.first++
	}
	if s.cursor < s.first {
		s.cursor, s.mark = -1, -1
	}
	if s.mark >= 0 {
		s.mark = max(s.mark, s.first)
	}
}

func (s *scroll) drop(l *line) {
	if s.dropped != nil {
		s.dropped(l)
	}
}

// clear forgets all lines.
func (s *scroll) clear() {
	for i := range s.lines {
		s.drop(&s.lines[i])
	}
	s.first, s.lines, s.bytes = s.end(), nil, 0
	s.back, s.cursor, s.mark = 0, -1, -1
}

// rows are a line's on the screen.
func (s *scroll) rows(n int) []row {
	l := s.line(n)
	spans := l.spans
	if s.paint != nil {
		spans = s.paint(*l)
	}
	var lead []cell
	if s.lead != nil {
		lead = cells(s.lead(n))
	}
	indent := s.indent
	for _, c := range lead {
		indent += c.wide
	}
	return wrap(append(lead, cells(spans)...), s.width, indent)
}

// rowsOf is the height of a line. Most lines are shorter than the pane, and a
// text never has more columns than bytes.
func (s *scroll) rowsOf(n int) int {
	size := 0
	for _, span := range s.line(n).spans {
		size += len(span.text)
	}
	if s.lead != nil {
		for _, span := range s.lead(n) {
			size += columns(span.text)
		}
	}
	if size <= s.width {
		return 1
	}
	return len(s.rows(n))
}

// view is what is seen in so many rows, and in which row which line stands.
func (s *scroll) view(width, height int) []row {
	s.relay(width)
	resized := s.width != width
	s.width, s.height = width, height
	if resized && s.back > 0 && len(s.shown) > 0 {
		s.anchor(s.shown[0])
	}
	n, below := s.end(), 0 // rows from line n on
	for n > s.first && below < s.back+height {
		if n--; s.filter.passes(s.line(n)) {
			below += s.rowsOf(n)
		}
	}
	s.back = min(s.back, max(below-height, 0))
	skip := max(below-s.back-height, 0) // of the first line, rows above the view
	s.shown = s.shown[:0]
	var rows []row
	for ; n < s.end() && len(rows) < height; n++ {
		if !s.filter.passes(s.line(n)) {
			continue
		}
		for _, r := range s.rows(n) {
			if skip--; skip >= 0 {
				continue
			}
			if rows = append(rows, r); len(s.shown) < height {
				s.shown = append(s.shown, n)
			}
		}
	}
	return rows[:min(len(rows), height)]
}

// move scrolls by rows, up for a positive number.
func (s *scroll) move(rows int) { s.back = max(s.back+rows, 0) }

func (s *scroll) page() int { return max(s.height-1, 1) }

// top scrolls to the oldest line.
func (s *scroll) top() { s.back = 1 << 30 }

// reveal scrolls to a line.
func (s *scroll) reveal(n int) {
	for _, shown := range s.shown {
		if shown == n {
			return
		}
	}
	rows := 0
	for i := s.end() - 1; i >= n; i-- {
		if s.filter.passes(s.line(i)) {
			rows += s.rowsOf(i)
		}
	}
	s.back = max(rows-(s.height+1)/2, 0)
}

// search goes to the next line that holds what is searched, up or down by
// step; around the end when there is none. It reports whether there is one.
func (s *scroll) search(step int) bool {
	if s.find == "" || len(s.lines) == 0 {
		return false
	}
	at := s.cursor
	if at < 0 {
		at = s.end()
	}
	for range s.lines {
		if at += step; at < s.first {
			at = s.end() - 1
		} else if at >= s.end() {
			at = s.first
		}
		if l := s.line(at); s.filter.passes(l) && strings.Contains(strings.ToLower(l.text()), s.find) {
			s.cursor, s.mark = at, -1
			s.reveal(at)
			return true
		}
	}
	return false
}

// selected are the lines between mark and cursor, in order, and all when
// nothing is marked.
func (s *scroll) selected() []*line {
	from, to := s.first, s.end()-1
	if s.mark >= 0 {
		from, to = min(s.mark, s.cursor), max(s.mark, s.cursor)
	}
	var all []*line
	for n := max(from, s.first); n <= to; n++ {
		if l := s.line(n); s.filter.passes(l) {
			all = append(all, l)
		}
	}
	return all
}

// pointed reports whether a line is found or selected.
func (s *scroll) pointed(n int) bool {
	if s.cursor < 0 {
		return false
	}
	if s.mark < 0 {
		return n == s.cursor
	}
	return n >= min(s.mark, s.cursor) && n <= max(s.mark, s.cursor)
}

// filter says which lines are shown: those that hold all of its words. A word
// with a minus before it must not be there; C: and S: are the two sides, #2 is
// a session.
type filter struct {
	text  string
	words []string
}

func newFilter(text string) filter {
	return filter{strings.TrimSpace(text), strings.Fields(strings.ToLower(text))}
}

func (f filter) passes(l *line) bool {
	if len(f.words) == 0 {
		return true
	}
	text := strings.ToLower(l.text())
	for _, word := range f.words {
		rest, not := strings.CutPrefix(word, "-")
		if rest == "" {
			continue
		}
		has := strings.Contains(text, rest)
		switch n, err := strconv.Atoi(strings.TrimPrefix(rest, "#")); {
		case rest == "c:" || rest == "s:":
			has = strings.HasPrefix(text, rest)
		case l.session > 0 && rest[0] == '#' && err == nil:
			has = l.session == n
		}
		if has == not {
			return false
		}
	}
	return true
}
