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
func (c *Conn) arrives(fd int) bool {
	wait, until := c.wait, time.Time{}
	for {
		n, err := c.look(fd, wait)
		if err != unix.EINTR {
			return n > 0 || err != nil && err != unix.EAGAIN // another error is for the read to tell
		}
		if until.IsZero() {
			until = time.Now().Add(wait)
		}
		if wait = time.Until(until); wait <= 0 {
			return false
		}
	}
}

// look waits once; 0 or EAGAIN: there is nothing. A descriptor that blocks is
// asked for a byte that stays where it is: its clock is a tick of the kernel's,
// while poll(2) sets and clears an alarm of the processor each time, which in a
// virtual machine costs more than all the rest.
func (c *Conn) look(fd int, wait time.Duration) (int, error) {
	if c.blocks.Load() {
		var b [1]byte
		n, err := c.receive(fd, b[:], unix.MSG_PEEK)
		if err == nil {
			n = 1 // the end, too
		}
		return n, err
	}
	set := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	limit := unix.NsecToTimespec(int64(wait))
	if !c.hold {
		return unix.Ppoll(set, &limit, nil)
	}
	n, _, errno := syscall.RawSyscall6(unix.SYS_PPOLL,
		uintptr(unsafe.Pointer(&set[0])), uintptr(len(set)), uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	return result(n, errno)
}

// receive is recv(2). It waits as the descriptor does.
func (c *Conn) receive(fd int, p []byte, flags uintptr) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if !c.hold {
		n, _, errno := syscall.Syscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), flags, 0, 0)
		return result(n, errno)
	}
	n, _, errno := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), flags, 0, 0)
	return result(n, errno)
}

func result(n uintptr, errno syscall.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// block makes the descriptor wait for bytes itself. The poller's never do: whoever
// makes the connection polled makes it so again. The lock is held.
func (c *Conn) block() {
	limit := unix.NsecToTimeval(int64(c.wait))
	if unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit) != nil {
		return
	}
	_, err := unix.FcntlInt(uintptr(c.fd), unix.F_SETFL, 0)
	c.blocks.Store(err == nil)
}

// sendNow sends what the kernel has room for.
func sendNow(fd int, p []byte) (int, error) {
	for len(p) > 0 {
		n, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO,
			uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), unix.MSG_DONTWAIT, 0, 0)
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
