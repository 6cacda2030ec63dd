package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// promise is a meeting on a passive port:
//
//	EPSV  ─▶ promise (port 50003, peer 192.0.2.7)      no system call
//	SYN from 192.0.2.7 to 50003 ─▶ the promise's session
//	SYN from anybody else       ─▶ closed, counted; the promise still holds
//	given up before the SYN     ─▶ kept as it is for a second: the SYN is closed
//
// A port serves any number of peers, but one promise a peer at a time. When a
// peer has used up all ports, another one is opened if the system chooses
// ports; in a configured range the session waits until one is free.
//
// SECURITY: RFC 2577 §8 (connection stealing): a data connection belongs to
// the address of the control connection, or to one that Config.FXP trusts, or
// to nobody; a stranger who connects first neither gets the data nor uses the
// promise up.
type promise struct {
	all     *passivePorts
	port    *passivePort
	peer    netip.Addr
	arrived chan net.Conn // holds one
	late    *time.Timer   // set once it is given up and its connection may still come
	awaited bool          // the port's goroutine is to take its connection
}

var (
	errPortsClosed = errors.New("server is shutting down")
	errNoPort      = errors.New("no passive port is free for this address")
)

// passive promises a session a data connection. The address is the one to
// announce. It waits up to Limits.Meet where all ports of the range have a
// promise to the same peer already.
func (srv *Server) passive(ctx context.Context, s *session) (meeting, netip.AddrPort, error) {
	p, err := srv.data.promise(ctx, s.local.Addr(), s.peer.Addr())
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	at := srv.public.announced(s.local.Addr(), s.peer.Addr())
	return p, netip.AddrPortFrom(at, p.port.number), nil
}

// promise finds a port that has no promise to the peer yet.
func (pp *passivePorts) promise(ctx context.Context, local, peer netip.Addr) (*promise, error) {
	pp.mu.Lock()
	if pp.closed {
		pp.mu.Unlock()
		return nil, errPortsClosed
	}
	h := pp.host(local)
	port, err := pp.free(ctx, h, peer)
	if err != nil || port != nil {
		defer pp.mu.Unlock()
		if err != nil {
			return nil, err
		}
		return pp.enter(port, peer), nil
	}
	if pp.shared {
		pp.mu.Unlock()
		return pp.awaitShared(ctx, local, peer)
	}
	turn := make(chan *promise, 1)
	h.waiting[peer] = append(h.waiting[peer], turn)
	pp.mu.Unlock()
	return pp.wait(ctx, h, peer, turn)
}

// wait is for a port that another session of the same peer gives up.
func (pp *passivePorts) wait(ctx context.Context, h *passiveHost, peer netip.Addr, turn chan *promise) (*promise, error) {
	patience := time.NewTimer(pp.meet)
	defer patience.Stop()
	select {
	case p := <-turn:
		return p.orClosed()
	case <-patience.C:
	case <-ctx.Done():
	}
	pp.mu.Lock()
	defer pp.mu.Unlock()
	i := slices.Index(h.waiting[peer], turn)
	if i < 0 { // the turn came at the last moment
		return (<-turn).orClosed()
	}
	h.setWaiting(peer, slices.Delete(h.waiting[peer], i, i+1))
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return nil, errNoPort
}

func (p *promise) orClosed() (*promise, error) {
	if p == nil {
		return nil, errPortsClosed
	}
	return p, nil
}

func (h *passiveHost) setWaiting(peer netip.Addr, turns []chan *promise) {
	if len(turns) == 0 {
		delete(h.waiting, peer)
		return
	}
	h.waiting[peer] = turns
}

// enter writes a promise into a port that is free for the peer.
func (pp *passivePorts) enter(port *passivePort, peer netip.Addr) *promise {
	pp.sweep(port)
	p := &promise{all: pp, port: port, peer: peer, arrived: make(chan net.Conn, 1)}
	port.promises[peer] = p
	port.porter.hush()
	if port.rest != nil {
		port.rest.Stop()
		port.rest = nil
	}
	return p
}

// leave takes a promise out and lets the next session of that peer have the port.
func (pp *passivePorts) leave(p *promise) {
	port, h := p.port, p.port.host
	delete(port.promises, p.peer)
	p.leaves()
	if p.late != nil {
		p.late.Stop()
		h.setLate(p.peer, slices.DeleteFunc(h.late[p.peer], func(other *promise) bool { return other == p }))
	}
	if peer, turns := pp.queued(h, p.peer); len(turns) > 0 {
		turns[0] <- pp.enter(port, peer)
		h.setWaiting(peer, turns[1:])
		return
	}
	if pp.shared {
		pp.giveBack(port)
		return
	}
	if len(port.promises) == 0 && pp.ports.count() == 0 && port != h.ports[0] {
		port.rest = time.AfterFunc(listenerRest, func() { pp.retire(port) })
	}
}

// queued are those who wait for a port that a promise to peer has left: the same
// peer's sessions, and all others where a port has one promise in all.
func (pp *passivePorts) queued(h *passiveHost, peer netip.Addr) (netip.Addr, []chan *promise) {
	if turns := h.waiting[peer]; len(turns) > 0 || len(pp.trusted) == 0 {
		return peer, turns
	}
	for other, turns := range h.waiting {
		return other, turns
	}
	return peer, nil
}

// connect waits for the peer's connection; one that came early is there.
func (p *promise) connect(ctx context.Context) (net.Conn, error) {
	p.look()
	select {
	case nc := <-p.arrived:
		return polled(nc)
	default:
	}
	p.expect()
	patience := time.NewTimer(p.all.meet)
	defer patience.Stop()
	select {
	case nc := <-p.arrived:
		return polled(nc)
	case <-patience.C:
		p.cancel()
		return nil, fmt.Errorf("no connection from %s to port %d within %v", p.peer, p.port.number, p.all.meet)
	case <-ctx.Done():
		p.cancel()
		return nil, context.Cause(ctx)
	}
}

// open reports whether the connection is there.
func (p *promise) open() bool {
	p.look()
	return len(p.arrived) > 0
}

// expect lets somebody who waits for the connection have it as soon as it comes.
func (p *promise) expect() {
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	p.await()
}

// cancel frees the port, and closes a connection that nobody took. One that is
// still on its way, since the command was refused before it was accepted, must
// not pass for that of the next promise: a dead one would read as an empty
// upload, or swallow a download. So the port is kept from the peer until it
// has come, or isn't to be expected any more.
func (p *promise) cancel() {
	p.look()
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	switch {
	case p.port.promises[p.peer] != p:
	case p.late == nil && !p.all.closed:
		p.late = time.AfterFunc(lateTime, p.expire)
		p.await()
		p.all.addLate(p)
		return
	default:
		return
	}
	select {
	case nc := <-p.arrived:
		nc.Close()
	default:
	}
}

func (p *promise) expire() {
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	if p.port.promises[p.peer] == p {
		p.all.leave(p)
	}
}

// addLate notes a promise that was given up, in place of the oldest if a peer
// has too many.
func (pp *passivePorts) addLate(p *promise) {
	h := p.port.host
	h.setLate(p.peer, append(h.late[p.peer], p))
	if late := h.late[p.peer]; len(late) > maxLate {
		pp.leave(late[0])
	}
}

func (h *passiveHost) setLate(peer netip.Addr, late []*promise) {
	if len(late) == 0 {
		delete(h.late, peer)
		return
	}
	h.late[peer] = late
}
