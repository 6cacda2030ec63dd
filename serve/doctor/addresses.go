package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// addresses compares what this machine has with what clients would be told.
func addresses(ctx context.Context, h Host) []Finding {
	own, err := interfaces()
	if err != nil {
		return []Finding{{Name: "own", Result: untold, Found: err.Error()}}
	}
	all := []Finding{good("own", "%s", words(own))}
	inside := !slices.ContainsFunc(own, func(a netip.Addr) bool { return a.Is4() && global(a) })
	switch {
	case h.Public != "":
		all = append(all, announced(ctx, h.Public, own))
	case inside:
		all = append(all, Finding{Name: "public", Result: weak, Found: "no public IPv4 address here: clients outside a NAT are told one that leads nowhere in 227 (EPSV is not concerned)",
			Fix: "if clients come from outside: --public-address NAME, and let the router forward the passive ports"})
	default:
		all = append(all, good("public", "each client is told the address that it has come to"))
	}
	return all
}

// announced looks at the address that 227 would have.
func announced(ctx context.Context, public string, own []netip.Addr) Finding {
	const name = "public"
	ctx, cancel := context.WithTimeout(ctx, lookup)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", public)
	if err != nil {
		return bad(name, "--public-address wants an IPv4 address, or a name that has one", err)
	}
	a := found[0].Unmap()
	switch {
	case slices.Contains(own, a):
		return good(name, "%s is %s, an address of this machine", public, a)
	case a.IsLoopback():
		return Finding{Name: name, Result: weak, Found: fmt.Sprintf("%s is %s: only clients on this machine get anywhere", public, a), Fix: "name the address that clients use"}
	case !global(a):
		return Finding{Name: name, Result: weak, Found: fmt.Sprintf("%s is %s, which is private and not this machine's", public, a), Fix: "clients outside can't reach it: name the address that the router has outside"}
	}
	return Finding{Name: name, Result: works, Found: fmt.Sprintf("%s is %s, behind NAT: the router must forward the control port and the passive ports to this machine", public, a)}
}

// interfaces are the addresses of this machine that others can reach.
func interfaces() (all []netip.Addr, err error) {
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if p, err := netip.ParsePrefix(f.String()); err == nil {
			if a := p.Addr().Unmap(); !a.IsLoopback() && !a.IsLinkLocalUnicast() {
				all = append(all, a)
			}
		}
	}
	return all, nil
}

// global reports an address that means the same everywhere. RFC 6598 has those
// of carriers' NAT.
func global(a netip.Addr) bool {
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}

func words(all []netip.Addr) string {
	if len(all) == 0 {
		return "none but loopback"
	}
	var s []string
	for _, a := range all {
		kind := " (private)"
		if global(a) {
			kind = ""
		}
		s = append(s, a.String()+kind)
	}
	return strings.Join(s, ", ")
}
