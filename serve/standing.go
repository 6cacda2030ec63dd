package serve

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"ferry/serve/live"
	"ferry/serve/users"
)

// standing is who a session's user is and what that entails, for all that
// outlives a command: the mover, the store, the watch. The owner has a copy of
// the record in login.user, renewed at each command.
type standing struct {
	from   users.Directory
	steer  *steered
	record atomic.Pointer[users.Record]
	shared *presence // what all sessions of the user share
}

func (st *standing) now() users.Record { return *st.record.Load() }

// renewed is the record as its directory has it now. Every error says that the
// user is not one any more.
func (st *standing) renewed() (users.Record, error) {
	r := st.now()
	if !r.Fixed {
		var err error
		if r, err = st.from.Lookup(r.Name); err != nil {
			return r, err
		}
	}
	if r.Ended(time.Now()) {
		return r, users.ErrDisabled
	}
	st.steer.bound(&r)
	return r, nil
}

// stillUser renews the record before each command of somebody who is logged in,
// so that what the administrator has changed holds from now on.
func stillUser(s *session, _ *call) error {
	if !s.in() {
		return nil
	}
	r, err := s.standing.renewed()
	if err != nil || !s.allows(r) || rerooted(*s.user, r) {
		s.part(live.Expelled)
		return refuse(expelled, "%s", accountEnded().text)
	}
	s.user = &r
	s.standing.record.Store(&r)
	return nil
}

// allows reports whether the connection is one that the record lets be.
func (s *session) allows(r users.Record) bool {
	return r.FromOK(s.peer.Addr()) && (r.TLS == users.NoTLSRule || s.tls != nil)
}

// rerooted reports whether a user's files are elsewhere now: what is open, and
// where the session is in it, then means something else.
func rerooted(was, is users.Record) bool { return was.Root != is.Root }

// watch looks, every now and then, whether users have been removed, and ends
// their sessions: the idle ones, too, and those that transfer.
func (srv *Server) watch(ctx context.Context) {
	tick := time.NewTicker(watchPause)
	defer tick.Stop()
	last := srv.versions()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		v := srv.versions()
		if v != last && srv.cfg.Changed != nil {
			srv.cfg.Changed()
		}
		if v != last || srv.crowd.due(time.Now()) {
			srv.review()
		}
		last = v
	}
}

// versions changes when one of the directories has changed.
func (srv *Server) versions() (sum uint64) {
	add := func(d users.Directory) {
		if v, ok := d.(interface{ Version() uint64 }); ok {
			sum += v.Version()
		}
	}
	add(srv.cfg.Users)
	for _, h := range srv.cfg.Hosts {
		if h.Users != nil {
			add(h.Users)
		}
	}
	return sum
}

func (srv *Server) review() {
	srv.reg.each(func(s *session) {
		st := s.gauge.standing.Load()
		if st == nil {
			return
		}
		r, err := st.renewed()
		if err != nil {
			s.eject(accountEnded())
			return
		}
		st.record.Store(&r)
		srv.crowd.expect(r.Expires)
	})
}

// crowd is who is logged in, by name.
type crowd struct {
	mu   sync.Mutex
	all  map[string]*presence
	next time.Time // when the first of them expires; zero: none will
}

// presence is what the sessions of one user share.
type presence struct {
	sessions int // guarded by crowd.mu
	up, down pace
}

// enter counts a session in, unless there are most already.
//
// SECURITY: question and count are one step: sessions that log in at the same
// moment don't pass the bound together.
func (c *crowd) enter(name string, most int) (*presence, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.all[name]
	if m == nil {
		m = &presence{}
	}
	if most > 0 && m.sessions >= most {
		return nil, false
	}
	if c.all == nil {
		c.all = map[string]*presence{}
	}
	c.all[name] = m
	m.sessions++
	return m, true
}

func (c *crowd) leave(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.all[name]
	if m == nil {
		return
	}
	if m.sessions--; m.sessions <= 0 {
		delete(c.all, name)
	}
}

// expect makes due say so at that time.
func (c *crowd) expect(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !at.IsZero() && (c.next.IsZero() || at.Before(c.next)) {
		c.next = at
	}
}

// due reports, once, that the time of expect has come.
func (c *crowd) due(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next.IsZero() || now.Before(c.next) {
		return false
	}
	c.next = time.Time{}
	return true
}

// joinCrowd counts in the user who has given the right password.
func (s *session) joinCrowd(r users.Record) (*standing, error) {
	s.srv.steered.bound(&r)
	m, ok := s.srv.crowd.enter(s.host.person(r.Name), r.Limits.Sessions)
	if !ok {
		return nil, refuse(notLoggedIn, "You have %d sessions already, end one and try again.", r.Limits.Sessions)
	}
	s.srv.crowd.expect(r.Expires)
	st := &standing{from: s.host.Users, steer: &s.srv.steered, shared: m}
	st.record.Store(&r)
	return st, nil
}
