package data

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"ferry/proto"
)

// wire is a data connection for the time of one transfer: its context and its
// Stall clock are on it.
type wire struct {
	c       *Conn
	ended   func() bool       // the context has ended
	cause   func(error) error // puts the context's error where it is the cause
	release func()            // ends the transfer's hold on the connection
	whole   bool              // a write can't be continued after its deadline
	most    int               // how much one such write carries
	holder  holder            // gathers records below TLS; nil: there is none
	stock   stock             // reads ahead below TLS; nil: there is none
	plain   bool              // what is written are file bytes, to be counted as they go
	tick    time.Duration
	stall   time.Duration
	moved   *atomic.Int64
	toll    func(int64) int64
	share   int64     // what toll lets go at once; 0: any number
	last    time.Time // when a byte last moved, or the wait for one began
	waits   time.Time // the deadline that reads have; zero: none was set
}

func newWire(ctx context.Context, c *Conn, o Options) *wire {
	// crypto/tls says so; Windows doesn't tell how much of a write it has sent.
	whole := encrypted(c.nc) || runtime.GOOS == "windows"
	_ = c.nc.SetDeadline(time.Time{}) // an earlier transfer's; before Guard, which may set one at once
	guard := proto.Guard(ctx, c.nc)
	share := int64(0)
	if o.Toll != nil {
		share = o.Toll(0)
	}
	most := wholeWrite
	holder, _ := below(c.nc).(holder)
	if holder != nil {
		most = heldWrite
	}
	stock, _ := below(c.nc).(stock)
	return &wire{
		c:       c,
		ended:   func() bool { return ctx.Err() != nil },
		cause:   func(err error) error { return proto.Cause(ctx, err) },
		release: func() { guard(); c.tidy() },
		whole:   whole,
		most:    most,
		holder:  holder,
		stock:   stock,
		tick:    tick,
		stall:   o.Stall,
		moved:   o.Moved,
		toll:    o.Toll,
		share:   share,
	}
}

// encrypted reports whether a connection is TLS, or TLS is below it: whoever
// wraps a connection so that its type can't be seen has Below.
func encrypted(nc net.Conn) bool {
	for {
		if _, ok := nc.(interface{ ConnectionState() tls.ConnectionState }); ok {
			return true
		}
		outer, ok := nc.(interface{ Below() net.Conn })
		if !ok {
			return false
		}
		nc = outer.Below()
	}
}

// count adds n file bytes to those moved.
func (w *wire) count(n int64) {
	if w.moved != nil && n > 0 {
		w.moved.Add(n)
	}
}

// pay lets toll hold the transfer up. The clock stands still meanwhile.
func (w *wire) pay(n int64) {
	if w.toll != nil && n > 0 {
		w.share = w.toll(n)
		w.last = time.Now()
	}
}

// atMost is how much of n bytes goes at once.
func (w *wire) atMost(n int) int {
	if w.share > 0 {
		return int(min(int64(n), w.share))
	}
	return n
}

// Read reads from the connection itself, not from what was read ahead.
func (w *wire) Read(p []byte) (int, error) {
	w.last = time.Now()
	for p = p[:w.atMost(len(p))]; ; {
		n, err := w.try(w.setWait, w.stall, func() (int64, error) {
			n, err := w.c.nc.Read(p)
			return int64(n), err
		})
		if n > 0 || err != nil {
			w.pay(n)
			return int(n), err
		}
		w.waits = time.Time{} // it has passed
	}
}

// setWait sets the deadline of reads, unless the one that they have is almost as
// late: in TLS they are many, and small. One that passes early ends nothing.
func (w *wire) setWait(t time.Time) error {
	if t.Sub(w.waits) < w.stall/waitParts {
		return nil
	}
	w.waits = t
	return w.c.nc.SetReadDeadline(t)
}

// Write sends p. A peer that takes a little now and then is slow, not stalled.
func (w *wire) Write(p []byte) (int, error) {
	w.last = time.Now()
	sent := 0
	for sent < len(p) {
		part := p[sent:][:w.atMost(len(p)-sent)]
		if w.whole {
			part = part[:min(len(part), w.most)]
		}
		n, err := w.try(w.c.nc.SetWriteDeadline, w.patience(), func() (int64, error) {
			n, err := w.write(part)
			return int64(n), err
		})
		sent += int(n)
		if w.plain {
			w.count(n)
		}
		w.pay(n)
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// holder is what may stand below TLS: between Hold and Release it keeps the
// records that TLS writes, so that they go out together.
type holder interface {
	Hold()
	Release() error
}

// stock is what may stand below TLS, too: it reads more than TLS asks for.
type stock interface {
	// Stocked reports that a record has come whole, so that TLS need not wait.
	Stocked() bool
}

// below is what a TLS connection stands on.
func below(nc net.Conn) net.Conn {
	if tc, ok := nc.(interface{ NetConn() net.Conn }); ok {
		return tc.NetConn()
	}
	return nil
}

// write sends one part, and the records that it becomes as one.
func (w *wire) write(part []byte) (int, error) {
	if w.holder == nil {
		return w.c.nc.Write(part)
	}
	w.holder.Hold()
	n, err := w.c.nc.Write(part)
	return n, errors.Join(err, w.holder.Release())
}

// patience is how long one request that moves many bytes may last before the
// clock looks at how many it were; 0: for ever.
func (w *wire) patience() time.Duration {
	if w.whole || w.stall == 0 && w.moved == nil {
		return w.stall
	}
	return w.tick
}

// try makes one request that moves bytes and lasts no longer than patience,
// nor than the Stall clock allows. Running out of patience is no error.
func (w *wire) try(set func(time.Time) error, patience time.Duration, request func() (int64, error)) (int64, error) {
	if err := w.arm(set, patience); err != nil {
		return 0, err
	}
	n, err := request()
	if n > 0 {
		w.last = time.Now()
	}
	if !isTimeout(err) {
		return n, err
	}
	switch {
	case w.ended():
		return n, w.cause(err)
	case w.whole && n > 0, w.stall > 0 && time.Since(w.last) >= w.stall:
		return n, ErrStalled
	}
	return n, nil
}

// arm sets the deadline of one request. When the context ends, the guard puts
// the deadline in the past; because the context is looked at after ours is
// set, ours never hides that.
func (w *wire) arm(set func(time.Time) error, patience time.Duration) error {
	if patience == 0 {
		return nil
	}
	until := time.Now().Add(patience)
	if last := w.last.Add(w.stall); w.stall > 0 && last.Before(until) {
		until = last
	}
	if err := set(until); err != nil {
		return err
	}
	if w.ended() {
		return w.cause(os.ErrDeadlineExceeded)
	}
	return nil
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}
