package bare

import (
	"errors"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The runtime isn't told of the calls here: told of one that takes longer than
// 20 µs, its monitor gives the goroutine's place to another thread, and looks
// again every 20 µs. What waits here is short, and a signal of the runtime, which
// wants the goroutine to make way, ends it.

// mayHold reports whether a thread may wait without the runtime's knowledge: not
// where all other goroutines would have to wait for it.
func mayHold() bool { return runtime.GOMAXPROCS(0) > 1 }

// arrives waits until there is something to read, or the end. What interrupts it
// doesn't make it longer: Go's monitor may do so as often as it likes.
func arrives(fd int, wait time.Duration, hold bool) bool {
	set := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	var until time.Time
	for {
		n, err := poll(set, wait, hold)
		if err != unix.EINTR {
			return err != nil || n > 0 // an error is for the read to tell
		}
		if until.IsZero() {
			until = time.Now().Add(wait)
		}
		if wait = time.Until(until); wait <= 0 {
			return false
		}
	}
}

func poll(set []unix.PollFd, wait time.Duration, hold bool) (int, error) {
	limit := unix.NsecToTimespec(int64(wait))
	if !hold {
		return unix.Ppoll(set, &limit, nil)
	}
	n, _, errno := syscall.RawSyscall6(unix.SYS_PPOLL,
		uintptr(unsafe.Pointer(&set[0])), uintptr(len(set)), uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// sendNow sends what the kernel has room for.
func sendNow(fd int, p []byte) (int, error) {
	for len(p) > 0 {
		n, _, errno := syscall.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
		switch {
		case errno == 0:
			return int(n), nil
		case errors.Is(errno, unix.EAGAIN):
			return 0, nil
		case !errors.Is(errno, unix.EINTR):
			return 0, &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", errno)}
		}
	}
	return 0, nil
}
