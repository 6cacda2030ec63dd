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

// readEntries returns the next n entries of a directory; io.EOF at its end.
func readEntries(dir *os.File, n int) ([]proto.Entry, error) {
	batch, err := dir.ReadDir(n)
	entries := make([]proto.Entry, 0, len(batch))
	for _, de := range batch {
		if info, err := de.Info(); err == nil {
			entries = append(entries, entry(de.Name(), info))
		}
	}
	return entries, err
}
