package client

import (
	"context"
	"errors"
	"fmt"
)

// A data connection under TLS has one end that begins the handshake, and a
// server expects that of whoever is there (RFC 4217 §7). Between two servers
// one is told to begin: by SSCN ON, for all its data connections from then on
// (ProFTPD, glftpd, ferry), or by CPSV in place of PASV (glftpd, ferry).

// errNoOpener: neither server can begin TLS with the other.
var errNoOpener = fmt.Errorf("a copy between encrypted sessions needs a server that knows SSCN or CPSV: %w", errors.ErrUnsupported)

// protect decides whether the servers talk TLS to each other: they do when
// both encrypt their data connections.
//
// SECURITY: what is read from an encrypted session must not travel in clear
// because it goes to another server.
func (x *exchange) protect() error {
	from, to := x.from.c, x.to.c
	x.sealed = from.DataEncrypted() && to.DataEncrypted()
	if x.sealed {
		for _, c := range []*Client{from, to} {
			if c.opens("SSCN") || c.opens("CPSV") {
				return nil
			}
		}
		return x.from.blame(errNoOpener)
	}
	for _, l := range []*leg{x.from, x.to} {
		if l.c.Encrypted() {
			return l.blame(fmt.Errorf("a copy between an encrypted session and one in clear: %w", errors.ErrUnsupported))
		}
	}
	return nil
}

// opens reports whether the server may know a command that has it begin TLS.
// One that says nothing of its features is asked.
func (c *Client) opens(verb string) bool {
	return c.in.features.Has(verb) || len(c.in.features) == 0
}

// cast tells one of the two servers to begin TLS, and the other not to. It
// returns the command that makes the listener listen.
//
// The one that connects comes first. A server that wants its own TLS session
// resumed on data connections will turn the other server away; as the one that
// begins it can't wish for that. So the attempt with the sides changed may
// succeed where the first did not.
func (x *exchange) cast(ctx context.Context, listener, connector *leg) (listen string, err error) {
	if !x.sealed {
		return "PASV", nil
	}
	for _, l := range []*leg{connector, listener} {
		other := listener
		if l == listener {
			other = connector
		}
		if !l.c.opens("SSCN") {
			continue
		}
		if err := other.c.serveTLS(ctx); err != nil {
			return "", other.blame(err)
		}
		if l.c.in.opensTLS {
			return "PASV", nil
		}
		_, err := l.c.done(ctx, "SSCN", "ON")
		if err == nil {
			return "PASV", nil
		}
		if !isRefusal(err) || l.c.Broken() {
			return "", l.blame(err)
		}
	}
	if listener.c.opens("CPSV") {
		return "CPSV", nil
	}
	return "", listener.blame(errNoOpener)
}

// serveTLS has the server expect the handshake again, as the data connections
// of this end want it.
func (c *Client) serveTLS(ctx context.Context) error {
	if !c.in.opensTLS {
		return nil
	}
	_, err := c.done(ctx, "SSCN", "OFF")
	return err
}
