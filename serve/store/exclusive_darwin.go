package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// renameNoReplace is one step where the file system can: renameatx_np(2).
//
// SECURITY: the directories are opened below the root, and the call follows
// no link in the last element of a name.
func renameNoReplace(root *os.Root, from, to string) error {
	return between(root, from, to, func(a int, old string, b int, name string) error {
		return unix.RenameatxNp(a, old, b, name, unix.RENAME_EXCL)
	})
}
