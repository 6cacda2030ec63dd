//go:build linux

package main

import (
	"fmt"
	"strings"

	"ferry/serve/bench/peers"
)

const port = 2121

// start brings a server up in its namespace, or returns nil when it is not
// installed. "ferry cubic" is ferry without a congestion control of its own.
func (w *world) start(name, host string) (*peers.Server, error) {
	o := w.options
	o.Host, o.Port = host, port
	if kind, congestion, ok := strings.Cut(name, " "); ok {
		name, o.Flags = kind, []string{"--congestion", congestion}
	}
	s, err := peers.Start(name, o)
	if s == nil || err != nil {
		return nil, err
	}
	if err := listening(w.Server, s.Address); err != nil {
		s.Stop()
		return nil, fmt.Errorf("%s: %w\n%s", name, err, s.Said())
	}
	return s, nil
}
