package serve

import (
	"context"
	"net"
	"os"
	"time"

	"ferry/proto"
	"ferry/proto/data"
)

// Small downloads need no mover. Where the peer has connected, or does so at
// once, and the kernel takes all bytes, the owner sends them itself: nobody waits
// for long, so there is nothing to abort. Most of the time of a small file is
// otherwise spent on waking one goroutine for the other.
//
// What can't be done at once is carried on by a mover, as ever.

// brief is the open file of a download that may be over at once; nil: none.
func (s *session) brief(src any, size int64) *os.File {
	f, ok := src.(*os.File)
	if !ok || size > briefSize || !s.params.Identity() {
		return nil
	}
	if l := s.user.Limits; l.Up > 0 || l.Down > 0 {
		return nil // it may have to wait
	}
	return f
}

// briefly carries a download that may be over at once. False: it is not, and t
// says how far it has come and m what is left to meet.
func (s *session) briefly(ctx context.Context, t *transfer, p *promise) (m meeting, over bool) {
	nc := s.arrival(t, p)
	if nc == nil {
		return p, false
	}
	sent, whole, err := data.SendAtOnce(nc, t.brief, briefSize)
	t.moved.Store(sent)
	switch {
	case err != nil:
		reset(nc)
	case !whole:
		return met{nc}, false
	default:
		nc.Close()
	}
	s.announce(t)
	t.err = t.guarded(s, func() error { return t.end(ctx, moved(err)) })
	t.cancel(nil)
	s.finish()
	return nil, true
}

// arrival is the peer's connection, if it comes at once; else nil. When it is
// there already, the mark waits: it goes out together with the end.
func (s *session) arrival(t *transfer, p *promise) net.Conn {
	if !p.open() {
		s.announce(t)
		s.flush() // a client may wait for it before it connects
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

func (m met) connect(context.Context) (net.Conn, error) { return m.nc, nil }
func (m met) open() bool                                { return true }
func (m met) cancel()                                   { m.nc.Close() }

func transferComplete() proto.Reply { return proto.Replyf(proto.TransferDone, "Transfer complete.") }
