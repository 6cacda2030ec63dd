package proto

import (
	"errors"
	"io"
)

// Telnet bytes that appear on control connections. RFC 854.
const (
	iac    = 255
	dont   = 254
	do     = 253
	wont   = 252
	will   = 251
	ip     = 244
	dm     = 242
	lowest = 236 // of the commands: EOF
)

// errControl reports a line that holds NUL or a CR without LF.
var errControl = errors.New("control character in line")

// lineScanner turns bytes into lines: it removes Telnet commands, undoubles
// IAC, and ends lines at LF with or without CR before it. It holds state
// between calls, so bytes may come one at a time.
type lineScanner struct {
	buf     []byte // the line so far
	skip    int    // bytes of an overlong line dropped so far
	state   telnetState
	verb    byte // the Telnet verb whose option is awaited
	bad     bool // the line holds NUL or a bare CR
	cr      bool // the last byte was CR
	answers int  // Telnet requests refused so far
	escapes int  // IACs seen so far
}

type telnetState byte

const (
	text   telnetState = iota
	afterI             // IAC seen
	option             // IAC and a verb seen, its option follows
)

// next feeds one byte. When a line is complete, done is true and the line is
// in s.buf. answer is what Telnet asks to be sent back, nil for most bytes.
func (s *lineScanner) next(b byte, max int) (done bool, answer []byte) {
	switch s.state {
	case afterI:
		s.state = text
		switch {
		case b == iac:
			s.put(iac, max)
			return false, nil
		case b >= will:
			s.state, s.verb = option, b
			return false, nil
		case b >= lowest:
			// RFC 1123 §4.1.2.12: IP, DM and all other commands are passed over;
			// ABOR that follows a Synch then stands at the start of its line.
			return false, nil
		}
		// No command: a peer that doesn't double the byte in its names. What
		// follows it is text, and above all a line end stays one.
		s.put(iac, max)
	case option:
		s.state = text
		return false, s.refuse(b)
	}
	return s.text(b, max), nil
}

// refuse answers a request for an option. RFC 854: a request for one that one
// does not have is refused; a refusal needs no answer.
func (s *lineScanner) refuse(option byte) []byte {
	if s.verb != do && s.verb != will || s.answers >= maxAnswers {
		return nil
	}
	s.answers++
	if s.verb == do {
		return []byte{iac, wont, option}
	}
	return []byte{iac, dont, option}
}

// text takes a byte that is no part of a Telnet command.
func (s *lineScanner) text(b byte, max int) (done bool) {
	switch b {
	case iac:
		s.state = afterI
		s.escapes++
		return false
	case '\n':
		s.cr = false
		return true
	}
	if s.cr { // a CR that no LF followed
		s.bad, s.cr = true, false
	}
	switch b {
	case '\r':
		s.cr = true
	case 0:
		s.bad = true
	default:
		s.put(b, max)
	}
	return false
}

func (s *lineScanner) put(b byte, max int) {
	if len(s.buf) >= max {
		s.skip++
		return
	}
	s.buf = append(s.buf, b)
}

// take returns the finished line and makes room for the next.
func (s *lineScanner) take() (string, error) {
	line, bad, skip := string(s.buf), s.bad, s.skip
	s.buf, s.bad, s.skip = nil, false, 0 // nil: an idle connection holds no buffer
	switch {
	case skip > 0:
		return "", ErrLineTooLong
	case bad:
		return line, errControl
	}
	return line, nil
}

// fresh reports whether the scanner stands between lines.
func (s *lineScanner) fresh() bool {
	return len(s.buf) == 0 && s.skip == 0 && s.state == text && !s.bad && !s.cr
}

// ended tells whether the stream ended between lines.
func (s *lineScanner) ended(err error) error {
	if errors.Is(err, io.EOF) && !s.fresh() {
		return io.ErrUnexpectedEOF
	}
	return err
}
