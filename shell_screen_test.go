//go:build unix

package main

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// screen is as much of a terminal as line editors use: relative moves, and
// erasing. Rows that scroll away stay.
type screen struct {
	rows     [][]rune // a wide character is followed by a 0
	row, col int
	rest     []byte // of an escape sequence or a character that is not whole
}

// screenWidth is how many columns the terminals of the tests have.
const screenWidth = 100

func (v *screen) write(p []byte) {
	b := append(v.rest, p...)
	for len(b) > 0 {
		n := v.step(b)
		if n == 0 {
			break
		}
		b = b[n:]
	}
	v.rest = append([]byte(nil), b...)
}

// step takes one character or sequence and returns its length, 0 when it is
// not whole.
func (v *screen) step(b []byte) int {
	switch b[0] {
	case 0x1b:
		return v.escape(b)
	case '\r':
		v.col = 0
	case '\n':
		v.row, v.col = v.row+1, 0 // the tests' terminals map it
	case '\b':
		v.col = max(min(v.col, screenWidth-1)-1, 0)
	case '\t':
		for v.put(' '); v.col%8 != 0; {
			v.put(' ')
		}
	case 7, 0:
	default:
		if !utf8.FullRune(b) {
			return 0
		}
		r, n := utf8.DecodeRune(b)
		v.put(r)
		return n
	}
	return 1
}

func (v *screen) escape(b []byte) int {
	switch {
	case len(b) < 2:
		return 0
	case b[1] == '_':
		end := strings.Index(string(b), "\x1b\\")
		if end < 0 {
			return 0
		}
		return end + 2
	case b[1] != '[':
		return 2
	}
	for i := 2; i < len(b); i++ {
		if b[i] >= 0x40 && b[i] <= 0x7e {
			n, err := strconv.Atoi(string(b[2:i]))
			v.control(b[i], n, err == nil)
			return i + 1
		}
	}
	return 0
}

func (v *screen) control(final byte, n int, given bool) {
	step := max(n, 1)
	switch final {
	case 'A':
		v.row = max(v.row-step, 0)
	case 'B':
		v.row += step
	case 'C':
		v.col = min(v.col+step, screenWidth-1)
	case 'D':
		v.col = max(v.col-step, 0)
	case 'J':
		v.clear()
		v.rows = v.rows[:min(v.row+1, len(v.rows))]
	case 'K':
		if given && n == 2 && v.row < len(v.rows) {
			v.rows[v.row] = nil
		} else {
			v.clear()
		}
	}
}

func (v *screen) clear() {
	if v.row < len(v.rows) && v.col < len(v.rows[v.row]) {
		v.rows[v.row] = v.rows[v.row][:v.col]
	}
}

func (v *screen) put(r rune) {
	w := runewidth.RuneWidth(r)
	if w == 0 {
		return // combines with what is there
	}
	if v.col+w > screenWidth {
		v.row, v.col = v.row+1, 0
	}
	for len(v.rows) <= v.row {
		v.rows = append(v.rows, nil)
	}
	line := v.rows[v.row]
	for len(line) < v.col+w {
		line = append(line, ' ')
	}
	line[v.col] = r
	if w == 2 {
		line[v.col+1] = 0
	}
	v.rows[v.row] = line
	v.col += w
}

// text is what is shown from a place on.
func (v *screen) text(row, col int) string {
	var b strings.Builder
	for i := row; i < max(len(v.rows), v.row+1); i++ {
		var line []rune
		if i < len(v.rows) {
			line = v.rows[i]
		}
		if i == row {
			line = line[min(col, len(line)):]
		}
		b.WriteString(strings.ReplaceAll(string(line), "\x00", ""))
		if i < v.row || i+1 < len(v.rows) {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// prompted reports whether the cursor stands behind a prompt.
func (v *screen) prompted() bool {
	return v.row < len(v.rows) && v.col == len(v.rows[v.row]) && strings.HasSuffix(string(v.rows[v.row]), "> ")
}
