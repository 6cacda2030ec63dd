//go:build unix

package proto

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// receive waits until the socket is readable and only then takes a buffer.
func receive(nc net.Conn) (*buffer, error) {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return readInto(nc)
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return nil, err
	}
	var b *buffer
	var rerr error
	err = rc.Read(func(fd uintptr) bool {
		b, rerr = readFD(int(fd))
		return !errors.Is(rerr, syscall.EAGAIN)
	})
	if err != nil {
		return nil, err
	}
	return b, rerr
}

func readFD(fd int) (*buffer, error) {
	b := buffers.Get().(*buffer)
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
