package serve

import "syscall"

// soOOBInline is SO_OOBINLINE of winsock2.h.
const soOOBInline = 0x0100

func urgentInline(fd uintptr) {
	_ = syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, soOOBInline, 1)
}
