package panes

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"
)

// tens is a layout of numbered words, each in ten columns.
func tens(n int) func(width int) string {
	return func(width int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "word-%-5d", i)
			if (i+1)%max(width/10, 1) == 0 || i == n-1 {
				b.WriteByte('\n')
			}
		}
		return b.String()
	}
}

func (st *stage) resize(width, height int) {
	st.t.Helper()
	st.sim.SetSize(width, height)
	st.event(tcell.NewEventResize(width, height))
}

func TestBlocksAreLaidOutAgain(t *testing.T) {
	st := opened(t, 62, 24, true)
	st.reads(Line{Prompt: "> "})
	fmt.Fprint(st.Responses(), "not ended")
	st.Lay(tens(9))
	fmt.Fprintln(st.Responses(), "behind")
	st.Lay(func(int) string { return "" })
	st.shows("│not ended")
	st.shows("│word-0    word-1    word-2    word-3    word-4    word-5    │")
	st.shows("│word-6    word-7    word-8 ")
	st.resize(32, 24)
	st.shows("│word-0    word-1    word-2    │")
	st.shows("│word-6    word-7    word-8    │")
	st.resize(62, 24)
	st.shows("│word-6    word-7    word-8 ")
	st.shows("│behind")
	st.press(tcell.KeyF6, tcell.KeyF6) // beside each other: 20 columns each
	st.shows("│word-0             │")
	st.press(tcell.KeyF4, tcell.KeyF5) // zoomed: the whole width
	st.shows("┃word-0    word-1    word-2    word-3    word-4    word-5    ┃")
}

// What is found, marked and answered goes along, and so does what is seen.
func TestLinesMoveWithTheirBlocks(t *testing.T) {
	s := newScroll(0)
	for _, text := range []string{"before", "", "after", "last"} {
		if text != "" {
			s.add(line{spans: []span{{text: text}}})
			continue
		}
		b := &block{}
		b.lines = func(width int) (all []line) {
			for text := range strings.SplitSeq(strings.TrimSuffix(tens(12)(width), "\n"), "\n") {
				all = append(all, line{spans: []span{{text: text}}, block: b})
			}
			return all
		}
		s.relay(60)
		for _, l := range b.lines(60) {
			s.add(l)
		}
	}
	texts := func() (all []string) {
		for i := range s.lines {
			all = append(all, strings.Fields(s.lines[i].text())[0])
		}
		return all
	}
	if got := fmt.Sprint(texts()); got != "[before word-0 word-6 after last]" {
		t.Fatal(got)
	}
	s.cursor, s.mark, s.since, s.back = 2, 1, 3, 1
	s.view(60, 2)
	if s.shown[0] != 2 {
		t.Fatal(s.shown)
	}
	s.view(30, 2)
	if got := fmt.Sprint(texts()); got != "[before word-0 word-3 word-6 word-9 after last]" {
		t.Error(got)
	}
	if s.cursor != 3 || s.mark != 1 || s.since != 5 || s.shown[0] != 3 {
		t.Errorf("cursor %d, mark %d, since %d, shown %v", s.cursor, s.mark, s.since, s.shown)
	}
	s.view(5, 2)
	s.view(60, 2)
	if got := fmt.Sprint(texts()); got != "[before word-0 word-6 after last]" || s.cursor != 2 || s.since != 3 || s.shown[0] != 2 {
		t.Errorf("%s, cursor %d, since %d, shown %v", got, s.cursor, s.since, s.shown)
	}
}

// A block whose beginning is dropped comes back whole where there is room, and
// never makes the pane keep more than its bounds.
func TestBlocksAreBounded(t *testing.T) {
	st := opened(t, 80, 24, false)
	st.shows("1 Input")
	const words = maxLines * 3
	st.Lay(tens(words))
	kept := func() (lines, bytes int, first string) {
		st.look(func() {
			lines, bytes, first = len(st.responses.lines), st.responses.bytes, st.responses.lines[0].text()
		})
		return lines, bytes, first
	}
	_, _, first := kept()
	if !strings.HasPrefix(first, "word-0 ") {
		t.Fatalf("%q", first)
	}
	st.resize(25, 24)
	st.shows(fmt.Sprint("word-", words-1))
	lines, bytes, first := kept()
	if lines > maxLines || bytes > maxBytes || strings.HasPrefix(first, "word-0 ") {
		t.Errorf("%d lines, %d bytes from %q", lines, bytes, first)
	}
	st.resize(80, 24)
	st.until("the beginning again", func() bool { return strings.HasPrefix(st.responses.lines[0].text(), "word-0 ") })
	st.press(tcell.KeyF4, "c")
	st.until("nothing kept", func() bool { return len(st.responses.lines) == 0 && st.responses.bytes == 0 })
}
