package serve

import (
	"context"
	"net"
	"net/netip"
	"sync"

	"ferry/proto"
)

// Listen announces a control listener on the host's TCP. Its connections
// inherit what a control connection needs: urgent data in line, keep-alive.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	ln, err := plainTCP().Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if t, ok := ln.(*net.TCPListener); ok {
		return &controlListener{t}, nil
	}
	return ln, nil
}

// plainTCP makes listeners whose connections Go leaves as they are: no
// keep-alive of its own, and no MPTCP, which knows neither urgent data nor
// all that the kernel does for TCP.
func plainTCP() *net.ListenConfig {
	lc := &net.ListenConfig{KeepAlive: -1}
	lc.SetMultipathTCP(false)
	return lc
}

// controlListener marks what Listen has made.
type controlListener struct{ *net.TCPListener }

// dataListen is how passive ports are opened. On the host's TCP connections
// are left without keep-alive: the stall clock watches them, and four system
// calls for each file are saved. Connections inherit the congestion control.
func dataListen(n proto.Network, steer func(net.Listener)) func(context.Context, netip.AddrPort) (net.Listener, error) {
	return func(ctx context.Context, at netip.AddrPort) (net.Listener, error) {
		if _, host := n.(proto.TCP); host {
			ln, err := plainTCP().Listen(ctx, family(at.Addr()), at.String())
			if err == nil {
				steer(ln)
			}
			return ln, err
		}
		return n.Listen(ctx, family(at.Addr()), at.String())
	}
}

// steering sets the congestion control of what a listener accepts, and says once
// which one is in force.
func steering(cfg Config) func(net.Listener) {
	var once sync.Once
	return func(ln net.Listener) {
		if !steers(cfg.Congestion, addrPort(ln.Addr()).Addr()) {
			return
		}
		got := cfg.Congestion.Apply(ln)
		once.Do(func() { logCongestion(cfg, got) })
	}
}

func logCongestion(cfg Config, got string) {
	if got == "" {
		got = "the system's"
	}
	cfg.Logger.Info("congestion control of data connections", "is", got, "wanted", cfg.Congestion.String())
}

// steers reports whether connections with an address are given a congestion
// control. Over loopback nothing is lost, and bbr, which paces what it sends,
// was seen at a quarter of the speed there: the system's stays, unless another
// is named.
func steers(c proto.Congestion, with netip.Addr) bool {
	return c != proto.BestCongestion || !with.IsLoopback()
}

// dataDial connects to a peer from one of this machine's addresses.
func dataDial(ctx context.Context, n proto.Network, from netip.Addr, to netip.AddrPort) (net.Conn, error) {
	if _, host := n.(proto.TCP); host {
		d := net.Dialer{KeepAlive: -1}
		if from.IsValid() {
			d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
		}
		return d.DialContext(ctx, family(to.Addr()), to.String())
	}
	return n.DialContext(ctx, family(to.Addr()), to.String())
}

func family(a netip.Addr) string {
	if a.Is4() || a.Is4In6() {
		return "tcp4"
	}
	return "tcp6"
}
