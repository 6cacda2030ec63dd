package serve

import (
	"strings"

	systemd "github.com/coreos/go-systemd/v22/daemon"
)

// notify tells the service manager, where there is one, how the server is.
func notify(state ...string) {
	text := strings.Join(state, "\n")
	if strings.HasPrefix(text, systemd.SdNotifyReloading) {
		text += "\n" + systemd.SdNotifyMonotonicUsec()
	}
	_, _ = systemd.SdNotify(false, text) // who started us may be gone
}
