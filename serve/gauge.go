package serve

import (
	"sync/atomic"
	"time"

	"ferry/serve/live"
)

// gauge is what others may read of a session while its owner works.
type gauge struct {
	draining atomic.Bool
	expelled atomic.Pointer[expulsion] // somebody else has ended it
	standing atomic.Pointer[standing]
	user     atomic.Pointer[string]
	verb     atomic.Pointer[string]
	tls      atomic.Pointer[string] // version
	place    atomic.Pointer[string] // the current directory
	in, out  atomic.Int64           // bytes of transfers that have ended
	last     atomic.Int64           // Unix nanoseconds of the last command
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

func (g *gauge) setTLS(version string) { g.tls.Store(&version) }

// goTo changes the current directory.
func (s *session) goTo(dir string) {
	s.cwd = dir
	s.gauge.place.Store(&dir)
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
func (s *session) wake() {
	_ = s.nc.SetReadDeadline(time.Unix(1, 0))
	if s.lot != nil {
		s.lot.resume(s.id)
	}
}

// info is a snapshot, safe from any goroutine.
func (s *session) info() live.Session {
	i := live.Session{
		ID:      s.id,
		Peer:    s.peer,
		Local:   s.local,
		User:    s.gauge.userName(),
		Since:   s.since,
		Last:    s.since,
		Command: deref(s.gauge.verb.Load()),
		TLS:     deref(s.gauge.tls.Load()),
		In:      s.gauge.in.Load(),
		Out:     s.gauge.out.Load(),

		Draining: s.gauge.draining.Load(),
	}
	if i.User != "" {
		i.Place = deref(s.gauge.place.Load())
	}
	if ns := s.gauge.last.Load(); ns != 0 {
		i.Last = time.Unix(0, ns)
	}
	if t := s.gauge.xfer.Load(); t != nil {
		now := t.info()
		i.Transfer = &now
		in, out := t.directions()
		i.In, i.Out = i.In+in, i.Out+out
	}
	return i
}
