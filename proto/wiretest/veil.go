package wiretest

import (
	"context"
	"net"

	"ferry/proto"
)

// Veil is a network on which every connection is wrapped, whichever end made
// it: with tls.Server for the server's part of a script under implicit TLS,
// with tls.Client for the client's.
type Veil struct {
	proto.Network
	Wrap func(net.Conn) net.Conn
}

// DialContext wraps what it dials.
func (v Veil) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := v.Network.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return v.Wrap(nc), nil
}

// Listen returns a listener that wraps what it accepts.
func (v Veil) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	l, err := v.Network.Listen(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return veiled{l, v.Wrap}, nil
}

type veiled struct {
	net.Listener
	wrap func(net.Conn) net.Conn
}

func (v veiled) Accept() (net.Conn, error) {
	nc, err := v.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return v.wrap(nc), nil
}
