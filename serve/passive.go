package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Passive data connections come in on listeners that all sessions share:
//
//	EPSV  ─▶ promise (port 50003, peer 192.0.2.7)      no system call
//	SYN from 192.0.2.7 to 50003 ─▶ the promise's session
//	SYN from anybody else       ─▶ closed, counted; the promise still holds
//
// A port serves any number of peers, but one promise a peer at a time. When a
// peer has used up all ports, another one is opened if the system chooses
// ports; in a configured range the session waits until one is free.
//
// SECURITY: RFC 2577 §8 (connection stealing): a data connection belongs to
// the address of the control connection or to nobody; a stranger who connects
// first neither gets the data nor uses the promise up.
type passivePorts struct {
	listen    func(ctx context.Context, at netip.AddrPort) (net.Listener, error)
	configure PortRange
	meet      time.Duration
	log       *slog.Logger
	strangers atomic.Int64
	told      quiet

	mu     sync.Mutex
	hosts  map[netip.Addr]*passiveHost
	open   int // listeners that the system chose the port of
	closed bool
	accept sync.WaitGroup
}

// passiveHost is one address of this machine that control connections come to.
type passiveHost struct {
	addr    netip.Addr
	ports   []*passivePort
	refused map[uint16]time.Time           // ports of the range that can't be listened on, since
	waiting map[netip.Addr][]chan *promise // sessions that wait for a port, by peer
}

// passivePort is one listener.
type passivePort struct {
	host     *passiveHost
	ln       net.Listener
	number   uint16
	promises map[netip.Addr]*promise // by peer; one is here until its connection arrives
	rest     *time.Timer             // closes the listener when it was not used for a while
}

