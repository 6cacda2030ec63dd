package serve

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// inputWithin reports whether a socket has something to read, or to accept, or
// gets it within a time. It holds a thread meanwhile.
func inputWithin(raw syscall.RawConn, wait time.Duration) (some bool) {
	_ = raw.Control(func(fd uintptr) {
		set := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(set, int(wait.Milliseconds()))
		some = err == nil && n == 1 && set[0].Revents&unix.POLLIN != 0
	})
	return some
}
