package memnet

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"

	"ferry/proto"
)

// Host is a machine on the network. Its fields are guarded by the network's
// lock.
type Host struct {
	network   *Network
	addrs     []netip.Addr
	listeners map[uint16][]*Listener
	port      uint16 // the next that nobody chose
}

var _ proto.Network = (*Host)(nil)

// Listen announces on address: "10.0.0.1:21", ":0" for a free port and all
// addresses. network is tcp, tcp4 or tcp6. Errors: EADDRINUSE, EADDRNOTAVAIL.
func (h *Host) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	l, err := h.listen(ctx, network, address)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	return l, nil
}

func (h *Host) listen(ctx context.Context, network, address string) (*Listener, error) {
	name, port, err := split(address)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	addr, both := netip.IPv6Unspecified(), name == "" && network == "tcp"
	switch {
	case name == "" && network == "tcp4":
		addr = netip.IPv4Unspecified()
	case name != "":
		addrs, err := h.network.resolve(name)
		if addrs = ofFamily(addrs, network); err != nil || len(addrs) == 0 {
			return nil, orElse(err, syscall.EADDRNOTAVAIL)
		}
		addr = addrs[0]
	}

	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	if !addr.IsUnspecified() && !addr.IsLoopback() && !slices.Contains(h.addrs, addr) {
		return nil, syscall.EADDRNOTAVAIL
	}
	if port == 0 {
		port = h.freePort()
	}
	l := newListener(h, netip.AddrPortFrom(addr, port), both)
	if slices.ContainsFunc(h.listeners[port], l.overlaps) {
		return nil, syscall.EADDRINUSE
	}
	h.listeners[port] = append(h.listeners[port], l)
	return l, nil
}

// freePort returns a port on which nobody listens.
func (h *Host) freePort() uint16 {
	for {
		p := h.port
		if h.port++; h.port == 0 {
			h.port = firstPort
		}
		if len(h.listeners[p]) == 0 {
			return p
		}
	}
}

func (h *Host) forget(l *Listener) {
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	port := l.addr.Port()
	left := slices.DeleteFunc(h.listeners[port], func(o *Listener) bool { return o == l })
	if h.listeners[port] = left; len(left) == 0 {
		delete(h.listeners, port)
	}
}

// DialContext connects to a name or an address. Errors, within *net.OpError:
// *net.DNSError, ECONNREFUSED, EHOSTUNREACH for an address that nobody has.
func (h *Host) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, at, err := h.dial(ctx, network, address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: at, Err: err}
	}
	return c, nil
}

func (h *Host) dial(ctx context.Context, network, address string) (*Conn, net.Addr, error) {
	name, port, err := split(address)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, nil, err
	}
	if name == "" {
		name = "localhost"
	}
	addrs, err := h.network.resolve(name)
	if addrs = ofFamily(addrs, network); err != nil || len(addrs) == 0 {
		return nil, nil, orElse(err, &net.AddrError{Err: "no suitable address", Addr: name})
	}
	var at net.Addr
	for _, a := range addrs {
		c, cerr := h.connect(ctx, netip.AddrPortFrom(a, port))
		if cerr == nil {
			return c, nil, nil
		}
		if err == nil {
			err, at = cerr, net.TCPAddrFromAddrPort(netip.AddrPortFrom(a, port))
		}
	}
	return nil, at, err
}

// connect opens a connection to an address.
func (h *Host) connect(ctx context.Context, to netip.AddrPort) (*Conn, error) {
	to = netip.AddrPortFrom(whole(to.Addr()), to.Port())
	r, err := h.route(to)
	if err != nil {
		return nil, err
	}
	switch verdict := r.ask(to); {
	case verdict == Drop:
		return nil, orElse(wait(ctx, dialTimeout), syscall.ETIMEDOUT)
	case verdict == Refuse:
		err = syscall.ECONNREFUSED
	}
	if werr := wait(ctx, 2*r.delay); werr != nil || err != nil {
		return nil, orElse(werr, err)
	}
	near, far := connect(net.TCPAddrFromAddrPort(r.from), net.TCPAddrFromAddrPort(to), r.delay)
	return near, r.listener.offer(far)
}

// wait lets time pass.
func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// route is how a dial goes.
type route struct {
	listener *Listener
	from     netip.AddrPort
	delay    time.Duration
	filter   func(from, to netip.AddrPort) Verdict
}

func (r route) ask(to netip.AddrPort) Verdict {
	if r.filter == nil {
		return Pass
	}
	return r.filter(netip.AddrPortFrom(r.from.Addr(), 0), to)
}

// route finds who listens at to, and the address that the dial comes from.
func (h *Host) route(to netip.AddrPort) (route, error) {
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	addr := to.Addr()
	peer := h.network.hosts[addr]
	if peer == nil && addr.IsLoopback() {
		peer = h
	}
	from := h.source(addr, peer)
	if peer == nil || !from.IsValid() {
		return route{}, syscall.EHOSTUNREACH
	}
	for _, l := range peer.listeners[to.Port()] {
		if l.covers(addr) {
			at := netip.AddrPortFrom(from, h.freePort())
			return route{l, at, h.network.delay, h.network.filter}, nil
		}
	}
	return route{}, syscall.ECONNREFUSED
}

// source is the address from which to speak to addr, which peer has: a host
// speaks to itself from that same address.
func (h *Host) source(addr netip.Addr, peer *Host) netip.Addr {
	if peer == h {
		return addr
	}
	for _, a := range h.addrs {
		if a.Is4() == addr.Is4() {
			return a
		}
	}
	return netip.Addr{}
}

// whole makes the unspecified address, dialled, the loopback's.
func whole(a netip.Addr) netip.Addr {
	switch {
	case !a.IsUnspecified():
		return a
	case a.Is4():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.IPv6Loopback()
}

func split(address string) (host string, port uint16, err error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return "", 0, &net.AddrError{Err: "invalid port", Addr: address}
	}
	return host, uint16(n), nil
}

func ofFamily(addrs []netip.Addr, network string) []netip.Addr {
	var of []netip.Addr
	for _, a := range addrs {
		if network == "tcp" || a.Is4() == (network == "tcp4") {
			of = append(of, a)
		}
	}
	return of
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
