package serve

import (
	"errors"
	"net"
	"syscall"
)

// tune sets everything on the listener: no connection then costs a system
// call. A listener that was not made by Listen (handed over, or a test's) has
// Go set its own keep-alive on what it accepts; one that speaks MPTCP, as
// net.Listen's do, knows no SO_OOBINLINE.
func tune(ln net.Listener) (each func(net.Conn)) {
	sc, ok := ln.(syscall.Conn)
	if !ok {
		return func(net.Conn) {}
	}
	rc, err := sc.SyscallConn()
	if err == nil {
		var serr error
		err = rc.Control(func(fd uintptr) { serr = tuneSocket(int(fd)) })
		err = errors.Join(err, serr)
	}
	_, ours := ln.(*controlListener)
	switch {
	case err != nil:
		return tuneConn
	case !ours:
		return keepAlive
	}
	return func(net.Conn) {}
}

func tuneSocket(fd int) error {
	return errors.Join(
		syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_OOBINLINE, 1),
		syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1),
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, int(keepAliveIdle.Seconds())),
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, int(keepAliveInterval.Seconds())),
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, keepAliveCount),
	)
}
