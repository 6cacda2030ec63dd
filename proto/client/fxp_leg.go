package client

import (
	"context"
	"errors"
	"time"

	"ferry/proto"
)

// leg is one server's part in a Copy.
type leg struct {
	c      *Client
	cmd    proto.Command
	offset int64
	t      *transfer
	over   <-chan verdict
}

func (l *leg) blame(err error) error {
	var lost *LostError
	if err == nil || errors.As(err, &lost) { // which names its host
		return err
	}
	return &PlaceError{Host: l.c.host, Err: err}
}

// start sends the command and begins to read its replies; marked hears the
// first mark.
func (l *leg) start(ctx context.Context, marked chan<- *leg) error {
	if err := l.c.post(ctx, l.cmd); err != nil {
		return l.blame(err)
	}
	_ = l.c.conn.SetReadDeadline(time.Time{})
	over := make(chan verdict, 1)
	l.over = over
	l.t = &transfer{job: job{cmd: l.cmd}, c: l.c, ch: &channel{}, watch: over}
	go func() { over <- l.c.replies(func() { marked <- l }) }()
	return nil
}

// replies reads up to the last reply; mark is called at the first 1xx.
func (c *Client) replies(mark func()) verdict {
	for marks := 0; marks <= maxMarks; {
		r, err := c.read()
		switch {
		case err != nil:
			return verdict{err: err}
		case r.Code.Class() != proto.Mark:
			return verdict{reply: r}
		case r.Code != proto.RestartMark:
			if marks++; marks == 1 {
				mark()
			}
		}
	}
	return verdict{err: &proto.SyntaxError{What: "reply", Why: "endless marks"}}
}

// take notes the leg's last reply and returns the failure that it means.
func (l *leg) take(v verdict) error {
	l.t.take(v)
	l.over = nil
	return l.blame(l.t.refused())
}

// run lets the servers transfer. Both commands go out at once: which of the
// two waits for the other before its mark is theirs to choose.
//
// While the bytes move nothing is heard of them here, so nothing bounds that;
// the servers have their own limits. Bounded are the time until both have
// begun, and the time from one's end to the other's.
func run(ctx context.Context, listener, connector *leg, size int64) error {
	marked := make(chan *leg, 2)
	if err := listener.start(ctx, marked); err != nil {
		return err
	}
	if err := connector.start(ctx, marked); err != nil {
		listener.t.abort(ctx)
		return err
	}
	begin := listener.c.cfg.Timeouts.patience("start of the transfer", 0)
	wait, begun := begin, 0
	clock := wait.start()
	defer func() { clock.Stop() }()
	for listener.over != nil || connector.over != nil {
		var err error
		other := connector
		select {
		case <-marked:
			if begun++; begun == 2 && listener.over != nil && connector.over != nil {
				clock.Stop()
			}
			continue
		case v := <-listener.over:
			err = listener.take(v)
		case v := <-connector.over:
			err, other = connector.take(v), listener
		case <-clock.C:
			err = quit(ctx, wait.err(), listener, connector)
		case <-ctx.Done():
			err = quit(ctx, context.Cause(ctx), listener, connector)
		}
		if err != nil {
			return reason(quit(ctx, err, other), other)
		}
		clock.Stop()
		wait = other.c.cfg.Timeouts.patience("end of the transfer", size)
		clock = wait.start()
	}
	return nil
}

// quit aborts what is still under way and returns err.
func quit(ctx context.Context, err error, legs ...*leg) error {
	for _, l := range legs {
		if l.over != nil {
			l.over = nil
			l.t.abort(ctx)
		}
	}
	return err
}

// reason is the failure to tell: where one server only says that it was cut
// off, and the other why it did so, that.
func reason(err error, other *leg) error {
	var re *proto.ReplyError
	if !errors.As(err, &re) || re.Reply.Code != proto.TransferAborted {
		return err
	}
	why := other.t.refused()
	if errors.As(why, &re) && re.Reply.Code != proto.TransferAborted && re.Reply.Code != proto.CantOpenData {
		return other.blame(why)
	}
	return err
}

// patience is a wait with its name.
type patience struct {
	what string
	d    time.Duration // 0: no bound
}

// patience is how long a server may take: to meet and to reply, and to write
// away size bytes.
func (t Timeouts) patience(what string, size int64) patience {
	if t.Meet <= 0 || t.Reply <= 0 {
		return patience{what: what}
	}
	return patience{what, t.Meet + t.Reply + time.Duration(max(size, 0)/commitRate)*time.Second}
}

func (p patience) start() *time.Timer {
	if p.d == 0 {
		t := time.NewTimer(time.Hour)
		t.Stop()
		return t
	}
	return time.NewTimer(p.d)
}

func (p patience) err() error {
	return &DataError{Err: &TimeoutError{What: p.what, After: p.d}}
}
