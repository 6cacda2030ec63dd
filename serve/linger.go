package serve

import (
	"context"
	"net"
	"runtime"
	"time"

	"ferry/proto/bare"
)

// A client that sends many small files answers within microseconds. To put the
// owner's goroutine to sleep for that long, and to find it again among all others,
// costs more than the command, and so does a poller that is woken for nothing. So
// once some files have been over at once, and where nobody else needs the
// processor, the owner waits in the system itself for a moment; see package bare.

// alone reports whether the owner may hold a thread for a moment.
func (s *session) alone() bool { return s.in() && s.srv.awake.Load() == 1 }

// linger chooses how the next command is waited for. A client that makes its owner
// wait for longer than lingerTime has to begin a new spell.
func (s *session) linger() {
	if s.wire == nil {
		return
	}
	is := s.wire.IsBare()
	if s.lingers && !is {
		s.lingers, s.spell = false, 0
	}
	switch {
	case !s.alone() || s.xfer != nil:
		s.spell = 0
		if is {
			_, _ = s.wire.Polled() // what fails here fails again in the read
		}
	case is && s.quiet.Sub(s.yielded) > yieldEvery:
		s.yielded = s.quiet
		runtime.Gosched()
	case !is && s.spell >= bareAfter:
		s.lingers = s.wire.Bare(lingerTime) == nil // else it stays what it is
	}
	if s.lingers && s.tls == nil { // TLS may have read already what would be waited for
		_ = s.wire.Await() // what fails here fails again in the read
	}
}

// answerFirst sends what is queued before what the client need not wait for: it
// gets ready for its next file meanwhile.
func (s *session) answerFirst() {
	if s.lingers && !s.conn.Pending() {
		s.flush()
	}
}

// afterwards is what can be done when the client has its answer.
type afterwards struct{ left []func() }

func (a *afterwards) add(f func()) { a.left = append(a.left, f) }

// do does it, once.
func (a *afterwards) do() {
	if a == nil {
		return
	}
	for _, f := range a.left {
		f()
	}
	a.left = nil
}

// stay is for small files over TLS, where a mover can't be spared: what it waits
// for, and whatever it does, may take its time. Its owner waits for it first, and not
// for the client: to find a goroutine that waits in the poller costs more.
func (s *session) stay(t *transfer) {
	patience := time.NewTimer(briefWait)
	defer patience.Stop()
	for {
		select {
		case <-t.done:
			s.spell++
			return
		case <-t.signal: // the mark, or a marker
			s.sendMarkers()
			s.flush()
		case <-patience.C:
			return
		}
	}
}

// bareMeeting leaves a connection bare that has come already.
type bareMeeting struct{ *promise }

func (m bareMeeting) connect(ctx context.Context) (net.Conn, error) {
	m.look()
	select {
	case nc := <-m.arrived:
		return nc, nil
	default:
		return m.promise.connect(ctx)
	}
}

// polled is a data connection as package net has it.
func polled(nc net.Conn) (net.Conn, error) {
	c, ok := nc.(*bare.Conn)
	if !ok {
		return nc, nil
	}
	tcp, err := c.Polled()
	if err != nil {
		nc.Close()
		return nil, err
	}
	return tcp, nil
}
