//go:build linux || darwin || freebsd

package admin

import "net"

// onSocket uses the descriptor of a Unix socket.
func onSocket(nc net.Conn, f func(fd int)) {
	u, ok := nc.(*net.UnixConn)
	if !ok {
		return
	}
	if raw, err := u.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { f(int(fd)) })
	}
}
