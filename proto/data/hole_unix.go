//go:build linux || freebsd || darwin

package data

import (
	"errors"
	"io"
	"os"
	"runtime"
	"syscall"
)

// whence returns lseek(2)'s values for "the next data" and "the next hole".
func whence() (data, hole int) {
	if runtime.GOOS == "darwin" {
		return 4, 3
	}
	return 3, 4
}

// nextData returns the length of the hole at a position of f, often 0, and
// the length of the data behind it, 0 at the end of the file. Where the file
// system knows no holes, all is data.
func nextData(f *os.File, at int64) (hole, data int64, err error) {
	info, err := f.Stat()
	if err != nil || at >= info.Size() {
		return 0, 0, err
	}
	toData, toHole := whence()
	start, err := f.Seek(at, toData)
	switch {
	case errors.Is(err, syscall.ENXIO): // no data up to the end
		return info.Size() - at, 0, nil
	case err != nil:
		return 0, info.Size() - at, nil
	}
	end, err := f.Seek(start, toHole)
	if err != nil {
		end = info.Size()
	}
	_, err = f.Seek(end, io.SeekStart)
	return start - at, end - start, err
}
