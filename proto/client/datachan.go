package client

import (
	"context"
	"net"
	"net/netip"

	"ferry/proto"
)

// Method says how data connections are made.
type Method byte

const (
	Passive         Method = iota // the client connects: EPSV, else PASV
	Active                        // the server connects: EPRT for IPv6, PORT for IPv4
	PassivePlain                  // PASV only
	PassiveExtended               // EPSV only
	ActivePlain                   // PORT only
	ActiveExtended                // EPRT only
)

// Listens reports whether the client is the end that listens.
func (m Method) Listens() bool {
	return m == Active || m == ActivePlain || m == ActiveExtended
}

// channel is a data connection: first arranged, then standing.
type channel struct {
	addr  string       // passive: where to connect
	brief bool         // it is for one small file of many
	ln    net.Listener // active: where the server connects
	nc    net.Conn     // nil until it stands
	tls   *sealed      // over nc; nil: in clear
}

// arrange agrees with the server on a data connection for cmd. In passive
// mode it stands already, unless the server is known to be reachable: then it
// is made while the command is on its way.
func (c *Client) arrange(ctx context.Context, cmd proto.Command) (*channel, error) {
	c.leaveLane()
	if c.cfg.Data.Listens() {
		return c.listen(ctx)
	}
	if c.wantsPRET() {
		if _, err := c.try(ctx, proto.Cmd("PRET", cmd.Verb, cmd.Arg)); err != nil {
			return nil, err
		}
	}
	return c.passive(ctx)
}

// stand makes the connection, when it was not made before.
func (c *Client) stand(ctx context.Context, ch *channel) error {
	switch {
	case ch.nc != nil:
		return nil
	case ch.ln != nil:
		return c.accept(ctx, ch)
	}
	return c.dialData(ctx, ch, c.cfg.Timeouts.Meet)
}

// local reports an address that means something only near its owner.
func local(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() ||
		a.IsMulticast() || shared(a)
}

// shared is the space of carrier-grade NAT, RFC 6598.
func shared(a netip.Addr) bool {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10).Contains(a)
}

// close ends the connection in the orderly way.
func (ch *channel) close() {
	if ch.ln != nil {
		_ = ch.ln.Close()
	}
	switch {
	case ch.tls != nil:
		_ = ch.tls.Close()
	case ch.nc != nil:
		_ = ch.nc.Close()
	}
}

// sent tells the other end that all was sent. Under TLS the connection stays
// open for its farewell.
func (ch *channel) sent() {
	if ch.tls != nil {
		ch.tls.end()
		return
	}
	ch.close()
}

// reset ends it so that the other end sees that it was cut: the end of a
// stream-mode upload must not look like the end of its file.
func (ch *channel) reset() {
	if l, ok := ch.nc.(interface{ SetLinger(sec int) error }); ok {
		_ = l.SetLinger(0)
	}
	if ch.tls != nil {
		_ = ch.nc.Close() // without close_notify
		ch.tls = nil
	}
	ch.close()
}

// remote is the other end's address, "" while nobody is there.
func (ch *channel) remote() string {
	if ch.nc == nil {
		return ch.addr
	}
	return ch.nc.RemoteAddr().String()
}
