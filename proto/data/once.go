package data

import (
	"io"
	"net"
	"syscall"
	"time"
)

// ReceiveAtOnce receives into dst what comes within patience, to the end of the
// connection or a little more than most bytes. When whole is false and there is
// no error, n bytes have come, and more may. Errors: *FileError for dst, and what
// the connection says. Only sockets are read from: elsewhere nothing comes at once.
func ReceiveAtOnce(nc net.Conn, dst io.Writer, most int64, patience time.Duration) (n int64, whole bool, err error) {
	if _, ok := nc.(syscall.Conn); !ok {
		return 0, false, nil
	}
	b := newBuffer()
	defer b.free()
	if err := nc.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return 0, false, err
	}
	for n <= most {
		got, rerr := nc.Read(b.all())
		if got > 0 {
			put, err := dst.Write(b.all()[:got])
			if n += int64(put); err != nil {
				return n, false, &FileError{err}
			}
		}
		switch {
		case rerr == io.EOF:
			return n, true, nil
		case isTimeout(rerr):
			return n, false, nil
		case rerr != nil:
			return n, false, rerr
		}
	}
	return n, false, nil
}
