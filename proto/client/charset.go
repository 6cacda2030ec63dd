package client

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"

	"ferry/proto"
	"ferry/proto/list"
)

// Charset is how a server writes names that it does not write in UTF-8. nil
// leaves bytes as they are.
type Charset struct {
	name string
	enc  encoding.Encoding
}

// NewCharset knows the names of IANA and of the web: latin1, windows-1251,
// IBM850, shift_jis, gb18030. "" and utf-8 are nil. Only charsets in which
// ASCII is ASCII will do, since commands and replies are.
func NewCharset(name string) (*Charset, error) {
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8", "ascii", "us-ascii":
		return nil, nil
	}
	enc, err := ianaindex.IANA.Encoding(name)
	if err != nil || enc == nil {
		enc, err = htmlindex.Get(name)
	}
	if err != nil {
		return nil, &CharsetError{Charset: name, Why: "no such charset is known"}
	}
	c := &Charset{name: name, enc: enc}
	for r := rune(' '); r < 0x7f; r++ {
		if got, err := enc.NewEncoder().String(string(r)); err != nil || got != string(r) {
			return nil, &CharsetError{Charset: name, Why: "ASCII is something else in it"}
		}
	}
	// ISO-2022-JP shifts with escapes: what looks like ASCII is not.
	if b, err := enc.NewEncoder().String("日"); err == nil && strings.ContainsRune(b, '\x1b') || enc == encoding.Replacement {
		return nil, &CharsetError{Charset: name, Why: "its names can't be told from commands"}
	}
	return c, nil
}

func (c *Charset) String() string {
	if c == nil {
		return ""
	}
	return c.name
}

// CharsetError is a name that the server's charset can't hold, or a charset
// that can't be used.
type CharsetError struct {
	Charset string
	Name    string // "": the charset itself is at fault
	Why     string
}

func (e *CharsetError) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("charset %.40q: %s", e.Charset, e.Why)
	}
	return fmt.Sprintf("%.200q: %s %s", e.Name, e.Why, e.Charset)
}

// encode writes text as the server does. What can't be written is an error,
// never another name. U+FFFD stands for bytes that could not be read.
func (c *Charset) encode(text string) (string, error) {
	if c == nil || isASCII(text) {
		return text, nil
	}
	wire, err := c.enc.NewEncoder().String(text)
	if err != nil || !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError) {
		return "", &CharsetError{Charset: c.name, Name: text, Why: "has letters that are not in"}
	}
	return wire, nil
}

// decode reads what the server wrote. exact is false when the text would not
// make the same bytes again: then it is for eyes only.
func (c *Charset) decode(wire string) (text string, exact bool) {
	if c == nil || isASCII(wire) {
		return wire, true
	}
	text, err := c.enc.NewDecoder().String(wire)
	if err == nil {
		if again, err := c.encode(text); err == nil && again == wire {
			return text, true
		}
	}
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return utf8.RuneError
		}
		return r
	}, text), false
}

// shown is decode for what is only shown, or parsed for names: one that is not
// exact has U+FFFD in it, which encode refuses.
func (c *Charset) shown(wire string) string {
	text, _ := c.decode(wire)
	return text
}

// command is cmd as it goes over the wire. Who logs in is sent as it is.
func (c *Charset) command(cmd proto.Command) (proto.Command, error) {
	switch cmd.Verb {
	case "USER", "PASS", "ACCT", "ADAT":
		return cmd, nil
	}
	var err error
	cmd.Arg, err = c.encode(cmd.Arg)
	return cmd, err
}

// line decodes a line of a listing. One with a name that can't be read exactly
// is not understood, and keeps its bytes.
func (c *Charset) line(l list.Line) list.Line {
	text, exact := c.decode(l.Text)
	name, exactName := c.decode(l.Entry.Name)
	target, exactTarget := c.decode(l.Entry.Target)
	if !exact || !exactName || !exactTarget {
		if l.Verdict == list.Understood {
			l.Verdict = list.Unknown
		}
		return l
	}
	l.Text, l.Entry.Name, l.Entry.Target = text, name, target
	return l
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
