package serve

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"ferry/serve/parent"
)

// A server that is being replaced has sessions left, which need passive ports,
// and so have those of its successor; where a range is configured both take
// from the same. A listener that two processes accept on would give data
// connections to the wrong one. So while there are two, a port is open only as
// long as it has promises: that the system lets one process at a time listen
// on it is the lock.

// Retire accepts no more sessions and lets those that there are go on. Serve
// returns when the last of them has ended.
func (srv *Server) Retire() { srv.stopListening() }

// share says whether there is another process with sessions, which takes ports of
// the same range.
func (srv *Server) share(with parent.Company) {
	srv.former.Store(with == parent.Others)
	pp := srv.data
	pp.mu.Lock()
	defer pp.mu.Unlock()
	pp.shared = with == parent.Others && pp.ports.count() > 0
	if !pp.shared {
		return
	}
	for _, h := range pp.hosts {
		for _, port := range slices.Clone(h.ports) {
			pp.giveBack(port)
		}
	}
}

// giveBack closes a port that has no promises. The lock is held.
func (pp *passivePorts) giveBack(port *passivePort) {
	h := port.host
	i := slices.Index(h.ports, port)
	if i < 0 || len(port.promises) > 0 || pp.closed {
		return
	}
	h.ports = slices.Delete(h.ports, i, i+1)
	delete(h.numbers, port.number)
	port.shut()
}

// awaitShared looks again and again for a port that no process has, as wait
// does where a session of this process gives one up.
func (pp *passivePorts) awaitShared(ctx context.Context, local, peer netip.Addr) (*promise, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, pp.meet, errNoPort)
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(sharedPause):
		}
		p, err := pp.tryShared(ctx, local, peer)
		if p != nil || err != nil {
			return p, err
		}
	}
}

func (pp *passivePorts) tryShared(ctx context.Context, local, peer netip.Addr) (*promise, error) {
	pp.mu.Lock()
	defer pp.mu.Unlock()
	if pp.closed {
		return nil, errPortsClosed
	}
	port, err := pp.free(ctx, pp.host(local), peer)
	if port == nil || err != nil {
		return nil, err
	}
	return pp.enter(port, peer), nil
}
