package bare

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// polled makes a connection of package net; fd is still the caller's. Package net
// has a keep-alive of its own for whatever it takes over: the connection keeps what
// it had.
func polled(fd int) (*net.TCPConn, error) {
	defer keepAliveOf(fd).restore(fd)
	second, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	f := os.NewFile(uintptr(second), "tcp")
	defer f.Close()
	nc, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		nc.Close()
		return nil, net.ErrClosed
	}
	return tcp, nil
}

// keepAlive is what the probes of an idle connection are: whether there are any,
// and seconds before the first, seconds between two, and how many (tcp(7)).
type keepAlive [4]int

var keepAliveOptions = [4]struct{ level, name int }{
	{unix.SOL_SOCKET, unix.SO_KEEPALIVE}, {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE},
	{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL}, {unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
}

func keepAliveOf(fd int) (k keepAlive) {
	for i, o := range keepAliveOptions {
		k[i], _ = unix.GetsockoptInt(fd, o.level, o.name)
	}
	return k
}

// restore leaves what can't be set as it is: no session ends for want of a probe.
func (k keepAlive) restore(fd int) {
	if k[0] == 0 {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0)
		return
	}
	for i, o := range keepAliveOptions {
		_ = unix.SetsockoptInt(fd, o.level, o.name, k[i])
	}
}
