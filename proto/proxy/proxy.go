package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"ferry/proto"
)

// ErrListen: active mode wants the server to connect to this end, which no
// proxy of these kinds arranges.
var ErrListen = errors.New("active mode can't go through a proxy; passive does")

// Error is a proxy that can't be reached, or that refused.
type Error struct {
	Proxy string // host:port
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("proxy %s: %v", e.Proxy, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// SyntaxError is a URL that names no proxy. It does not hold the URL, which
// may have a password in it.
type SyntaxError struct{ Why string }

func (e *SyntaxError) Error() string { return "proxy: " + e.Why }

// New returns the network behind the proxy at a URL: socks5://, socks5h:// or
// http://, with [user:password@]host[:port]. The port is 1080 for SOCKS and
// 8080 for HTTP. under is how the proxy is reached; nil: by TCP.
func New(address string, under proto.Network) (proto.Network, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, &SyntaxError{Why: "socks5://HOST:PORT or http://HOST:PORT is wanted"}
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, &SyntaxError{Why: "its URL ends with the port"}
	}
	if under == nil {
		under = proto.TCP{}
	}
	n := &Network{under: under, user: u.User}
	port := "1080"
	switch strings.ToLower(u.Scheme) {
	case "socks5", "socks5h":
		n.ask = n.socks
	case "http":
		n.ask, port = n.connect, "8080"
	default:
		return nil, &SyntaxError{Why: "socks5:// and http:// are known, not " + u.Scheme + "://"}
	}
	if p := u.Port(); p != "" {
		port = p
	}
	if v, err := strconv.ParseUint(port, 10, 16); err != nil || v == 0 {
		return nil, &SyntaxError{Why: "the port is a number from 1 to 65535"}
	}
	n.proxy = net.JoinHostPort(u.Hostname(), port)
	return n, nil
}

// Network is what is behind a proxy.
type Network struct {
	proxy string
	user  *url.Userinfo
	under proto.Network
	ask   func(ctx context.Context, nc net.Conn, network, address string) error
}

// Proxied tells that the remote address of connections is the proxy's.
func (n *Network) Proxied() string { return n.proxy }

// DialContext has the proxy connect to address. The connection is the one with
// the proxy, unwrapped, so that the kernel can still move bytes over it.
func (n *Network) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := n.under.DialContext(ctx, network, n.proxy)
	if err != nil {
		return nil, &Error{Proxy: n.proxy, Err: err}
	}
	release := proto.Guard(ctx, nc)
	err = n.ask(ctx, nc, network, address)
	release()
	if err == nil {
		err = ctx.Err() // the guard may have set a deadline that stays
	}
	if err != nil {
		_ = nc.Close()
		return nil, &Error{Proxy: n.proxy, Err: proto.Cause(ctx, err)}
	}
	return nc, nil
}

// Listen is refused with ErrListen.
func (n *Network) Listen(context.Context, string, string) (net.Listener, error) {
	return nil, ErrListen
}
