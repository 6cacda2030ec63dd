//go:build !linux

package serve

import (
	"log/slog"
	"net"
	"syscall"
)

// tune has nothing to do here: what connections inherit from a listener
// differs between systems, so tuneConn sets it on each.
func tune(net.Listener, *slog.Logger) {}

// tuneConn sets SO_OOBINLINE (the Telnet Synch before ABOR is urgent data and
// would be lost out of line) and keep-alive.
func tuneConn(_ net.Listener, nc net.Conn) {
	keepAlive(nc)
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return
	}
	if rc, err := sc.SyscallConn(); err == nil {
		_ = rc.Control(urgentInline)
	}
}
