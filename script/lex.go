package script

import (
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-shellwords"
)

// Splitting is go-shellwords' work, but it forgets quotes, mangles bytes that
// are not UTF-8, turns \t into a tab, and cuts a line at an operator without
// an error. So it gets the line in a form where none of this can happen: each
// byte that is not a bare blank, quote, operator or ASCII letter goes in as one
// rune of a private plane that tells the byte and how it was quoted.
const (
	plane     = 0xF0000 // Unicode's private plane A; nothing of the input gets there
	planeMark = 0x100   // times the mark
	planeEnd  = plane + 3*planeMark
)

// lexed is one command of a line.
type lexed struct {
	words []Word
	op    byte // what ended it: ';' '&' '|' '<' '>', or 0 for the end of the line
	at    int  // byte offset of the operator
}

// lex splits one command. text is a whole line or what is left of one; col is
// the column of its first byte. A mistake is a *SyntaxError with its column.
//
// Blanks separate words. '…' keeps everything; "…" keeps everything but ${…},
// \", \\ and \$; a backslash outside quotes takes the meaning from what
// follows, but before a letter or a digit, and in a word that begins like C:\,
// it is a backslash. ${…} is one piece. A # at
// the start of a word begins a comment. ; & | < > are operators where they
// stand at the start or the end of a word, so FILE.TXT;1 and a&b are names.
func lex(text string, col int) (lexed, error) {
	e := encoder{in: text, col: col}
	if err := e.run(); err != nil {
		return lexed{}, err
	}
	p := shellwords.NewParser()
	p.ParseEnv, p.ParseBacktick, p.ParseComment = false, false, false
	split, err := p.Parse(e.out.String())
	if err != nil || len(split) > len(e.starts) {
		return lexed{}, &SyntaxError{Col: col, What: "words can't be told apart"}
	}
	l := lexed{at: len(text)}
	if p.Position >= 0 { // it stopped at an operator, and says so nowhere else
		l.at = e.offsets[p.Position]
		l.op = text[l.at]
	}
	for i, s := range split {
		w := decode(s)
		w.Col = e.column(e.starts[i])
		l.words = append(l.words, w)
	}
	return l, nil
}

// decode turns a word of the encoded line back into bytes and marks.
func decode(s string) Word {
	w := Word{marks: make([]mark, 0, len(s))}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r >= plane && r < planeEnd {
			b = append(b, byte(r))
			w.marks = append(w.marks, mark((r-plane)/planeMark))
			continue
		}
		b = append(b, byte(r)) // bare ASCII
		w.marks = append(w.marks, bare)
	}
	w.Text = string(b)
	return w
}

// encoder is the quote-aware pass.
type encoder struct {
	in      string
	col     int
	out     strings.Builder
	offsets []int // for each rune of out its byte offset in in
	starts  []int // byte offsets where words begin
	quote   byte  // the quote that is open, 0 outside
	opened  int   // where it was opened
	inWord  bool
	drive   bool // the word is a Windows path, in which backslashes separate
}

func (e *encoder) run() error {
	for i := 0; i < len(e.in); {
		n, stop, err := e.step(i)
		if err != nil {
			return err
		}
		if stop {
			break
		}
		i += n
	}
	if e.quote != 0 {
		return &SyntaxError{
			Col:  e.column(e.opened),
			What: "this quote is never closed",
			Hint: `put a backslash before a quote that belongs to a name: \` + string(e.quote),
		}
	}
	return nil
}

// step takes one byte, or two that belong together.
func (e *encoder) step(i int) (n int, stop bool, err error) {
	c := e.in[i]
	switch {
	case e.quote != 0:
		return e.quoted(i), false, nil
	case blank(c):
		e.inWord = false
		e.put(i, rune(c))
		return 1, false, nil
	case c == '#' && !e.inWord:
		return 0, true, nil
	case operator(c) && e.parts(i):
		if err := e.double(i); err != nil {
			return 0, false, err
		}
		e.put(i, rune(c))
		return 0, true, nil // lex goes on behind it
	}
	if !e.inWord {
		e.inWord = true
		e.drive = drive(e.in[i:])
		e.starts = append(e.starts, i)
	}
	switch {
	case c == '\'' || c == '"':
		e.quote, e.opened = c, i
		e.put(i, rune(c))
	case c == '$' && strings.HasPrefix(e.in[i:], "${"):
		return e.reference(i), false, nil
	case c == '\\' && e.drive:
		e.byte(i, c, bare)
	case c == '\\' && i+1 < len(e.in) && escapes(e.in[i+1]):
		e.byte(i, e.in[i+1], hard)
		return 2, false, nil
	default:
		e.byte(i, c, bare)
	}
	return 1, false, nil
}

// reference takes ${…} as one piece, so that ${date:2006 01} needs no quotes.
func (e *encoder) reference(i int) int {
	n := strings.IndexByte(e.in[i:], '}') + 1
	if n == 0 {
		n = len("${")
	}
	for j := range n {
		e.byte(i+j, e.in[i+j], bare)
	}
	return n
}

// drive reports whether a word begins like C:\dir.
func drive(s string) bool {
	return len(s) > 2 && alnum(s[0]) && s[0] > '9' && s[1] == ':' && s[2] == '\\'
}

func (e *encoder) quoted(i int) int {
	c := e.in[i]
	switch {
	case c == e.quote:
		e.quote = 0
		e.put(i, rune(c))
	case e.quote == '\'':
		e.byte(i, c, hard)
	case c == '\\' && i+1 < len(e.in) && strings.IndexByte(`"\$`, e.in[i+1]) >= 0:
		e.byte(i, e.in[i+1], hard)
		return 2
	default:
		e.byte(i, c, soft)
	}
	return 1
}

// byte writes one byte of a word. Bare letters and digits stay readable.
func (e *encoder) byte(i int, c byte, m mark) {
	if m == bare && alnum(c) {
		e.put(i, rune(c))
		return
	}
	e.put(i, plane+rune(m)*planeMark+rune(c))
}

func (e *encoder) put(i int, r rune) {
	e.out.WriteRune(r)
	e.offsets = append(e.offsets, i)
}

// parts reports whether the operator at i separates: it has a blank or an end
// at one of its sides. > and | and < at the start of a word do too (">file").
func (e *encoder) parts(i int) bool {
	return !e.inWord || i+1 == len(e.in) || blank(e.in[i+1]) || operator(e.in[i+1])
}

// double refuses && and ||, which mean something elsewhere.
func (e *encoder) double(i int) error {
	if i+1 < len(e.in) && e.in[i+1] == e.in[i] && e.in[i] != ';' && e.in[i] != '>' {
		return &SyntaxError{
			Col:  e.column(i),
			What: "there is no " + e.in[i:i+2],
			Hint: "the first failure stops a script by itself; - before a line goes on after it, and `if failed` asks",
		}
	}
	return nil
}

func (e *encoder) column(i int) int { return e.col + utf8.RuneCountInString(e.in[:i]) }

func blank(c byte) bool    { return c == ' ' || c == '\t' }
func operator(c byte) bool { return strings.IndexByte(";&|<>", c) >= 0 }

// escapes reports whether a backslash takes the meaning from c. Before letters
// and digits it is part of a name: C:\tmp.
func escapes(c byte) bool { return c < 0x80 && !alnum(c) }

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
