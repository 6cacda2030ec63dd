package journal

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// errLocked is a lock that another process holds.
var errLocked = errors.New("locked")

// lockedByte lies behind all that is written: Windows' locks keep others from
// reading too.
const lockedByte = 1 << 20

// lock takes the file for this process, until it is closed or the process
// ends, however it ends.
func lock(f *os.File) error {
	at := windows.Overlapped{Offset: lockedByte}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errLocked
	}
	return err
}

// syncDir has nothing to do: NTFS journals names.
func syncDir(string) error { return nil }
