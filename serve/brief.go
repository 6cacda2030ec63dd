package serve

import (
	"context"
	"io"
	"net"
	"os"
	"time"

	"ferry/proto"
	"ferry/proto/bare"
	"ferry/proto/data"
)

// Small files need no mover. Where the peer has connected, or does so at once,
// and the kernel takes all bytes of a download or all of an upload come soon, the
// owner moves them itself: nobody waits for long, so there is nothing to abort.
// Most of the time of a small file is otherwise spent on waking one goroutine for
// the other.
//
// What can't be done at once is carried on by a mover, as ever.

// brief is the open file of a download that may be over at once; nil: none.
func (s *session) brief(src any, size int64) *os.File {
	f, ok := src.(*os.File)
	if !ok || size > briefSize || !s.params.Identity() && s.channel == nil {
		return nil
	}
	if s.slowed() {
		return nil
	}
	return f
}

// slowed reports that the user's transfers may have to wait.
func (s *session) slowed() bool { return s.user.Limits.Up > 0 || s.user.Limits.Down > 0 }

// taker is where an upload goes that may be over at once.
type taker struct {
	to   io.Writer
	come *int64 // bytes of the file
}

// taker is nil for an upload that others look at before it counts, or that has a
// bound: both may take their time.
func (s *session) taker(to io.Writer, come *int64, most int64) *taker {
	if most > 0 || s.srv.cfg.Examine != nil || s.slowed() {
		return nil
	}
	return &taker{to, come}
}

// briefly carries a transfer that may be over at once. False: it is not, and t
// says how far it has come and m what is left to meet.
func (s *session) briefly(ctx context.Context, t *transfer, p *promise) (m meeting, over bool) {
	if t.brief == nil && (t.into == nil || !s.params.Identity()) {
		return p, false
	}
	nc := s.arrival(t, p)
	if nc == nil {
		return p, false
	}
	whole, err := s.atOnce(t, nc)
	switch {
	case err != nil:
		reset(nc)
	case !whole:
		return met{nc}, false
	case t.after != nil: // the peer has closed it already, and waits for the reply only
		t.after.add(func() { nc.Close() })
	default:
		nc.Close()
	}
	s.spell++
	s.announce(t)
	t.err = t.guarded(s, func() error { return t.end(ctx, moved(err)) })
	t.cancel(nil)
	s.finish()
	return nil, true
}

// atOnce moves what can be moved now.
func (s *session) atOnce(t *transfer, nc net.Conn) (whole bool, err error) {
	var n int64
	if t.brief != nil {
		n, whole, err = data.SendAtOnce(nc, t.brief, briefSize)
	} else {
		if nc, err = s.gathering(nc); err != nil {
			return false, err
		}
		s.announce(t)
		s.flush() // before that the peer sends nothing
		n, whole, err = data.ReceiveAtOnce(nc, t.into.to, briefSize, briefWait)
		*t.into.come = n
	}
	t.moved.Store(n)
	return whole, err
}

// gathering is the connection of an upload that may be over at once. The owner
// waits in the system while it is alone, and for all of the file; but for no more
// than is brief, lest somebody wait who can't send more before it is read.
func (s *session) gathering(nc net.Conn) (net.Conn, error) {
	c, ok := nc.(*bare.Conn)
	if !ok || !s.alone() {
		return polled(nc)
	}
	c.Gather(briefSize)
	return c, nil
}

// arrival is the peer's connection, if it comes at once; else nil. When it is
// there already, the mark waits: it goes out together with the end.
func (s *session) arrival(t *transfer, p *promise) net.Conn {
	if !p.open() {
		s.announce(t)
		s.flush() // a client may wait for it before it connects
		p.expect()
		patience := time.NewTimer(briefWait)
		defer patience.Stop()
		select {
		case nc := <-p.arrived:
			return nc
		case <-patience.C:
			return nil
		}
	}
	return <-p.arrived
}

// announce queues the mark, once.
func (s *session) announce(t *transfer) {
	if !t.announced {
		s.conn.WriteReply(t.mark)
		t.announced = true
	}
}

// met is a meeting that has taken place.
type met struct{ nc net.Conn }

func (m met) connect(context.Context) (net.Conn, error) { return polled(m.nc) }
func (m met) open() bool                                { return true }
func (m met) cancel()                                   { m.nc.Close() }

func transferComplete() proto.Reply { return proto.Replyf(proto.TransferDone, "Transfer complete.") }
