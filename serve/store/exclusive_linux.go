package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// renameNoReplace is one step where the file system can: renameat2(2).
//
// SECURITY: the directories are opened below the root, and the call follows
// no link in the last element of a name.
func renameNoReplace(root *os.Root, from, to string) error {
	return between(root, from, to, func(a int, old string, b int, name string) error {
		err := unix.Renameat2(a, old, b, name, unix.RENAME_NOREPLACE)
		if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
			return errors.ErrUnsupported
		}
		return err
	})
}
