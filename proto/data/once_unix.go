//go:build unix

package data

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// SendAtOnce sends what is left of a file, if that is no more than most bytes
// and the kernel has room for all of it now: it never waits for the peer. When
// whole is false, sent bytes have gone and f stands behind them. Errors:
// *FileError for f, and what the connection says.
func SendAtOnce(nc net.Conn, f *os.File, most int) (sent int64, whole bool, err error) {
	socket, ok := nc.(syscall.Conn)
	if !ok {
		return 0, false, nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0, false, err
	}
	b := newBuffer()
	defer b.free()
	n, err := f.Read(b.all()[:most+1])
	if err != nil && err != io.EOF {
		return 0, false, &FileError{err}
	}
	if n <= most {
		sent, err = writeNow(raw, b.all()[:n])
	}
	if err != nil || n <= most && sent == int64(n) {
		return sent, err == nil, err
	}
	if _, err := f.Seek(sent-int64(n), io.SeekCurrent); err != nil {
		return sent, false, &FileError{err}
	}
	return sent, false, nil
}

// writeNow writes what the kernel has room for.
func writeNow(raw syscall.RawConn, p []byte) (sent int64, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	var n int
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		for {
			n, failed = syscall.Write(int(fd), p)
			if !errors.Is(failed, syscall.EINTR) {
				return true
			}
		}
	})
	if err == nil && failed != nil && !errors.Is(failed, syscall.EAGAIN) {
		err = &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", failed)}
	}
	return int64(max(n, 0)), err
}

// readNow reads what has come; 0: nothing has, or the end, or an error, which
// come again.
func readNow(raw syscall.RawConn, p []byte) (n int) {
	_ = raw.Read(func(fd uintptr) bool {
		n, _ = syscall.Read(int(fd), p)
		return true
	})
	return max(n, 0)
}
