package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// download brings one file: into its part, checked, then under its name.
func (w *worker) download(ctx context.Context, t *task) error {
	now := record{Source: w.client.Host() + t.Step.Item.Remote, Size: t.Size, Time: t.Time}
	p, err := openPart(t.Item.Local, now)
	if err != nil {
		return err
	}
	if t.grow && (t.tries == 1 || p.have == 0) {
		err = p.growFrom(t.Item.Local)
	}
	if err == nil {
		err = w.fetch(ctx, t, p)
	}
	if err == nil {
		err = w.verify(ctx, t, t.Item.Remote, p.path)
	}
	if err == nil {
		err = w.undisturbed(ctx, t)
	}
	if err != nil {
		if size, serr := p.Seek(0, io.SeekEnd); serr != nil || size == 0 || errors.Is(err, errMismatch) || errors.Is(err, ErrChanged) {
			p.drop()
		}
		p.Close()
		return err
	}
	return p.commit(t.Item.Local, w.opts.Durable, w.keptTime(t.Step))
}

// undisturbed makes sure that a source of which only the size was compared has not been
// written to while it came: half of it would be the old one. A time that is not
// the plan's, and was the same after the attempt before, is how this server tells
// times.
func (w *worker) undisturbed(ctx context.Context, t *task) error {
	if t.result.Verified != "size" || t.pieced || t.Time.Second() == 0 || w.client.Quirks().NoModTime {
		return nil
	}
	now, err := w.client.StampOf(ctx, t.Item.Remote)
	if err != nil || now.Time.IsZero() || now.Time.Sub(t.Time).Abs() < time.Second || now.Time.Equal(t.after) {
		return err
	}
	t.after = now.Time
	return fmt.Errorf("%s: %w", t.Item.Remote, ErrChanged)
}

func (e *Engine) keptTime(s Step) (t time.Time) {
	if e.opts.Times == KeepTimes {
		t = s.Time
	}
	return t
}

// fetch fills the part, from where it is when that still fits the source.
func (w *worker) fetch(ctx context.Context, t *task, p *part) error {
	if w.segments(t) {
		return w.fetchSegments(ctx, t, p)
	}
	if err := p.inOne(); err != nil {
		return err
	}
	if p.have > 0 && w.resumable() {
		err := w.fetchRest(ctx, t, p)
		if !errors.Is(err, errChanged) && !errors.Is(err, client.ErrNoRestart) {
			return err
		}
		w.notice("%s: begun anew: %v", t.Item.Remote, err)
	}
	if err := p.restart(); err != nil {
		return err
	}
	t.result.Resumed = 0
	return w.retrieve(ctx, t, p.File, 0)
}

// resumable reports whether byte offsets mean the same at both ends.
func (w *worker) resumable() bool { return w.client.Params() == proto.Binary() }

func (w *worker) fetchRest(ctx context.Context, t *task, p *part) error {
	rest, from, err := p.resumer()
	if err != nil {
		return err
	}
	t.result.Resumed = from
	return w.retrieve(ctx, t, rest, from)
}

func (w *worker) retrieve(ctx context.Context, t *task, to io.Writer, from int64) error {
	moved, stop := w.follow(t, from)
	defer stop()
	how := client.Transfer{Offset: from, Size: known(t.Size), Moved: moved, Last: &t.result.Reply}
	if t.sum = nil; from == 0 {
		t.sum = w.running(t)
		to = t.sum.writer(to)
	}
	if b := w.brake(ctx); b != nil {
		to = b.writer(to)
	}
	n, err := w.client.Retrieve(ctx, t.Item.Remote, to, how)
	t.result.Bytes += n
	if err == nil && t.result.Size == proto.NoSize {
		t.result.Size = from + n
	}
	return err
}

// lookAgain describes the source anew before it is tried again: what it was
// when the plan was made may be why it failed.
func (w *worker) lookAgain(ctx context.Context, t *task) error {
	if t.Direction == Up {
		info, err := os.Stat(t.Item.Local)
		if err != nil {
			return err
		}
		if info.Size() != t.Size || !info.ModTime().Equal(t.Time) {
			t.Size, t.Time, t.sent = info.Size(), info.ModTime(), 0
		}
		t.result.Size, t.result.Time = t.Size, t.Time
		return nil
	}
	if !t.suspect {
		return nil
	}
	entry, err := w.client.Stat(ctx, t.Item.Remote)
	if err != nil {
		return err
	}
	t.Size, t.Time = entry.Size, entry.Modify
	t.result.Size, t.result.Time = t.Size, t.Time
	return nil
}

// known is a size as client.Transfer wants it: 0 when nobody knows.
func known(size int64) int64 {
	if size == proto.NoSize {
		return 0
	}
	return size
}
