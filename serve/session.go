package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"runtime/debug"
	"time"

	"ferry/proto"
	"ferry/proto/bare"
	"ferry/serve/live"
	"ferry/serve/store"
	"ferry/serve/users"
)

// session is one control connection and what its commands have set. Its owner
// is the goroutine that calls run: it alone reads commands, writes replies and
// touches these fields. What others may know is in gauge.
type session struct {
	// Fixed for the connection.
	srv   *Server
	id    uint64
	nc    net.Conn   // the TCP connection, below TLS too
	wire  *bare.Conn // the same; nil where it is none of the host's TCP
	conn  *proto.Conn
	peer  netip.AddrPort
	local netip.AddrPort
	since time.Time
	gauge gauge
	lot   *parking // where it may rest; nil: nowhere

	implicit bool      // TLS comes before the greeting
	tls      *tls.Conn // set by AUTH, cleared by REIN; nil: in clear

	// Only ever grows; nothing resets it.
	strikes  int    // unknown commands before login
	failures int    // wrong passwords
	denied   string // who the last of them was for
	warned   bool   // the log has its line about a password in clear
	greeted  bool   // the greeting was sent
	rested   bool   // it has been parked; with alarm, guarded by parking.mu
	alarm    *time.Timer

	// Where: set by HOST, reset by REIN.
	host Host

	// Who: reset by USER and REIN.
	login
	loginBy time.Time // a session that is not logged in ends then

	// How: reset by REIN.
	params     proto.Params
	facts      []proto.Fact  // chosen by OPTS MLST; nil: all
	hash       string        // chosen by OPTS HASH
	level      int           // chosen by OPTS MODE Z LEVEL; 0: the default
	umask      fs.FileMode   // chosen by SITE UMASK
	masked     bool          // it was
	idle       time.Duration // SITE IDLE; 0: Limits.Idle, as it is then
	sized      bool          // PBSZ has come
	prot       proto.Prot    // of data connections: C, or P
	epsvAll    bool          // EPSV ALL: no other way to a data connection
	meet       meeting       // set by PASV, EPSV, PORT, EPRT; taken by the next transfer
	meetClient bool          // meet is CPSV's: this end is TLS's client there
	eager      bool          // begins TLS on data connections before it has the mark
	dataClient bool          // SSCN ON: it is so on all data connections
	channel    *channel      // set by CHAN; with its mover while a file is on it

	// Next: turned over by dispatch, and nowhere else.
	left oneShot // what the former command has left
	next oneShot // what this one leaves

	// Now.
	xfer    *transfer             // non-nil while a transfer runs
	held    *proto.Command        // waits for the end of the transfer
	quiet   time.Time             // since when nothing has been asked and nothing moved
	then    func(context.Context) // done once the reply is queued; set by handlers, cleared by obey
	over    bool                  // no more commands: the session ends when the transfer has; set by part
	how     live.Outcome          // why it is over
	spell   int                   // brief transfers since the client was last waited for longer
	lingers bool                  // wire was made bare for it
	yielded time.Time             // when the owner last let others have the processor, lingering

	withheld map[string]live.Event // uploads under temporary names, by these; see withhold.go
}

// login is who the session speaks for.
type login struct {
	name     string        // from USER
	passed   bool          // PASS was right, ACCT may still be owed
	user     *users.Record // what the standing has; never written to
	standing *standing     // set and cleared with store
	store    store.Store   // non-nil: logged in
	root     string        // what store holds: the record's, or a mount's
	metered  bool          // store counts
	cwd      string        // rooted and clean
}

func (l *login) in() bool { return l.store != nil }

// oneShot is what one command leaves for the very next: REST and RANG for a
// transfer, RNFR for RNTO, ALLO for a store.
type oneShot struct {
	offset int64
	until  int64 // RANG: one behind the last byte; 0: no range
	from   string
	size   int64
}

func newSession(srv *Server, nc net.Conn, id uint64) *session {
	var trace proto.Trace
	if srv.cfg.Trace != nil {
		trace = srv.cfg.Trace(id)
	}
	s := &session{
		srv:   srv,
		id:    id,
		nc:    nc,
		conn:  proto.NewConn(nc, trace),
		peer:  addrPort(nc.RemoteAddr()),
		local: addrPort(nc.LocalAddr()),
		since: time.Now(),
	}
	s.wire, _ = nc.(*bare.Conn)
	s.loginBy = s.since.Add(srv.limits().Login)
	s.reset()
	return s
}

