package serve

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"ferry/serve/live"
	"ferry/serve/users"
)

// What the administrator sees of a running server, and does to it. Everything
// here is safe from any goroutine and takes effect at once.

// Sessions lists who is connected, oldest first.
func (srv *Server) Sessions() []live.Session { return srv.reg.infos() }

// Kick ends the sessions that match picks, and returns how many. Transfers are
// broken off; the client reads reason, "" for a plain one.
func (srv *Server) Kick(match func(live.Session) bool, reason string) (int, error) {
	if err := oneLine(reason); err != nil {
		return 0, err
	}
	n := 0
	srv.reg.each(func(s *session) {
		if match(s.info()) {
			s.eject(kicked(reason))
			n++
		}
	})
	return n, nil
}

// Ban lets nobody in whom b names, and ends the sessions that there are.
func (srv *Server) Ban(b live.Ban) (ended int, err error) {
	if err := srv.guard.shutOutNow(b); err != nil {
		return 0, err
	}
	srv.tell(live.Event{Kind: live.Banned, User: b.User, Peer: netip.AddrPortFrom(b.Address.Addr(), 0), Until: b.Until, Outcome: live.Done, Reason: "by the administrator"})
	srv.steered.said()
	return srv.endBanned(b), nil
}

// endBanned ends the sessions of those whom b names.
func (srv *Server) endBanned(b live.Ban) int {
	n, _ := srv.Kick(func(s live.Session) bool {
		return (b.User == "" || b.User == s.User) && (!b.Address.IsValid() || b.Address.Contains(s.Peer.Addr().WithZone("")))
	}, "")
	return n
}

// Unban takes bans back, the guard's as well: those of exactly this address
// and user. It returns how many there were.
func (srv *Server) Unban(b live.Ban) int {
	n := srv.guard.letIn(b)
	srv.steered.said()
	return n
}

// Bans lists who is not let in.
func (srv *Server) Bans() []live.Ban { return srv.guard.bans() }

// Limit bounds a user beside what the record says, from now on and in what
// runs; sessions above a new number of them stay. A limit that bounds nothing
// takes an earlier one back.
func (srv *Server) Limit(l live.Limit) error {
	switch {
	case l.User == "":
		return errors.New("a limit needs a user")
	case l.Up != nil && *l.Up < 0, l.Down != nil && *l.Down < 0, l.Sessions != nil && *l.Sessions < 0:
		return errors.New("a limit can't be negative")
	}
	srv.steered.set(l)
	srv.steered.said()
	srv.limited(l.User)
	return nil
}

// limited has the sessions of a user obey other limits.
func (srv *Server) limited(user string) {
	srv.reg.each(func(s *session) {
		st := s.gauge.standing.Load()
		if st == nil || st.now().Name != user {
			return
		}
		if r, err := st.renewed(); err == nil {
			st.record.Store(&r)
		}
	})
}

// Limits lists the limits of Limit.
func (srv *Server) Limits() []live.Limit { return srv.steered.list() }

// Drain lets nobody in any more: who comes reads text ("" for a plain one), who
// is idle is sent home with it, and who transfers when that is done. What is
// left after patience is cut; 0: nothing is. Resume ends it.
func (srv *Server) Drain(text string, patience time.Duration) error {
	if err := oneLine(text); err != nil {
		return err
	}
	if text == "" {
		text = "Server takes no sessions at the moment, try again later."
	}
	r := rest{Text: text}
	if patience > 0 {
		r.Until = time.Now().Add(patience).Round(0)
	}
	srv.rests(r)
	srv.steered.said()
	return nil
}

func (srv *Server) rests(r rest) {
	srv.steered.drain(&r)
	srv.reg.rest(r.Text)
	var patience time.Duration
	if !r.Until.IsZero() {
		patience = max(1, time.Until(r.Until)) // one that is over cuts at once
	}
	srv.steered.after(patience, func() {
		_, _ = srv.Kick(func(live.Session) bool { return true }, r.Text)
	})
	srv.reg.each(func(s *session) { s.drain() })
}

// Resume lets people in again. Sessions that were only to finish their transfer
// stay.
func (srv *Server) Resume() {
	srv.letIn()
	srv.steered.said()
}

func (srv *Server) letIn() {
	srv.steered.drain(nil)
	srv.steered.after(0, nil)
	srv.reg.rest("")
	srv.reg.each(func(s *session) { s.gauge.draining.Store(false) })
}

// Stats are the server's counts. They never go back.
func (srv *Server) Stats() live.Stats {
	st := live.Stats{
		Since: srv.since, In: srv.in.Load(), Out: srv.out.Load(),
		Bans: len(srv.guard.bans()), PassivePorts: srv.data.inUse(), Strangers: srv.Strangers(),
		Draining: srv.reg.resting(), Former: srv.former.Load(),
	}
	names := map[string]bool{}
	srv.reg.each(func(s *session) {
		st.Sessions++
		if name := s.gauge.userName(); name != "" {
			names[name] = true
		}
		if t := s.gauge.xfer.Load(); t != nil {
			in, out := t.directions()
			st.Transfers, st.In, st.Out = st.Transfers+1, st.In+in, st.Out+out
		}
	})
	st.Users = len(names)
	srv.steered.grow(&st)
	return st
}

func oneLine(text string) error {
	if strings.ContainsAny(text, "\r\n\x00") {
		return errors.New("a reply's text must be one line")
	}
	return nil
}

// steered is what the administrator has said while the server runs.
type steered struct {
	mu      sync.Mutex
	limits  map[string]live.Limit
	cut     *time.Timer // of Drain
	rest    *rest       // Drain's; nil: people are let in
	changed func()      // hears of other orders; set before anybody is served
	in, out int64       // the most that Stats has told
}

func (st *steered) set(l live.Limit) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if l.Up == nil && l.Down == nil && l.Sessions == nil {
		delete(st.limits, l.User)
		return
	}
	if st.limits == nil {
		st.limits = map[string]live.Limit{}
	}
	st.limits[l.User] = l
}

func (st *steered) list() []live.Limit {
	st.mu.Lock()
	defer st.mu.Unlock()
	all := []live.Limit{}
	for _, l := range st.limits {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b live.Limit) int { return strings.Compare(a.User, b.User) })
	return all
}

// bound puts the administrator's limits in place of the record's own.
func (st *steered) bound(r *users.Record) {
	st.mu.Lock()
	defer st.mu.Unlock()
	l, ok := st.limits[r.Name]
	if !ok {
		return
	}
	if l.Up != nil {
		r.Limits.Up = *l.Up
	}
	if l.Down != nil {
		r.Limits.Down = *l.Down
	}
	if l.Sessions != nil {
		r.Limits.Sessions = *l.Sessions
	}
}

// after does something once a time is over, in place of what was to be done
// before. 0: never.
func (st *steered) after(d time.Duration, do func()) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.cut != nil {
		st.cut.Stop()
		st.cut = nil
	}
	if d > 0 {
		st.cut = time.AfterFunc(d, do)
	}
}

// grow keeps sums from going back: a transfer that ends while they are taken is
// in neither, or in both.
func (st *steered) grow(s *live.Stats) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.in, st.out = max(st.in, s.In), max(st.out, s.Out)
	s.In, s.Out = st.in, st.out
}
