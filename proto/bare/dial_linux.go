package bare

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// turn is how long a connection that doesn't stand at once is waited for before
// the context is looked at.
const turn = 50 * time.Millisecond

// Dial connects to a listener on this machine; bare, reads hold their thread for
// patience at most. There a connection stands at once, unless the listener has
// many waiting: that is waited for in the system, until ctx ends. Errors: ctx's,
// *net.OpError.
func Dial(ctx context.Context, to netip.AddrPort, patience time.Duration) (*Conn, error) {
	c := &Conn{peer: net.TCPAddrFromAddrPort(to), wait: patience, hold: mayHold()}
	family, addr := sockaddr(to)
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_TCP)
	if err != nil {
		return nil, c.failed("dial", os.NewSyscallError("socket", err))
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) // as package net does
	err = unix.Connect(fd, addr)
	if errors.Is(err, unix.EINPROGRESS) || errors.Is(err, unix.EINTR) {
		err = stands(ctx, fd)
	}
	if err != nil {
		unix.Close(fd)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, c.failed("dial", os.NewSyscallError("connect", err))
	}
	c.fd = fd
	return c, nil
}

// stands waits for a connection that was begun.
func stands(ctx context.Context, fd int) error {
	set := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for {
		n, err := unix.Poll(set, int(turn.Milliseconds()))
		switch {
		case err != nil && !errors.Is(err, unix.EINTR):
			return err
		case n > 0:
			code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
			if err == nil && code != 0 {
				err = unix.Errno(code)
			}
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

func sockaddr(to netip.AddrPort) (family int, addr unix.Sockaddr) {
	if ip := to.Addr().Unmap(); ip.Is4() {
		return unix.AF_INET, &unix.SockaddrInet4{Port: int(to.Port()), Addr: ip.As4()}
	}
	return unix.AF_INET6, &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
}
