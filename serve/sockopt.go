package serve

import (
	"net"
	"syscall"
)

// What a control connection needs of its socket:
//
//   - SO_OOBINLINE: the Telnet Synch before ABOR is urgent data, and some
//     clients (Python's, Ruby's) send the last byte of a line that way. Out
//     of line it would be lost.
//   - keep-alive 30/10/3: a peer that is gone is noticed within a minute, and
//     address translators keep the connection while a transfer runs.
//
// tune, a file a system, sets on a listener what connections inherit there,
// and returns what is left to do for each of them.

// tuneConn sets all of it on one connection.
func tuneConn(nc net.Conn) {
	keepAlive(nc)
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return
	}
	if rc, err := sc.SyscallConn(); err == nil {
		_ = rc.Control(urgentInline)
	}
}

func keepAlive(nc net.Conn) {
	t, ok := nc.(*net.TCPConn)
	if !ok {
		return
	}
	_ = t.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount,
	})
}
