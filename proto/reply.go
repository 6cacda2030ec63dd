package proto

import (
	"fmt"
	"strings"
)

// Reply is one answer of the server end. RFC 959 §4.2.
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

func (r Reply) String() string {
	return r.Code.String() + " " + strings.Join(r.Lines, " | ")
}

// append writes the reply in wire form. RFC 959 §4.2: the first line of many
// has a hyphen behind the code, the last a blank, and a line between that
// begins with digits is indented, lest it look like the last.
func (r Reply) append(b []byte) []byte {
	lines := r.Lines
	if len(lines) == 0 {
		lines = []string{""}
	}
	for i, text := range lines {
		first, last := i == 0, i == len(lines)-1
		switch {
		case last:
			b = append(b, r.Code.String()...)
			b = append(b, ' ')
		case first:
			b = append(b, r.Code.String()...)
			b = append(b, '-')
		case text != "" && text[0] >= '0' && text[0] <= '9':
			b = append(b, ' ')
		}
		b = appendText(b, text)
		b = append(b, '\r', '\n')
	}
	return b
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
