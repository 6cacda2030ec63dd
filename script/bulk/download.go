package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// download brings one file: into its part, checked, then under its name.
func (e *Engine) download(ctx context.Context, s Step, r *Result) error {
	now := record{Source: e.client.Host() + s.Item.Remote, Size: s.Size, Time: s.Time}
	p, err := openPart(s.Item.Local, now)
	if err != nil {
		return err
	}
	if s.grow {
		err = p.growFrom(s.Item.Local)
	}
	if err == nil {
		err = e.fetch(ctx, s, p, r)
	}
	if err == nil {
		err = e.verify(ctx, s, p.path, r)
	}
	if err != nil {
		if size, serr := p.Seek(0, io.SeekEnd); serr != nil || size == 0 || errors.Is(err, errMismatch) {
			p.drop()
		}
		p.Close()
		return err
	}
	return p.commit(s.Item.Local, e.opts.Durable, e.keptTime(s))
}

func (e *Engine) keptTime(s Step) (t time.Time) {
	if e.opts.Times == KeepTimes {
		t = s.Time
	}
	return t
}

// fetch fills the part, from where it is when that still fits the source.
func (e *Engine) fetch(ctx context.Context, s Step, p *part, r *Result) error {
	if p.have > 0 && e.resumable() {
		err := e.fetchRest(ctx, s, p, r)
		if !errors.Is(err, errChanged) && !errors.Is(err, client.ErrNoRestart) {
			return err
		}
		e.notice("%s: begun anew: %v", s.Item.Remote, err)
	}
	if err := p.restart(); err != nil {
		return err
	}
	r.Resumed = 0
	return e.retrieve(ctx, s, p.File, 0, r)
}

// resumable reports whether byte offsets mean the same at both ends.
func (e *Engine) resumable() bool { return e.client.Params() == proto.Binary() }

func (e *Engine) fetchRest(ctx context.Context, s Step, p *part, r *Result) error {
	w, from, err := p.resumer()
	if err != nil {
		return err
	}
	r.Resumed = from
	return e.retrieve(ctx, s, w, from, r)
}

func (e *Engine) retrieve(ctx context.Context, s Step, w io.Writer, from int64, r *Result) error {
	var moved atomic.Int64
	stop := e.events.watch(Down, s, from, &moved)
	defer stop()
	t := client.Transfer{Offset: from, Size: known(s.Size), Moved: &moved}
	n, err := e.client.Retrieve(ctx, s.Item.Remote, w, t)
	r.Bytes += n
	if err == nil && r.Size == proto.NoSize {
		r.Size = from + n
	}
	return err
}

// known is a size as client.Transfer wants it: 0 when nobody knows.
func known(size int64) int64 {
	if size == proto.NoSize {
		return 0
	}
	return size
}

// SpaceError is a disk that has no room for what is planned.
type SpaceError struct {
	Dir        string
	Need, Free int64 // bytes
}

func (e *SpaceError) Error() string {
	return fmt.Sprintf("%s: %d bytes are free, %d are needed", e.Dir, e.Free, e.Need)
}

// checkSpace looks, before anything is fetched, whether it will fit. What the
// system can't tell is not held against the plan.
func (e *Engine) checkSpace(p Plan) error {
	if p.Files == 0 {
		return nil
	}
	dir := existingDir(p.Steps[0].Item.Local)
	free, err := freeSpace(dir)
	if err != nil {
		return nil
	}
	need := p.Bytes
	for _, s := range p.Steps {
		if info, err := os.Stat(partName(s.Item.Local)); err == nil && s.Action == Send {
			need -= info.Size()
		}
	}
	if need > free {
		return &SpaceError{Dir: dir, Need: need, Free: free}
	}
	return nil
}
