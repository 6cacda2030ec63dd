package bare

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// pipeSize is the room of the pipe between a connection and a file, in bytes: all
// that anybody may have (pipe(7)).
const pipeSize = 1 << 20

// ReceiveFile writes what comes to f where it stands, no more than most bytes, to
// the end. While the connection is bare the goroutine waits in the system: the
// poller would be woken by every segment. A peer that is silent for the time that
// Bare was given is left to the poller. Errors: *os.PathError for f, *net.OpError.
func (c *Conn) ReceiveFile(f *os.File, most int64) (n int64, err error) {
	var pipe [2]int
	if !c.IsBare() || unix.Pipe2(pipe[:], unix.O_CLOEXEC) != nil {
		return c.receivePolled(f, most)
	}
	defer unix.Close(pipe[0])
	defer unix.Close(pipe[1])
	_, _ = unix.FcntlInt(uintptr(pipe[1]), unix.F_SETPIPE_SZ, pipeSize) // else it is smaller
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	for n < most {
		came, err := c.intoPipe(pipe[1], int(min(pipeSize, most-n)))
		switch {
		case errors.Is(err, unix.EAGAIN): // silent, or polled by now
			more, err := c.receivePolled(f, most-n)
			return n + more, err
		case err != nil:
			return n, c.failed("read", err)
		case came == 0:
			return n, nil
		}
		var kept int64
		var werr error
		if err := raw.Control(func(to uintptr) { kept, werr = outOfPipe(pipe[0], int(to), came) }); err != nil {
			return n, err
		}
		if n += kept; werr != nil {
			return n, &os.PathError{Op: "write", Path: f.Name(), Err: werr}
		}
	}
	return n, nil
}

func (c *Conn) receivePolled(f *os.File, most int64) (int64, error) {
	tcp, err := c.Polled()
	if err != nil {
		return 0, c.failed("read", err)
	}
	return f.ReadFrom(&io.LimitedReader{R: tcp, N: most})
}

// intoPipe waits for bytes and moves them to a pipe that is empty; EAGAIN: none
// have come for as long as it waits.
func (c *Conn) intoPipe(pipe, most int) (n int64, err error) {
	tcp, fd, err := c.take(&c.readBy)
	if err != nil {
		return 0, err
	}
	if tcp != nil || !c.blocking() {
		if tcp == nil {
			c.give()
		}
		return 0, unix.EAGAIN
	}
	defer c.give()
	for {
		some, serr := unix.Splice(fd, nil, pipe, nil, most, unix.SPLICE_F_MOVE)
		if n, err = int64(some), serr; err != unix.EINTR { // it is an int where that has 32 bits
			break
		}
	}
	if err != nil && err != unix.EAGAIN {
		err = os.NewSyscallError("splice", err)
	}
	return n, err
}

// outOfPipe empties a pipe into a file.
func outOfPipe(pipe, to int, n int64) (kept int64, err error) {
	for kept < n {
		some, err := unix.Splice(pipe, nil, to, nil, int(n-kept), unix.SPLICE_F_MOVE)
		switch {
		case err != nil && err != unix.EINTR:
			return kept, err
		case err == nil && some == 0:
			return kept, io.ErrShortWrite
		}
		kept += int64(max(some, 0))
	}
	return kept, nil
}

// blocking makes the descriptor wait for bytes itself, and reports whether it does.
func (c *Conn) blocking() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tcp == nil && !c.closed && !c.blocks.Load() {
		c.block()
	}
	return c.blocks.Load()
}
