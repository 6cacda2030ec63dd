package list

import "strings"

// cursor walks over the fields of a line. Blanks separate them.
type cursor struct {
	text string
	pos  int
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' }
func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func blank(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isBlank(s[i]) {
			return false
		}
	}
	return true
}

// next returns the next field, "" at the end.
func (c *cursor) next() string {
	i := c.pos
	for i < len(c.text) && isBlank(c.text[i]) {
		i++
	}
	start := i
	for i < len(c.text) && !isBlank(c.text[i]) {
		i++
	}
	c.pos = i
	return c.text[start:i]
}

// peek returns the next field without taking it.
func (c *cursor) peek() string {
	at := c.pos
	f := c.next()
	c.pos = at
	return f
}

// name is all that follows the one blank behind the last field: blanks in
// front of a name, within and behind it belong to it.
func (c *cursor) name() string {
	if c.pos >= len(c.text) || !isBlank(c.text[c.pos]) {
		return ""
	}
	return c.text[c.pos+1:]
}

// padded is what follows at most n blanks: the name behind a field of fixed
// width that was filled up with them.
func (c *cursor) padded(n int) string {
	s := c.text[c.pos:]
	for n > 0 && s != "" && isBlank(s[0]) {
		s, n = s[1:], n-1
	}
	return s
}

// trimmed is all that follows, without blanks around it.
func (c *cursor) trimmed() string { return strings.Trim(c.text[c.pos:], " \t") }

// digits reports whether s is a number of ASCII digits.
func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// number reads a non-negative number that fits int64.
func number(s string) (int64, bool) {
	if !digits(s) || len(s) > 19 {
		return 0, false
	}
	n := uint64(0)
	for i := 0; i < len(s); i++ {
		n = n*10 + uint64(s[i]-'0')
	}
	return int64(n), n <= 1<<63-1
}

// grouped reads a number whose thousands may be separated by commas: 1,234.
func grouped(s string) (int64, bool) {
	first, rest, found := strings.Cut(s, ",")
	n, ok := number(first)
	if !found || !ok {
		return n, ok
	}
	if len(first) > 3 {
		return 0, false
	}
	for found {
		var group string
		group, rest, found = strings.Cut(rest, ",")
		g, ok := number(group)
		if !ok || len(group) != 3 || n > (1<<63-1-g)/1000 {
			return 0, false
		}
		n = n*1000 + g
	}
	return n, true
}

// small reads a number of lo to hi with one to width digits.
func small(s string, width, lo, hi int) (int, bool) {
	if len(s) > width {
		return 0, false
	}
	n, ok := number(s)
	return int(n), ok && int(n) >= lo && int(n) <= hi
}
