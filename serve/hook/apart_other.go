//go:build !unix

package hook

import "syscall"

// apart: see apart_unix.go.
func apart() *syscall.SysProcAttr { return nil }
