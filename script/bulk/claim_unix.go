//go:build unix

package bulk

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// claims says that files can be marked.
const claims = true

// claim marks a source as being uploaded, until f is closed. It reports false
// when it is already. Where files can't be marked nobody knows, and the name is
// taken.
func claim(f *os.File) bool {
	raw, err := f.SyscallConn()
	if err != nil {
		return true
	}
	cerr := raw.Control(func(fd uintptr) { err = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB) })
	return cerr != nil || !errors.Is(err, unix.EWOULDBLOCK)
}

// keepClaim has what claim has marked stay so until release is called, though f
// is closed before.
func keepClaim(f *os.File) (release func()) {
	raw, err := f.SyscallConn()
	if err != nil {
		return func() {}
	}
	twin := -1
	_ = raw.Control(func(fd uintptr) { twin, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) })
	if err != nil || twin < 0 {
		return func() {}
	}
	return func() { _ = unix.Close(twin) }
}

// gone reports that no process has this number.
func gone(pid int) bool { return pid > 0 && errors.Is(unix.Kill(pid, 0), unix.ESRCH) }
