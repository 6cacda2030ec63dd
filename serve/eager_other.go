//go:build !unix

package serve

import "syscall"

// peekable knows nothing here: the mark comes first.
func peekable(syscall.RawConn) bool { return false }
