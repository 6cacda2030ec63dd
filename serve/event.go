package serve

import (
	"errors"
	"time"

	"ferry/proto"
	"ferry/serve/live"
)

// Event is what Config.Observe is told.
type Event = live.Event

// What happens is told where it ends: commands in dispatch, transfers in
// finish, sessions in end, connections in welcome and refuse, bans in guard.
// Which commands are told of is a column of the table.

// tell tells an event. It is not called with a lock held: the observer may ask
// the server about anything.
func (srv *Server) tell(e live.Event) {
	if srv.cfg.Observe == nil {
		return
	}
	e.Time = time.Now()
	srv.cfg.Observe(e)
}

// event begins one about a session.
func (s *session) event(k live.Kind) live.Event {
	return live.Event{
		Kind: k, Session: s.id, User: s.gauge.userName(),
		Peer: s.peer, Local: s.local, TLS: deref(s.gauge.tls.Load()),
	}
}

// tellCommand tells of a command that is over: one whose transfer has begun
// is not.
func (s *session) tellCommand(c *call, reply proto.Reply, err error, start time.Time) {
	if s.srv.cfg.Observe == nil || c.row.event == "" || err == nil && reply.Code == 0 {
		return
	}
	if c.row.event == live.LoggedIn {
		s.tellLogin(c, reply, err, start)
		return
	}
	e := s.event(c.row.event)
	e.Path = s.about(c)
	if e.Kind == live.Rename {
		e.Path, e.To = s.left.from, e.Path
	}
	s.tellOutcome(e, c.cmd.Verb, reply, err, start)
}

// about is the path that a command was about, as far as it has one. A refused
// one may not have come as far as having it resolved.
func (s *session) about(c *call) string {
	arg := c.arg
	switch {
	case c.row.event == live.Listing && c.row.arg == argOptText:
		arg = parseListArg(arg).path
	case c.row.arg == argText: // more than a path
		return arg
	}
	if path, err := resolve(s.cwd, arg); err == nil {
		return path
	}
	return arg
}

// tellLogin tells of logins, and of what keeps somebody from one: USER in clear
// is refused before there is a password. Syntax is not told.
func (s *session) tellLogin(c *call, reply proto.Reply, err error, start time.Time) {
	e := s.event(live.LoggedIn)
	switch {
	case err == nil && !s.in():
		return // more is wanted
	case err != nil:
		e.Kind, e.User = live.LoginFailed, s.denied
		switch f := explain(err); {
		case f.kind == wrongLogin, f.kind == localFailure:
		case f.kind == notLoggedIn && c.cmd.Verb == "USER":
			e.User = c.cmd.Arg
		case f.kind != notLoggedIn:
			return
		}
	}
	s.tellOutcome(e, c.cmd.Verb, reply, err, start)
}

// tellTransfer tells of a transfer whose mover is gone.
func (s *session) tellTransfer(t *transfer, reply proto.Reply) {
	row := s.srv.table[t.verb]
	if s.srv.cfg.Observe == nil || row.event == "" {
		return
	}
	e := s.event(row.event)
	e.Path, e.Bytes, e.Ranged = t.path, t.moved.Load(), t.ranged
	if t.from != "" {
		e.Path, e.To = t.from, t.path
	}
	if t.sum != nil {
		e.SHA256 = *t.sum
	}
	s.tellOutcome(e, t.verb, reply, t.err, t.since)
}

func (s *session) tellOutcome(e live.Event, verb string, reply proto.Reply, err error, start time.Time) {
	e.Verb, e.Took, e.Outcome = verb, time.Since(start), live.Done
	if err != nil {
		reply = s.outcome(verb, err)
		e.Outcome, e.Reason = howEnded(err), err.Error()
	}
	e.Code = int(reply.Code)
	s.settle(e)
	if !s.withhold(e) {
		s.srv.tell(e)
	}
}

// tellEnd tells that the session is over.
func (s *session) tellEnd() {
	e := s.event(live.Disconnected)
	e.Took, e.Outcome = time.Since(s.since), s.how
	e.Bytes = s.gauge.in.Load() + s.gauge.out.Load()
	s.srv.tell(e)
}

// howEnded sorts errors of commands and transfers as people would.
func howEnded(err error) live.Outcome {
	for _, c := range []struct {
		is  error
		how live.Outcome
	}{{errAborted, live.Aborted}, {errGone, live.Gone}, {errKicked, live.Kicked}, {errAccountEnded, live.Expelled}} {
		if errors.Is(err, c.is) {
			return c.how
		}
	}
	switch explain(err).kind {
	case localFailure, noSpace:
		return live.Failed
	case noDataConnection, dataRefused:
		return live.Unreachable
	case brokenOff:
		return live.Broken
	}
	return live.Denied
}

// directions are the bytes of files that a transfer has moved.
func (t *transfer) directions() (in, out int64) {
	switch {
	case t.marks:
		return t.moved.Load(), 0
	case t.verb == "RETR":
		return 0, t.moved.Load()
	}
	return 0, 0
}

// count takes a transfer that is over out of what runs and into the sums.
func (s *session) count(t *transfer) {
	in, out := t.directions()
	s.gauge.xfer.Store(nil)
	s.gauge.in.Add(in)
	s.gauge.out.Add(out)
	s.srv.in.Add(in)
	s.srv.out.Add(out)
}
