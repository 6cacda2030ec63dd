package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"ferry/proto"
)

var (
	// ErrNoTLS: TLS is wanted and the server has none.
	ErrNoTLS = errors.New("the server has no TLS")
	// ErrDowngrade: TLS was there before and is not now. Either the server
	// has lost it, or somebody in between takes it away.
	ErrDowngrade = errors.New("the server had TLS before and refuses it now")
	// ErrPlainData: the server encrypts commands and would not encrypt files.
	ErrPlainData = errors.New("the server does not encrypt data connections")
)

// protection is what the control connection's TLS is made of; data connections
// are made of the same.
type protection struct {
	conn   *tls.Conn
	config *tls.Config
	since  time.Time
}

// alpn is FTP's name in ALPN, RFC 7301. Servers that know it can tell that a
// browser was led to them by somebody else (ALPACA); the others ignore it.
const alpn = "ftp"

// secure encrypts the control connection as the policy wants it, by AUTH TLS
// before anything secret is sent.
//
// SECURITY: what asks for TLS and can't have it gets no session in clear.
func (c *Client) secure(ctx context.Context) error {
	if c.cfg.TLS == TLSOff || c.cfg.TLS == TLSIfOffered && c.near() && len(c.cfg.Security.Pins) == 0 {
		return ctx.Err()
	}
	if c.cfg.TLS == TLSImplicit {
		return c.protectData(ctx)
	}
	auth := proto.Cmd("AUTH", "TLS")
	r, err := c.try(ctx, auth)
	switch {
	case err != nil:
		return c.noTLS(err)
	case r.Code != proto.SecurityOK:
		return c.refusedTLS(&proto.ReplyError{Command: auth, Reply: r})
	}
	if err := c.encrypt(ctx); err != nil {
		return err
	}
	return c.protectData(ctx)
}

// near reports a server on this machine: nobody listens in between.
func (c *Client) near() bool { return c.peer.IsLoopback() }

// refusedTLS decides what a refusal of AUTH means.
//
// SECURITY: whoever sits in between can answer 500 to AUTH. Where TLS is
// wanted, or was once, that ends the session.
func (c *Client) refusedTLS(refusal error) error {
	switch {
	case c.cfg.TLS == TLSIfOffered && c.cfg.Security.Seen:
		return c.noTLS(fmt.Errorf("%w: %w", ErrDowngrade, refusal))
	case c.cfg.TLS == TLSIfOffered && len(c.cfg.Security.Pins) == 0:
		return nil
	}
	return c.noTLS(fmt.Errorf("%w: %w", ErrNoTLS, refusal))
}

func (c *Client) noTLS(err error) error {
	var le *LostError
	if errors.As(err, &le) {
		err = le.Err // the host is told already
	}
	return &ConnectError{Host: c.host, Step: Handshake, Err: err}
}

// encrypt does the handshake of the control connection.
//
// SECURITY: what was said in clear may have been anybody's and is forgotten;
// bytes that came behind the 234 end the session (proto.Conn.Upgrade).
func (c *Client) encrypt(ctx context.Context) error {
	config := c.tlsConfig()
	var tc *tls.Conn
	err := c.conn.Upgrade(func(nc net.Conn) net.Conn {
		_ = nc.SetDeadline(after(0))
		tc = tls.Client(nc, config)
		return tc
	})
	if err == nil {
		hctx, cancel := bound(ctx, c.cfg.Timeouts.Connect)
		err = tc.HandshakeContext(hctx)
		if err != nil && ctx.Err() == nil && hctx.Err() != nil {
			err = &TimeoutError{What: "TLS handshake", After: c.cfg.Timeouts.Connect}
		}
		cancel()
	}
	switch {
	case ctx.Err() != nil:
		return &ConnectError{Host: c.host, Step: Handshake, Err: context.Cause(ctx)}
	case err != nil:
		return c.noTLS(err)
	}
	c.tls = &protection{conn: tc, config: config, since: time.Now()}
	c.in.begin()
	return nil
}

// tlsConfig is how the control connection is encrypted. The cache of sessions
// is this Client's own: data connections resume the session of their control
// connection, and of no other.
func (c *Client) tlsConfig() *tls.Config {
	host := serverName(c.host)
	config := &tls.Config{
		ServerName:         host, // and the key of the cache: the ports differ
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{alpn},
		ClientSessionCache: tls.NewLRUClientSessionCache(1),
		InsecureSkipVerify: true, // judge does it, and knows of pins
		VerifyConnection:   func(cs tls.ConnectionState) error { return c.cfg.Security.judge(host, cs) },
	}
	if own := c.cfg.Security.Own; len(own) > 0 {
		config.Certificates = own
	}
	if c.Quirks().NoTLS13 {
		config.MaxVersion = tls.VersionTLS12
	}
	return config
}

// protectData asks for encrypted data connections. RFC 4217 §8 and §9: PBSZ
// comes first, and 0 is the only size. Servers that only listen to it behind
// the login are asked again there.
func (c *Client) protectData(ctx context.Context) error {
	pbsz, prot := proto.Cmd("PBSZ", "0"), proto.Cmd("PROT", proto.Private.String())
	if _, err := c.try(ctx, pbsz); err != nil {
		return c.noTLS(err)
	}
	r, err := c.try(ctx, prot)
	switch {
	case err != nil:
		return c.noTLS(err)
	case c.in.prot == proto.Private, !c.in.loggedIn && (r.Code == proto.NotLoggedIn || r.Code == proto.BadSequence):
		return nil
	case c.cfg.TLS == TLSIfOffered:
		return nil // passwords are safe; DataEncrypted tells of the rest
	}
	return c.noTLS(fmt.Errorf("%w: %w", ErrPlainData, &proto.ReplyError{Command: prot, Reply: r}))
}

// Encrypted reports whether the control connection runs over TLS.
func (c *Client) Encrypted() bool { return c.tls != nil }

// DataEncrypted reports whether data connections do.
func (c *Client) DataEncrypted() bool { return c.tls != nil && c.in.prot == proto.Private }

// DataResumed reports whether the last encrypted data connection resumed the TLS
// session of the control connection, by which the ends know each other.
func (c *Client) DataResumed() bool { return c.in.ticket }

// TLS describes the control connection's TLS; false without.
func (c *Client) TLS() (tls.ConnectionState, bool) {
	if c.tls == nil {
		return tls.ConnectionState{}, false
	}
	return c.tls.conn.ConnectionState(), true
}

// mayReveal asks before a secret leaves in clear.
//
// SECURITY: every way for a password to leave goes through here.
func (c *Client) mayReveal(ctx context.Context, cmd proto.Command) error {
	if c.tls != nil || c.near() || c.cfg.Security.InClear == nil || cmd.Verb != "PASS" && cmd.Verb != "ACCT" {
		return nil
	}
	if cmd.Verb == "PASS" && guest(c.in.user, cmd.Arg) {
		return nil
	}
	return c.cfg.Security.InClear(ctx)
}

// guest reports a login without a secret: RFC 1635 has a mail address in place
// of the password.
func guest(user, pass string) bool {
	return user == "anonymous" || user == "ftp" && strings.Contains(pass, "@")
}
