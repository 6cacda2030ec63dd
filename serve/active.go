package serve

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

// AddressError is a PORT or EPRT to where this server does not connect.
type AddressError struct {
	To  netip.AddrPort
	Why string
}

func (e *AddressError) Error() string { return fmt.Sprintf("data address %s: %s", e.To, e.Why) }

// active promises to dial the peer of a session. The error is *AddressError.
//
// SECURITY: RFC 2577 §3 (bounce attack): data goes to the host at the other
// end of the control connection, or to one that Config.FXP trusts, and to no
// port of a well-known service, so that nobody can make this server talk to a
// third.
func (srv *Server) active(s *session, to netip.AddrPort) (meeting, error) {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	own := to.Addr() == s.peer.Addr().WithZone("")
	if !own && !srv.cfg.FXP.has(to.Addr()) {
		return nil, &AddressError{To: to, Why: "not the address of the control connection"}
	}
	if to.Port() < lowestActivePort {
		return nil, &AddressError{To: to, Why: "ports below 1024 are refused"}
	}
	if own {
		to = netip.AddrPortFrom(s.peer.Addr(), to.Port()) // with the zone of a link-local peer
	}
	return &outgoing{srv: srv, from: s.local.Addr(), to: to}, nil
}

// outgoing is a meeting that this end dials.
type outgoing struct {
	srv  *Server
	from netip.Addr
	to   netip.AddrPort
}

// connect dials from the address that the control connection came to: a
// client behind a firewall expects no other.
func (c *outgoing) connect(ctx context.Context) (net.Conn, error) {
	meet := c.srv.limits().Meet
	ctx, cancel := context.WithTimeoutCause(ctx, meet, fmt.Errorf("no answer from %s within %v", c.to, meet))
	defer cancel()
	nc, err := dataDial(ctx, c.srv.cfg.Network, c.from, c.to)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err == nil && steers(c.srv.cfg.Congestion, c.to.Addr()) {
		got := c.srv.cfg.Congestion.Apply(nc)
		c.srv.dialled.Do(func() { logCongestion(c.srv.cfg, got) })
	}
	return nc, err
}

func (c *outgoing) open() bool { return false }

func (c *outgoing) cancel() {}
