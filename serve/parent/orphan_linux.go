package parent

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// bound makes the kernel end a child with its parent, however that ends. ^C
// reaches the parent only.
func bound() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// bind is the child's word for that: giving root up has cleared it.
func bind() error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl", err)
	}
	return nil
}
