package panes

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/gdamore/tcell/v2"

	"ferry/proto"
)

// filled is a scroll of n lines "line 0", "line 1", … in a view.
func filled(n, width, height int) *scroll {
	s := newScroll(2)
	s.width = width
	for i := range n {
		s.add(line{spans: []span{{text: fmt.Sprintf("line %d", i)}}})
	}
	s.view(width, height)
	return &s
}

// seen is what a view shows, rows with bars between them.
func seen(s *scroll) string {
	var rows []string
	for _, r := range s.view(s.width, s.height) {
		text := strings.Repeat(" ", r.indent)
		for _, c := range r.cells {
			text += c.text
		}
		rows = append(rows, text)
	}
	return strings.Join(rows, "|")
}

func TestScrollBack(t *testing.T) {
	s := filled(10, 20, 3)
	for _, c := range []struct {
		do   func()
		want string
	}{
		{func() {}, "line 7|line 8|line 9"},
		{func() { s.move(2) }, "line 5|line 6|line 7"},
		{func() { s.add(line{spans: []span{{text: "new"}}}) }, "line 5|line 6|line 7"}, // what one reads stays
		{func() { s.move(-1) }, "line 6|line 7|line 8"},
		{func() { s.top() }, "line 0|line 1|line 2"},
		{func() { s.move(s.page()) }, "line 0|line 1|line 2"},
		{func() { s.move(-100) }, "line 8|line 9|new"},
		{func() { s.add(line{spans: []span{{text: "newer"}}}) }, "line 9|new|newer"},
	} {
		if c.do(); seen(s) != c.want {
			t.Errorf("%q, not %q", seen(s), c.want)
		}
	}
}

func TestLongLinesWrapAtBlanks(t *testing.T) {
	s := filled(0, 10, 9)
	s.add(line{spans: []span{{text: "one two three four"}}})
	s.add(line{spans: []span{{text: "abcdefghijklmno"}}})
	s.add(line{spans: []span{{text: "日本語日本語日本語"}}}) // 18 columns
	if got, want := seen(s), "one two|  three|  four|abcdefghij|  klmno|日本語日本|  語日本語"; got != want {
		t.Errorf("%q", got)
	}
	s.height = 2
	if got := seen(s); got != "日本語日本|  語日本語" {
		t.Errorf("%q", got)
	}
	if s.move(1); seen(s) != "  klmno|日本語日本" {
		t.Errorf("%q", seen(s))
	}
}

func TestMemoryIsBounded(t *testing.T) {
	s := filled(3*maxLines, 20, 3)
	if len(s.lines) != maxLines || seen(s) != "line 29997|line 29998|line 29999" {
		t.Errorf("%d lines, %q", len(s.lines), seen(s))
	}
	s = filled(0, 20, 3)
	for range 4096 {
		s.add(line{spans: []span{{text: strings.Repeat("x", 4096)}}})
	}
	if s.bytes > maxBytes {
		t.Errorf("%d bytes", s.bytes)
	}
}

func TestFilter(t *testing.T) {
	s := filled(0, 40, 9)
	for _, text := range []string{"C: USER anna", "S: 331 Password", "C: NOOP", "S: 200 NOOP ok"} {
		s.add(line{from: proto.Direction(text[0]), spans: []span{{text: text[3:]}}})
	}
	for words, want := range map[string]string{
		"":            "USER anna|331 Password|NOOP|200 NOOP ok",
		"noop":        "NOOP|200 NOOP ok",
		"-noop":       "USER anna|331 Password",
		"C:":          "USER anna|NOOP",
		"s: -NOOP":    "331 Password",
		"user noop":   "",
		"-":           "USER anna|331 Password|NOOP|200 NOOP ok",
		"-C: -33":     "200 NOOP ok",
		"  USER\tc: ": "USER anna",
	} {
		if s.filter = newFilter(words); seen(s) != want {
			t.Errorf("%q: %q", words, seen(s))
		}
	}
}

func TestSearchGoesAround(t *testing.T) {
	s := filled(20, 20, 3)
	s.find = "line 1"
	var found []int
	for range 12 {
		if !s.search(-1) {
			t.Fatal("not found")
		}
		found = append(found, s.cursor)
		if !strings.Contains(seen(s), fmt.Sprintf("line %d", s.cursor)) {
			t.Errorf("line %d is not seen: %q", s.cursor, seen(s))
		}
	}
	if got := fmt.Sprint(found); got != "[19 18 17 16 15 14 13 12 11 10 1 19]" {
		t.Error(got)
	}
	if s.find = "line 20"; s.search(-1) {
		t.Error("found what is not there")
	}
}

func TestSelectionLosesWhatIsDropped(t *testing.T) {
	s := filled(maxLines, 20, 3)
	s.mark, s.cursor = 0, 10
	s.add(line{})
	if s.mark != 1 || len(s.selected()) != 10 {
		t.Errorf("%d, %d lines", s.mark, len(s.selected()))
	}
	for range 20 {
		s.add(line{})
	}
	if s.mark != -1 || s.cursor != -1 {
		t.Errorf("%d to %d", s.mark, s.cursor)
	}
}

func TestOnlyColoursAreUnderstood(t *testing.T) {
	base := tcell.StyleDefault
	for text, want := range map[string][]span{
		"plain":                     {{"plain", base}},
		"\x1b[1;31mred\x1b[0m not":  {{"red", base.Bold(true).Foreground(tcell.PaletteColor(1))}, {" not", base}},
		"\x1b[38;5;200mx":           {{"x", base.Foreground(tcell.PaletteColor(200))}},
		"\x1b[48;2;1;2;3mx\x1b[my":  {{"x", base.Background(tcell.NewRGBColor(1, 2, 3))}, {"y", base}},
		"\x1b[2J\x1b[31m\x1b]0;a\a": {{`\x1b[2J`, base}, {`\x1b]0;a\x07`, base.Foreground(tcell.PaletteColor(1))}},
		"\x1b[38mx\x1b[38;5m":       {{"x", base}},
		"\x1b[999;97mx":             {{"x", base.Foreground(tcell.PaletteColor(15))}},
		"a\tb\rc\u202e":             {{`a    b\rc\u202e`, base}},
		"\x1b[31":                   {{`\x1b[31`, base}},
	} {
		got := styled(text, base)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: %v, not %v", text, got, want)
		}
	}
}

// FuzzStyled gives any bytes to the responses: what comes out is printable, in
// rows that fit.
func FuzzStyled(f *testing.F) {
	f.Add("\x1b[1;31mred\x1b[0m\x1b]0;title\a", 20)
	f.Add("日本語\u202e\xff\x00\x1b[38;5;", 2)
	f.Add("\U0001f469\u200d\U0001f469 e\u0301\u0301\u0301", 3)
	f.Fuzz(func(t *testing.T, text string, width int) {
		if width < 2 || width > 500 || len(text) > 1<<16 {
			return
		}
		spans := styled(text, tcell.StyleDefault)
		for _, r := range plain(spans) {
			if r != '\u200c' && r != '\u200d' && unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
				t.Fatalf("%q holds %U", plain(spans), r)
			}
		}
		for _, r := range wrap(cells(spans), width, 2) {
			used := r.indent
			for _, c := range r.cells {
				used += c.wide
			}
			if used > max(width, 2) {
				t.Fatalf("%d columns of %d", used, width)
			}
		}
	})
}
