package proto

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func arrivalOf(conn any) (a Arrival, ok bool) {
	sc, is := conn.(syscall.Conn)
	if !is {
		return a, false
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return a, false
	}
	err = rc.Control(func(fd uintptr) {
		info, ierr := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if ok = ierr == nil; ok {
			a = Arrival{Packets: int64(info.Segs_in), Late: int64(info.Rcv_ooopack)}
		}
	})
	return a, ok && err == nil
}
