package serve

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"

	"ferry/proto"
	"ferry/proto/data"
)

// watched is a data connection below TLS. It sees what crypto/tls hides, a peer
// that ended the connection, but not TLS before that; and it spares system calls:
// crypto/tls makes one of each record, here many go in one.
type watched struct {
	net.Conn
	stall   time.Duration
	ended   func() bool // the transfer was broken off
	bare    bool        // the end came without close_notify
	leaving bool        // all is sent but our close_notify
	sends   *gather     // what TLS has written since Hold; nil: nothing is held
	stock   *gather     // what has come before TLS asked for it; nil: nothing has
	drawn   int         // what TLS has got of it
	plenty  bool        // the last read came back full
}

// gather is a pooled buffer for records.
type gather struct{ data []byte }

var gathers = sync.Pool{New: func() any { return &gather{make([]byte, 0, gatherSize)} }}

func newGather() *gather { return gathers.Get().(*gather) }

func (g *gather) free() {
	if cap(g.data) == gatherSize {
		g.data = g.data[:0]
		gathers.Put(g)
	}
}

// Hold lets what TLS writes wait for Release.
func (w *watched) Hold() { w.sends = newGather() }

// Release sends what was held. Unlike TLS it can go on after a deadline, so that
// a peer that takes a little now and then is slow, not stalled.
func (w *watched) Release() error {
	held := w.sends
	w.sends = nil
	defer held.free()
	last := time.Now() // nothing has moved since then, as far as we know
	for left := held.data; len(left) > 0; {
		began := time.Now()
		until := began.Add(releaseTick)
		if end := last.Add(w.stall); end.Before(until) {
			until = end
		}
		if err := w.SetWriteDeadline(until); err != nil {
			return err
		}
		n, err := w.Conn.Write(left)
		if left = left[n:]; n > 0 {
			last = began
		}
		if err != nil && (!timeout(err) || w.ended() || time.Since(last) >= w.stall) {
			return err
		}
	}
	return nil
}

func (w *watched) Write(p []byte) (int, error) {
	if w.sends == nil {
		return w.Conn.Write(p)
	}
	w.sends.data = append(w.sends.data, p...)
	return len(p), nil
}

// Read is not called any more once TLS has ended: the end of TCP is then not
// seen. So an end that is seen comes too early.
//
// Where bytes come faster than they are read, more are fetched than TLS asks for:
// it asks for a record at a time.
func (w *watched) Read(p []byte) (int, error) {
	if w.stock != nil {
		return w.draw(p), nil
	}
	if !w.plenty {
		n, err := w.Conn.Read(p)
		w.plenty = n == len(p) && n >= fullRecord/2
		return n, w.seen(err)
	}
	g := newGather()
	n, err := w.Conn.Read(g.data[:stockSize])
	if n == 0 {
		g.free()
		return 0, w.seen(err)
	}
	g.data, w.stock = g.data[:n], g
	w.plenty = n >= len(p)
	return w.draw(p), nil // an error that came along comes again
}

func (w *watched) seen(err error) error {
	if err == io.EOF {
		w.bare = true
	}
	return err
}

// draw takes from the stock.
func (w *watched) draw(p []byte) int {
	n := copy(p, w.stock.data[w.drawn:])
	if w.drawn += n; w.drawn == len(w.stock.data) {
		w.stock.free()
		w.stock, w.drawn = nil, 0
	}
	return n
}

// Stocked is of package data.
func (w *watched) Stocked() bool {
	return w.stock != nil && len(w.stock.data)-w.drawn >= fullRecord
}

// SetWriteDeadline gives close_notify the time that data have: crypto/tls
// allows five seconds, and a slow peer may need longer to make room for it.
func (w *watched) SetWriteDeadline(t time.Time) error {
	if w.leaving && time.Until(t) > 0 {
		t = time.Now().Add(w.stall)
	}
	err := w.Conn.SetWriteDeadline(t)
	if w.ended() {
		return w.Conn.SetWriteDeadline(time.Unix(1, 0)) // ours must not hide it
	}
	return err
}

// records is a control connection below TLS. It hands out one record at a time,
// so that what follows close_notify is still here when TLS has ended (REIN, CCC).
// While nothing has come ahead of its time it holds no buffer.
type records struct {
	net.Conn
	head [5]byte // RFC 8446 §5.1: type, version, length
	have int     // bytes of head that have come
	left int     // bytes of the record that have not
	next []byte  // received, and not yet handed out
}

// peek tells the byte that comes next, between two records.
func (r *records) peek() (byte, error) {
	if len(r.next) == 0 {
		b := make([]byte, 1)
		if _, err := io.ReadFull(r.Conn, b); err != nil {
			return 0, err
		}
		r.next = b
	}
	return r.next[0], nil
}

// take is what has come behind TLS, for whoever reads on.
func (r *records) take() []byte {
	b := r.next
	r.next = nil
	return b
}

// Read asks the socket once a record as a rule: when crypto/tls wants the head,
// it has room for a small record whole.
func (r *records) Read(p []byte) (int, error) {
	if len(r.next) > 0 {
		n := r.follow(p[:copy(p, r.next)])
		if r.next = r.next[n:]; len(r.next) == 0 {
			r.next = nil
		}
		return n, nil
	}
	got, err := r.Conn.Read(p)
	n := r.follow(p[:got])
	if n < got {
		r.next, err = bytes.Clone(p[n:got]), nil // an error that came along comes again
	}
	return n, err
}

// follow is how many of the bytes that have come are of the record under way.
func (r *records) follow(p []byte) (mine int) {
	if r.left == 0 {
		mine = copy(r.head[r.have:], p)
		if r.have += mine; r.have < len(r.head) {
			return mine
		}
		r.have, r.left = 0, int(binary.BigEndian.Uint16(r.head[3:]))
	}
	rest := min(len(p)-mine, r.left)
	r.left -= rest
	return mine + rest
}

// closeData closes a data connection. What is not an error here has reached
// the peer's host, or the kernel.
func closeData(ctx context.Context, nc net.Conn, cover *cover, c *data.Conn) error {
	tc, ok := nc.(*tls.Conn)
	if !ok {
		return c.Close()
	}
	if w, ok := tc.NetConn().(*watched); ok {
		w.leaving = true
	}
	defer proto.Guard(ctx, nc)()
	cover.part(tc)
	return c.Close()
}

// reset ends a data connection so that the peer can't take it for a whole
// file, and at once: without close_notify, without waiting for room to write.
func reset(nc net.Conn) {
	if tc, ok := nc.(*tls.Conn); ok {
		nc = tc.NetConn()
	}
	if w, ok := nc.(*watched); ok {
		nc = w.Conn
	}
	if l, ok := nc.(interface{ SetLinger(int) error }); ok {
		_ = l.SetLinger(0)
	}
	nc.Close()
}
