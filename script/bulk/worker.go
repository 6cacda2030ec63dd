package bulk

import (
	"context"
	"errors"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// worker is one control connection and the work it does. It is used by one
// goroutine at a time.
type worker struct {
	*Engine
	run    *run
	client *client.Client
	lead   bool        // its client is the engine's own
	calm   func() bool // lets the client be, whatever becomes of the run; nil for the lead
}

// work takes loads until there are none, or the session can't go on and
// others can.
func (w *worker) work(ctx context.Context) {
	for {
		if ctx.Err() != nil || w.opts.Control.pass(ctx) != nil || w.run.crew.surplus(w) {
			return
		}
		l, ok := w.run.queue.take(ctx, w.run.crew.size())
		if !ok {
			return
		}
		w.share()
		stay := true
		if l.help != nil {
			stay = w.assist(ctx, l.help)
		} else {
			stay = w.carry(ctx, l)
		}
		w.run.queue.done(l)
		if !stay {
			return
		}
	}
}

// share lets the sessions of a run know what each has learned of the server.
func (w *worker) share() { w.opts.Server.share(w.client) }

// carry moves a load: in batches what goes so, the rest one by one. It reports whether the session
// can take another; what it left undone goes back to the queue.
func (w *worker) carry(ctx context.Context, l load) (stay bool) {
	w.batch(ctx, l)
	for _, t := range l.tasks {
		if t.ended || t.whole {
			continue
		}
		if w.run.over() || ctx.Err() != nil || w.opts.Control.Paused() && !t.began {
			return true
		}
		if !w.finish(ctx, t) {
			return false
		}
	}
	return true
}

// finish brings a task to its end, with as many attempts as it may have. It
// reports false when the task is for another session.
func (w *worker) finish(ctx context.Context, t *task) (stay bool) {
	began := time.Now()
	if !t.began {
		w.run.begun(t)
	}
	err := w.persist(ctx, t, w.attempt)
	t.result.Took += time.Since(began)
	var gone *leaveError
	if errors.As(err, &gone) {
		return false
	}
	if err == nil && t.whole {
		return true // its name comes later
	}
	w.run.settle(ctx, t, err)
	return true
}

// attempt is one try at a task.
func (w *worker) attempt(ctx context.Context, t *task) error {
	t.since, t.sum = time.Now(), nil
	if t.tries > 1 {
		if err := w.lookAgain(ctx, t); err != nil {
			return err
		}
	}
	if t.Direction == Down {
		return w.download(ctx, t)
	}
	return w.upload(ctx, t)
}

// persist repeats an attempt until it succeeds, can't succeed, or its bounds
// are used up. A session that broke is made anew; where that fails and others
// are at work, the error is a *leaveError and the task theirs.
func (w *worker) persist(ctx context.Context, t *task, attempt func(context.Context, *task) error) error {
	retry := w.opts.Retry.withDefaults()
	for {
		if w.client.Broken() {
			if err := w.reconnect(ctx, retry); err != nil {
				return err
			}
		}
		t.tries++
		err := proto.Cause(ctx, attempt(ctx, t))
		if err == nil || ctx.Err() != nil {
			return err
		}
		if crowded(err) && w.run.crew.leave(w, err) {
			return &leaveError{err}
		}
		t.count(err, t.result.Resumed > t.reached) // what was sent and not kept leads nowhere
		t.reached = max(t.reached, t.result.Resumed)
		if !w.again(ctx, t, retry, err) {
			return err
		}
	}
}

// leaveError is a session that ends while others go on.
type leaveError struct{ err error }

func (e *leaveError) Error() string { return e.err.Error() }
func (e *leaveError) Unwrap() error { return e.err }

// count notes what kind of failure an attempt was, and whether it could begin
// further on than any before it.
func (t *task) count(err error, further bool) {
	var size *client.SizeError
	doubt := fateOf(err) == doubtful
	t.suspect = doubt || errors.As(err, &size) || errors.Is(err, client.ErrTruncated)
	switch {
	case doubt:
		t.doubts++
	case further:
		t.idle = 0
	}
	t.idle++
}

// again decides whether a task that failed is tried once more, and waits as
// long as that takes.
func (w *worker) again(ctx context.Context, t *task, retry Retry, err error) bool {
	f := fateOf(err)
	switch {
	case f == permanent, f == fatal, retry.Attempts == 1, w.run.over():
		return false
	case w.client.Broken() && w.opts.Dial == nil:
		return false
	case t.idle >= retry.Attempts, t.tries >= maxFruitful, t.doubts >= maxMismatch:
		return false
	}
	wait := retry.pause(t.idle)
	if !w.run.patience.spend(wait) {
		return false
	}
	w.events.retried(t, wait, err)
	return sleep(ctx, wait) == nil
}

// reconnect makes a new session in place of a broken one.
func (w *worker) reconnect(ctx context.Context, retry Retry) error {
	began := time.Now()
	for try := 1; ; try++ {
		if w.opts.Dial == nil || retry.Attempts == 1 {
			return w.client.Err()
		}
		c, err := w.opts.Dial(ctx)
		if err == nil {
			w.client.Close()
			w.adopt(ctx, c)
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		wait := retry.pause(try)
		hopeless := fateOf(err) != transient || time.Since(began)+wait > retry.Host || !w.run.patience.spend(wait)
		if hopeless || crowded(err) {
			if w.run.crew.leave(w, err) {
				return &leaveError{err}
			}
		}
		if hopeless {
			return &DownError{Host: w.client.Host(), Tries: try, Err: err}
		}
		if sleep(ctx, wait) != nil {
			return context.Cause(ctx)
		}
	}
}
