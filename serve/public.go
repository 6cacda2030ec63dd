package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// publicAddress is what --public-address names: the address that the outside
// world reaches this server by, when a translator stands between.
type publicAddress struct {
	host   string // "" when none is configured
	lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	log    *slog.Logger

	mu     sync.Mutex
	addr   netip.Addr
	warned bool
	asked  time.Time // when the name was looked up last
	asking bool
}

func newPublicAddress(cfg Config) *publicAddress {
	p := &publicAddress{host: cfg.Passive.Public, log: cfg.Logger}
	p.lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
		return net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	}
	if a, err := netip.ParseAddr(p.host); err == nil {
		p.host, p.addr = "", a.Unmap()
	}
	return p
}

// start looks the name up, if that was not done yet. That it does not exist is
// an error; that the name servers don't answer is only told, since they may
// be starting as this machine is.
func (p *publicAddress) start(ctx context.Context) error {
	p.mu.Lock()
	done := p.host == "" || !p.asked.IsZero()
	p.mu.Unlock()
	if done {
		return nil
	}
	err := p.ask(ctx)
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return &StartError{
			Err:  fmt.Errorf("public address %s: no such host with an IPv4 address", p.host),
			Next: "--public-address is a name that clients outside can look up, or an IPv4 address",
		}
	}
	p.tell(err)
	return nil
}

// ask looks the name up. The last good answer stays when it fails.
func (p *publicAddress) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, publicLookup)
	defer cancel()
	found, err := p.lookup(ctx, p.host)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked, p.asking = time.Now(), false
	if err == nil && len(found) > 0 && found[0].Unmap() != p.addr {
		p.addr = found[0].Unmap()
		p.log.Info("public address", "host", p.host, "announced", p.addr.String())
	}
	return err
}

func (p *publicAddress) tell(err error) {
	if err != nil {
		p.log.Warn("public address can't be looked up, what was known stays in force", "host", p.host, "err", err)
	}
}

// announced is the address for 227: the public one for peers outside, else
// the one that the peer has already reached.
func (p *publicAddress) announced(local, peer netip.Addr) netip.Addr {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.host != "" && !p.asking && time.Since(p.asked) > publicAge {
		p.asking = true
		go func() { p.tell(p.ask(context.Background())) }()
	}
	p.warn(local, peer)
	switch {
	case !p.addr.IsValid() || peer.IsLoopback():
		return local
	case inside(peer) && !inside(p.addr):
		return local // the peer stands on this side of the translator
	}
	return p.addr
}

// warn tells, once, that a translator stands between this server and a client
// that came through it, when the settings that this needs are not there.
func (p *publicAddress) warn(local, peer netip.Addr) {
	if p.warned || p.addr.IsValid() || p.host != "" || !inside(local) || inside(peer) {
		return
	}
	p.warned = true
	p.log.Warn("clients outside come through an address translator", "local", local.String(), "peer", peer.String(),
		"hint", "--public-address HOST and --passive-ports A-B, and forward these ports, else data connections fail")
}

// inside reports whether an address is of a private network.
func inside(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || carrierNAT().Contains(a)
}

// carrierNAT is RFC 6598's shared address space.
func carrierNAT() netip.Prefix { return netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10) }
