//go:build unix

package certs

import (
	"errors"
	"os"
	"syscall"
)

// private refuses a key file that others may read or change.
func private(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return errors.New("others may read the key; chmod 600 it, or delete it to get a new one")
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		return errors.New("the key belongs to somebody else")
	}
	return nil
}
