//go:build unix

package script

import (
	"io/fs"
	"os"
	"syscall"
)

// private reports whether a directory is this user's, and nobody else's.
func private(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid() && info.Mode().Perm()&0o077 == 0
}
