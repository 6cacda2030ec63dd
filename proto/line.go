package proto

import (
	"errors"
	"io"
)

// Telnet bytes that appear on control connections. RFC 854.
const (
	iac  = 255
	dont = 254
	do   = 253
	wont = 252
	will = 251
)

// errControl reports a line that holds NUL or a CR without LF.
var errControl = errors.New("control character in line")

// lineScanner turns bytes into lines: it removes Telnet commands, undoubles
// IAC, and ends lines at LF with or without CR before it. It holds state
// between calls, so bytes may come one at a time.
type lineScanner struct {
	buf   []byte // the line so far
	skip  int    // bytes of an overlong line dropped so far
	state telnetState
	verb  byte // the Telnet verb whose option is awaited
	bad   bool // the line holds NUL or a bare CR
	cr    bool // the last byte was CR
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
		switch b {
		case iac:
			s.put(iac, max)
		case do, dont, will, wont:
			s.state, s.verb = option, b
		}
		// RFC 1123 §4.1.2.12: IP, DM and all other commands are passed over;
		// ABOR that follows a Synch then stands at the start of its line.
		return false, nil
	case option:
		s.state = text
		// RFC 854: a request for an option that one does not have is refused;
		// a refusal needs no answer.
		switch s.verb {
		case do:
			return false, []byte{iac, wont, b}
		case will:
			return false, []byte{iac, dont, b}
		}
		return false, nil
	}
	switch b {
	case iac:
		s.state = afterI
		return false, nil
	case '\n':
		s.cr = false
		return true, nil
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
	return false, nil
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
	s.buf, s.bad, s.skip = s.buf[:0], false, 0
	switch {
	case skip > 0:
		return "", ErrLineTooLong
	case bad:
		return line, errControl
	}
	return line, nil
}

// eof tells whether the stream ended between lines.
func (s *lineScanner) eof() error {
	if len(s.buf) > 0 || s.skip > 0 {
		return io.ErrUnexpectedEOF
	}
	return io.EOF
}
