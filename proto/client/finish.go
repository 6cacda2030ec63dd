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
	t.settleVerdict()
	switch {
	case t.final != nil || t.c.Broken():
	case ctx.Err() != nil, !t.standing.Load(), err != nil && !isCut(err):
		t.abort(ctx)
	default:
		t.conclude(ctx)
	}
	if t.toServer && err != nil {
		t.ch.reset()
	}
	t.ch.close()
	var le *LocalError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &le), errors.Is(err, errStop):
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
	t.ch.close()
	wait := t.c.cfg.Timeouts.Reply
	if wait > 0 {
		wait += time.Duration(t.n/commitRate) * time.Second
	}
	_ = t.c.conn.SetReadDeadline(after(wait))
	select {
	case v := <-t.watch:
		v.wait = wait
		t.take(v)
	case <-ctx.Done():
		t.abort(ctx)
	}
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
