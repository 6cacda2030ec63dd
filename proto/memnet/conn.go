package memnet

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// Conn is one end of a connection.
type Conn struct {
	in, out       *pipe
	local, remote *net.TCPAddr
	abort         atomic.Bool // SetLinger(0): Close is Reset
}

var _ net.Conn = (*Conn)(nil)

// connect returns the two ends of a connection between a and b.
func connect(a, b *net.TCPAddr, delay time.Duration) (atA, atB *Conn) {
	ab, ba := newPipe(delay), newPipe(delay)
	return &Conn{in: ba, out: ab, local: a, remote: b}, &Conn{in: ab, out: ba, local: b, remote: a}
}

// Read implements net.Conn.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.in.read(b)
	return n, c.wrap("read", err)
}

// Unread reports whether bytes have come that Read has not returned yet.
func (c *Conn) Unread() bool { return c.in.waiting() > 0 }

// Write implements net.Conn. It returns once all bytes are in the buffer.
func (c *Conn) Write(b []byte) (int, error) {
	n, err := c.out.write(b)
	return n, c.wrap("write", err)
}

// Close ends both directions. The peer reads what was written, then io.EOF;
// or ECONNRESET when this end leaves bytes unread, as on TCP.
func (c *Conn) Close() error {
	if c.abort.Load() {
		return c.Reset()
	}
	return c.close(func(unread int) error {
		if unread > 0 {
			return syscall.ECONNRESET
		}
		return io.EOF
	})
}

// Reset ends the connection as RST does: the peer's writes fail at once, and
// its reads after what has arrived already, with ECONNRESET.
func (c *Conn) Reset() error {
	return c.close(func(int) error { return syscall.ECONNRESET })
}

func (c *Conn) close(how func(unread int) error) error {
	end, ok := c.in.closeReader(how)
	if !ok {
		return c.wrap("close", net.ErrClosed)
	}
	c.out.closeWriter(end)
	return nil
}

// CloseWrite ends this end's direction: the peer reads io.EOF.
func (c *Conn) CloseWrite() error {
	return c.wrap("close", c.out.shut())
}

// SetLinger is that of *net.TCPConn: after SetLinger(0), Close is Reset.
func (c *Conn) SetLinger(sec int) error {
	c.abort.Store(sec == 0)
	return nil
}

// LocalAddr and RemoteAddr return *net.TCPAddr.
func (c *Conn) LocalAddr() net.Addr  { return c.local }
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.wrap("set", c.in.setReadDeadline(t))
}

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.wrap("set", c.out.setWriteDeadline(t))
}

func (c *Conn) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}
