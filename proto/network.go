package proto

import (
	"context"
	"net"
)

// Network is where connections come from: the host's TCP, or memory.
type Network interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
	Listen(ctx context.Context, network, address string) (net.Listener, error)
}

// TCP is the host's network. The zero value is ready; LocalAddr, if set, is
// the address that dialled connections come from.
type TCP struct {
	LocalAddr net.Addr
}

// DialContext connects. It leaves TCP keep-alive at the system's default.
func (t TCP) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: t.LocalAddr}
	return d.DialContext(ctx, network, address)
}

// Listen announces on an address; port 0 lets the system choose.
func (t TCP) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(ctx, network, address)
}