// reset puts back what REIN puts back. The greeting's state.
func (s *session) reset() {
	s.logout()
	s.host = s.srv.ownHost()
	s.params = proto.DefaultParams()
	s.facts = nil
	s.hash = digests()[0].name
	s.level = 0
	s.umask, s.masked = 0, false
	s.idle = 0
	s.epsvAll = false
	s.sized, s.prot, s.dataClient = false, proto.Clear, false
	if s.implicit {
		s.prot = proto.Private // as Windows' and FileZilla's servers have it
	}
	s.forgetMeeting()
	s.dropChannel()
}

func (s *session) logout() {
	s.releaseAll()
	if s.in() {
		_ = s.store.Close() // open files go on, and have their own errors
		s.srv.crowd.leave(s.host.person(s.user.Name))
		s.gauge.standing.Store(nil)
		s.loginBy = time.Now().Add(s.srv.limits().Login)
	}
	s.login = login{user: new(users.Record)}
	s.goTo("/")
	s.gauge.setUser("")
}

// run serves the connection until it ends, and the caller closes it; or until
// the client has been silent for a moment, and the caller may park it.
func (s *session) run(ctx context.Context) (rests bool) {
	defer proto.Guard(ctx, s.nc)()
	defer func() {
		if !rests {
			s.end()
		}
	}()
	defer s.rescue()
	if !s.greeted {
		s.greet(ctx)
	}
	for !rests && (!s.over || s.xfer != nil) {
		rests = s.turn(ctx)
	}
	return rests
}

func (s *session) greet(ctx context.Context) {
	s.greeted = true
	if s.implicit {
		s.secure(ctx)
	}
	if !s.over {
		s.conn.WriteReply(proto.Replyf(proto.Ready, "%s", s.greeting()))
	}
}

func (s *session) greeting() string {
	if s.host.Greeting != "" {
		return s.host.Greeting
	}
	return "ferry is ready."
}

// turn is one round of the owner loop: a command obeyed, or a transfer that
// ended, or the end of the session. Or nothing has come, and it may rest.
func (s *session) turn(ctx context.Context) (rests bool) {
	cmd, err := s.await(ctx)
	switch {
	case err == nil:
		s.obey(ctx, cmd)
	case errors.Is(err, errSilent):
		return true
	case errors.Is(err, errAttend):
		s.attend(ctx)
	default:
		s.unreadable(ctx, err)
	}
	return false
}

// errSilent says that no command has come for parkAfter.
var errSilent = errors.New("no command for a while")

// errAttend says that no command has come, but something else has to be
// looked after: the transfer's end, a shutdown, a clock that ran out.
var errAttend = errors.New("no command")

// await returns the next command that may be obeyed now.
func (s *session) await(ctx context.Context) (proto.Command, error) {
	if s.xfer != nil && (s.held != nil || s.over) {
		s.flush() // one command waits: reading stops, so that order is kept
		<-s.xfer.signal
		return proto.Command{}, errAttend
	}
	if s.held != nil && !s.mustAttend(ctx) {
		cmd := *s.held
		s.held = nil
		return cmd, nil
	}
	if !s.conn.Pending() {
		s.flush()
		s.linger()
	}
	// The deadline is set before the conditions are looked at: whoever changes
	// one of them puts the deadline in the past afterwards, so none is missed.
	until, silent := s.patience()
	_ = s.nc.SetReadDeadline(until)
	if s.over || s.mustAttend(ctx) {
		return proto.Command{}, errAttend
	}
	cmd, err := s.conn.ReadCommand()
	switch {
	case err != nil && timeout(err):
		return proto.Command{}, silent
	case silent == errSilent: // what the command itself reads (a handshake) may take its time
		_ = s.nc.SetReadDeadline(s.deadline())
	}
	return cmd, err
}

// patience is how long a command is waited for here, and what it means when
// none has come. A read that ran out of time has taken all that there was, TLS's
// records too: whatever comes next comes by the socket.
func (s *session) patience() (until time.Time, silent error) {
	until, silent = s.deadline(), errAttend
	if s.lot == nil || s.xfer != nil {
		return until, silent
	}
	if moment := time.Now().Add(parkAfter); moment.Before(until) {
		return moment, errSilent
	}
	return until, silent
}

// deadline is when patience with a silent peer ends; none during a transfer,
// which has its own clocks.
func (s *session) deadline() time.Time {
	switch {
	case s.xfer != nil:
		return time.Time{}
	case !s.in():
		return s.loginBy
	}
	return s.quiet.Add(s.silence())
}

