//go:build unix && !linux

package parent

import "syscall"

// bound: ^C reaches the parent only. A child ends when it finds the channel to
// its parent closed.
func bound() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func bind() error { return nil }
