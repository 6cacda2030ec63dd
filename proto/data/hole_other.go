//go:build !linux && !freebsd && !darwin

package data

import "os"

// nextData returns the length of the data at a position of f: to the end of
// the file, since holes are not seen here.
func nextData(f *os.File, at int64) (hole, data int64, err error) {
	info, err := f.Stat()
	if err != nil || at >= info.Size() {
		return 0, 0, err
	}
	return 0, info.Size() - at, nil
}
