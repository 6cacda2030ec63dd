package bulk

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// batch is a group of small files on their way together. It takes what goes
// without a question; whatever fails is left to be done by itself, where all
// is known about failures.
type batch struct {
	*worker
	files []*piece
	algo  client.HashAlgo // by which they are compared; "": by size, or over a lane
	since time.Time       // the last verdict
}

// piece is one file of a batch.
type piece struct {
	*task
	moved *atomic.Int64
	quiet func()  // ends the telling of its progress; nil: it was not begun
	part  *part   // Down
	local *source // Up
	timed bool    // Up: it has its time
	done  bool    // it is whole at the other end
}

// batch moves those files of a load that can go together.
func (w *worker) batch(ctx context.Context, l load) {
	b := &batch{worker: w}
	for _, t := range l.tasks {
		if w.batches(t) {
			b.files = append(b.files, &piece{task: t, moved: &atomic.Int64{}})
		}
	}
	for len(b.files) > 1 && !w.client.Broken() && !w.run.over() && ctx.Err() == nil && !w.opts.Control.Paused() {
		b.since = time.Now()
		b.algo = b.sums(0)
		if b.client.Commits() && b.opts.Verify != VerifyHash { // one comes with each file
			b.algo = ""
		}
		var n int
		if l.direction == Down {
			n = b.down(ctx)
		} else {
			n = b.up(ctx)
		}
		b.share()
		if n == 0 {
			return
		}
		b.files = b.files[n:]
	}
}

// batches reports whether a file can go with others: as a whole, for the first
// time, with nothing to be asked in between.
func (w *worker) batches(t *task) bool {
	_, hashes := w.hashAlgo()
	return !t.ended && !t.whole && !t.grow && !t.left && t.tries == 0 && (hashes || w.opts.Verify != VerifyHash)
}

// start tells of a piece that begins.
func (b *batch) start(p *piece) {
	p.tries = 1
	if !p.began {
		b.run.begun(p.task)
	}
}

// begin is called when the bytes of a piece are next.
func (b *batch) begin(p *piece) {
	b.start(p)
	p.straight = p.Direction == Up && p.temp == p.Item.Remote
	p.quiet = b.tally(p.task, 0, p.moved)
}

// landed notes what the transfer of a piece has come to. It reports whether
// the piece is whole.
func (b *batch) landed(ctx context.Context, p *piece, v *client.Verdict) bool {
	if b.start(p); p.quiet != nil {
		p.quiet()
	}
	now := time.Now()
	p.result.Took += now.Sub(b.since)
	b.since = now
	p.result.Bytes += v.N
	p.result.Reply = v.Reply
	if v.Err == nil {
		v.Err = b.compared(ctx, p, v)
	}
	if v.Err != nil {
		b.missed(ctx, p, v.Err)
		return false
	}
	return true
}

// compared is what is known of a piece that the transfer says is whole.
func (b *batch) compared(ctx context.Context, p *piece, v *client.Verdict) error {
	if b.opts.Verify == VerifyNone {
		return nil
	}
	p.result.Verified = "size"
	remote := p.Step.Item.Remote
	switch {
	case v.Hash:
		p.result.Verified = string(client.SHA256)
		b.events.verified(p.task, p.result.Verified)
	case v.Sum.Err != nil:
		return b.unsummed(ctx, p.task, remote, v.Sum.Err)
	case v.Sum.Sum.Hex != "":
		here, ok := p.sum.of(v.N, b.algo)
		if !ok {
			return ErrChanged
		}
		return b.agree(p.task, remote, b.algo, here, v.Sum.Sum.Hex)
	case b.opts.Verify == VerifyHash:
		return fmt.Errorf("%s: %w", remote, ErrNoHash)
	}
	return nil
}

// drop lets go of pieces that were begun and got no verdict, since the
// connection broke before: their turn by themselves is still to come.
func (b *batch) drop(files []*piece) {
	for _, p := range files {
		if p.quiet != nil {
			p.quiet()
			p.quiet = nil
		}
		if p.part != nil {
			p.part.drop()
			p.part = nil
		}
		if p.local != nil {
			p.local.Close()
			p.local, p.temp = nil, ""
		}
	}
}

// missed decides about a piece that failed: it ends here where nothing is to
// be tried again, else its turn by itself is still to come.
func (b *batch) missed(ctx context.Context, p *piece, err error) {
	err = proto.Cause(ctx, err)
	final := p.Direction == Down && fateOf(err) == permanent || fateOf(err) == fatal
	if ctx.Err() != nil || final || b.opts.Retry.Attempts == 1 {
		b.run.settle(ctx, p.task, err)
		return
	}
	p.count(err, false)
	b.events.retried(p.task, 0, err)
}
