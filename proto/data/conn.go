package data

import "net"

// Conn is a data connection, at either end. One goroutine uses it at a time.
// In modes that mark the end of a file (block, compressed) it carries any
// number of files: what has arrived of the next one is kept here. While
// nothing is kept, it holds no buffer.
type Conn struct {
	nc     net.Conn
	ahead  *buffer // received and not yet consumed; nil between transfers while empty
	packed *buffer // small files that wait to be sent; nil: none do
	route  route   // how the bytes of the last transfer went
}

// NewConn wraps a connection: TCP, TLS or memory. For the kernel to move
// bytes it must be the *net.TCPConn itself, or have its own ways for it (SendFile,
// ReceiveFile). What wraps TLS embeds it or has a
// method Below() net.Conn, since a write there can't be continued.
func NewConn(nc net.Conn) *Conn { return &Conn{nc: nc} }

// NetConn returns the connection below.
func (c *Conn) NetConn() net.Conn { return c.nc }

// Close closes the connection below; what was read ahead is lost, and what was
// packed.
func (c *Conn) Close() error {
	c.drop()
	c.unpack()
	return c.nc.Close()
}

func (c *Conn) drop() {
	if c.ahead != nil {
		c.ahead.free()
		c.ahead = nil
	}
}

// tidy gives the buffer back at the end of a transfer, if it is empty.
func (c *Conn) tidy() {
	if c.ahead != nil && len(c.ahead.rest()) == 0 {
		c.drop()
	}
}

// route says how the bytes of a transfer went. Tests read it: a copy through
// a buffer where the kernel could have moved the bytes is a loss nobody sees.
type route byte

const (
	routeNone   route = iota
	routeKernel       // sendfile or splice
	routeCopy         // through a buffer, bytes as they are
	routeLayers       // through the layers
)
