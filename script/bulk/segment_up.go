package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"ferry/proto"
	"ferry/proto/client"
)

// A file that goes up in segments arrives under a temporary name of its own.
// The session that took it makes that file, with its whole size, from the first
// bytes; then each session writes its segments into it. What is there is known
// by checksums only: those of pieces tell what an earlier try has left, and
// those of all of it come before the file gets its time and its name. A hole is
// never taken for anything.
//
//	lead     ALLO size, RANG 0 65535, STOR temp ─ RANG, HASH temp ┐
//	helpers  log in                                               ├ RANG, STOR temp … HASH temp, RNFR, RNTO
//
// What the server won't have so goes up in one, under another name.

// pieced marks the temporary names of uploads in segments: what has holes is
// never looked at by who continues behind the last byte.
const pieced = "\x00segments"

// errInOne is an upload that has to go in one stream.
var errInOne = errors.New("it goes up in one")

// segmentsUp reports whether a file goes up in segments: where it is large
// enough, the server puts files together, and it was not tried in vain before.
func (w *worker) segmentsUp(t *task) bool {
	asked := w.opts.Segments > 1
	least := int64(segmentFile)
	if asked {
		least = segmentLeast
	}
	_, hashes := w.hashAlgo()
	return w.opts.Segments != 1 && w.opts.Dial != nil && t.Size >= least && t.doubts == 0 && !t.inOne &&
		hashes && w.client.Spreads() && !w.opts.Server.takesWhole() && (asked || w.run.crew.wanted() > 1 && w.client.RoundTrip() >= farTrip)
}

// uploadSegments sends a file in segments, checks all of it, and gives it its
// name. errInOne: nothing of it is there, and the server would have it in one.
func (w *worker) uploadSegments(ctx context.Context, t *task, f *os.File) error {
	temp := w.run.arrive(t, f, pieced)
	up := newUp(w, t, f, temp)
	t.pieced = true
	err := up.fill(ctx, w)
	if err == nil || errors.As(err, new(*client.SizeError)) {
		err = cmp.Or(unchanged(f, t.Step), err)
	}
	if err == nil {
		return w.land(ctx, t, temp, up.check(ctx, w))
	}
	if ctx.Err() != nil {
		return err
	}
	inOne := !spoilt(err) && w.wantsInOne(t, err)
	if w.client.Broken() {
		if !inOne {
			return err
		}
		// A helper was refused, and the end of it all cut this session's segment short.
		if err := w.reconnect(ctx, w.opts.Retry.withDefaults()); err != nil {
			return err
		}
	}
	switch {
	case spoilt(err):
	case inOne:
		t.inOne, t.pieced = true, false
		t.result.Bytes, t.result.Resumed, t.sent = 0, 0, 0
		err = fmt.Errorf("%w: %w", errInOne, err)
	default:
		return err
	}
	_ = w.client.Delete(ctx, temp) // nobody will come back for it
	return err
}

// wantsInOne reports whether what failed would go in one stream. A refusal for
// good is one of all files.
func (w *worker) wantsInOne(t *task, err error) bool {
	var reply *proto.ReplyError
	switch {
	case errors.As(err, new(*client.LocalError)), client.Full(err):
		return false
	case errors.Is(err, client.ErrNoRestart), errors.Is(err, errors.ErrUnsupported), errors.As(err, &reply) && fateOf(err) == permanent:
		w.opts.Server.learnTakesWhole()
		return true
	}
	return false
}

// up is a file on its way to the server in segments.
type up struct{ *segmented }

func newUp(w *worker, t *task, src *os.File, temp string) *up {
	return &up{&segmented{
		algo: w.quickAlgo(),
		run:  w.run, begins: maxBegin, t: t, size: t.Size, hands: 1, want: 1, src: src, temp: temp,
		gaps: []span{{0, t.Size}}, moved: &atomic.Int64{},
		active: map[*segment]struct{}{}, helpers: map[*worker]struct{}{}, changed: make(chan struct{}),
	}}
}

// fill sends all that is missing. Afterwards nobody writes into the temporary.
func (f *up) fill(ctx context.Context, w *worker) error {
	f.life, f.end = context.WithCancelCause(ctx)
	f.want = f.atFirst()
	f.run.queue.offer(f.segmented)
	var beside sync.WaitGroup
	ready := make(chan struct{})
	beside.Go(func() { f.grow(ctx, ready) })
	err := f.make(w)
	defer w.tally(f.t, f.t.result.Resumed, f.moved)()
	if err == nil {
		f.await(ready, min(readyWait, readyTrips*max(w.client.RoundTrip(), farTrip)))
		err = f.lead(w)
	} else {
		err = f.fail(err)
	}
	f.run.queue.withdraw(f.segmented)
	f.close(err)
	beside.Wait()
	f.gone()
	f.t.result.Bytes += f.moved.Load()
	if ctx.Err() != nil && err != nil {
		return context.Cause(ctx)
	}
	return err
}

// gone waits until no helper sends any more: what they say of it comes first.
func (f *segmented) gone() {
	for {
		f.mu.Lock()
		busy, changed := len(f.active) > 0, f.changed
		f.mu.Unlock()
		if !busy {
			return
		}
		<-changed
	}
}

// make sees to it that the temporary is there, with its whole size, and that it
// can be looked at. What an earlier try has left of the same source is gone on
// with, as far as its pieces are the same.
func (f *up) make(w *worker) error {
	if f.t.tries > 1 || w.opts.Server.mayHaveLeft(f.size) {
		switch size, err := w.client.Size(f.life, f.temp); {
		case err == nil && size == f.size:
			return f.compare(w)
		case err == nil:
			if err := w.client.Delete(f.life, f.temp); err != nil {
				return err
			}
		case w.client.Broken():
			return err
		}
	}
	first := span{0, min(firstRange, f.size)}
	src := io.NewSectionReader(f.src, 0, first.size())
	var last proto.Reply
	n, err := w.client.StoreSpan(f.life, f.temp, client.Span{To: first[1]}, src, client.Transfer{Size: f.size, Moved: f.moved, Last: &last})
	if err != nil {
		f.moved.Add(-n)
		return err
	}
	f.t.result.Reply = last
	same, err := f.sameAs(f.life, w, first)
	switch {
	case err != nil:
		return err
	case !same:
		return fmt.Errorf("%s: its first bytes: %w", f.t.Item.Remote, errMismatch)
	}
	f.has(spans{first})
	return nil
}

// has says what is there.
func (f *up) has(have spans) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.have, f.gaps = have, have.gaps(f.size)
}
