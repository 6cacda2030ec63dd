//go:build unix

package serve

import "syscall"

// peekable reports whether a socket has bytes to read, without waiting.
func peekable(raw syscall.RawConn) (some bool) {
	_ = raw.Read(func(fd uintptr) bool {
		n, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		some = err == nil && n > 0
		return true
	})
	return some
}
