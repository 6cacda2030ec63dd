//go:build !(linux || darwin || freebsd)

package store

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"ferry/proto"
)

// closeFirst: Windows renames and removes no file that is open.
const closeFirst = runtime.GOOS == "windows"

// separators of path elements.
const separators = `/\`

// Flags beyond those of os.
const (
	openNonblock = 0
	openDir      = 0
)

// localize turns a slash-separated path into the system's.
//
// SECURITY: on Windows it refuses backslash, colon (drives and streams) and
// the names of devices.
func localize(rel string) (string, error) {
	local, err := filepath.Localize(rel)
	if err != nil {
		return "", ErrName
	}
	return local, nil
}

// identity of a file is its path.
func identity(_ fs.FileInfo, otherwise fileID) fileID { return otherwise }

// shared is not known here.
func shared(fs.FileInfo) bool { return false }

// inherit gives f the mode of the file that it replaces.
func inherit(f *os.File, old fs.FileInfo) error { return f.Chmod(old.Mode().Perm()) }

// lock: the claims of InUse keep this process's uploads apart.
func lock(*os.File) bool { return true }

// settle: nothing is kept back until the close.
func settle(*os.File) error { return nil }

// extent: the whole rest, holes are not told.
func extent(_ *os.File, offset, size int64) (start, end int64, err error) {
	return offset, size, nil
}

// names are entries of a directory that nothing was asked about yet.
type names = []fs.DirEntry

// readNames returns the next n names of a directory; io.EOF at its end.
func readNames(dir *os.File, n int) (names, error) { return dir.ReadDir(n) }

// look appends what the entries of a directory are.
func look(entries []proto.Entry, _ *os.File, all names) ([]proto.Entry, error) {
	for _, de := range all {
		if info, err := de.Info(); err == nil {
			entries = append(entries, entry(de.Name(), info))
		}
	}
	return entries, nil
}
