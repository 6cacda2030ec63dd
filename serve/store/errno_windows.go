package store

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/windows"
)

// classOf gives the errors of Windows their meaning here; nil for the others.
func classOf(errno syscall.Errno) error {
	switch errno {
	case windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL:
		return ErrNoSpace
	case windows.ERROR_DIRECTORY, syscall.ENOTDIR:
		return ErrNotDir
	case syscall.EISDIR:
		return ErrIsDir
	case windows.ERROR_DIR_NOT_EMPTY:
		return ErrNotEmpty
	case windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION:
		return ErrBusy
	case windows.ERROR_NOT_SAME_DEVICE:
		return ErrCrossDevice
	case windows.ERROR_WRITE_PROTECT:
		return fs.ErrPermission
	case windows.ERROR_INVALID_NAME, windows.ERROR_FILENAME_EXCED_RANGE, windows.ERROR_BAD_PATHNAME:
		return ErrName
	}
	return nil
}
