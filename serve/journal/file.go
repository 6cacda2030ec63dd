package journal

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// kept is how many full files of a rotation are kept beside the one that is
// written: with the default size, some months of a busy server.
const kept = 9

// File is a file that is appended to.
type File struct {
	path string
	mode os.FileMode
	most int64 // bytes; 0: any number

	mu   sync.Mutex
	f    *os.File
	size int64
}

// Open opens or makes a file. Where it would grow above most bytes it becomes
// path.1, that path.2 and so on, and a new one is begun. 0: never.
func Open(path string, mode os.FileMode, most int64) (*File, error) {
	f := &File{path: path, mode: mode, most: most}
	return f, f.open()
}

func (f *File) open() error {
	file, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, f.mode)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return err
	}
	if f.f != nil {
		f.f.Close()
	}
	f.f, f.size = file, info.Size()
	return nil
}

// Write appends one line or several, whole.
func (f *File) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.most > 0 && f.size > 0 && f.size+int64(len(p)) > f.most {
		f.rotate()
	}
	n, err := f.f.Write(p)
	f.size += int64(n)
	return n, err
}

// rotate makes room. Where the directory can't be changed the file grows on:
// lines are worth more than its size.
func (f *File) rotate() {
	for i := kept; i > 0; i-- {
		from := f.path
		if i > 1 {
			from = fmt.Sprintf("%s.%d", f.path, i-1)
		}
		if err := os.Rename(from, fmt.Sprintf("%s.%d", f.path, i)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return
		}
	}
	_ = f.open()
}

// Reopen opens the path again: what was there may have been moved away.
func (f *File) Reopen() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open()
}

// Close closes the file.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.f.Close()
}
