package client

import (
	"context"
	"errors"
	"net"
	"time"

	"ferry/proto"
)

// verdict is the server's last word on a transfer, or why it never came.
type verdict struct {
	mark  proto.Reply // the first 1xx before it, if it was read with it
	reply proto.Reply
	err   error
	wait  time.Duration // how long it was waited for
}

// errOver ends data that go on when the server has said its last word.
var errOver = errors.New("the server ended the transfer")

// follow starts to read the control connection while the data moves, until
// the transfer's last reply. When that comes first and the rest of the data
// can't matter, the data gets a grace and is then cut: a server that has
// refused, or has enough, may not even close its end.
//
// A file of a flight is followed when it has not come to its end within unwatched:
// small ones from near have, and nobody else need be woken for them.
func (t *transfer) follow(ctx context.Context, cancel context.CancelCauseFunc) {
	_ = t.c.conn.SetReadDeadline(time.Time{})
	done := make(chan verdict, 1)
	t.watch = done
	begun := t.mark.Code != 0
	t.read = func() {
		v := t.c.lastReply(t.onMark)
		done <- v
		// Without a control connection the data may still come to its end.
		lost := v.err != nil || v.reply.Code == proto.Unavailable
		if lost || v.reply.Code.Class() == proto.Done && !t.toServer {
			return
		}
		refused := !begun && v.mark.Code == 0 // nothing will come, or be taken
		if t.standing.Load() && !refused {
			select {
			case <-time.After(grace):
			case <-ctx.Done():
			}
		}
		cancel(errOver)
	}
	if !t.flying {
		go t.read()
		return
	}
	t.later = time.AfterFunc(unwatched, t.read)
}

// attend has the control connection read, if nobody does yet.
func (t *transfer) attend() {
	if t.unattended() {
		go t.read()
	}
}

// unattended reports whether nobody reads the control connection, and sees to
// it that nobody will.
func (t *transfer) unattended() bool {
	return t.later != nil && t.later.Stop()
}

// await reads the last reply in the caller's goroutine, if nobody else does.
// Where ctx ends first somebody else goes on.
func (t *transfer) await(ctx context.Context) (v verdict, ok bool) {
	if !t.unattended() {
		return v, false
	}
	release := proto.Guard(ctx, readOnly{t.c.conn})
	v = t.c.lastReply(t.onMark)
	release()
	if isTimeout(v.err) && ctx.Err() != nil {
		if t.mark.Code == 0 {
			t.mark = v.mark
		}
		_ = t.c.conn.SetReadDeadline(time.Time{})
		go t.read()
		return v, false
	}
	return v, true
}

// lastReply reads past the marks. Pure-FTPd sends several 150s; 110 is a
// restart marker that arrived, RFC 959 §3.5.
func (c *Client) lastReply(onMark func(proto.Reply)) verdict {
	var first proto.Reply
	for marks := 0; marks < maxMarks; {
		r, err := c.read()
		switch {
		case err != nil:
			return verdict{mark: first, err: err}
		case r.Code == proto.RestartMark:
			if onMark != nil {
				onMark(r)
			}
		case r.Code.Class() == proto.Mark:
			if marks++; marks == 1 {
				first = r
			}
		default:
			return verdict{mark: first, reply: r}
		}
	}
	return verdict{err: &proto.SyntaxError{What: "reply", Why: "endless marks"}}
}

// settleVerdict takes the last reply if it has come already. A transfer whose
// bytes failed is over when that has.
func (t *transfer) settleVerdict(failed bool) {
	if t.watch == nil || t.final != nil {
		return
	}
	if failed {
		t.attend()
	}
	select {
	case v := <-t.watch:
		t.take(v)
	default:
	}
}

// take notes the last reply. A control connection that broke breaks the
// client.
func (t *transfer) take(v verdict) {
	if t.mark.Code == 0 {
		t.mark = v.mark
	}
	switch {
	case v.err != nil:
		v.err = t.c.lose(replyTimeout(v.err, v.wait))
	default:
		if v.err = t.c.farewell(v.reply); v.err == nil {
			t.c.paid(t.cmd, v.reply)
		}
	}
	t.final = &v
}

// counter counts what is read from a connection.
type counter struct {
	net.Conn
	read int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read += int64(n)
	return n, err
}
