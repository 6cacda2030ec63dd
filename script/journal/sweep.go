package journal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Sweep removes the journals that nobody has come back for since Keep, and
// their locks. A run that is under way keeps its own.
func Sweep(dir string, now time.Time) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		key, ok := strings.CutSuffix(e.Name(), lockSuffix)
		if !ok {
			continue
		}
		err = errors.Join(err, sweep(filepath.Join(dir, key), now))
	}
	return err
}

// sweep removes one run's files, when both are old and nobody holds the lock.
func sweep(base string, now time.Time) error {
	for _, name := range []string{base + lockSuffix, base + journalSuffix} {
		info, err := os.Stat(name)
		if err == nil && now.Sub(info.ModTime()) < Keep {
			return nil
		}
	}
	f, err := os.OpenFile(base+lockSuffix, os.O_RDWR, 0)
	if err != nil {
		return nil // swept by another
	}
	defer f.Close()
	if lock(f) != nil {
		return nil
	}
	err = os.Remove(base + journalSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(base+lockSuffix))
}
