package serve

import (
	"net/netip"

	"ferry/serve/users"
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
	return users.ParseNetworks(words)
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
