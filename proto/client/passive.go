package client

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"time"

	"ferry/proto"
)

// passive arranges a connection that this end makes: EPSV, and PASV where
// EPSV is refused, answered with nonsense, or leads to a port that a firewall
// closes.
//
// RFC 2428 §3; RFC 1123 §4.1.2.6.
func (c *Client) passive(ctx context.Context) (*channel, error) {
	quirks := c.Quirks()
	var first error
	if c.cfg.Data != PassivePlain && !(quirks.NoEPSV && c.cfg.Data == Passive) {
		ch, err := c.extended(ctx)
		if err == nil {
			return ch, nil
		}
		if c.cfg.Data == PassiveExtended || c.Broken() || ctx.Err() != nil || !isAnswer(err) {
			return nil, err
		}
		first = err
	}
	ch, err := c.plain(ctx)
	switch {
	case err == nil && first != nil && lasting(first):
		c.learn(func(q *Quirks) { q.NoEPSV = true })
	case err != nil && first != nil && isRefusal(err):
		return nil, first // PASV is not known either: EPSV's failure says more
	}
	return ch, err
}

// isAnswer tells a failure that PASV may not have.
func isAnswer(err error) bool {
	var se *proto.SyntaxError
	var de *DataError
	return isRefusal(err) || errors.As(err, &se) || errors.As(err, &de)
}

func isRefusal(err error) bool {
	var re *proto.ReplyError
	return errors.As(err, &re)
}

// lasting tells a failure of EPSV that will be there the next time too.
func lasting(err error) bool {
	var re *proto.ReplyError
	return !errors.As(err, &re) || !re.Temporary()
}

// extended is EPSV.
func (c *Client) extended(ctx context.Context) (*channel, error) {
	r, err := c.do(ctx, proto.Cmd("EPSV"))
	if err != nil {
		return nil, err
	}
	return c.listened(ctx, r)
}

// listened connects to where the server listens by its reply to EPSV.
func (c *Client) listened(ctx context.Context, r proto.Reply) (*channel, error) {
	port, err := proto.ParseExtendedPassive(r.Text())
	if err != nil || r.Code != proto.ExtendedPassive {
		return nil, &proto.SyntaxError{What: "reply to EPSV", Text: r.String()}
	}
	wait := c.cfg.Timeouts.Meet
	if c.cfg.Data == Passive {
		wait = min(wait, epsvMeet)
	}
	return c.meet(ctx, c.peerPort(port), wait)
}

// plain is PASV.
func (c *Client) plain(ctx context.Context) (*channel, error) {
	r, err := c.do(ctx, proto.Cmd("PASV"))
	if err != nil {
		return nil, err
	}
	offer, err := proto.ParsePassive(r.Text())
	if err != nil || r.Code != proto.PassiveMode {
		return nil, &proto.SyntaxError{What: "reply to PASV", Text: r.String()}
	}
	return c.meet(ctx, c.choose(offer), c.cfg.Timeouts.Meet)
}

// choose decides where to connect for a 227.
//
// SECURITY: data connections are made with the control peer and nobody else.
// A server that could name any address would have its clients knock at hosts
// behind their firewalls (curl's CVE-2020-8284), and servers behind NAT name
// addresses that lead nowhere.
func (c *Client) choose(offer netip.AddrPort) string {
	if !c.peer.IsValid() && c.cfg.DataHost != Announced {
		return c.peerPort(offer.Port())
	}
	return c.chosen(offer).String()
}

// chosen is choose where the peer's address is known, or doesn't matter.
func (c *Client) chosen(offer netip.AddrPort) netip.AddrPort {
	if c.peer.IsValid() && (c.cfg.DataHost != Announced || local(offer.Addr()) && !local(c.peer)) {
		return netip.AddrPortFrom(c.peer, offer.Port())
	}
	return offer
}

// peerPort is a port of the host at the other end of the control connection.
// Behind a proxy only its name is known.
func (c *Client) peerPort(port uint16) string {
	host := c.peer.String()
	if !c.peer.IsValid() {
		host, _, _ = net.SplitHostPort(c.host)
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

// meet makes the connection at once, unless one was made before with this
// server: then the command that uses it goes first, which saves a round trip.
func (c *Client) meet(ctx context.Context, addr string, wait time.Duration) (*channel, error) {
	ch := &channel{addr: addr}
	if q := c.Quirks(); q.Reachable && !q.ConnectFirst {
		return ch, nil
	}
	return ch, c.dialData(ctx, ch, wait)
}

// steer sets how a data connection answers loss when it sends. Over loopback
// nothing is lost, and bbr, which paces what it sends, was seen at a quarter of
// the speed there: the system's stays, unless another is named.
func (c *Client) steer(nc net.Conn) {
	pace := ""
	if c.cfg.Congestion != proto.BestCongestion || !c.peer.IsLoopback() {
		pace = c.cfg.Congestion.Apply(nc)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pace = pace
}

// SetCongestion changes it for the data connections that follow.
func (c *Client) SetCongestion(how proto.Congestion) { c.cfg.Congestion = how }

// Congestion is the congestion control that the last data connection got from
// Config.Congestion; "" none, or none yet: it is the system's.
func (c *Client) Congestion() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pace
}

func (c *Client) dialData(ctx context.Context, ch *channel, wait time.Duration) error {
	dctx, cancel := bound(ctx, wait)
	defer cancel()
	nc, err := c.dial(dctx, ch)
	switch {
	case err == nil:
		ch.nc = nc
		c.steer(nc)
		c.learn(func(q *Quirks) { q.Reachable = true })
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case dctx.Err() != nil:
		err = &TimeoutError{What: "answer", After: wait}
	}
	return &DataError{Addr: ch.addr, Err: err}
}

func (c *Client) dial(ctx context.Context, ch *channel) (net.Conn, error) {
	if ch.brief {
		if nc, ok, err := c.dialBrief(ctx, ch.addr); ok {
			return nc, err
		}
	}
	return c.cfg.Network.DialContext(ctx, "tcp", ch.addr)
}
