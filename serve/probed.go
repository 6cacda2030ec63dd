package serve

import (
	"context"
	"crypto/subtle"
	"net"
	"sync"

	"ferry/proto"
	"ferry/serve/parent"
	"ferry/serve/store"
	"ferry/serve/users"
)

// probed answers the probes of a parent: a server with nothing in it, which
// lets a probe in when the real one is in its senses.
//
// SECURITY: this is no way in. Connections come from the parent only, over
// sockets without a name; each brings a password that is good for it alone;
// what is behind is an empty store in memory. The real server knows neither the
// name nor the password.
type probed struct {
	real *Server
	own  *Server
	ln   *probeListener
	over context.CancelFunc

	mu     sync.Mutex
	tokens []proto.Secret // of probes that have not logged in yet
}

func newProbed(real *Server) (*probed, error) {
	p := &probed{real: real, ln: &probeListener{conns: make(chan net.Conn), closed: make(chan struct{})}}
	var err error
	p.own, err = New(Config{
		Users: p,
		Open:  func(context.Context, users.Record) (store.Store, error) { return store.NewMem(), nil },
		Files: Files{ReadOnly: true},
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.over = cancel
	go func() { _ = p.own.Serve(ctx, p.ln) }()
	return p, nil
}

// take answers one probe.
func (p *probed) take(nc net.Conn, token proto.Secret) {
	p.mu.Lock()
	p.tokens = append(p.tokens, token)
	if len(p.tokens) > maxProbes {
		p.tokens = p.tokens[1:]
	}
	p.mu.Unlock()
	select {
	case p.ln.conns <- probeConn{nc}:
	case <-p.ln.closed:
		nc.Close()
	}
}

func (p *probed) close() { p.over() }

// Login is for probes only, and for each of them once.
func (p *probed) Login(_ context.Context, name string, pass proto.Secret) (users.Record, error) {
	if name != parent.ProbeUser || !p.spend(pass) {
		return users.Record{}, users.ErrDenied
	}
	p.real.pulse()
	return users.Record{Name: name, Home: "/", Perm: users.ReadOnly, Fixed: true}, nil
}

func (p *probed) spend(pass proto.Secret) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, t := range p.tokens {
		if subtle.ConstantTimeCompare([]byte(t.Reveal()), []byte(pass.Reveal())) == 1 {
			p.tokens = append(p.tokens[:i:i], p.tokens[i+1:]...)
			return true
		}
	}
	return false
}

// Lookup knows nobody: records are fixed.
func (p *probed) Lookup(string) (users.Record, error) { return users.Record{}, users.ErrDenied }

// pulse does what each session has to: it takes every lock of the server. It
// does not return where one of them is held for ever.
func (srv *Server) pulse() {
	srv.Sessions()
	srv.isClosing()
	for _, mu := range []*sync.Mutex{&srv.guard.mu, &srv.crowd.mu, &srv.data.mu} {
		func() {
			mu.Lock()
			defer mu.Unlock() // having had it is the point; one at a time
		}()
	}
}

// probeListener brings connections that came in by the parent's channel.
type probeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// Accept waits for the next probe.
func (l *probeListener) Accept() (net.Conn, error) {
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (l *probeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is this machine.
func (l *probeListener) Addr() net.Addr { return here() }

// probeConn comes from this machine: passwords in clear may.
type probeConn struct{ net.Conn }

// RemoteAddr is this machine.
func (probeConn) RemoteAddr() net.Addr { return here() }

func here() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
