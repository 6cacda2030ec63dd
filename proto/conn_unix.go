//go:build unix

package proto

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// receive waits for bytes and puts them into c.in. It waits until the socket
// is readable and only then takes a buffer: ten thousand idle sessions must
// not hold ten thousand of them.
func (c *Conn) receive() error {
	nc := c.NetConn()
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return c.receiveSmall(nc)
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return err
	}
	var b *buffer
	var rerr error
	err = rc.Read(func(fd uintptr) bool {
		b, rerr = readFD(int(fd))
		return !errors.Is(rerr, syscall.EAGAIN)
	})
	switch {
	case err != nil:
		return err
	case errors.Is(rerr, io.EOF):
		return io.EOF
	case rerr != nil:
		return &net.OpError{
			Op: "read", Net: nc.LocalAddr().Network(), Source: nc.LocalAddr(), Addr: nc.RemoteAddr(),
			Err: os.NewSyscallError("read", rerr),
		}
	}
	c.held, c.in = b, b.data
	return nil
}

func readFD(fd int) (*buffer, error) {
	b := getBuffer()
	for {
		n, err := syscall.Read(fd, b.data[:cap(b.data)])
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if n > 0 {
			b.data = b.data[:n]
			return b, nil
		}
		putBuffer(b)
		if err == nil {
			err = io.EOF
		}
		return nil, err
	}
}
