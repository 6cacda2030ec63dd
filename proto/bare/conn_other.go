//go:build !linux

package bare

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"
)

// Conn is a connection that is always polled. There are none.
type Conn struct{ *net.TCPConn }

// Over makes none.
func Over(net.Conn) *Conn { return nil }

// IsBare tells which it is.
func (c *Conn) IsBare() bool { return false }

// Bare leaves it polled.
func (c *Conn) Bare(time.Duration) error { return errors.ErrUnsupported }

// Await knows nothing.
func (c *Conn) Await() error { return nil }

// Gather changes nothing.
func (c *Conn) Gather(int) {}

// SendFile sends nothing.
func (c *Conn) SendFile(*os.File, int64) (int64, error) { return 0, errors.ErrUnsupported }

// ReceiveFile receives nothing.
func (c *Conn) ReceiveFile(*os.File, int64) (int64, error) { return 0, errors.ErrUnsupported }

// Polled is the connection.
func (c *Conn) Polled() (*net.TCPConn, error) { return c.TCPConn, nil }

// Listener is one that is always polled. There are none.
type Listener struct{ *net.TCPListener }

// Listen makes none.
func Listen(net.Listener, time.Duration) (*Listener, error) { return nil, errors.ErrUnsupported }

// AcceptNow takes nobody.
func (l *Listener) AcceptNow() *Conn { return nil }

// Bare leaves it polled.
func (l *Listener) Bare() {}

// Polled is the listener.
func (l *Listener) Polled() (*net.TCPListener, error) { return l.TCPListener, nil }

// Dial makes none.
func Dial(context.Context, netip.AddrPort, time.Duration) (*Conn, error) {
	return nil, errors.ErrUnsupported
}
