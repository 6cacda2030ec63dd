package serve

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// dropRoot takes from root that programs it runs get capabilities because they
// are root's, and that anybody can bring that back. Files that bring
// capabilities of their own are dropCapabilities' concern: no new privileges.
//
// capabilities(7), securebits: one call for all threads. The bounding set would
// say the same in forty, each of which stops all threads: on a busy machine
// they were most of the time that a server takes to start again.
func dropRoot() error {
	const noRoot, locked = 1 << 0, 1 << 1 // SECBIT_NOROOT, SECBIT_NOROOT_LOCKED
	_, _, errno := psx.Syscall3(unix.SYS_PRCTL, unix.PR_SET_SECUREBITS, noRoot|locked, 0)
	if errno != 0 && errno != unix.EPERM { // a container may have taken that right before
		return fmt.Errorf("capabilities of root: %w", errno)
	}
	return nil
}

// dropCapabilities empties all sets of all threads.
func dropCapabilities() error {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	_, _, errno := psx.Syscall6(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0, 0)
	if errno != 0 && errno != unix.EINVAL {
		return fmt.Errorf("ambient capabilities: %w", errno)
	}
	_, _, errno = psx.Syscall3(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&head)), uintptr(unsafe.Pointer(&none[0])), 0)
	if errno != 0 {
		return fmt.Errorf("capabilities: %w", errno)
	}
	_, _, errno = psx.Syscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	if errno != 0 && !errors.Is(errno, syscall.EINVAL) {
		return fmt.Errorf("no new privileges: %w", errno)
	}
	return nil
}
