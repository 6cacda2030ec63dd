package serve

import (
	"context"

	"ferry/serve/doctor"
)

// examine looks at this machine as a place for the daemon.
func (d Daemon) examine(ctx context.Context) []doctor.Finding {
	h := doctor.Host{
		First: d.Passive.Ports.First, Last: d.Passive.Ports.Last, Public: d.Passive.Public,
		TLS: d.TLS.Policy != TLSOff, Pairs: d.TLS.Pairs,
		Dir: d.Dir, UsersFile: d.UsersFile, Sessions: d.Limits.complete().Sessions,
	}
	for _, at := range d.Listen {
		h.Listen = append(h.Listen, listenAddress(at, "21"))
	}
	for _, at := range d.TLS.Implicit {
		h.Listen = append(h.Listen, listenAddress(at, "990"))
	}
	if len(h.Listen) == 0 {
		h.Listen, h.Either = []string{":21", ":2121"}, true
	}
	if dir, err := stateDir(); err == nil && !d.NoState {
		h.State = dir
	}
	return doctor.Examine(ctx, h)
}
