package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"ferry/proto"
)

// Dial connects to host or host:port (21) and reads the greeting. Errors:
// *ConnectError, which may hold ctx's.
func Dial(ctx context.Context, address string, cfg Config) (*Client, error) {
	cfg.Timeouts = cfg.Timeouts.withDefaults()
	if cfg.Network == nil {
		cfg.Network = proto.TCP{}
	}
	host := withPort(address, cfg.TLS)
	nc, err := connect(ctx, cfg.gate(host), cfg)
	if err != nil {
		return nil, err
	}
	c := newClient(nc, host, cfg)
	if cfg.TLS == TLSImplicit {
		err = c.encrypt(ctx)
	}
	if err == nil {
		err = c.greet(ctx)
	}
	if err == nil {
		c.recognise()
		err = c.secure(ctx)
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// withPort adds the port that the address leaves out. An IPv6 address may
// stand with or without brackets.
func withPort(address string, policy TLSPolicy) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	port := "21"
	if policy == TLSImplicit {
		port = "990"
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), port)
}

func connect(ctx context.Context, host string, cfg Config) (net.Conn, error) {
	dctx, cancel := bound(ctx, cfg.Timeouts.Connect)
	defer cancel()
	nc, err := cfg.Network.DialContext(dctx, "tcp", host)
	if err == nil {
		return nc, nil
	}
	step := Connect
	var dns *net.DNSError
	if errors.As(err, &dns) {
		step = Lookup
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	} else if dctx.Err() != nil {
		err = &TimeoutError{What: "answer", After: cfg.Timeouts.Connect}
	}
	return nil, &ConnectError{Host: host, Step: step, Err: err}
}

// greet reads the greeting. RFC 959 §5.4: 120 means to wait for the 220.
func (c *Client) greet(ctx context.Context) error {
	for marks := 0; ; marks++ {
		r, err := c.receive(ctx, c.cfg.Timeouts.Reply)
		if err != nil {
			return &ConnectError{Host: c.host, Step: Greeting, Err: greetingError(err)}
		}
		switch {
		case r.Code == proto.ReadySoon && marks < maxMarks:
			continue
		case r.Code.Class() != proto.Done:
			err := &proto.ReplyError{Reply: r}
			return &ConnectError{Host: c.host, Step: Greeting, Err: err}
		}
		c.greeting = r
		c.in.loggedIn = r.Code == proto.LoggedIn // some devices let everybody in at once
		return nil
	}
}

// greetingError says it when there is something other than FTP at that port.
func greetingError(err error) error {
	var se *proto.SyntaxError
	var le *LostError
	switch {
	case errors.As(err, &se):
		return fmt.Errorf("the reply is not FTP: %w", se)
	case errors.As(err, &le):
		return le.Err // the host is told already
	}
	return err
}

// bound is ctx with at most d left; no bound for a d of zero.
func bound(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}
