package memnet

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// Listener waits for connections to one address, or to all of its host's.
type Listener struct {
	host   *Host
	addr   netip.AddrPort // of an unspecified address: all of its family
	both   bool           // unspecified and of either family
	mu     sync.Mutex
	signal sync.Cond // any of the below
	queue  []*Conn
	closed bool
	by     deadline
}

var _ net.Listener = (*Listener)(nil)

func newListener(h *Host, addr netip.AddrPort, both bool) *Listener {
	l := &Listener{host: h, addr: addr, both: both}
	l.signal.L = &l.mu
	return l
}

// covers reports whether connections to a come here.
func (l *Listener) covers(a netip.Addr) bool {
	if l.addr.Addr().IsUnspecified() {
		return l.both || a.Is4() == l.addr.Addr().Is4()
	}
	return a == l.addr.Addr()
}

// overlaps reports whether both can't be there at once.
func (l *Listener) overlaps(o *Listener) bool {
	return l.covers(o.addr.Addr()) || o.covers(l.addr.Addr()) || l.both && o.addr.Addr().IsUnspecified()
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		switch {
		case l.closed:
			return nil, l.wrap("accept", net.ErrClosed)
		case l.by.passed:
			return nil, l.wrap("accept", os.ErrDeadlineExceeded)
		case len(l.queue) > 0:
			c := l.queue[0]
			l.queue = l.queue[1:]
			return c, nil
		}
		l.signal.Wait()
	}
}

// offer queues a new connection.
func (l *Listener) offer(c *Conn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.queue) >= backlog {
		return syscall.ECONNREFUSED
	}
	l.queue = append(l.queue, c)
	l.signal.Broadcast()
	return nil
}

// Close frees the address. Connections that nobody accepted are reset.
func (l *Listener) Close() error {
	l.host.forget(l)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return l.wrap("close", net.ErrClosed)
	}
	l.closed = true
	l.by.stop()
	for _, c := range l.queue {
		_ = c.Reset()
	}
	l.queue = nil
	l.signal.Broadcast()
	return nil
}

// Addr returns a *net.TCPAddr with the port in use.
func (l *Listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.addr) }

// SetDeadline bounds Accept, as that of *net.TCPListener.
func (l *Listener) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return l.wrap("set", net.ErrClosed)
	}
	l.by.set(&l.signal, t)
	return nil
}

func (l *Listener) wrap(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Addr: l.Addr(), Err: err}
}
