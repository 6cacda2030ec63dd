package proxy

import (
	"context"
	"errors"
	"net"

	"golang.org/x/net/proxy"
)

// onConn is what the SOCKS5 dialer of x/net can besides proxy.Dialer: to speak
// over a connection that stands already.
type onConn interface {
	DialWithConn(ctx context.Context, c net.Conn, network, address string) (net.Addr, error)
}

// socks asks by SOCKS5. Names are looked up by the proxy.
func (n *Network) socks(ctx context.Context, nc net.Conn, network, address string) error {
	var auth *proxy.Auth
	if n.user != nil {
		password, _ := n.user.Password()
		auth = &proxy.Auth{User: n.user.Username(), Password: password}
	}
	d, err := proxy.SOCKS5("tcp", n.proxy, auth, nil)
	if err != nil {
		return err
	}
	s, ok := d.(onConn)
	if !ok {
		return errors.ErrUnsupported
	}
	// The guard ends it when ctx does; its deadline must not be set as well.
	_, err = s.DialWithConn(context.WithoutCancel(ctx), nc, network, address)
	return err
}
