//go:build unix

package hook

import "syscall"

// apart keeps ^C from the runner and its programs: the server ends them.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
