package serve

import (
	"strings"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"
)

const isStopping = systemd.SdNotifyStopping

// reassure tells the service manager that the server is in its senses, as often
// as it asks for that (WatchdogSec), until over.
func (r *running) reassure(over <-chan struct{}) {
	every, err := systemd.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		return
	}
	tick := time.NewTicker(every / 2)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
			r.srv.pulse()
			notify(systemd.SdNotifyWatchdog)
		}
	}
}

// notify tells the service manager, where there is one, how the server is.
func notify(state ...string) {
	text := strings.Join(state, "\n")
	if strings.HasPrefix(text, systemd.SdNotifyReloading) {
		text += "\n" + systemd.SdNotifyMonotonicUsec()
	}
	_, _ = systemd.SdNotify(false, text) // who started us may be gone
}
