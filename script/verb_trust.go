package script

import (
	"context"
	"maps"
	"net"
	"slices"
	"strings"
)

// knownServers lists what is known of servers, or forgets it.
func knownServers(_ context.Context, st *State, a Args) error {
	if err := st.known.read(); err != nil {
		return err
	}
	host, found := strings.ToLower(a.Text(0)), false
	for _, site := range slices.Sorted(maps.Keys(st.known.sites)) {
		if h, _, err := net.SplitHostPort(site); host != "" && site != host && (err != nil || h != host) {
			continue
		}
		found = true
		if err := st.tellKnown(site, a.Flag("-d")); err != nil {
			return err
		}
	}
	if host != "" && !found {
		return &StateError{What: "nothing is known of " + a.Text(0), Hint: "`trust` lists the servers of which something is"}
	}
	return nil
}

// tellKnown shows a site, or forgets it.
func (st *State) tellKnown(site string, forget bool) error {
	if forget {
		if err := st.known.remember(site, forgetAll, st.now()); err != nil {
			return err
		}
		st.say("forgot %s", site)
		return nil
	}
	s := st.known.at(site)
	if len(s.pins) == 0 {
		return st.print(site, "TLS")
	}
	return st.print(site, last(s.pins).String())
}
