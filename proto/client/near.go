package client

import (
	"context"
	"net"
	"net/netip"

	"ferry/proto"
	"ferry/proto/bare"
)

// Small files from a server on this machine come in less time than Go's poller
// takes to wake a thread for them: while a flight is under way, its goroutine
// waits in the system itself (see package bare).

// under is what the control connection goes over: what was dialled, or that with
// a way past the poller.
func (c *Client) under(nc net.Conn) net.Conn {
	if network, ok := c.cfg.Network.(proto.TCP); ok && network.LocalAddr == nil && c.near() {
		if c.wire = bare.Over(nc); c.wire != nil {
			return c.wire
		}
	}
	return nc
}

// linger has the replies of a flight awaited past the poller. What takes longer
// is awaited by the poller again, until the next flight.
func (c *Client) linger() {
	if c.wire != nil && c.tls == nil {
		_ = c.wire.Bare(briefWait) // else it stays what it is
	}
}

// dialBrief makes the data connection of a file of a flight. ok is false where that
// is nothing special.
func (c *Client) dialBrief(ctx context.Context, addr string) (nc net.Conn, ok bool, err error) {
	if c.wire == nil || c.tls != nil {
		return nil, false, nil
	}
	to, err := netip.ParseAddrPort(addr)
	if err != nil || !to.Addr().IsLoopback() {
		return nil, false, nil
	}
	b, err := bare.Dial(ctx, to, briefWait)
	if err != nil {
		return nil, true, err
	}
	return b, true, nil
}

// hold has the transfer of a file from or to this machine wait past the poller: it
// would be woken by every segment, or for each third of the socket's buffer.
func (c *Client) hold(nc net.Conn) net.Conn {
	if c.wire == nil || c.tls != nil {
		return nc
	}
	b := bare.Over(nc)
	if b == nil || b.Bare(holdWait) != nil {
		return nc
	}
	return b
}
