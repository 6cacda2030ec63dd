package client

import (
	"context"
	"errors"
	"time"

	"ferry/proto"
)

// finish ends the transfer at both ends and says what became of it. In order:
// the caller gave up; the local file failed; the control connection broke; the
// server refused (unless it was asked to, by ABOR); the data connection broke. Whatever the server said, a
// transfer whose bytes ended in an error is one.
func (t *transfer) finish(ctx context.Context, err error) error {
	t.settleVerdict(err != nil)
	switch {
	case t.c.Broken():
	case t.final != nil:
		t.recount(ctx)
	case t.flying && (err != nil || ctx.Err() != nil || !t.standing.Load()):
		t.giveUp(ctx, err)
	case ctx.Err() != nil, !t.standing.Load(), err != nil && !isCut(err), isLocal(err):
		t.abort(ctx)
	default:
		t.conclude(ctx)
	}
	if t.toServer && err != nil {
		t.ch.reset()
	}
	t.ch.close()
	var (
		le *LocalError
		ce *CertificateError
	)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &le), errors.Is(err, errStop):
		return err
	case errors.As(err, &ce): // whatever a server says of it that doesn't like to be doubted
		return err
	case t.c.Broken() && (t.final == nil || t.final.err != nil):
		return t.c.usable()
	}
	if rerr := t.refused(); rerr != nil && (err == nil || !t.aborted) {
		return rerr
	}
	return err
}

// conclude closes the data connection, which tells a server that it has all,
// and waits for its last word. Large files get more time: the server may be
// writing them away.
func (t *transfer) conclude(ctx context.Context) {
	t.ch.sent()
	wait := t.c.cfg.Timeouts.Reply
	if wait > 0 {
		wait += time.Duration(t.n/commitRate) * time.Second
	}
	_ = t.c.conn.SetReadDeadline(after(wait))
	if v, ok := t.await(ctx); ok {
		v.wait = wait
		t.take(v)
		return
	}
	select {
	case v := <-t.watch:
		v.wait = wait
		t.take(v)
	case <-ctx.Done():
		t.abort(ctx)
	}
}

// recount makes sure that a last word without a mark before it was the last:
// it may be a stray, and the transfer's own replies still to come.
func (t *transfer) recount(ctx context.Context) {
	if t.mark.Code != 0 || t.refused() != nil {
		return
	}
	if t.flying {
		t.final = &verdict{err: t.c.lose(&StepError{Reply: t.final.reply})}
		return
	}
	t.ch.close()
	fctx, cancel := bound(ctx, t.c.cfg.Timeouts.Reply)
	defer cancel()
	last, err := t.c.lastWord(fctx)
	switch {
	case err != nil:
		t.final = &verdict{err: t.c.lose(err)}
	case last.Code != 0:
		t.final = &verdict{reply: last}
	}
}

// lastWord sends PWD and returns the last reply that came before its own.
func (c *Client) lastWord(ctx context.Context) (last proto.Reply, err error) {
	pwd := proto.Cmd("PWD")
	if err := c.post(ctx, pwd); err != nil {
		return last, err
	}
	for range maxStrays {
		r, err := c.receive(ctx, 0)
		switch {
		case err != nil:
			return last, err
		case r.Code == proto.PathCreated:
			c.paid(pwd, r)
			return last, nil
		case r.Code.Class() != proto.Mark:
			last = r
		}
	}
	return last, &StepError{Reply: last}
}

// refused is the error that the last reply means.
func (t *transfer) refused() error {
	if t.final == nil {
		return nil
	}
	if t.final.err != nil {
		return t.final.err
	}
	if r := t.final.reply; r.Code.Class() != proto.Done || r.Code == proto.Superfluous {
		return &proto.ReplyError{Command: t.cmd, Reply: r}
	}
	return nil
}
