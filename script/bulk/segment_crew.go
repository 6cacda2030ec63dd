package bulk

import (
	"context"
	"errors"
	"slices"

	"ferry/proto"
	"ferry/proto/client"
)

// offer lets sessions without work help with a file.
func (q *queue) offer(f *segmented) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open = append(q.open, f)
	q.change()
}

func (q *queue) withdraw(f *segmented) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open = slices.DeleteFunc(q.open, func(o *segmented) bool { return o == f })
}

// nudge has those who wait look again.
func (q *queue) nudge() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.change()
}

// waiting is how many sessions have nothing to do.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.idle
}

// pickHelp is a file under way that wants another session. q.mu is held.
func (q *queue) pickHelp() (load, bool) {
	for _, f := range q.open {
		if f.wants() {
			return load{direction: f.t.Direction, help: f}, true
		}
	}
	return load{}, false
}

// wants reports whether another session would have something to do.
func (f *segmented) wants() bool { return f.lacks() > 0 }

// lacks is how many more sessions there should be.
func (f *segmented) lacks() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.err != nil || !f.shares() {
		return 0
	}
	return max(f.want-f.hands, 0)
}

// shares reports whether there is something for another session. f.mu is held.
func (f *segmented) shares() bool {
	victim, _ := f.slowest()
	return victim != nil || len(f.gaps) > 0
}

// enter counts a helper in, unless there are enough.
func (f *segmented) enter(w *worker) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.hands >= f.want {
		return false
	}
	f.hands++
	f.helpers[w] = struct{}{}
	return true
}

func (f *segmented) leave(w *worker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hands--
	delete(f.helpers, w)
}

// begun waits until all begin together.
func (f *segmented) begun(ctx context.Context) bool {
	for {
		f.mu.Lock()
		started, changed := f.started || f.closed, f.changed
		f.mu.Unlock()
		if started {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// assist helps with a file until there is nothing left to help with. It
// reports whether the session can do more.
func (w *worker) assist(ctx context.Context, f *segmented) (stay bool) {
	if !f.enter(w) {
		return true
	}
	defer f.leave(w)
	if !f.begun(ctx) {
		return true
	}
	for ctx.Err() == nil && !f.surplus() {
		s, _, _ := f.take()
		if s == nil {
			return true
		}
		if err := f.move(w, s); err != nil {
			return f.missed(w, err)
		}
		if w.client.Broken() { // what it was to bring is there all the same
			return !w.run.crew.retire()
		}
	}
	return true
}

// surplus reports that there are more sessions at it than should be.
func (f *segmented) surplus() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hands > f.want
}

// missed decides what the failure of a helper means. What is wrong with the
// file, or with the disk, fails it; a session that is lost, or refused, is one
// less.
func (f *segmented) missed(w *worker, err error) (stay bool) {
	err = proto.Cause(f.life, err)
	var local *client.LocalError
	if f.life.Err() == nil {
		switch {
		case errors.As(err, &local), errors.Is(err, errChanged), errors.Is(err, ErrChanged), errors.Is(err, client.ErrNoRestart), diskFull(err), client.Full(err):
			f.fail(err)
			f.end(err)
		default:
			f.fewer(err)
		}
	}
	if !w.client.Broken() {
		return true
	}
	if crowded(err) {
		return !w.run.crew.leave(w, err)
	}
	return !w.run.crew.retire()
}

// fewer notes that a helper failed. One that was refused won't be replaced.
func (f *segmented) fewer(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults++
	var reply *proto.ReplyError
	if errors.As(err, &reply) || f.faults >= maxSegmentFaults {
		f.want = max(1, f.hands-1)
	}
}

// retire takes a worker out whose session is lost. The last one stays: it
// reports false.
func (c *crew) retire() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live == 1 {
		return false
	}
	c.live--
	return true
}

// summon opens up to n more sessions at once, as far as they are allowed. What
// the work of a run wants otherwise is not asked.
func (c *crew) summon(ctx, dctx context.Context, n int) {
	c.add(ctx, dctx, min(n, c.wanted()-c.size()))
}
