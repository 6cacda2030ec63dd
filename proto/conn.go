package proto

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"sync"
	"time"
)

// Conn is a control connection, at either end. One goroutine may read while
// another writes. While nothing is waiting in it, it holds no buffer.
type Conn struct {
	nc    net.Conn
	trace Trace

	in   *buffer // received and not yet consumed; nil while empty
	scan lineScanner

	out *buffer // queued by Write…, sent by Flush; nil while empty
}

type buffer struct {
	data []byte
	pos  int // consumed up to here
}

var buffers = sync.Pool{New: func() any { return &buffer{data: make([]byte, 0, controlBuffer)} }}

func putBuffer(b *buffer) {
	if cap(b.data) > 4*controlBuffer {
		return // a rare long reply must not stay in the pool
	}
	b.data, b.pos = b.data[:0], 0
	buffers.Put(b)
}

// NewConn wraps a connection. trace may be nil.
func NewConn(nc net.Conn, trace Trace) *Conn { return &Conn{nc: nc, trace: trace} }

// NetConn returns the connection below: TCP, TLS or memory.
func (c *Conn) NetConn() net.Conn { return c.nc }

// LocalAddr and RemoteAddr are those of the connection below.
func (c *Conn) LocalAddr() net.Addr  { return c.nc.LocalAddr() }
func (c *Conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// SetReadDeadline bounds reads; see net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.nc.SetReadDeadline(t) }

// SetWriteDeadline bounds writes; see net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.nc.SetWriteDeadline(t) }

// Close closes the connection below. What is queued is lost: Flush first.
func (c *Conn) Close() error { return c.nc.Close() }

// Buffered is the number of bytes that have arrived and were not yet consumed.
func (c *Conn) Buffered() int {
	if c.in == nil {
		return 0
	}
	return len(c.in.data) - c.in.pos
}

// Upgrade replaces the connection below by wrap's result (a TLS connection
// over it), or puts it back after CCC.
//
// SECURITY: bytes that came before the handshake are refused with
// ErrPipelined, at both ends (CVE-2011-1575 and its kin).
func (c *Conn) Upgrade(wrap func(net.Conn) net.Conn) error {
	if c.Buffered() > 0 || len(c.scan.buf) > 0 {
		return ErrPipelined
	}
	c.nc = wrap(c.nc)
	c.scan = lineScanner{}
	return nil
}

// Pending reports whether a whole line has arrived, so that the next read
// does not have to wait.
func (c *Conn) Pending() bool {
	return c.in != nil && bytes.IndexByte(c.in.data[c.in.pos:], '\n') >= 0
}

// ReadCommand reads one command. Errors: io.EOF between lines,
// io.ErrUnexpectedEOF within one, ErrLineTooLong and *SyntaxError (the
// connection is still in step after both), ErrEndless (it is not), what the
// connection returns.
func (c *Conn) ReadCommand() (Command, error) {
	line, err := c.readLine(MaxCommand)
	if errors.Is(err, errControl) {
		return Command{}, &SyntaxError{What: "command", Text: line, Why: err.Error()}
	}
	if err != nil {
		return Command{}, err
	}
	cmd, err := ParseCommand(line)
	if err != nil {
		c.tell(FromClient, line)
		return Command{}, err
	}
	c.tell(FromClient, cmd.String())
	return cmd, nil
}

// WriteCommand queues a command; Flush sends it.
//
// SECURITY: CR, LF and NUL never leave, so that a file name can't become a
// second command. They are refused with *SyntaxError and nothing is queued.
func (c *Conn) WriteCommand(cmd Command) error {
	line := cmd.line()
	if strings.ContainsAny(line, "\r\n\x00") {
		return &SyntaxError{What: "command", Text: cmd.String(), Why: "holds a line end or NUL"}
	}
	if len(line) > MaxCommand {
		return ErrLineTooLong
	}
	c.tell(FromClient, cmd.String())
	c.queue(func(b []byte) []byte {
		for i := 0; i < len(line); i++ {
			if line[i] == iac {
				b = append(b, iac)
			}
			b = append(b, line[i])
		}
		return append(b, '\r', '\n')
	})
	return nil
}

// WriteReply queues a reply; Flush sends it.
func (c *Conn) WriteReply(r Reply) {
	var from int
	c.queue(func(b []byte) []byte {
		from = len(b)
		return r.append(b)
	})
	if c.trace != nil {
		for line := range strings.Lines(string(c.out.data[from:])) {
			c.trace(FromServer, strings.TrimRight(line, "\r\n"))
		}
	}
}

// WriteRaw queues bytes as they are: a Telnet Synch before ABOR.
func (c *Conn) WriteRaw(p []byte) {
	c.queue(func(b []byte) []byte { return append(b, p...) })
}

func (c *Conn) queue(add func([]byte) []byte) {
	if c.out == nil {
		c.out = buffers.Get().(*buffer)
	}
	c.out.data = add(c.out.data)
}

// Queued is the number of bytes that wait for Flush.
func (c *Conn) Queued() int {
	if c.out == nil {
		return 0
	}
	return len(c.out.data)
}

// Flush sends what is queued, in one write.
func (c *Conn) Flush() error {
	if c.out == nil {
		return nil
	}
	b := c.out
	c.out = nil
	_, err := c.nc.Write(b.data)
	putBuffer(b)
	return err
}

// ReadReply reads one reply, of one line or many. Errors as ReadCommand;
// ErrReplyTooLong and *SyntaxError leave the connection out of step.
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
// error of f is returned after the reply was read to its end.
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
	for total := len(line); more; {
		if line, err = c.replyLine(); err != nil {
			return err
		}
		if total += len(line); total > MaxReply {
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

func (c *Conn) replyLine() (string, error) {
	line, err := c.readLine(MaxReplyLine)
	if errors.Is(err, errControl) {
		err = nil // a NUL or CR in a server's chatter harms nobody here
	}
	if err == nil {
		c.tell(FromServer, line)
	}
	return line, err
}

func (c *Conn) tell(from Direction, line string) {
	if c.trace != nil {
		c.trace(from, line)
	}
}

// readLine returns the next line without its end.
func (c *Conn) readLine(max int) (string, error) {
	for {
		if c.in == nil {
			if err := c.fill(); err != nil {
				return "", err
			}
		}
		line, done, err := c.scanBuffered(max)
		if c.in.pos == len(c.in.data) {
			putBuffer(c.in)
			c.in = nil
		}
		if done || err != nil {
			return line, err
		}
	}
}

func (c *Conn) scanBuffered(max int) (line string, done bool, err error) {
	for c.in.pos < len(c.in.data) {
		b := c.in.data[c.in.pos]
		c.in.pos++
		end, answer := c.scan.next(b, max)
		if answer != nil {
			if _, err := c.nc.Write(answer); err != nil {
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

// fill waits for bytes. Where the system lets it, it waits without holding a
// buffer: ten thousand idle sessions must not hold ten thousand of them.
func (c *Conn) fill() error {
	b, err := receive(c.nc)
	if err == nil {
		c.in = b
		return nil
	}
	if isEOF(err) {
		return c.scan.eof()
	}
	return err
}

// readInto is the portable way: the buffer is held while waiting.
func readInto(nc net.Conn) (*buffer, error) {
	b := buffers.Get().(*buffer)
	n, err := nc.Read(b.data[:cap(b.data)])
	if n > 0 {
		b.data = b.data[:n]
		return b, nil // an error that came along comes again
	}
	putBuffer(b)
	return nil, err
}
