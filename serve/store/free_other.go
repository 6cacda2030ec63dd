//go:build !(linux || darwin || freebsd || windows)

package store

import "errors"

func (d *Disk) free() (int64, error) { return 0, errors.ErrUnsupported }
