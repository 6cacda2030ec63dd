package serve

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"time"

	"ferry/serve/live"
)

// byAdministrator is what live.Ban.By says of bans that somebody has asked for.
const byAdministrator = "administrator"

// shutOut is whom the administrator does not let in: a network, a user, or a
// user from there.
type shutOut struct {
	net  netip.Prefix // zero: from everywhere
	user string       // "": everybody
}

func (g *guard) shutOutNow(b live.Ban) error {
	if !b.Address.IsValid() && b.User == "" {
		return errors.New("a ban needs an address or a user")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.shut) >= maxShutOut {
		return errors.New("too many bans; a network covers many addresses")
	}
	g.shut[shutOut{b.Address.Masked(), b.User}] = b.Until
	return nil
}

// shutOut reports whether the administrator has banned somebody. Called with
// the lock.
func (g *guard) shutOut(peer netip.Addr, name string, now time.Time) bool {
	for who, until := range g.shut {
		switch {
		case !until.IsZero() && now.After(until):
			delete(g.shut, who)
		case (who.user == "" || who.user == name) && (!who.net.IsValid() || who.net.Contains(peer.WithZone(""))):
			return true
		}
	}
	return false
}

// shutsOut is shutOut for those who need no password.
func (g *guard) shutsOut(peer netip.Addr, name string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shutOut(peer, name, time.Now())
}

// letIn forgets bans, and the failures that led to them.
func (g *guard) letIn(b live.Ban) (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	who := shutOut{b.Address.Masked(), b.User}
	if _, ok := g.shut[who]; ok {
		delete(g.shut, who)
		n++
	}
	now := time.Now()
	for s, t := range g.tallies {
		if now.Before(t.until) && (b.User == "" || b.User == s.name) && (!b.Address.IsValid() || b.Address.Contains(s.from)) {
			delete(g.tallies, s)
			n++
		}
	}
	return n
}

func (g *guard) bans() []live.Ban {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, all := time.Now(), []live.Ban{}
	for who, until := range g.shut {
		if until.IsZero() || now.Before(until) {
			all = append(all, live.Ban{Address: who.net, User: who.user, Until: until, By: byAdministrator})
		}
	}
	for who, t := range g.tallies {
		if now.Before(t.until) {
			all = append(all, live.Ban{Address: prefixOf(who.from), User: who.name, Until: t.until, Failures: t.failures, By: "guard"})
		}
	}
	slices.SortFunc(all, func(a, b live.Ban) int {
		return cmp.Or(a.Address.Addr().Compare(b.Address.Addr()), cmp.Compare(a.User, b.User), cmp.Compare(a.By, b.By))
	})
	return all
}

// prefixOf is what countedAs stands for.
func prefixOf(a netip.Addr) netip.Prefix {
	switch {
	case !a.IsValid():
		return netip.Prefix{}
	case a.Is6():
		return netip.PrefixFrom(a, 64)
	}
	return netip.PrefixFrom(a, 32)
}