// promise is a meeting on a passive port.
type promise struct {
	all     *passivePorts
	port    *passivePort
	peer    netip.Addr
	arrived chan net.Conn // holds one
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

func newPassivePorts(cfg Config) *passivePorts {
	return &passivePorts{
		listen:    dataListen(cfg.Network),
		configure: cfg.Passive.Ports,
		meet:      cfg.Limits.Meet,
		log:       cfg.Logger,
		hosts:     map[netip.Addr]*passiveHost{},
	}
}

// promise finds a port that has no promise to the peer yet.
func (pp *passivePorts) promise(ctx context.Context, local, peer netip.Addr) (*promise, error) {
	pp.mu.Lock()
	if pp.closed {
		pp.mu.Unlock()
		return nil, errPortsClosed
	}
	h := pp.hosts[local]
	if h == nil {
		h = &passiveHost{addr: local, refused: map[uint16]time.Time{}, waiting: map[netip.Addr][]chan *promise{}}
		pp.hosts[local] = h
	}
	port, err := pp.free(ctx, h, peer)
	if port != nil {
		defer pp.mu.Unlock()
		return pp.enter(port, peer), nil
	}
	if err != nil {
		pp.mu.Unlock()
		return nil, err
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
	p := &promise{all: pp, port: port, peer: peer, arrived: make(chan net.Conn, 1)}
	port.promises[peer] = p
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
	if turns := h.waiting[p.peer]; len(turns) > 0 {
		turns[0] <- pp.enter(port, p.peer)
		h.setWaiting(p.peer, turns[1:])
		return
	}
	if len(port.promises) == 0 && pp.configure.count() == 0 && port != h.ports[0] {
		port.rest = time.AfterFunc(listenerRest, func() { pp.retire(port) })
	}
}

// free returns a port without a promise to the peer, opening one if need be;
// nil when the session has to wait. The lock is held.
func (pp *passivePorts) free(ctx context.Context, h *passiveHost, peer netip.Addr) (*passivePort, error) {
	if pp.configure.count() > 0 {
		return pp.freeInRange(ctx, h, peer)
	}
	for _, port := range h.ports {
		if port.promises[peer] == nil {
			return port, nil
		}
	}
	if pp.open >= maxListeners {
		return nil, nil
	}
	return pp.openPort(ctx, h, 0)
}

// freeInRange chooses at random. RFC 2577 §8: a port that is easily guessed
// invites others to connect first.
func (pp *passivePorts) freeInRange(ctx context.Context, h *passiveHost, peer netip.Addr) (*passivePort, error) {
	var failed error
	n := pp.configure.count()
	taken := 0
	for _, i := range rand.Perm(n) {
		number := pp.configure.First + uint16(i)
		if port := h.port(number); port != nil {
			if port.promises[peer] == nil {
				return port, nil
			}
			taken++
			continue
		}
		if since, ok := h.refused[number]; ok && time.Since(since) < listenerRest {
			continue
		}
		port, err := pp.openPort(ctx, h, number)
		if err == nil {
			return port, nil
		}
		h.refused[number], failed = time.Now(), err
	}
	if taken > 0 {
		return nil, nil
	}
	if failed == nil {
		failed = fmt.Errorf("ports %s on %s can't be listened on", pp.configure, h.addr)
	}
	return nil, failed
}

func (h *passiveHost) port(number uint16) *passivePort {
	for _, port := range h.ports {
		if port.number == number {
			return port
		}
	}
	return nil
}

// openPort listens on one more port; 0 lets the system choose.
func (pp *passivePorts) openPort(ctx context.Context, h *passiveHost, number uint16) (*passivePort, error) {
	ln, err := pp.listen(ctx, netip.AddrPortFrom(h.addr, number))
	if err != nil {
		pp.log.Warn("passive port can't be opened", "listen", netip.AddrPortFrom(h.addr, number).String(), "err", err)
		return nil, fmt.Errorf("passive port: %w", err)
	}
	port := &passivePort{host: h, ln: ln, number: addrPort(ln.Addr()).Port(), promises: map[netip.Addr]*promise{}}
	h.ports = append(h.ports, port)
	if number == 0 {
		pp.open++
	}
	pp.accept.Go(func() { pp.run(port) })
	return port, nil
}

// run is the goroutine of a listener.
func (pp *passivePorts) run(port *passivePort) {
	trouble := backoff{log: pp.log, where: port.ln.Addr().String()}
	for {
		nc, err := port.ln.Accept()
		switch {
		case err == nil:
			trouble.over()
			pp.arrive(port, nc)
		case listenerGone(err):
			return
		default:
			trouble.pause(context.Background(), err)
		}
	}
}

// arrive gives a connection to the session that waits for its address.
func (pp *passivePorts) arrive(port *passivePort, nc net.Conn) {
	from := addrPort(nc.RemoteAddr())
	pp.mu.Lock()
	p := port.promises[from.Addr()]
	if p != nil {
		p.arrived <- nc // has room: a promise is in the port until its first connection
		pp.leave(p)
	}
	pp.mu.Unlock()
	if p != nil {
		return
	}
	nc.Close()
	pp.strangers.Add(1)
	pp.told.tell(func(times int) {
		pp.log.Warn("stranger on a passive port", "peer", from.String(), "port", port.number, "times", times)
	})
}

// retire closes a port that has rested long enough.
func (pp *passivePorts) retire(port *passivePort) {
	pp.mu.Lock()
	defer pp.mu.Unlock()
	if len(port.promises) > 0 || pp.closed {
		return
	}
	h := port.host
	if i := slices.Index(h.ports, port); i >= 0 {
		h.ports = slices.Delete(h.ports, i, i+1)
		pp.open--
		port.ln.Close()
	}
}

// close ends all listening; sessions that wait are told.
func (pp *passivePorts) close() {
	pp.mu.Lock()
	pp.closed = true
	for _, h := range pp.hosts {
		for _, port := range h.ports {
			port.ln.Close()
			if port.rest != nil {
				port.rest.Stop()
			}
		}
		for peer, turns := range h.waiting {
			for _, turn := range turns {
				turn <- nil
			}
			delete(h.waiting, peer)
		}
	}
	pp.mu.Unlock()
	pp.accept.Wait()
}

// connect waits for the peer's connection; one that came early is there.
func (p *promise) connect(ctx context.Context) (net.Conn, error) {
	select {
	case nc := <-p.arrived:
		return nc, nil
	default:
	}
	patience := time.NewTimer(p.all.meet)
	defer patience.Stop()
	select {
	case nc := <-p.arrived:
		return nc, nil
	case <-patience.C:
		p.cancel()
		return nil, fmt.Errorf("no connection from %s to port %d within %v", p.peer, p.port.number, p.all.meet)
	case <-ctx.Done():
		p.cancel()
		return nil, context.Cause(ctx)
	}
}

// cancel frees the port, and closes a connection that nobody took.
func (p *promise) cancel() {
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	if p.port.promises[p.peer] == p {
		p.all.leave(p)
		return
	}
	select {
	case nc := <-p.arrived:
		nc.Close()
	default:
	}
}
