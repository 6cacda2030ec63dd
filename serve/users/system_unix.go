//go:build linux || darwin || freebsd

package users

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// lock waits for the lock of a file that is there for nothing else, and stays.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return func() { file.Close() }, nil
}

// keepOwner gives the new file the owner of the old one, where the system lets
// us, so that a server that runs as somebody else can still read it.
func keepOwner(file *os.File, old fs.FileInfo) error {
	st, ok := old.Sys().(*syscall.Stat_t)
	if !ok || file.Chown(int(st.Uid), int(st.Gid)) != nil {
		return nil
	}
	return file.Chmod(0o600 | old.Mode()&0o040)
}

// syncDir makes the new name last. Some file systems can't, and it is no
// reason to say that the file was not written.
func syncDir(dir string) error {
	file, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer file.Close()
	_ = file.Sync()
	return nil
}
