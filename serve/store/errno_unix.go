//go:build unix

package store

import (
	"io/fs"
	"syscall"
)

// classOf gives the errors of Unix their meaning here; nil for the others.
func classOf(errno syscall.Errno) error {
	switch errno {
	case syscall.ENOSPC, syscall.EDQUOT:
		// The system's quota is that of the server's account, not the
		// client's: to the client it is a full disk.
		return ErrNoSpace
	case syscall.EFBIG:
		return ErrQuota
	case syscall.ENOTDIR:
		return ErrNotDir
	case syscall.EISDIR:
		return ErrIsDir
	case syscall.ENOTEMPTY:
		return ErrNotEmpty
	case syscall.EBUSY, syscall.ETXTBSY:
		return ErrBusy
	case syscall.EXDEV:
		return ErrCrossDevice
	case syscall.EROFS:
		return fs.ErrPermission
	case syscall.ENAMETOOLONG, syscall.EILSEQ:
		return ErrName
	case syscall.ELOOP: // a link that leads round in a circle leads nowhere
		return fs.ErrNotExist
	case syscall.ENXIO, syscall.ENODEV: // a socket, a pipe without reader
		return ErrNotRegular
	}
	return nil
}
