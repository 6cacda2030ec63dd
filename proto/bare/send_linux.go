package bare

import (
	"errors"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Bounds of a file that is sent while its connection is bare.
const (
	// leastSent and mostSent are what one sendfile(2) moves, in bytes. It may not
	// take much longer than sendTurn, since nothing can end it: neither a deadline
	// that others set, nor Close.
	leastSent = 256 << 10
	mostSent  = 16 << 20
	sendTurn  = 20 * time.Millisecond
)

// SendFile sends most bytes of f from where it stands, or what there is of it.
// While the connection is bare the goroutine waits in the system: the poller would
// be woken whenever there is room. A peer that takes nothing for the time that Bare
// was given is left to the poller. Errors: *os.PathError for f, *net.OpError.
func (c *Conn) SendFile(f *os.File, most int64) (n int64, err error) {
	for n < most {
		tcp, fd, err := c.take(&c.writeBy)
		if err != nil {
			return n, c.failed("write", err)
		}
		if tcp != nil {
			more, err := tcp.ReadFrom(&io.LimitedReader{R: f, N: most - n})
			return n + more, err
		}
		began := time.Now()
		some, serr := c.sendfile(fd, f, int(min(max(c.atOnce, leastSent), most-n)))
		c.give()
		n += int64(some)
		switch {
		case errors.Is(serr, unix.EAGAIN): // nothing for as long as it waits
			if _, err := c.Polled(); err != nil {
				return n, c.failed("write", err)
			}
		case serr != nil:
			return n, serr
		case some == 0:
			return n, nil
		}
		if took := time.Since(began); took > sendTurn {
			c.atOnce /= 2
		} else if took < sendTurn/2 {
			c.atOnce = min(2*int64(some), mostSent)
		}
	}
	return n, nil
}

// sendfile makes one request. The runtime is told of it: it takes long, and what
// else there is to do goes on.
func (c *Conn) sendfile(fd int, f *os.File, most int) (n int, err error) {
	if !c.waits(fd) {
		return 0, unix.EAGAIN
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	var serr error
	if err := raw.Control(func(from uintptr) {
		for {
			if n, serr = unix.Sendfile(fd, int(from), nil, most); serr != unix.EINTR {
				return
			}
		}
	}); err != nil {
		return 0, err
	}
	switch {
	case n > 0 || serr == nil:
		return max(n, 0), nil
	case errors.Is(serr, unix.EAGAIN):
		return 0, serr
	case errors.Is(serr, unix.EIO):
		return 0, &os.PathError{Op: "read", Path: f.Name(), Err: serr}
	}
	return 0, c.failed("write", os.NewSyscallError("sendfile", serr))
}

// waits makes the descriptor wait for room itself, and reports whether it does.
func (c *Conn) waits(fd int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sends || c.tcp != nil || c.closed {
		return c.sends
	}
	if !c.blocks.Load() {
		c.block()
	}
	limit := unix.NsecToTimeval(int64(c.wait))
	c.sends = c.blocks.Load() && unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &limit) == nil
	return c.sends
}
