//go:build darwin || freebsd

package admin

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerUID asks who is at the other end of a Unix socket: unix(4), LOCAL_PEERCRED.
func peerUID(nc net.Conn) (uid int, known bool) {
	onSocket(nc, func(fd int) {
		if c, err := unix.GetsockoptXucred(fd, 0, unix.LOCAL_PEERCRED); err == nil {
			uid, known = int(c.Uid), true
		}
	})
	return uid, known
}