// silence is how long the session may keep quiet.
func (s *session) silence() time.Duration {
	if s.idle > 0 {
		return s.idle
	}
	return s.srv.limits().Idle
}

func (s *session) mustAttend(ctx context.Context) bool {
	return ctx.Err() != nil || s.gauge.expelled.Load() != nil || s.gauge.draining.Load() && s.xfer == nil ||
		s.xfer != nil && s.xfer.wantsOwner()
}

// attend looks after what is not a command. It may find nothing to do.
func (s *session) attend(ctx context.Context) {
	if why := s.gauge.expelled.Load(); why != nil && (!s.over || s.xfer != nil) {
		s.expel(why)
		return
	}
	if s.xfer != nil {
		s.tendTransfer()
		return
	}
	switch now := time.Now(); {
	case s.over:
	case ctx.Err() != nil, s.gauge.draining.Load():
		s.dismiss(live.Drained, s.srv.reg.goodbye())
	case !s.in() && !now.Before(s.loginBy):
		s.dismiss(live.TooSlow, "Login took too long, goodbye.")
	case s.in() && !now.Before(s.quiet.Add(s.silence())):
		s.dismiss(live.Idle, "Idle for too long, goodbye.")
	}
}

// unreadable answers what could not be read as a command.
func (s *session) unreadable(ctx context.Context, err error) {
	var bad *proto.SyntaxError
	switch {
	case errors.Is(err, proto.ErrLineTooLong):
		s.refuseLine(ctx, "Line too long.")
	case errors.As(err, &bad):
		if !s.in() && foreignLine(bad.Text) {
			s.vanish(live.Misbehaved)
			return
		}
		s.refuseLine(ctx, "Not a command.")
	case errors.Is(err, proto.ErrEndless):
		s.dismiss(live.Misbehaved, "Line too long, goodbye.")
	default:
		s.vanish(live.Gone)
	}
}

// refuseLine answers a line that is no command. During a transfer it waits
// its turn like any other command.
func (s *session) refuseLine(ctx context.Context, text string) {
	if s.xfer != nil {
		s.xfer.open(s)
		s.sendMarkers()
		s.flush()
		<-s.xfer.done
		s.tendTransfer()
	}
	s.gauge.note("")
	s.say(proto.Command{}, s.outcome("", refuse(unknownCommand, "%s", text)), time.Now())
	s.strike()
}

// strike counts what is no FTP before login.
//
// SECURITY: a browser or mailer that was made to speak to this port sends many
// lines that are no commands (ALPACA, CVE-2021-3618); so do scanners.
func (s *session) strike() {
	if s.in() {
		return
	}
	if s.strikes++; s.strikes >= maxStrikes {
		s.dismiss(live.Misbehaved, "Too many unknown commands, goodbye.")
	}
}

// dismiss says 421 and ends the session.
func (s *session) dismiss(how live.Outcome, why string) {
	s.conn.WriteReply(proto.Replyf(proto.Unavailable, "%s", why))
	s.part(how)
}

// part makes no more commands come. The first reason is the one that counts.
func (s *session) part(how live.Outcome) {
	s.over = true
	if s.how == "" {
		s.how = how
	}
}

// vanish ends the session without a word: the peer is gone, or must not get
// anything back. A transfer under way is broken off.
//
// RFC 959 §4.1.1 (QUIT): an unexpected close on the control connection has the
// effect of an abort and a logout.
func (s *session) vanish(how live.Outcome) {
	s.part(how)
	if s.xfer != nil {
		s.xfer.cancel(errGone)
	}
}

// end leaves nothing behind: no transfer, no promise, no store.
func (s *session) end() {
	if s.xfer != nil {
		s.xfer.cancel(errGone)
		<-s.xfer.done
		s.finish()
	}
	s.flush()
	s.farewell()
	s.forgetMeeting()
	s.dropChannel()
	user := s.gauge.userName()
	s.logout()
	s.gauge.setUser(user) // who it was stays known
	s.tellEnd()
}

// rescue turns a fault in a handler into the end of this one session.
func (s *session) rescue() {
	fault := recover()
	if fault == nil {
		return
	}
	s.srv.cfg.Logger.Error("session failed", "sid", s.id, "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
	s.dismiss(live.Crashed, "Internal error, goodbye.")
}

// flush sends what is queued. A peer that does not read its replies within
// Limits.Reply is given up.
func (s *session) flush() {
	if s.conn.Queued() == 0 {
		return
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(s.srv.limits().Reply))
	if err := s.conn.Flush(); err != nil {
		s.vanish(live.Gone)
	}
}

func timeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}
