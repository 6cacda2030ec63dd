package proto

import (
	"fmt"
	"iter"
	"strings"
)

// Reply is one answer of the server end. RFC 959 §4.2. The text of one that
// was read may hold anything: show it through list.Printable.
type Reply struct {
	Code  Code
	Lines []string // text without codes and line ends; at least one, may be ""
}

// Replyf builds a reply of one line.
func Replyf(code Code, format string, args ...any) Reply {
	return Reply{Code: code, Lines: []string{fmt.Sprintf(format, args...)}}
}

// Text is the last line, the one that people read.
func (r Reply) Text() string {
	if len(r.Lines) == 0 {
		return ""
	}
	return r.Lines[len(r.Lines)-1]
}

// telling is what a refusal of several lines has to say: Pure-FTPd puts the reason
// in the first, others in the last.
func (r Reply) telling() string {
	text := r.Text()
	if len(r.Lines) < 2 {
		return text
	}
	first, last := strings.TrimSpace(r.Lines[0]), strings.TrimSpace(text)
	switch {
	case first == "" || first == last:
		return last
	case last == "":
		return first
	}
	return first + "; " + last
}

func (r Reply) String() string {
	return r.Code.String() + " " + strings.Join(r.Lines, " | ")
}

// wire yields the lines of the reply: what stands before the text, and the
// text. RFC 959 §4.2: the first line of many has a hyphen behind the code, the
// last a blank, and a line between that begins with digits is indented, lest
// it look like the last.
func (r Reply) wire() iter.Seq2[string, string] {
	return func(yield func(prefix, text string) bool) {
		if len(r.Lines) == 0 {
			yield(r.Code.String()+" ", "")
			return
		}
		for i, text := range r.Lines {
			prefix := ""
			switch {
			case i == len(r.Lines)-1:
				prefix = r.Code.String() + " "
			case i == 0:
				prefix = r.Code.String() + "-"
			case text != "" && digit(text[0]):
				prefix = " "
			}
			if !yield(prefix, text) {
				return
			}
		}
	}
}

// appendText doubles IAC (RFC 854) and replaces control characters.
//
// SECURITY: a file name with a line end in it must not become a second reply,
// nor one with an escape a command to the terminal that shows it.
func appendText(b []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == iac:
			b = append(b, iac, iac)
		case c < ' ' && c != '\t' || c == 0x7f:
			b = append(b, '?')
		default:
			b = append(b, c)
		}
	}
	return b
}

// parseReplyLine splits "ddd text" and "ddd-text". ok is false for a line
// without three digits in front.
func parseReplyLine(line string) (code Code, hyphen bool, text string, ok bool) {
	if len(line) < 3 {
		return 0, false, "", false
	}
	n := 0
	for i := range 3 {
		if line[i] < '0' || line[i] > '9' {
			return 0, false, "", false
		}
		n = n*10 + int(line[i]-'0')
	}
	if len(line) == 3 {
		return Code(n), false, "", true // some servers leave the blank out
	}
	switch line[3] {
	case ' ':
		return Code(n), false, line[4:], true
	case '-':
		return Code(n), true, line[4:], true
	}
	return 0, false, "", false
}
