package client

import (
	"context"
	"errors"
	"net"
	"net/netip"

	"ferry/proto"
)

// Relay is a proxy that speaks FTP itself: the control connection is made with
// it, and it is told in commands which server is meant. Data connections are
// made with it, too. The zero value is none.
type Relay struct {
	Address string       // host or host:port (21)
	User    string       // its own login, "" for none
	Pass    proto.Secret // of User
	Style   RelayStyle
}

// RelayStyle is how a relay is told the server.
type RelayStyle byte

const (
	RelayUserAt RelayStyle = iota // USER user@host
	RelayOpen                     // OPEN host, then USER user
	RelaySite                     // SITE host, then USER user
)

// proxied is a network whose connections end at a proxy.
type proxied interface{ Proxied() string }

// peerOf is the address of the server at the end of nc. Behind a proxy it is
// known only where the server was named by it.
//
// SECURITY: the proxy's own address must not be taken for the server's: trust
// in the host (loopback) and the checks of data addresses rest on it.
func peerOf(nc net.Conn, host string, network proto.Network) netip.Addr {
	if _, ok := network.(proxied); !ok {
		return addrOf(nc.RemoteAddr())
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		return netip.Addr{}
	}
	addr, err := netip.ParseAddr(name)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap()
}

// gate is what is dialled: the relay, or the server itself.
func (cfg Config) gate(host string) string {
	if cfg.Relay.Address == "" {
		return host
	}
	return withPort(cfg.Relay.Address, cfg.TLS)
}

// reach tells the relay which server is meant, once a connection, and returns
// what USER has to say. Without a relay that is the user.
func (c *Client) reach(ctx context.Context, user string) (string, error) {
	r := c.cfg.Relay
	if r.Address == "" {
		return user, nil
	}
	host, port, err := net.SplitHostPort(c.host)
	if err != nil {
		return "", err
	}
	if r.User != "" && !c.in.reached {
		if err := c.enterAs(ctx, Credentials{User: r.User, Pass: r.Pass}, r.User); err != nil {
			return "", &ConnectError{Host: r.Address, Step: RelayStep, Err: err}
		}
	}
	if r.Style == RelayUserAt {
		c.in.reached = true
		if port != "21" {
			host = c.host
		}
		return user + "@" + host, nil
	}
	if !c.in.reached {
		if err := c.pass(ctx, host, port); err != nil {
			return "", err
		}
		c.in.reached = true
	}
	return user, nil
}

// pass has the relay connect to the server, whose greeting may come of it.
func (c *Client) pass(ctx context.Context, host, port string) error {
	verb := "OPEN"
	if c.cfg.Relay.Style == RelaySite {
		verb = "SITE"
	}
	cmd := proto.Cmd(verb, host)
	if port != "21" {
		cmd = proto.Cmd(verb, host, port)
	}
	r, err := c.do(ctx, cmd)
	var re *proto.ReplyError
	if errors.As(err, &re) && !c.Broken() {
		return &ConnectError{Host: c.host, Step: RelayStep, Err: re}
	}
	if err == nil && r.Code == proto.Ready {
		c.greeting = r
		c.recognise()
	}
	return err
}
