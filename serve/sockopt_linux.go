package serve

import (
	"errors"
	"log/slog"
	"net"
	"syscall"
)

// tune sets on a control listener what its connections inherit, so that none
// of them costs a system call for it:
//
//   - SO_OOBINLINE: the Telnet Synch before ABOR is urgent data, and some
//     clients (Python's, Ruby's) send the last byte of a line that way. Out
//     of line it would be lost.
//   - keep-alive 30/10/3: a peer that is gone is noticed within a minute, and
//     address translators keep the connection while a transfer runs.
func tune(ln net.Listener, log *slog.Logger) {
	sc, ok := ln.(syscall.Conn)
	if !ok {
		return
	}
	rc, err := sc.SyscallConn()
	if err == nil {
		var serr error
		err = rc.Control(func(fd uintptr) { serr = tuneSocket(int(fd)) })
		err = errors.Join(err, serr)
	}
	if err != nil {
		log.Warn("socket options can't be set", "listen", ln.Addr().String(), "err", err)
	}
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

// tuneConn does for a connection what its listener could not: a listener that
// was not made by Listen (handed over, or a test's) has Go set its own
// keep-alive on what it accepts.
func tuneConn(ln net.Listener, nc net.Conn) {
	if _, ours := ln.(*controlListener); !ours {
		keepAlive(nc)
	}
}
