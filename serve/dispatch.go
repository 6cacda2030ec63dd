package serve

import (
	"context"
	"strings"
	"time"

	"ferry/proto"
	"ferry/serve/live"
	"ferry/serve/users"
)

// call is one command on its way through the gates.
type call struct {
	cmd proto.Command
	row command
	arg string // for argPath and argOptPath: rooted and clean
}

// gate lets a call pass, or says why not. It may complete the call.
type gate func(s *session, c *call) error

// gates are all that stands between a client and a handler, in order.
//
// SECURITY: this list is the access control of the server.
func gates() []gate {
	return []gate{
		known,
		servedHere,
		loggedIn,
		stillUser,
		secured,
		permitted,
		argument,
	}
}

// obey runs one command, or keeps it until the transfer is over.
func (s *session) obey(ctx context.Context, cmd proto.Command) {
	if s.xfer != nil && !s.urgent(cmd) {
		s.held = &cmd
		return
	}
	if !s.in() && foreignVerb(cmd.Verb) {
		s.vanish(live.Misbehaved)
		return
	}
	s.gauge.note(cmd.Verb)
	start := time.Now()
	reply, err := s.dispatch(ctx, cmd)
	sends := err != nil && s.sends(cmd.Verb)
	if err != nil {
		reply = s.refusal(ctx, cmd, err, start)
	}
	if reply.Code != 0 { // else the transfer that has begun gives the reply
		s.say(cmd, reply, start)
	}
	if err != nil && explain(err).kind == unknownCommand {
		s.strike()
	}
	if sends && !s.over {
		s.skip(ctx, cmd.Verb)
	}
	s.unload(ctx)
	if then := s.then; then != nil {
		s.then = nil
		then(ctx)
	}
}

// refusal is the reply to an error, and what else an error entails.
func (s *session) refusal(ctx context.Context, cmd proto.Command, err error, start time.Time) proto.Reply {
	switch explain(err).kind {
	case localFailure:
		s.srv.cfg.Logger.Error("command failed", "sid", s.id, "verb", cmd.Verb, "err", err)
	case wrongLogin:
		s.punish(ctx, start)
	}
	return s.outcome(cmd.Verb, err)
}

// urgent reports whether a command is answered while a transfer runs.
// RFC 959 §4.1.3 names ABOR, STAT and QUIT; NOOP keeps firewalls awake.
func (s *session) urgent(cmd proto.Command) bool {
	row, ok := s.srv.table[cmd.Verb]
	return ok && row.urgent && (row.arg == argNone || cmd.Arg == "")
}

// dispatch obeys a command, and lets others know.
func (s *session) dispatch(ctx context.Context, cmd proto.Command) (proto.Reply, error) {
	c, start := &call{cmd: cmd, arg: cmd.Arg}, time.Now()
	reply, err := s.through(ctx, c)
	s.tellCommand(c, reply, err, start)
	return reply, err
}

// through takes a command through the gates to its handler.
func (s *session) through(ctx context.Context, c *call) (proto.Reply, error) {
	cmd := c.cmd
	s.turnOver(s.srv.table[cmd.Verb])
	for _, pass := range gates() {
		if err := pass(s, c); err != nil {
			return proto.Reply{}, err
		}
	}
	if err := s.remeter(ctx); err != nil {
		return proto.Reply{}, err
	}
	return c.row.run(s, ctx, c.arg)
}

// turnOver makes what the former command has left this one's, and forgets it:
// whatever comes now, it is used now or never. Only for the few commands that
// may stand between REST and its transfer it stays.
func (s *session) turnOver(row command) {
	s.left, s.next = s.next, oneShot{}
	if row.between {
		s.next = s.left
		s.next.from = ""
	}
}

func known(s *session, c *call) error {
	row, ok := s.srv.table[c.cmd.Verb]
	if !ok {
		// SECURITY: the verb is not echoed, lest a browser or mailer that was
		// sent here gets back what it takes for an answer (ALPACA).
		return refuse(unknownCommand, "Unknown command. HELP lists what there is.")
	}
	c.row = row
	return nil
}

func servedHere(s *session, c *call) error {
	if c.row.run == nil {
		return refuse(notServed, "Command not implemented.")
	}
	return nil
}

// SECURITY: everything that is not marked anyone in the table is closed to
// strangers; a golden test holds the list of what is.
func loggedIn(s *session, c *call) error {
	if c.row.when == member && !s.in() {
		return refuse(notLoggedIn, "Please log in with USER and PASS.")
	}
	return nil
}

// secured lets logins pass only over connections that the policy allows them
// on, and only with the certificate that it wants.
func secured(s *session, c *call) error {
	name := s.name
	switch c.cmd.Verb {
	case "USER":
		name = c.cmd.Arg
	case "PASS", "ACCT":
	default:
		return nil
	}
	if err := s.clearLogin(name); err != nil {
		return err
	}
	if s.tls == nil && !s.warned && !s.peer.Addr().IsLoopback() {
		s.warned = true
		s.srv.cfg.Logger.Warn("login in clear", "sid", s.id, "peer", s.peer.String())
	}
	return s.certWanted(name)
}

func permitted(s *session, c *call) error {
	if c.row.may != 0 && !s.may(c.row.may) {
		return refuse(noPermission, "Permission denied.")
	}
	return nil
}

// may reports whether the user has a permission somewhere.
func (s *session) may(p users.Perm) bool { return s.user.PermAnywhere().Has(p) }

// mayAt reports whether the user has it for a name.
func (s *session) mayAt(p users.Perm, name string) bool { return s.user.PermAt(name).Has(p) }

// argument checks the argument's shape and resolves paths.
func argument(s *session, c *call) (err error) {
	has := strings.Trim(c.arg, " ") != ""
	switch c.row.arg {
	case argNone:
		if has {
			return refuse(badArgument, "%s takes no argument.", c.cmd.Verb)
		}
	case argText:
		if !has {
			return refuse(badArgument, "Syntax: %s", c.row.help)
		}
	case argPath:
		if !has {
			return refuse(badArgument, "Syntax: %s", c.row.help)
		}
		c.arg, err = resolve(s.cwd, c.arg)
	case argOptPath:
		c.arg, err = resolve(s.cwd, c.arg)
	default:
		return nil
	}
	if err == nil && !s.mayAt(c.row.may, c.arg) {
		return refuse(noPermission, "Permission denied.")
	}
	return err
}

// say queues a reply and tells the log.
func (s *session) say(cmd proto.Command, r proto.Reply, start time.Time) {
	s.conn.WriteReply(r)
	s.quiet = time.Now()
	s.srv.logCommand(s, cmd, r, s.quiet.Sub(start))
}
