package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// segmented is a file that comes in several segments at once, each over a
// session of its own. The session that took the file leads; others help while
// that makes it faster. Who has nothing to do takes half of what will take
// longest.
//
//	0 ──lead──▶┄┄┄┄┄┄│mid ──helper──▶┄┄┄┄┄┄┄│size
//	         at     end                at    end
//
// Where a segment was cut short for another, a few bytes more are read and
// compared with what the other one has brought: a server that takes REST and
// begins elsewhere is caught, and so is most of what changes meanwhile.
type segmented struct {
	run   *run
	t     *task
	part  *part
	size  int64
	moved *atomic.Int64
	src   io.ReaderAt     // Up: in place of part
	temp  string          // Up: where it arrives
	algo  client.HashAlgo // Up: by which it is compared
	life  context.Context // of the attempt: helpers come and go within it
	end   context.CancelCauseFunc

	mu      sync.Mutex
	have    spans                 // that ended segments have brought
	gaps    []span                // that nobody fetches
	active  map[*segment]struct{} // under way
	seams   []seam                // not compared yet
	begins  time.Duration         // how long it took at least until the first byte of a segment came
	rate    float64               // of all active ones of late, bytes a second
	losing  bool                  // the line loses packets of itself
	hands   int                   // sessions at it
	want    int                   // that there should be
	faults  int                   // of helpers
	helpers map[*worker]struct{}
	started bool           // there is something for who helps
	closed  bool           // nothing is written any more
	writes  sync.WaitGroup // under way; added to under mu while it isn't closed
	err     error          // what fails the file, whoever met it
	changed chan struct{}  // closed at the next change
}

// segments reports whether a file comes in segments: where it is large enough,
// bytes count the same at both ends, and it was not tried in vain before. By
// themselves only from a far server: a near one fills its line with one stream.
func (w *worker) segments(t *task) bool {
	asked := w.opts.Segments > 1
	least := int64(segmentFile)
	if asked {
		least = segmentLeast
	}
	return w.opts.Segments != 1 && w.opts.Dial != nil && t.Size >= least && t.doubts == 0 &&
		w.resumable() && !w.opts.Server.sendsWhole() && (asked || w.run.crew.wanted() > 1 && w.client.RoundTrip() >= farTrip)
}

// fetchSegments fills the part.
func (w *worker) fetchSegments(ctx context.Context, t *task, p *part) error {
	before, err := w.stamp(ctx, t)
	switch {
	case err != nil:
		return err
	case before.Size == proto.NoSize: // nobody could tell whether it changes meanwhile
		w.opts.Server.learnWhole()
		return w.fetch(ctx, t, p)
	case before.Size != t.Size:
		return fmt.Errorf("%s: %w", t.Item.Remote, ErrChanged)
	}
	t.pieced = true
	if err := p.inSegments(); err != nil {
		return err
	}
	f := newSegmented(w, t, p)
	err = f.fill(ctx, w)
	if !errors.Is(err, errChanged) && !errors.Is(err, ErrChanged) {
		err = cmp.Or(f.sound(), err)
	}
	if err == nil {
		err = w.unmoved(ctx, t, before)
	}
	// A segment that ends too soon with a good reply may be a line that was cut;
	// twice, it is a server that begins elsewhere than it says.
	var short *client.SizeError
	if errors.As(err, &short) {
		t.short++
	}
	switch {
	case errors.Is(err, errChanged), errors.Is(err, errSeam), errors.Is(err, client.ErrNoRestart), t.short > 1:
		if !errors.Is(err, errChanged) {
			w.opts.Server.learnWhole()
		}
		t.short = 0
		w.notice("%s: begun anew in one: %v", t.Item.Remote, err)
		return w.fetchAnew(ctx, t, p)
	case err != nil:
		return errors.Join(err, p.note(p.spans, f.seams))
	}
	return nil
}

// fetchAnew fetches a file in one from its start.
func (w *worker) fetchAnew(ctx context.Context, t *task, p *part) error {
	if err := p.restart(); err != nil {
		return err
	}
	t.result.Resumed, t.pieced = 0, false
	return w.retrieve(ctx, t, p.File, 0)
}

// stamp is what the source is before it is fetched. A time with seconds was
// told by the same means, and needs no other question; LIST has none.
func (w *worker) stamp(ctx context.Context, t *task) (client.Stamp, error) {
	if t.Time.Second() != 0 && t.tries == 1 {
		return client.Stamp{Size: t.Size, Time: t.Time}, nil
	}
	return w.client.StampOf(ctx, t.Item.Remote)
}

