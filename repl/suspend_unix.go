//go:build unix

package repl

import "syscall"

// stopProcess does what ^Z does in a terminal that is not in raw mode: it
// stops the foreground's process group until the shell above wakes it.
func stopProcess() { _ = syscall.Kill(0, syscall.SIGTSTP) }
