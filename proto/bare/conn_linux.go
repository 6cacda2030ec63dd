package bare

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Conn is a TCP connection, polled or bare. One goroutine may read and change
// from one to the other, one may write; Close, the deadlines and SyscallConn may
// be used by any. While it is bare, a read that finds nothing holds its thread,
// for the time that Bare was given; then the connection is polled again, and the
// read goes on there. A deadline that others put into the past meanwhile is
// obeyed then.
type Conn struct {
	peer net.Addr

	mu              sync.Mutex
	tcp             *net.TCPConn  // nil: bare
	fd              int           // while bare
	wait            time.Duration // how long a read holds its thread then
	hold            bool          // and its place among Go's threads
	gathers         bool          // a wait ends when much has come; see Gather
	blocks          atomic.Bool   // fd waits for what is read
	sends           bool          // and for room
	atOnce          int64         // what the next request to send a file asks for at most, the writer's
	users           int           // calls that use fd now
	closed          bool
	readBy, writeBy time.Time // of a bare connection
}

// Over makes a connection that is polled, out of one of package net; nil where
// that is not TCP.
func Over(nc net.Conn) *Conn {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	return &Conn{peer: tcp.RemoteAddr(), tcp: tcp, fd: -1}
}

// IsBare tells which it is.
func (c *Conn) IsBare() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tcp == nil
}

// Bare takes the connection from Go's poller. Reads then wait in the system, for
// so long at most. After an error it is what it was.
func (c *Conn) Bare(wait time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tcp == nil || c.closed {
		return nil
	}
	raw, err := c.tcp.SyscallConn()
	if err != nil {
		return err
	}
	fd, ferr := -1, error(nil)
	if err := raw.Control(func(polled uintptr) { fd, ferr = unix.FcntlInt(polled, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return err
	}
	if ferr != nil {
		return os.NewSyscallError("fcntl", ferr)
	}
	c.tcp.Close() // the poller's descriptor; the connection has another
	c.tcp, c.fd, c.wait, c.hold, c.readBy, c.writeBy = nil, fd, wait, mayHold(), time.Time{}, time.Time{}
	c.block()
	return nil
}

// Polled gives the connection to Go's poller. What it returns is good until
// Bare is called.
func (c *Conn) Polled() (*net.TCPConn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tcp != nil {
		return c.tcp, nil
	}
	if c.closed {
		return nil, net.ErrClosed
	}
	tcp, err := polled(c.fd)
	if err != nil {
		return nil, err
	}
	_ = tcp.SetReadDeadline(c.readBy)
	_ = tcp.SetWriteDeadline(c.writeBy)
	c.ungather()
	c.tcp, c.sends = tcp, false
	c.blocks.Store(false)
	c.drop()
	return tcp, nil
}

// Gather lets reads wait, while the connection is bare, until so many bytes have
// come, or the end: what comes in pieces wakes nobody for each of them.
func (c *Conn) Gather(bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tcp == nil && !c.closed {
		if !c.blocks.Load() {
			c.block()
		}
		c.gathers = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT, bytes) == nil
	}
}

// ungather makes any byte count again. The lock is held.
func (c *Conn) ungather() {
	if c.gathers {
		c.gathers = false
		_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT, 1)
	}
}

// drop lets the bare descriptor go, when nobody uses it any more. The lock is held.
func (c *Conn) drop() {
	if c.users == 0 && c.fd >= 0 && (c.closed || c.tcp != nil) {
		unix.Close(c.fd)
		c.fd = -1
	}
}

// take is what the connection is now; of a bare one fd must be given back.
func (c *Conn) take(by *time.Time) (tcp *net.TCPConn, fd int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.tcp != nil:
		return c.tcp, -1, nil
	case c.closed:
		return nil, -1, net.ErrClosed
	case by != nil && !by.IsZero() && !time.Now().Before(*by):
		return nil, -1, os.ErrDeadlineExceeded
	}
	c.users++
	return nil, c.fd, nil
}

func (c *Conn) give() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.users--
	c.drop()
}

