package repl

import (
	"bytes"
	"strings"
	"testing"
)

// The cursor stands where the next character goes, whatever the width of
// those around it.
func TestDrawn(t *testing.T) {
	for _, c := range []struct {
		line    string
		pos     int
		start   int
		columns int
		rest    string
		want    string
	}{
		{"abc", 3, 2, 20, "", "abc"},
		{"abc", 1, 2, 20, "", "abc\r\x1b[3C"},
		{"日本語", 1, 2, 20, "", "日本語\r\x1b[4C"},
		{"e\u0301x", 2, 0, 20, "", "e\u0301x\r\x1b[1C"},
		{"abc", 0, 0, 20, "", "abc\r"},
		{"abcdef", 6, 4, 10, "", "abcdef \r"},                  // the row is full: the cursor is on the next
		{"abcdef", 0, 4, 10, "", "abcdef \r\r\x1b[1A\x1b[4C"},  // and comes back from there
		{"abcdefgh", 2, 4, 10, "", "abcdefgh\r\x1b[1A\x1b[6C"}, // over two rows
		{"abcde日x", 5, 4, 10, "", "abcde日x\r\x1b[1A\x1b[9C"},   // before a wide one that did not fit on its row
		{"abcdefgh", 6, 4, 10, "", "abcdefgh\r"},               // the cursor at the end of a full row is on the next
		{"get", 3, 2, 20, " a.txt", "get" + dim + " a.txt" + reset + "\r\x1b[5C"},
		{"get", 3, 2, 10, " a.txt", "get" + dim + " a.t" + reset + "\r\x1b[5C"}, // the suggestion stays on its row
		{"a\x1b\tb", 4, 0, 20, "", "a?    b"},
		{"done\n", 5, 0, 20, "", "done\n"},
	} {
		if got := drawn([]rune(c.line), c.pos, c.start, c.columns, c.rest); got != c.want {
			t.Errorf("%q at %d of %d: %q, want %q", c.line, c.pos, c.columns, got, c.want)
		}
	}
}

func TestScreenDropsReadlinesCursor(t *testing.T) {
	var b bytes.Buffer
	s := &screen{&b}
	p := []byte("prompt> abc" + endOfPaint + "\b\b")
	if n, err := s.Write(p); n != len(p) || err != nil || b.String() != "prompt> abc" {
		t.Errorf("%d, %v, %q", n, err, b.String())
	}
}

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{"abc": 3, "日本": 4, "e\u0301": 1, bold + "ab" + reset: 2, "": 0} {
		if got := width(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestWrapped(t *testing.T) {
	for _, c := range []struct {
		line    string
		columns int
		want    string
	}{
		{"short", 20, "short"},
		{"one two three four", 9, "one two|three|four"},
		{"exactly nine", 7, "exactly|nine"},
		{strings.Repeat("x", 20), 10, "xxxxxxxxxx|xxxxxxx|xxx"},
		{"日本語日本語", 6, "日本語|日|本|語"},
	} {
		if got := strings.Join(wrapped(c.line, c.columns, 3), "|"); got != c.want {
			t.Errorf("%q in %d: %s, want %s", c.line, c.columns, got, c.want)
		}
	}
}
