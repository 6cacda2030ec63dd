//go:build linux

package main

import (
	"fmt"
	"strings"

	"ferry/serve/bench/peers"
)

const port = 2121

// start brings a server up in its namespace, or returns nil when it is not
// installed. "ferry cubic" is ferry without a congestion control of its own,
// "proftpd digest" one that computes checksums.
func (w *world) start(name, host string) (*peers.Server, error) {
	o := w.options
	o.Host, o.Port = host, port
	kind, with, _ := strings.Cut(name, " ")
	switch name = kind; with {
	case "digest":
		o.Digest = true
	case "cubic":
		o.Flags = []string{"--congestion", with}
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
