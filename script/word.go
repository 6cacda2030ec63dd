package script

import "strings"

// A Word is one argument as it was typed, without its quotes. Which of its
// bytes were quoted is remembered: only bare ones can be part of a pattern, a
// flag or a variable.
type Word struct {
	Text  string
	Col   int    // where it begins, in characters from 1; 0 when it was not typed
	marks []mark // one a byte of Text; nil: all hard

	secret bool // it came out of a variable whose name promises a secret
}

// A mark says how a byte was typed, and so what it may mean.
type mark byte

const (
	hard mark = iota // in single quotes or behind a backslash: nothing but itself
	soft             // in double quotes: variables are put in, patterns are not
	bare             // outside quotes: both
)

// Literal makes a word that means nothing but its text.
func Literal(text string) Word { return Word{Text: text} }

// Bare makes a word as if it had been typed outside quotes.
func Bare(text string) Word { return Word{Text: text, marks: repeat(bare, len(text))} }

func repeat(m mark, n int) []mark {
	marks := make([]mark, n)
	for i := range marks {
		marks[i] = m
	}
	return marks
}

func (w Word) mark(i int) mark {
	if i >= len(w.marks) {
		return hard
	}
	return w.marks[i]
}

// bareAt reports whether byte i is c, typed outside quotes.
func (w Word) bareAt(i int, c byte) bool {
	return i < len(w.Text) && w.Text[i] == c && w.mark(i) == bare
}

// Pattern reports whether the word can match other names than its own.
func (w Word) Pattern() bool {
	for i := range len(w.Text) {
		if strings.IndexByte("*?[{", w.Text[i]) >= 0 && w.mark(i) == bare {
			return true
		}
	}
	return false
}

// pattern is the word as doublestar reads it: what was quoted is escaped.
func (w Word) pattern() string {
	var b strings.Builder
	for i := range len(w.Text) {
		if c := w.Text[i]; strings.IndexByte(`*?[]{},\!^-`, c) >= 0 && (w.mark(i) != bare || c == '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(w.Text[i])
	}
	return b.String()
}

// flag reports whether the word is an option: a bare hyphen and more.
func (w Word) flag() bool { return len(w.Text) > 1 && w.bareAt(0, '-') }

// cut is the part of the word from byte i to j.
func (w Word) cut(i, j int) Word {
	c := Word{Text: w.Text[i:j], Col: w.Col, secret: w.secret}
	if len(w.marks) == len(w.Text) {
		c.marks = w.marks[i:j]
	}
	return c
}

// add appends text to the word, all of one mark.
func (w *Word) add(text string, m mark) {
	w.marks = append(w.marks, repeat(m, len(text))...)
	w.Text += text
}

// join appends another word's text with its marks.
func (w *Word) join(o Word) {
	for i := range len(o.Text) {
		w.marks = append(w.marks, o.mark(i))
	}
	w.Text += o.Text
	w.secret = w.secret || o.secret
}

// literal is the word without its marks: no pattern, and no flag.
func (w Word) literal() Word { return Word{Text: w.Text, Col: w.Col, secret: w.secret} }

// begins reports whether the word begins with a text that was typed bare.
func (w Word) begins(text string) bool {
	return strings.HasPrefix(w.Text, text) && w.cut(0, len(text)).Bare()
}

// Bare reports whether all of the word was typed outside quotes.
func (w Word) Bare() bool {
	for i := range len(w.Text) {
		if w.mark(i) != bare {
			return false
		}
	}
	return true
}

func words(s string) []string { return strings.Fields(s) }

func texts(words []Word) []string {
	t := make([]string, len(words))
	for i, w := range words {
		t[i] = w.Text
	}
	return t
}