// Read is that of net.Conn.
func (c *Conn) Read(p []byte) (n int, err error) {
	var rerr error
	before := c.Await
	if c.blocks.Load() {
		before = noWait // the read waits
	}
	err = c.read(before, func(fd uintptr) bool {
		for {
			if n, rerr = c.receive(int(fd), p, 0); rerr != unix.EINTR {
				return rerr != unix.EAGAIN
			}
		}
	})
	switch {
	case err != nil:
		return 0, c.failed("read", err)
	case rerr != nil:
		return 0, c.failed("read", os.NewSyscallError("read", rerr))
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return n, nil
}

// Await waits until there is something to read, or the end; for no longer than
// Bare was told, then the connection is polled. Of one that is polled it knows
// nothing.
func (c *Conn) Await() error {
	tcp, fd, err := c.take(&c.readBy)
	if tcp != nil || err != nil {
		return err
	}
	some := c.arrives(fd)
	if c.give(); some {
		return nil
	}
	// Whose deadline that was hears of it, all others wait as anybody does.
	if _, fd, err = c.take(&c.readBy); err != nil {
		return err
	} else if fd >= 0 {
		c.give()
	}
	_, err = c.Polled()
	return err
}

func noWait() error { return nil }

// read calls f until it returns true, as the Read of syscall.RawConn does, with
// something else before the first time.
func (c *Conn) read(first func() error, f func(fd uintptr) bool) error {
	for before := first; ; before = c.Await {
		if err := before(); err != nil {
			return err
		}
		tcp, fd, err := c.take(&c.readBy)
		if tcp != nil {
			raw, err := tcp.SyscallConn()
			if err != nil {
				return err
			}
			return raw.Read(f)
		}
		if err != nil {
			return err
		}
		done := f(uintptr(fd))
		if c.give(); done {
			return nil
		}
	}
}

// Write is that of net.Conn. What the kernel has no room for is written by the
// poller.
func (c *Conn) Write(p []byte) (int, error) {
	tcp, fd, err := c.take(&c.writeBy)
	if tcp != nil {
		return tcp.Write(p)
	}
	if err != nil {
		return 0, c.failed("write", err)
	}
	n, err := sendNow(fd, p)
	c.give()
	if err != nil || n == len(p) {
		return n, err
	}
	if tcp, err = c.Polled(); err != nil {
		return n, err
	}
	more, err := tcp.Write(p[n:])
	return n + more, err
}

func (c *Conn) failed(op string, err error) error {
	var done *net.OpError
	if errors.As(err, &done) {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Addr: c.peer, Err: err}
}

// Close is that of net.Conn. It doesn't end a read of a bare connection, whose
// time is short.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tcp != nil {
		return c.tcp.Close()
	}
	if c.closed {
		return net.ErrClosed
	}
	c.closed = true
	c.drop()
	return nil
}

// SetLinger is that of *net.TCPConn.
func (c *Conn) SetLinger(sec int) error {
	tcp, err := c.Polled()
	if err != nil {
		return err
	}
	return tcp.SetLinger(sec)
}

// RemoteAddr is that of net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.peer }

// LocalAddr is that of net.Conn.
func (c *Conn) LocalAddr() net.Addr {
	tcp, err := c.Polled()
	if err != nil {
		return &net.TCPAddr{}
	}
	return tcp.LocalAddr()
}

// SetDeadline is that of net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline is that of net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tcp != nil {
		return c.tcp.SetReadDeadline(t)
	}
	c.readBy = t
	return nil
}

// SetWriteDeadline is that of net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tcp != nil {
		return c.tcp.SetWriteDeadline(t)
	}
	c.writeBy = t
	return nil
}

// SyscallConn is that of *net.TCPConn. It follows the connection from one
// descriptor to the other.
func (c *Conn) SyscallConn() (syscall.RawConn, error) { return (*raw)(c), nil }

type raw Conn

// Control is that of syscall.RawConn.
func (r *raw) Control(f func(fd uintptr)) error {
	c := (*Conn)(r)
	tcp, fd, err := c.take(nil)
	if tcp != nil {
		below, err := tcp.SyscallConn()
		if err != nil {
			return err
		}
		return below.Control(f)
	}
	if err != nil {
		return err
	}
	defer c.give()
	f(uintptr(fd))
	return nil
}

// Read is that of syscall.RawConn.
func (r *raw) Read(f func(fd uintptr) bool) error {
	return (*Conn)(r).read(noWait, f)
}

// Write is that of syscall.RawConn.
func (r *raw) Write(f func(fd uintptr) bool) error {
	c := (*Conn)(r)
	tcp, fd, err := c.take(&c.writeBy)
	if err != nil {
		return err
	}
	if tcp == nil {
		done := !c.blocks.Load() && f(uintptr(fd)) // f must not wait
		if c.give(); done {
			return nil
		}
		if tcp, err = c.Polled(); err != nil {
			return err
		}
	}
	below, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	return below.Write(f)
}