// unmoved makes sure that the source is what it was before.
func (w *worker) unmoved(ctx context.Context, t *task, before client.Stamp) error {
	now, err := w.client.StampOf(ctx, t.Item.Remote)
	if err == nil && (now.Size != before.Size || !now.Time.Equal(before.Time)) {
		err = fmt.Errorf("%s: %w", t.Item.Remote, ErrChanged)
	}
	return err
}

func newSegmented(w *worker, t *task, p *part) *segmented {
	f := &segmented{
		run: w.run, begins: maxBegin, t: t, part: p, size: t.Size, have: p.spans.shortened(overlap), seams: p.seams, hands: 1, want: 1,
		active: map[*segment]struct{}{}, helpers: map[*worker]struct{}{}, changed: make(chan struct{}),
	}
	f.gaps = f.have.gaps(f.size)
	return f
}

// fill brings all that is missing. Afterwards nothing is written into the part,
// and part.spans says what it has.
func (f *segmented) fill(ctx context.Context, w *worker) error {
	had := f.have.sum()
	f.t.result.Resumed = had
	var quiet func()
	f.moved, quiet = w.follow(f.t, had)
	defer quiet()
	f.life, f.end = context.WithCancelCause(ctx)
	f.want = f.atFirst()
	f.run.queue.offer(f)
	var beside sync.WaitGroup
	beside.Go(func() { f.keep(f.life) })
	ready := make(chan struct{})
	beside.Go(func() { f.grow(ctx, ready) })
	f.await(ready, min(readyWait, readyTrips*max(w.client.RoundTrip(), farTrip)))
	err := f.lead(w)
	f.run.queue.withdraw(f)
	f.close(err)
	beside.Wait()
	f.writes.Wait()
	f.t.result.Bytes += f.moved.Load()
	f.part.spans = f.present()
	if ctx.Err() != nil && err != nil {
		return context.Cause(ctx)
	}
	return err
}

// await gives the first sessions the time to be there: segments that begin
// together share a line evenly, while one that comes to a line in use stays slow
// for long.
func (f *segmented) await(ready <-chan struct{}, most time.Duration) {
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case <-ready:
	case <-late.C:
	case <-f.life.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.split(f.want)
	f.started = true
	f.change()
}

// lead fetches until all is there.
func (f *segmented) lead(w *worker) error {
	for {
		s, changed, whole := f.take()
		switch {
		case whole:
			return nil
		case s != nil:
			if err := f.move(w, s); err != nil {
				return f.fail(err)
			}
			continue
		}
		select {
		case <-changed:
		case <-f.life.Done():
			return context.Cause(f.life)
		}
	}
}

// move carries a segment, whichever way it goes.
func (f *segmented) move(w *worker, s *segment) error {
	if f.src != nil {
		return f.push(w, s)
	}
	return f.fetch(w, s)
}

// fail notes why the file can't be had so, once.
func (f *segmented) fail(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
	return f.err
}

// close ends what helpers still do. Where all is there and nothing else to be
// done, they need not end their downloads in the polite way; the session that the
// run began with is needed afterwards.
func (f *segmented) close(err error) {
	files, _, _ := f.run.queue.left()
	f.mu.Lock()
	f.closed = true
	var late []*worker
	if err == nil && files == 0 {
		for w := range f.helpers {
			if !w.lead {
				late = append(late, w)
			}
		}
	}
	f.change() // who waits for the others to be there need not
	f.mu.Unlock()
	for _, w := range late {
		w.client.Close()
	}
	f.end(errEnded)
}

var errEnded = errors.New("the file has come to its end")

// change wakes who waits for something to do. f.mu is held.
func (f *segmented) change() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// present is what the part has by now.
func (f *segmented) present() spans {
	f.mu.Lock()
	defer f.mu.Unlock()
	have := slices.Clone(f.have)
	for s := range f.active {
		have = have.add(span{s.from, s.at})
	}
	return have
}

// keep notes in the record what is there, as long as the file comes.
func (f *segmented) keep(ctx context.Context) {
	for sleep(ctx, recordEvery) == nil {
		if err := f.sound(); err != nil {
			f.end(f.fail(err))
			return
		}
		have, seams := f.present(), f.unproved()
		if f.run.opts.Durable == Synced && f.part.Sync() != nil {
			continue
		}
		_ = f.part.note(have, seams) // what it can't tell is fetched again
	}
}

// elapsed is how long a segment has been under way.
func (s *segment) elapsed() time.Duration { return time.Since(s.since) }
