package serve

import (
	"context"
	"time"

	"ferry/proto"
	"ferry/serve/live"
	"ferry/serve/users"
)

// USER: RFC 959 §4.1.1. It may come at any time and flushes what was known of
// the former user; the transfer parameters stay. The answer is the same for
// everybody.
func (s *session) userCmd(ctx context.Context, name string) (proto.Reply, error) {
	s.logout()
	s.name = name
	if s.srv.cfg.TLS.Clients.Use == CertInstead && s.certified(name) {
		return s.enterByCert(ctx)
	}
	return proto.Replyf(proto.NeedPassword, "Password, please."), nil
}

// SECURITY: RFC 2577 §7 and §5: an unknown user, a disabled one and a wrong
// password get the same answer after the same work (users.Directory sees to
// that) and the same delay, which grows with each failure.
func (s *session) pass(ctx context.Context, password string) (proto.Reply, error) {
	switch {
	case s.in(), s.passed:
		return proto.Reply{}, refuse(outOfOrder, "You are logged in already.")
	case s.name == "":
		return proto.Reply{}, refuse(outOfOrder, "Send USER first.")
	}
	record, err := s.tryLogin(ctx, proto.Secret(password))
	if err == nil && (!s.allows(record) || record.Ended(time.Now())) {
		s.srv.cfg.Logger.Warn("right password, but the user may not log in from there, in clear, or any more", "sid", s.id, "peer", s.peer.String())
		err = users.ErrDenied
	}
	if err != nil {
		s.name, s.denied = "", s.name
		return proto.Reply{}, err
	}
	s.user, s.passed = &record, true
	if record.Account != "" {
		return proto.Replyf(proto.NeedAccount, "Account, please."), nil
	}
	return s.enter(ctx)
}

// tryLogin asks the users, unless the guard has heard enough.
//
// SECURITY: the answer is the same either way, so that nobody learns when
// guessing is of use again.
func (s *session) tryLogin(ctx context.Context, pass proto.Secret) (users.Record, error) {
	if s.srv.guard.barred(s.peer.Addr(), s.name) {
		return users.Record{}, users.ErrDenied
	}
	return s.host.Users.Login(ctx, s.name, pass)
}

// ACCT: RFC 959 §4.1.1. Wanted only where the user's record says so.
func (s *session) acct(ctx context.Context, account string) (proto.Reply, error) {
	switch {
	case s.in():
		return proto.Replyf(proto.Superfluous, "No account needed."), nil
	case !s.passed:
		return proto.Reply{}, refuse(outOfOrder, "Send USER and PASS first.")
	case !s.user.AccountOK(proto.Secret(account)):
		name := s.name
		s.logout()
		s.denied = name
		return proto.Reply{}, refuse(wrongLogin, "Login incorrect.")
	}
	return s.enter(ctx)
}

// enter logs the user in.
func (s *session) enter(ctx context.Context) (proto.Reply, error) {
	st, err := s.joinCrowd(*s.user)
	if err != nil {
		s.denied = s.name
		s.logout()
		return proto.Reply{}, err
	}
	if err := s.openFiles(ctx, *s.user, st); err != nil {
		s.srv.crowd.leave(s.host.person(s.user.Name))
		s.denied = s.name
		s.logout()
		return proto.Reply{}, &fault{localFailure, "Your files can't be opened, please tell the administrator.", err}
	}
	s.srv.guard.passed(s.peer.Addr(), s.name)
	s.standing, s.user = st, st.record.Load()
	s.gauge.standing.Store(st)
	if cwd, err := resolve("/", s.user.Home); err == nil {
		s.goTo(cwd)
	}
	s.gauge.setUser(s.user.Name)
	if s.tls != nil {
		s.srv.tls.tickets.note(s.id, s.holder())
	}
	return proto.Replyf(proto.LoggedIn, "Welcome."), nil
}

// enterByCert logs in whom a client's certificate names: RFC 4217 §4.1, 232.
func (s *session) enterByCert(ctx context.Context) (proto.Reply, error) {
	record, err := s.host.Users.Lookup(s.name)
	if err != nil || s.srv.guard.shutsOut(s.peer.Addr(), s.name) || !s.allows(record) {
		s.name, s.denied = "", s.name
		return proto.Reply{}, users.ErrDenied // a disabled user learns no more than others
	}
	s.user, s.passed = &record, true
	if record.Account != "" {
		return proto.Replyf(proto.NeedAccount, "Account, please."), nil
	}
	reply, err := s.enter(ctx)
	reply.Code = proto.LoggedInSecurely
	return reply, err
}

// punish makes the reply to a wrong password wait, and the last one the end.
//
// SECURITY: RFC 2577 §7: the wait is counted from when the password came, so
// that the work of refusing it does not show.
func (s *session) punish(ctx context.Context, start time.Time) {
	s.failures++
	n := max(s.failures, s.srv.guard.failed(s.peer.Addr(), s.denied))
	s.flush() // what came before doesn't wait
	pause(ctx, time.Until(start.Add(failureDelay<<min(n-1, maxDelays))))
	if s.failures >= maxFailures {
		s.part(live.Misbehaved)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// REIN: RFC 959 §4.1.1. As after the greeting; a transfer has finished before,
// since REIN waits its turn.
func (s *session) rein(ctx context.Context, _ string) (proto.Reply, error) {
	s.reset()
	if s.tls != nil || s.implicit {
		s.then = s.unveil
	}
	return proto.Replyf(proto.Ready, "%s", s.greeting()), nil
}

// QUIT: RFC 959 §4.1.1. A transfer under way is finished first, and its reply
// still sent.
func (s *session) quit(ctx context.Context, _ string) (proto.Reply, error) {
	s.part(live.Quit)
	return proto.Replyf(proto.Closing, "Goodbye."), nil
}
