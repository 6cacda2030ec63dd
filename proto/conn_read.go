package proto

import (
	"bytes"
	"errors"
	"io"
	"net"
)

// ReadCommand reads one command. Errors: io.EOF between lines,
// io.ErrUnexpectedEOF within one, ErrLineTooLong and *SyntaxError (the
// connection is still in step after both), ErrEndless (it is not), what the
// connection returns.
func (c *Conn) ReadCommand() (Command, error) {
	line, err := c.readLine(MaxCommand)
	control := errors.Is(err, errControl)
	if err != nil && !control {
		return Command{}, err
	}
	line = trimSynch(line)
	cmd, err := ParseCommand(line)
	if control {
		err = &SyntaxError{What: "command", Text: redact(line), Why: errControl.Error()}
	}
	if err != nil {
		c.tell(FromClient, redact(line))
		return Command{}, err
	}
	c.tell(FromClient, cmd.String())
	return cmd, nil
}

// trimSynch removes what is left of a Telnet Synch before ABOR where the
// system took its urgent byte out of the stream: IP, DM and IAC can't begin a
// verb. RFC 1123 §4.1.2.12.
func trimSynch(line string) string {
	for line != "" && (line[0] == ip || line[0] == dm || line[0] == iac) {
		line = line[1:]
	}
	return line
}

// ReadReply reads one reply, of one line or many. Errors as ReadReplyFunc.
func (c *Conn) ReadReply() (Reply, error) {
	var r Reply
	err := c.ReadReplyFunc(func(code Code, line string) error {
		r.Code = code
		r.Lines = append(r.Lines, line)
		return nil
	})
	return r, err
}

// ReadReplyFunc reads one reply and hands over its lines as they come. An
// error of f is returned after the reply was read to its end. All others
// leave the connection out of step: io.EOF between replies,
// io.ErrUnexpectedEOF within one, ErrLineTooLong, ErrReplyTooLong,
// *SyntaxError, what the connection returns.
func (c *Conn) ReadReplyFunc(f func(code Code, line string) error) error {
	line, err := c.replyLine()
	if err != nil {
		return err
	}
	code, more, text, ok := parseReplyLine(line)
	if !ok || code.Class() == 0 {
		return &SyntaxError{What: "reply", Text: line}
	}
	ferr := f(code, text)
	for total := lineCost(line); more; {
		if line, err = c.replyLine(); err != nil {
			return within(err)
		}
		if total += lineCost(line); total > MaxReply {
			return ErrReplyTooLong
		}
		text = line
		// A hyphenated line with the same code continues the reply, though
		// RFC 959 §4.2 lets only the first have it: many servers repeat it.
		if lc, hyphen, rest, ok := parseReplyLine(line); ok && lc == code {
			text, more = rest, hyphen
		}
		if ferr == nil {
			ferr = f(code, text)
		}
	}
	return ferr
}

// lineCost is what a line of a reply counts against MaxReply: its text and
// what it takes to keep it, so that empty lines without end come to an end.
func lineCost(line string) int { return len(line) + 16 }

// within makes the end of the stream, inside a reply, what it is.
func within(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (c *Conn) replyLine() (string, error) {
	line, err := c.readLine(MaxReplyLine)
	if errors.Is(err, errControl) {
		err = nil // a NUL or CR in a server's chatter harms nobody: it is gone
	}
	if err == nil {
		c.tell(FromServer, line)
	}
	return line, err
}

// readLine returns the next line without its end.
func (c *Conn) readLine(max int) (string, error) {
	if c.scan.skip > MaxOverlong {
		return "", ErrEndless
	}
	for {
		if len(c.in) == 0 {
			if err := c.receive(); err != nil {
				return "", c.scan.ended(err)
			}
		}
		line, done, err := c.scanBuffered(max)
		if len(c.in) == 0 {
			c.release()
		}
		if done || err != nil {
			return line, err
		}
	}
}

func (c *Conn) scanBuffered(max int) (line string, done bool, err error) {
	if line, ok := c.plainLine(max); ok {
		return line, true, nil
	}
	for len(c.in) > 0 {
		b := c.in[0]
		c.in = c.in[1:]
		end, answer := c.scan.next(b, max)
		if answer != nil {
			if _, err := c.NetConn().Write(answer); err != nil {
				return "", false, err
			}
		}
		if end {
			line, err = c.scan.take()
			return line, true, err
		}
		if c.scan.skip > MaxOverlong {
			return "", true, ErrEndless
		}
	}
	return "", false, nil
}

// plainLine is the short way: a whole line lies in the buffer, and nothing in
// it needs the scanner.
func (c *Conn) plainLine(max int) (string, bool) {
	end := bytes.IndexByte(c.in, '\n')
	if end < 0 || !c.scan.fresh() {
		return "", false
	}
	line := bytes.TrimSuffix(c.in[:end], []byte{'\r'})
	for _, special := range []byte{iac, '\r', 0} {
		if bytes.IndexByte(line, special) >= 0 {
			return "", false
		}
	}
	if len(line) > max {
		return "", false
	}
	c.in = c.in[end+1:]
	return string(line), true
}

func (c *Conn) release() {
	if c.held != nil {
		putBuffer(c.held)
		c.held = nil
	}
	c.in = nil
}

// receiveSmall waits on a connection that can't tell when it is readable (TLS,
// memory) with the few bytes that the Conn itself has; they fit most lines.
// What is longer gets a buffer for the rest.
func (c *Conn) receiveSmall(nc net.Conn) error {
	if c.small == nil {
		c.small = new([smallBuffer]byte)
	}
	space := c.small[:]
	if c.wasFilled {
		c.held = getBuffer()
		space = c.held.data[:cap(c.held.data)]
	}
	var n int
	var err error
	for tries := 0; n == 0 && err == nil; tries++ {
		if tries == maxEmptyReads {
			err = io.ErrNoProgress
			break
		}
		n, err = nc.Read(space)
	}
	c.wasFilled = n == len(space)
	if n == 0 {
		c.release()
		return err
	}
	c.in = space[:n] // an error that came along comes again
	return nil
}
