package serve

import (
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"ferry/serve/live"
	"ferry/serve/users"
)

// Admission says whose connections are taken at all. Deny comes first; where
// Allow names somebody, everybody else is denied.
type Admission struct{ Allow, Deny []netip.Prefix }

func (a Admission) admits(from netip.Addr) bool {
	return !users.Contains(a.Deny, from) && (len(a.Allow) == 0 || users.Contains(a.Allow, from))
}

// guard remembers who has failed to log in, and who connects how often.
//
// SECURITY: RFC 2577 §5 and servers.md T15: guesses are counted over all
// sessions. One name from one address is locked out soon; a whole address,
// which may be an office behind one translator, later; and a name from
// everywhere never, or anybody could lock anybody out: it only gets slower.
type guard struct {
	limits Limits
	lists  Admission
	log    *slog.Logger

	mu       sync.Mutex
	tallies  map[suspect]*tally
	connects map[netip.Addr]time.Time // when the last connections are paid for
	shut     map[shutOut]time.Time    // by the administrator, until when; zero: for good

	tell func(live.Event) // set by New
}

// suspect is an address, a name, or both.
type suspect struct {
	from netip.Addr
	name string
}

// tally is what one suspect has done.
type tally struct {
	failures int
	last     time.Time
	until    time.Time // banned
}

// Why a connection is not admitted.
var (
	errNotAllowed = errors.New("address is not allowed")
	errShutOut    = errors.New("address is banned by the administrator")
	errBanned     = errors.New("too many failed logins from this address")
	errTooFast    = errors.New("too many connections a second from this address")
)

func newGuard(cfg Config) *guard {
	return &guard{
		limits: cfg.Limits, lists: cfg.Admission, log: cfg.Logger,
		tallies: map[suspect]*tally{}, connects: map[netip.Addr]time.Time{}, shut: map[shutOut]time.Time{},
		tell: func(live.Event) {},
	}
}

// admits decides about a new connection.
func (g *guard) admits(peer netip.Addr) error {
	from, now := countedAs(peer), time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.lists.admits(peer) {
		return errNotAllowed
	}
	if t := g.tallies[suspect{from: from}]; t != nil && now.Before(t.until) {
		return errBanned
	}
	if g.shutOut(peer, "", now) {
		return errShutOut
	}
	if peer.IsLoopback() { // nobody comes from far by that
		return nil
	}
	paid := g.connects[from]
	if paid.Before(now) {
		paid = now
		g.sweepConnects(now)
	}
	paid = paid.Add(time.Second / time.Duration(g.limits.Connects))
	if paid.Sub(now) > connectBurst {
		return errTooFast
	}
	g.connects[from] = paid
	return nil
}

// sweepConnects forgets addresses that have been quiet, when there are many.
func (g *guard) sweepConnects(now time.Time) {
	if len(g.connects) < maxTallies {
		return
	}
	for a, paid := range g.connects {
		if paid.Before(now) {
			delete(g.connects, a)
		}
	}
	if len(g.connects) >= maxTallies {
		clear(g.connects)
	}
}

// barred reports whether a login is not even to be tried.
func (g *guard) barred(peer netip.Addr, name string) bool {
	from, now := countedAs(peer), time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, who := range []suspect{{from, name}, {from: from}} {
		if t := g.tallies[who]; t != nil && now.Before(t.until) {
			return true
		}
	}
	return g.shutOut(peer, name, now)
}

// failed counts a failure, and tells how many there were lately: the most of
// this name from here, and of this name from everywhere.
func (g *guard) failed(peer netip.Addr, name string) int {
	from, now := countedAs(peer), time.Now()
	var banned []live.Event
	defer func() {
		for _, e := range banned {
			g.tell(e)
		}
	}()
	g.mu.Lock()
	defer g.mu.Unlock()
	most := 0
	for _, c := range []struct {
		who  suspect
		most int
	}{{suspect{from, name}, g.limits.Failures}, {suspect{from: from}, addressFailures * g.limits.Failures}, {suspect{name: name}, 0}} {
		t, ban := g.count(c.who, now, c.most)
		if ban {
			banned = append(banned, live.Event{Kind: live.Banned, User: c.who.name, Peer: netip.AddrPortFrom(c.who.from, 0), Until: t.until, Reason: "failed logins", Outcome: live.Done})
		}
		if c.who.name != "" {
			most = max(most, t.failures)
		}
	}
	return most
}

// count adds one failure, and reports whether it made a ban: most of them do;
// 0: never.
func (g *guard) count(who suspect, now time.Time, most int) (t *tally, banned bool) {
	t = g.tallies[who]
	if t == nil || t.over(now) {
		g.sweepTallies(now)
		t = &tally{}
		g.tallies[who] = t
	}
	t.failures++
	t.last = now
	if most > 0 && t.failures >= most && !now.Before(t.until) {
		t.until = now.Add(g.limits.Ban)
		g.log.Warn("banned after failed logins", "address", who.from.String(), "failures", t.failures, "for", g.limits.Ban)
		banned = true
	}
	return t, banned
}

func (t *tally) over(now time.Time) bool {
	return now.Sub(t.last) > failureMemory && !now.Before(t.until)
}

// sweepTallies keeps memory bounded: old ones go first, then those without a
// ban, then any.
func (g *guard) sweepTallies(now time.Time) {
	if len(g.tallies) < maxTallies {
		return
	}
	for _, goes := range []func(*tally) bool{
		func(t *tally) bool { return t.over(now) },
		func(t *tally) bool { return !now.Before(t.until) },
		func(*tally) bool { return true },
	} {
		for who, t := range g.tallies {
			if len(g.tallies) < maxTallies-maxTallies/8 {
				return
			}
			if goes(t) {
				delete(g.tallies, who)
			}
		}
	}
}

// passed forgets what one name did from one address. What the address did stays:
// else whoever has an account could guess others' with it.
func (g *guard) passed(peer netip.Addr, name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.tallies, suspect{countedAs(peer), name})
}
