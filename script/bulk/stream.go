package bulk

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"math"
	"sync/atomic"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// Stream uploads what can be read only once and is of no known size: standard
// input, a pipe. It arrives under a temporary name and gets the target's when its
// end was reached and what the server has was compared. It is begun once. When it
// fails nothing of it stays, and what the target held is there still, unless the
// server can't rename (Options.Atomic). it.Local is what the source is called.
//
// p is how it is sent, nil for the session's way. Result's Size is what was
// read. Options.Existing counts, but for Checksum, which overwrites; Resume can't
// be: nobody knows how much there will be.
func (e *Engine) Stream(ctx context.Context, it Item, source io.Reader, p *proto.Params) (Result, error) {
	w := e.planning(e.opts.Retry)
	t, err := w.streamed(ctx, it)
	if err != nil {
		return t.result, err
	}
	began := time.Now()
	if t.Action == Send {
		e.events.started(t)
		t.result.Kind, t.result.Attempts = Done, 1
		err = w.stream(ctx, t, source, client.Transfer{Params: p})
	}
	if t.result.Took, t.result.Err = time.Since(began), err; err != nil {
		t.result.Kind = Failed
	}
	e.events.ended(t)
	return t.result, err
}

// streamed decides about a stream by what stands at its target's name.
func (w *worker) streamed(ctx context.Context, it Item) (*task, error) {
	t := &task{Step: Step{Item: it, Direction: Up, Action: Send, Size: proto.NoSize}}
	there, err := w.remoteNode(ctx, it.Remote)
	if err == nil {
		if w.opts.Existing == Checksum {
			w.opts.Existing = Overwrite
		}
		t.Step, err = w.decide(ctx, Up, t.Step, there.target())
	}
	if err == nil {
		err = t.Err
	}
	t.result = Result{Item: t.Item, Direction: Up, Kind: Skipped, Why: t.Why, Size: proto.NoSize, Err: err}
	if err != nil {
		t.result.Kind = Failed
	}
	return t, err
}

// stream sends it. Whether the server renames is found out before: afterwards
// there is nothing that could be sent again.
func (w *worker) stream(ctx context.Context, t *task, source io.Reader, how client.Transfer) error {
	large := t.Step
	large.Size = math.MaxInt64
	renames, err := w.atomic(ctx, large)
	if err != nil {
		return err
	}
	at := t.Item.Remote
	if renames {
		at = tempNameOf(t.Step, rand.Text())
	}
	err = w.pour(ctx, t, at, source, how)
	if err == nil && renames {
		err = w.replace(ctx, at, t.Step)
	}
	if err != nil && renames {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		_ = w.client.Delete(ctx, at) // a lost connection leaves it: the next run that sweeps takes it, once it is old
	}
	return err
}

// pour sends the source to its end, and compares.
func (w *worker) pour(ctx context.Context, t *task, remote string, source io.Reader, how client.Transfer) error {
	algo, sums := w.asks()
	if w.opts.Verify == VerifyHash && !sums {
		return fmt.Errorf("%s: %w", remote, ErrNoHash)
	}
	if sums {
		t.sum = newRunning(algo)
		source = io.TeeReader(source, t.sum.writer(io.Discard))
	}
	how.Last, how.Moved = &t.result.Reply, &atomic.Int64{}
	if w.opts.Verify == VerifyNone || sums {
		how.Check = client.CheckAnnounced
	}
	stop := w.events.watch(t, 0, how.Moved)
	t.since = time.Now()
	n, err := w.client.Store(ctx, remote, w.brake(ctx).once(source), how)
	stop()
	t.result.Bytes, t.Size, t.result.Size = n, n, n
	if err != nil {
		return err
	}
	return w.verify(ctx, t, remote, t.Item.Local)
}
