//go:build !(linux || darwin)

package store

import (
	"errors"
	"os"
)

// renameNoReplace: the system can't.
func renameNoReplace(*os.Root, string, string) error { return errors.ErrUnsupported }
