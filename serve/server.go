package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"ferry/proto"
	"ferry/proto/bare"
	"ferry/serve/live"
	"ferry/serve/store"
	"ferry/serve/users"
)

// ErrClosed is what Serve returns when it is called after Shutdown, and the
// cause of the contexts of sessions that Shutdown had to cut.
var ErrClosed = errors.New("server is closed")

// Server answers FTP on any number of listeners.
type Server struct {
	cfg      Config
	table    table
	data     *passivePorts
	public   *publicAddress
	tls      *encryption // nil: there is none
	reg      registry
	guard    *guard
	crowd    crowd
	gathered gathered
	quotas   quotas

	since   time.Time
	awake   atomic.Int32 // sessions that have a goroutine
	in, out atomic.Int64 // bytes of files, of transfers that have ended
	steered steered      // by the administrator
	former  atomic.Bool  // another process has sessions from before

	dialled  sync.Once // what congestion control data connections have that are dialled was logged
	refused  quiet     // log lines about connections that were not admitted
	troubles quiet     // and about TLS handshakes that failed

	live atomic.Pointer[mutable] // what Change has put in place of cfg; nil: it has not

	mu        sync.Mutex
	listeners map[net.Listener]context.CancelCauseFunc // one for each Serve
	closing   bool
}

// New checks the configuration and builds a server. Nothing listens yet.
func New(cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("server configuration: %w", err)
	}
	cfg = cfg.complete()
	srv := &Server{
		cfg:       cfg,
		table:     newTable(cfg),
		data:      newPassivePorts(cfg),
		public:    newPublicAddress(cfg),
		tls:       newEncryption(cfg),
		guard:     newGuard(cfg),
		listeners: map[net.Listener]context.CancelCauseFunc{},
	}
	srv.reg.limits = cfg.Limits
	if srv.tls != nil {
		srv.tls.handshake = func() time.Duration { return srv.limits().Handshake }
	}
	srv.since = time.Now()
	srv.guard.tell = srv.tell
	return srv, nil
}

