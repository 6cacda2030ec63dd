package proto

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Conn is a control connection, at either end. One goroutine may read while
// another writes; Close and the deadlines may be called by any. While nothing
// is waiting in it, it holds no buffer.
type Conn struct {
	nc    atomic.Pointer[net.Conn] // replaced by Upgrade
	trace Trace

	in   []byte  // received and not yet consumed
	held *buffer // what in lies in; nil when in is empty, or lies in small
	scan lineScanner

	small     *[smallBuffer]byte // see receiveSmall, which makes it
	wasFilled bool               // the last read filled small: more is to come

	out  *buffer // queued by Write…, sent by Flush; nil while empty
	bare bool    // set by SendBare
}

type buffer struct{ data []byte }

var buffers = sync.Pool{New: func() any { return &buffer{data: make([]byte, 0, controlBuffer)} }}

func getBuffer() *buffer { return buffers.Get().(*buffer) }

func putBuffer(b *buffer) {
	if cap(b.data) > 4*controlBuffer {
		return // a rare long reply must not stay in the pool
	}
	b.data = b.data[:0]
	buffers.Put(b)
}

// NewConn wraps a connection. trace may be nil.
func NewConn(nc net.Conn, trace Trace) *Conn {
	c := &Conn{trace: trace}
	c.nc.Store(&nc)
	return c
}

// NetConn returns the connection below: TCP, TLS or memory.
func (c *Conn) NetConn() net.Conn { return *c.nc.Load() }

// LocalAddr and RemoteAddr are those of the connection below.
func (c *Conn) LocalAddr() net.Addr  { return c.NetConn().LocalAddr() }
func (c *Conn) RemoteAddr() net.Addr { return c.NetConn().RemoteAddr() }

// SetDeadline bounds reads and writes; see net.Conn.
func (c *Conn) SetDeadline(t time.Time) error { return c.NetConn().SetDeadline(t) }

// SetReadDeadline bounds reads; see net.Conn. A read that it ends loses
// nothing: the next one goes on where it was.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.NetConn().SetReadDeadline(t) }

// SetWriteDeadline bounds writes; see net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.NetConn().SetWriteDeadline(t) }

// Close closes the connection below. What is queued is lost: Flush first.
func (c *Conn) Close() error { return c.NetConn().Close() }

// Buffered is the number of bytes that have arrived and were not yet
// consumed, those of an unfinished line included.
func (c *Conn) Buffered() int { return len(c.in) + len(c.scan.buf) }

// Pending reports whether a whole line has arrived, so that the next read
// does not have to wait.
func (c *Conn) Pending() bool { return bytes.IndexByte(c.in, '\n') >= 0 }

// Foresees reports whether a whole line has arrived that begins with a verb, and
// is the next.
func (c *Conn) Foresees(verb string) bool {
	return c.scan.fresh() && len(c.in) > len(verb) && string(c.in[:len(verb)]) == verb && c.in[len(verb)] == ' ' && c.Pending()
}

// Escapes is how many IACs have been read, those of Telnet and those of peers
// that don't double the byte in their names: the two can't be told apart.
func (c *Conn) Escapes() int { return c.scan.escapes }

// Upgrade sends what is queued and then replaces the connection below by
// wrap's result: a TLS connection over it, or, after CCC, the one below that.
//
// SECURITY: bytes that came before the handshake are refused with
// ErrPipelined, at both ends (CVE-2011-1575 and its kin).
func (c *Conn) Upgrade(wrap func(net.Conn) net.Conn) error {
	if len(c.in) > 0 || !c.scan.fresh() {
		return ErrPipelined
	}
	if err := c.Flush(); err != nil {
		return err
	}
	nc := wrap(c.NetConn())
	c.nc.Store(&nc)
	return nil
}

func (c *Conn) tell(from Direction, line string) {
	if c.trace != nil {
		c.trace(from, harmless(line))
	}
}
