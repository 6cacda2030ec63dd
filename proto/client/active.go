package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"ferry/proto"
)

// listen arranges a connection that the server makes: PORT for IPv4, EPRT for
// IPv6 and where PORT is refused.
//
// RFC 959 §4.1.2, RFC 2428 §2.
func (c *Client) listen(ctx context.Context) (*channel, error) {
	ln, at, err := c.openPort(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.announce(ctx, at); err != nil {
		_ = ln.Close()
		return nil, err
	}
	return &channel{ln: ln}, nil
}

// openPort listens on the address that the control connection comes from, in
// the configured range, and returns what to announce.
func (c *Client) openPort(ctx context.Context) (net.Listener, netip.AddrPort, error) {
	host := addrOf(c.conn.LocalAddr())
	r := c.cfg.ActivePorts
	for port := r.First; ; port++ {
		ln, err := c.cfg.Network.Listen(ctx, "tcp", net.JoinHostPort(host.String(), strconv.Itoa(int(port))))
		if err == nil {
			at, err := netip.ParseAddrPort(ln.Addr().String())
			if err != nil {
				_ = ln.Close()
				return nil, at, &DataError{Err: err}
			}
			if c.cfg.ActiveAddr.IsValid() {
				host = c.cfg.ActiveAddr
			}
			return ln, netip.AddrPortFrom(host.Unmap(), at.Port()), nil
		}
		if port >= r.Last || !errors.Is(err, syscall.EADDRINUSE) {
			return nil, netip.AddrPort{}, &DataError{Err: err}
		}
	}
}

// announce tells the server where to connect.
func (c *Client) announce(ctx context.Context, at netip.AddrPort) error {
	eprt := proto.Cmd("EPRT", proto.FormatExtended(at))
	if !at.Addr().Is4() && c.cfg.Data == ActivePlain {
		return &DataError{Err: fmt.Errorf("PORT can't carry %s", at.Addr())}
	}
	if !at.Addr().Is4() || c.cfg.Data == ActiveExtended {
		_, err := c.do(ctx, eprt)
		return err
	}
	_, err := c.do(ctx, proto.Cmd("PORT", proto.FormatHostPort(at)))
	if err == nil || c.cfg.Data == ActivePlain || !c.in.features.Has("EPRT") || !isRefusal(err) || c.Broken() {
		return err
	}
	_, err = c.do(ctx, eprt)
	return err
}

// accept waits for the server.
//
// SECURITY: only the control peer is let in. Whoever else finds the port, to
// steal a download or to slip in an upload (RFC 2577 §8), is turned away, and
// the wait goes on.
func (c *Client) accept(ctx context.Context, ch *channel) error {
	actx, cancel := bound(ctx, c.cfg.Timeouts.Meet)
	defer cancel()
	stop := context.AfterFunc(actx, func() { _ = ch.ln.Close() })
	defer stop()
	defer ch.ln.Close()
	for strangers := 0; strangers <= maxStrangers; strangers++ {
		nc, err := ch.ln.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = nc.Close()
			}
			return context.Cause(ctx)
		case actx.Err() != nil && err != nil:
			return &DataError{Err: &TimeoutError{What: "connection from the server", After: c.cfg.Timeouts.Meet}}
		case err != nil:
			return &DataError{Err: err}
		case addrOf(nc.RemoteAddr()).WithZone("") == c.peer.WithZone(""):
			ch.nc = nc
			c.steer(nc)
			return nil
		}
		_ = nc.Close()
	}
	return &DataError{Err: errors.New("only strangers connected")}
}
