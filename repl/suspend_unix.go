//go:build unix

package repl

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopProcess does what ^Z does in a terminal that is not in raw mode: it
// stops the foreground's process group until the shell above wakes it. The
// signal may reach another thread first, and this one run on for a moment: what
// it did to the terminal then, the shell above would undo.
func stopProcess() {
	woken := make(chan os.Signal, 1)
	signal.Notify(woken, syscall.SIGCONT)
	defer signal.Stop(woken)
	if syscall.Kill(0, syscall.SIGTSTP) != nil {
		return
	}
	select {
	case <-woken:
	case <-time.After(stopWait): // nobody is above who could wake it: it was not stopped
	}
}