// Serve accepts sessions from ln until Shutdown is called (it then returns
// nil), until ctx ends (its sessions are cut, and it returns the cause), or
// until ln fails. It returns when its last session is over, and closes ln.
func (srv *Server) Serve(ctx context.Context, ln net.Listener) error {
	ctx, cut := context.WithCancelCause(ctx)
	defer cut(nil)
	defer ln.Close()
	if !srv.track(ln, cut) {
		return ErrClosed
	}
	defer srv.untrack(ln)
	if err := srv.public.start(ctx); err != nil {
		return err
	}
	over := make(chan struct{})
	defer close(over)
	stop := context.AfterFunc(ctx, func() {
		ln.Close()
		srv.cutAfterGrace(ln, over)
	})
	defer stop()

	go srv.watch(ctx)
	in := srv.newIntake(ctx, ln)
	defer in.leave()
	err := srv.accept(ctx, in)
	switch {
	case srv.isClosing():
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	srv.cfg.Logger.Error("listener failed", "listen", ln.Addr().String(), "err", err)
	cut(err)
	return fmt.Errorf("listen %s: %w", ln.Addr(), err)
}

// ServeImplicit is Serve where TLS comes before the greeting, as on port 990.
func (srv *Server) ServeImplicit(ctx context.Context, ln net.Listener) error {
	if srv.tls == nil {
		ln.Close()
		return errors.New("implicit TLS needs a certificate")
	}
	return srv.Serve(ctx, implicitListener{ln})
}

// implicitListener marks where TLS comes first.
type implicitListener struct{ net.Listener }

func isImplicit(ln net.Listener) bool {
	_, yes := ln.(implicitListener)
	return yes
}

// below is the listener as Listen has made it.
func below(ln net.Listener) net.Listener {
	if i, ok := ln.(implicitListener); ok {
		return i.Listener
	}
	return ln
}

// cutAfterGrace closes the connections of sessions that the end of their
// context did not end: their peers don't read what they are sent.
func (srv *Server) cutAfterGrace(ln net.Listener, over <-chan struct{}) {
	grace := time.NewTimer(killGrace)
	defer grace.Stop()
	select {
	case <-over:
	case <-grace.C:
		srv.reg.cut(ln)
	}
}

// intake is a listener and those who came in by it.
type intake struct {
	ln       net.Listener
	sessions sync.WaitGroup
	lot      *parking
	stop     func() bool // of what wakes the parked ones when the context ends
}

func (srv *Server) newIntake(ctx context.Context, ln net.Listener) *intake {
	in := &intake{ln: ln}
	in.lot = newParking(func(s *session) { go srv.attend(ctx, in, s) })
	in.stop = context.AfterFunc(ctx, in.lot.all)
	return in
}

// leave waits for the last one.
func (in *intake) leave() {
	in.sessions.Wait()
	in.stop()
	in.lot.close()
}

// accept takes connections until the listener is of no more use.
func (srv *Server) accept(ctx context.Context, in *intake) error {
	ln := in.ln
	trouble := backoff{log: srv.cfg.Logger, where: ln.Addr().String()}
	each := tune(below(ln))
	for {
		nc, err := ln.Accept()
		if err == nil {
			trouble.over()
			each(nc)
			srv.welcome(ctx, in, nc)
			continue
		}
		if ctx.Err() != nil || listenerGone(err) {
			return err
		}
		trouble.pause(ctx, err)
	}
}

// welcome starts a session, or refuses it.
func (srv *Server) welcome(ctx context.Context, in *intake, nc net.Conn) {
	err := srv.guard.admits(addrPort(nc.RemoteAddr()).Addr())
	if wire := bare.Over(nc); wire != nil {
		nc = wire
	}
	var s *session
	if err == nil {
		s, err = srv.reg.admit(in.ln, nc, func(id uint64) *session {
			s := newSession(srv, nc, id)
			s.implicit = isImplicit(in.ln)
			if in.lot.admits(nc) {
				s.lot = in.lot
			}
			return s
		})
	}
	if err != nil {
		srv.refuse(in.ln, nc, err)
		return
	}
	srv.tell(s.event(live.Connected))
	in.sessions.Add(1)
	go srv.attend(ctx, in, s)
}

// deepen makes a goroutine's stack as large as a login needs. Growing as it goes, it
// is copied three times on the way, which costs a login the twelfth part of its time.
//
//go:noinline
func deepen(at int) byte {
	var room [stackRoom]byte
	return room[at] // else it would be left out
}

// attend serves a session until it ends or is parked; parking calls it again.
func (srv *Server) attend(ctx context.Context, in *intake, s *session) {
	deepen(0)
	srv.awake.Add(1)
	defer srv.awake.Add(-1)
	for s.run(ctx) {
		if in.lot.park(ctx, s) {
			return
		}
	}
	s.nc.Close()
	srv.leave(s)
	in.lot.gone()
	in.sessions.Done()
}

// leave ends a session's place in the server.
func (srv *Server) leave(s *session) {
	srv.reg.remove(s)
	if srv.cfg.Once == OneVisit && s.info().User != "" && !srv.reg.anyUser() {
		go srv.Shutdown(context.Background())
	}
}

// refuse says 421 to somebody for whom there is no room.
func (srv *Server) refuse(ln net.Listener, nc net.Conn, why error) {
	srv.refused.tell(func(times int) {
		srv.cfg.Logger.Warn("connection refused", "peer", nc.RemoteAddr().String(), "err", why, "times", times)
	})
	srv.tell(live.Event{Kind: live.Refused, Peer: addrPort(nc.RemoteAddr()), Local: addrPort(nc.LocalAddr()), Outcome: live.Denied, Reason: why.Error()})
	defer nc.Close()
	if isImplicit(ln) || errors.Is(why, errNotAllowed) {
		return // it waits for a handshake, which would cost more than it is worth
	}
	_ = nc.SetWriteDeadline(time.Now().Add(refusalWrite))
	conn := proto.NewConn(nc, nil)
	conn.WriteReply(proto.Replyf(proto.Unavailable, "%s", refusalText(why)))
	_ = conn.Flush()
}

// Shutdown ends the server in good order: nobody else is accepted, sessions
// without a transfer get 421, transfers under way may finish until ctx ends
// or Limits.Drain is over, then what is left is cut. The error says so when
// something was cut. Serve returns nil.
func (srv *Server) Shutdown(ctx context.Context) error {
	srv.stopListening()
	srv.reg.close()
	srv.reg.each(func(s *session) { s.drain() })
	defer srv.data.close()
	ctx, cancel := context.WithTimeoutCause(ctx, srv.limits().Drain, errDrain)
	defer cancel()
	select {
	case <-srv.reg.empty():
		return nil
	case <-ctx.Done():
	}
	left := srv.reg.count()
	srv.cutAll()
	select {
	case <-srv.reg.empty():
	case <-time.After(2 * killGrace):
		srv.cfg.Logger.Error("sessions did not end", "sessions", srv.reg.count())
	}
	if left == 0 {
		return nil
	}
	return fmt.Errorf("%d sessions were cut: %w", left, context.Cause(ctx))
}

var errDrain = errors.New("their transfers took too long to finish")

// Strangers is how many connections came to passive ports from addresses
// that nobody waited for.
func (srv *Server) Strangers() int64 { return srv.data.strangers.Load() }

// open gives a session the files of the user who has just logged in.
func (srv *Server) open(ctx context.Context, at Host, who users.Record, now func() users.Record) (store.Store, error) {
	st, err := at.Open(ctx, who)
	if err != nil {
		return nil, fmt.Errorf("files of %s: %w", who.Name, err)
	}
	st = srv.quotas.meter(st, who, now)
	st = &walled{Store: st, now: now}
	if srv.cfg.Files.ReadOnly {
		st = store.ReadOnly(st)
	}
	return st, nil
}

func (srv *Server) track(ln net.Listener, cut context.CancelCauseFunc) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.closing {
		return false
	}
	srv.listeners[ln] = cut
	return true
}

func (srv *Server) untrack(ln net.Listener) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.listeners, ln)
}

func (srv *Server) isClosing() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.closing
}

func (srv *Server) stopListening() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.closing = true
	for ln := range srv.listeners {
		ln.Close()
	}
}

func (srv *Server) cutAll() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for _, cut := range srv.listeners {
		cut(ErrClosed)
	}
}
