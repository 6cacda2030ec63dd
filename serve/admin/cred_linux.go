package admin

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerUID asks who is at the other end of a Unix socket: unix(7), SO_PEERCRED.
func peerUID(nc net.Conn) (uid int, known bool) {
	onSocket(nc, func(fd int) {
		if c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			uid, known = int(c.Uid), true
		}
	})
	return uid, known
}
