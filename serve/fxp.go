package serve

import (
	"fmt"
	"net/netip"
	"strings"
)

// Trusted are the hosts besides the client's own that data connections may be
// made with, so that a client can send a file from one server to another
// (RFC 959 §2.3, figure 2). The zero value trusts nobody.
//
// SECURITY: a trusted host may take, or feed, any transfer for which it is
// first at the port, and any user may have this server connect to it, at ports
// from 1024 on. That is what it is to be trusted; nobody is by default.
type Trusted []netip.Prefix

// ParseTrusted reads addresses and networks: 192.0.2.7, 192.0.2.0/24, 2001:db8::/32.
func ParseTrusted(words []string) (Trusted, error) {
	var t Trusted
	for _, w := range words {
		p, err := netip.ParsePrefix(w)
		if !strings.Contains(w, "/") {
			var a netip.Addr
			a, err = netip.ParseAddr(w)
			a = a.Unmap().WithZone("")
			p = netip.PrefixFrom(a, a.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("%q: want an address or a network, as in 192.0.2.7 or 192.0.2.0/24", w)
		}
		t = append(t, p.Masked())
	}
	return t, nil
}

// has reports whether a is trusted. What leads back to this machine, or to
// many, is so only when it is named itself: 0.0.0.0/0 does not mean 127.0.0.1.
func (t Trusted) has(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range t {
		if p.Contains(a) && (!inward(a) || inward(p.Addr()) && p.Bits() > 0) {
			return true
		}
	}
	return false
}

func inward(a netip.Addr) bool {
	return a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified()
}
