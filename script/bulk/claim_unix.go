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

// gone reports that no process has this number.
func gone(pid int) bool { return pid > 0 && errors.Is(unix.Kill(pid, 0), unix.ESRCH) }
