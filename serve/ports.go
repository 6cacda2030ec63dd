package serve

import (
	"context"
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

// passivePorts are the listeners for passive data connections. All sessions
// share them. mu guards everything below it, in the types below, too.
type passivePorts struct {
	listen    func(ctx context.Context, at netip.AddrPort) (net.Listener, error)
	ports     PortRange // zero: the system chooses
	trusted   Trusted   // who may connect besides the peers
	meet      time.Duration
	log       *slog.Logger
	strangers atomic.Int64 // connections that nobody waited for

	mu      sync.Mutex
	hosts   map[netip.Addr]*passiveHost
	open    int // listeners that the system chose the port of
	closed  bool
	shared  bool           // another process takes ports of the range, too: see sharing.go
	accepts sync.WaitGroup // a goroutine for each listener

	toldStranger, toldFailed quiet
}

// passiveHost is one address of this machine that control connections come to.
type passiveHost struct {
	addr    netip.Addr
	ports   []*passivePort                 // in the order in which they were opened
	numbers map[uint16]*passivePort        // the same
	refused map[uint16]time.Time           // ports of the range that can't be listened on, since when
	waiting map[netip.Addr][]chan *promise // sessions that wait for a port, by peer
	late    map[netip.Addr][]*promise      // given up before their connection came, by peer
}

// passivePort is one listener.
type passivePort struct {
	host     *passiveHost
	ln       net.Listener
	porter   *porter // nil: its goroutine takes all
	number   uint16
	promises map[netip.Addr]*promise // by peer; one is here until its connection arrives
	rest     *time.Timer             // closes the listener when it was not used for a while
}

func newPassivePorts(cfg Config) *passivePorts {
	return &passivePorts{
		listen: dataListen(cfg.Network, steering(cfg)),
		ports:  cfg.Passive.Ports,
		meet:   cfg.Limits.Meet,
		log:    cfg.Logger,

		trusted: cfg.FXP,

		hosts: map[netip.Addr]*passiveHost{},
	}
}

func (pp *passivePorts) host(local netip.Addr) *passiveHost {
	h := pp.hosts[local]
	if h == nil {
		h = &passiveHost{
			addr:    local,
			numbers: map[uint16]*passivePort{},
			refused: map[uint16]time.Time{},
			waiting: map[netip.Addr][]chan *promise{},
			late:    map[netip.Addr][]*promise{},
		}
		pp.hosts[local] = h
	}
	return h
}

// free returns a port without a promise to the peer, opening one if need be;
// nil when the session has to wait. The lock is held.
func (pp *passivePorts) free(ctx context.Context, h *passiveHost, peer netip.Addr) (*passivePort, error) {
	if pp.ports.count() > 0 {
		return pp.freeInRange(ctx, h, peer)
	}
	for _, port := range h.ports {
		if pp.vacant(port, peer) {
			return port, nil
		}
	}
	if pp.open >= maxListeners {
		return nil, nil
	}
	return pp.openPort(ctx, h, 0)
}

// vacant reports whether a port can have a promise to the peer. Where others
// than the peers may connect, a port has one promise in all: nothing else
// tells whom their connection is for.
func (pp *passivePorts) vacant(port *passivePort, peer netip.Addr) bool {
	if len(pp.trusted) > 0 {
		return len(port.promises) == 0
	}
	return port.promises[peer] == nil
}

// only is the one promise of a port, nil when it has none.
func (port *passivePort) only() *promise {
	for _, p := range port.promises {
		return p
	}
	return nil
}

// freeInRange chooses at random: a few draws nearly always find a free port,
// and all ports are looked at when they don't. RFC 2577 §8: a port that is
// easily guessed invites others to connect first.
func (pp *passivePorts) freeInRange(ctx context.Context, h *passiveHost, peer netip.Addr) (*passivePort, error) {
	n := pp.ports.count()
	for range rangeDraws {
		if port := pp.take(ctx, h, peer, pp.ports.First+uint16(rand.IntN(n))); port != nil {
			return port, nil
		}
	}
	for _, i := range rand.Perm(n) {
		if port := pp.take(ctx, h, peer, pp.ports.First+uint16(i)); port != nil {
			return port, nil
		}
	}
	if len(h.ports) == 0 && !pp.shared {
		return nil, fmt.Errorf("none of the ports %s on %s can be listened on", pp.ports, h.addr)
	}
	return nil, nil
}

// take returns the port of that number if it is free for the peer, else nil.
func (pp *passivePorts) take(ctx context.Context, h *passiveHost, peer netip.Addr, number uint16) *passivePort {
	port := h.numbers[number]
	switch {
	case port != nil && pp.vacant(port, peer):
		return port
	case port != nil, !pp.shared && time.Since(h.refused[number]) < listenerRest:
		return nil
	}
	port, err := pp.openPort(ctx, h, number)
	if err != nil && !pp.shared {
		h.refused[number] = time.Now()
	}
	if err != nil {
		return nil
	}
	return port
}

// openPort listens on one more port; 0 lets the system choose.
func (pp *passivePorts) openPort(ctx context.Context, h *passiveHost, number uint16) (*passivePort, error) {
	at := netip.AddrPortFrom(h.addr, number)
	ln, err := pp.listen(ctx, at)
	if err != nil && pp.shared {
		return nil, err // the other process has it
	}
	if err != nil {
		pp.toldFailed.tell(func(times int) {
			pp.log.Warn("passive port can't be opened", "listen", at.String(), "err", err, "times", times)
		})
		return nil, fmt.Errorf("passive port: %w", err)
	}
	if number == 0 {
		pp.open++
	}
	port := &passivePort{host: h, ln: ln, number: addrPort(ln.Addr()).Port(), promises: map[netip.Addr]*promise{}}
	if d := newPorter(ln); d != nil {
		port.porter, port.ln = d, d.ln
	}
	h.ports = append(h.ports, port)
	h.numbers[port.number] = port
	pp.accepts.Go(func() { pp.accept(port) })
	return port, nil
}

// accept is the goroutine of a listener.
func (pp *passivePorts) accept(port *passivePort) {
	trouble := backoff{log: pp.log, where: port.ln.Addr().String()}
	for {
		nc, err := pp.next(port)
		switch {
		case err == nil:
			trouble.over()
			pp.mu.Lock()
			pp.arrive(port, nc)
			pp.mu.Unlock()
		case timeout(err): // see porter
		case listenerGone(err):
			return
		default:
			trouble.pause(context.Background(), err)
		}
	}
}

// arrive gives a connection to the session that waits for its address. The lock is held.
func (pp *passivePorts) arrive(port *passivePort, nc net.Conn) {
	from := addrPort(nc.RemoteAddr())
	p := port.promises[from.Addr()]
	if p == nil && pp.trusted.has(from.Addr()) {
		p = port.only()
	}
	if p != nil {
		pp.fulfil(p, nc)
		return
	}
	nc.Close()
	pp.strangers.Add(1)
	pp.toldStranger.tell(func(times int) {
		pp.log.Warn("stranger on a passive port", "peer", from.String(), "port", port.number, "times", times)
	})
}

// fulfil hands a promise its connection, and the port to the next. The lock is held.
func (pp *passivePorts) fulfil(p *promise, nc net.Conn) {
	if p.late != nil {
		nc.Close()
	} else {
		p.arrived <- nc // has room: a promise is in the port until its first connection
	}
	pp.leave(p)
}

// retire closes a port that has rested long enough.
func (pp *passivePorts) retire(port *passivePort) {
	pp.mu.Lock()
	defer pp.mu.Unlock()
	h := port.host
	i := slices.Index(h.ports, port)
	if i < 0 || len(port.promises) > 0 || pp.closed {
		return
	}
	h.ports = slices.Delete(h.ports, i, i+1)
	delete(h.numbers, port.number)
	pp.open--
	port.shut()
}

// close ends all listening; sessions that wait are told.
func (pp *passivePorts) close() {
	pp.mu.Lock()
	pp.closed = true
	for _, h := range pp.hosts {
		for _, port := range h.ports {
			port.shut()
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
	pp.accepts.Wait()
}

// inUse is how many listeners there are for passive data connections.
func (pp *passivePorts) inUse() (n int) {
	pp.mu.Lock()
	defer pp.mu.Unlock()
	for _, h := range pp.hosts {
		n += len(h.ports)
	}
	return n
}
