package repl

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"

	"github.com/mattn/go-runewidth"

	"ferry/proto/list"
)

// endOfPaint stands behind what painter has painted. Terminals ignore it (an
// application program command), and screen cuts it off with all behind it.
const endOfPaint = "\x1b_ferry\x1b\\"

// screen drops what readline writes behind a painted line to put the cursor
// in its place: it counts wide characters as narrow. The painter has done it.
type screen struct{ to io.Writer }

func (s *screen) Write(p []byte) (int, error) {
	shown, _, _ := bytes.Cut(p, []byte(endOfPaint))
	if _, err := s.to.Write(shown); err != nil {
		return 0, err
	}
	return len(p), nil
}

// painter draws the line that is typed, the dim suggestion behind it, and
// moves the cursor to its place.
type painter struct {
	editor *readlineEditor

	mu     sync.Mutex
	prompt int // its width in columns
}

func (p *painter) setPrompt(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prompt = width(text)
}

// Paint is readline's Painter.
func (p *painter) Paint(line []rune, pos int) []rune {
	p.mu.Lock()
	start := p.prompt
	p.mu.Unlock()
	ended := len(line) > 0 && line[len(line)-1] == '\n'
	m := p.editor.typing()
	if m == secret {
		if ended {
			return []rune("\n" + endOfPaint)
		}
		return []rune(endOfPaint)
	}
	rest := ""
	if m == command && !ended && pos == len(line) && pos > 0 && p.editor.color == Colored {
		rest = p.editor.suggest(string(line))
	}
	return []rune(drawn(line, pos, start, p.editor.Width(), rest) + endOfPaint)
}

// drawn is the line as it is written to a terminal of that width when its
// first character stands in column start, and the way back to the cursor.
func drawn(line []rune, pos, start, columns int, rest string) string {
	end, at := place{col: start}, place{col: start}
	var b strings.Builder
	for i, r := range line {
		if i == pos {
			at = end
		}
		text := visible(r)
		b.WriteString(text)
		end = end.after(text, columns)
	}
	if pos >= len(line) {
		at = end
	}
	if len(line) > 0 && line[len(line)-1] == '\n' {
		return b.String() // the line is done
	}
	if room := columns - end.col - 1; rest != "" && room > 0 {
		rest = runewidth.Truncate(list.Printable(rest), room, "")
		b.WriteString(dim + rest + reset)
		end.col += runewidth.StringWidth(rest)
	}
	if end.full {
		b.WriteString(" \r") // the terminal goes to the next row only for this
		end = place{row: end.row + 1}
		if pos >= len(line) {
			at = end
		}
	}
	b.WriteString(end.to(at))
	return b.String()
}

// visible is a character as it is shown.
//
// SECURITY: pasted control characters must not reach the terminal, nor those
// that turn the direction of text or hide: the line is not what it looks like.
func visible(r rune) string {
	switch {
	case r == '\n':
		return "\n"
	case r == '\t':
		return "    "
	case r == '\u200c' || r == '\u200d': // joins letters and emoji
		return string(r)
	case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
		return "?"
	}
	return string(r)
}

// place is a place on the screen, in rows below the prompt's.
type place struct {
	row, col int
	full     bool // the row is full and the cursor still on its last column
}

// after is the place behind a character.
func (p place) after(text string, columns int) place {
	for _, r := range text {
		w := runewidth.RuneWidth(r)
		if w == 0 {
			continue
		}
		if p.full || p.col+w > columns {
			p = place{row: p.row + 1}
		}
		p.col += w
		p.full = p.col >= columns
	}
	return p
}

// to is the way from one place to an earlier one.
func (p place) to(at place) string {
	if p == at {
		return ""
	}
	if at.full { // shown on the next row, where the next character goes
		at = place{row: at.row + 1}
	}
	s := "\r"
	if n := p.row - at.row; n > 0 {
		s += fmt.Sprintf("\x1b[%dA", n)
	}
	if at.col > 0 {
		s += fmt.Sprintf("\x1b[%dC", at.col)
	}
	return s
}

// width is how many columns a text takes, its colours not counted.
func width(text string) int {
	n, escape := 0, false
	for _, r := range text {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		default:
			n += runewidth.RuneWidth(r)
		}
	}
	return n
}
