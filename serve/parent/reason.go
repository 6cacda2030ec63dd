package parent

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// reason is why a child is gone, in a few words.
func reason(state *os.ProcessState, killed string) string {
	switch {
	case killed != "":
		return killed
	case state == nil:
		return "it could not be waited for"
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return fmt.Sprintf("signal %d (%v)", int(status.Signal()), status.Signal())
	}
	return fmt.Sprintf("exit code %d", state.ExitCode())
}

// deaths counts those that came before a child did any good.
type deaths int

// after counts one, and tells how long to wait before the next start. served is
// how long the child was ready; 0: it never was.
func (d *deaths) after(served time.Duration) time.Duration {
	if served > soonDead {
		*d = 0
		return 0
	}
	*d++
	if *d < freeDeaths {
		return 0
	}
	return min(delayMin<<min(int(*d)-freeDeaths, 20), delayMax)
}
