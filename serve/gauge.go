package serve

import (
	"sync/atomic"
	"time"
)

// gauge is what others may read of a session while its owner works.
type gauge struct {
	draining atomic.Bool
	revoked  atomic.Bool // its user is gone
	standing atomic.Pointer[standing]
	user     atomic.Pointer[string]
	verb     atomic.Pointer[string]
	last     atomic.Int64 // Unix nanoseconds of the last command
	xfer     atomic.Pointer[transfer]
	unbound  atomic.Bool // the log has its line about data connections without a ticket
}

func (g *gauge) setUser(name string) { g.user.Store(&name) }
func (g *gauge) userName() string    { return deref(g.user.Load()) }

// note remembers that a command has come.
func (g *gauge) note(verb string) {
	g.verb.Store(&verb)
	g.last.Store(time.Now().UnixNano())
}

func deref(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// drain asks the session to end: at once when it is idle, else when its
// transfer has finished. Safe from any goroutine.
func (s *session) drain() {
	s.gauge.draining.Store(true)
	s.wake()
}

// wake makes the owner look up from reading. The condition that it should see
// must be set before.
func (s *session) wake() { _ = s.nc.SetReadDeadline(time.Unix(1, 0)) }

// info is a snapshot, safe from any goroutine.
func (s *session) info() SessionInfo {
	i := SessionInfo{
		ID:      s.id,
		Peer:    s.peer,
		Local:   s.local,
		User:    s.gauge.userName(),
		Since:   s.since,
		Last:    s.since,
		Command: deref(s.gauge.verb.Load()),
	}
	if ns := s.gauge.last.Load(); ns != 0 {
		i.Last = time.Unix(0, ns)
	}
	if t := s.gauge.xfer.Load(); t != nil {
		now := t.info()
		i.Transfer = &now
	}
	return i
}
