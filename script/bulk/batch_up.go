package bulk

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// source is an open local file.
type source = os.File

// up sends the first files of the batch, and gives those that have arrived
// their times and names. It returns how many have an end, or a turn of their
// own to come.
func (b *batch) up(ctx context.Context) int {
	pushes := make([]client.Push, len(b.files))
	for i, p := range b.files {
		if p.temp == "" && !b.place(ctx, p) {
			b.drop(b.files[:i])
			return i // what can't be decided is a question for the file by itself
		}
		if p.sum = nil; b.algo != "" {
			p.sum = newRunning(b.algo)
		}
		pushes[i] = client.Push{
			Path:     p.temp,
			Hash:     b.algo,
			Open:     func() (io.Reader, error) { return b.read(ctx, p) },
			Time:     b.keptTime(p.Step),
			Transfer: client.Transfer{Size: known(p.Size), Moved: p.moved},
		}
		if b.opts.Verify == VerifyNone {
			pushes[i].Check = client.CheckAnnounced
		}
	}
	n, _ := b.client.StoreBatch(ctx, pushes, func(i int, v client.Verdict) { b.sent(ctx, b.files[i], v) })
	b.drop(b.files[n:])
	b.finish(ctx, b.files[:n])
	b.clear(ctx, b.files[:n])
	for _, p := range b.files[:n] { // not before: whoever has it open has its temporary name
		if p.local != nil {
			p.letGo(p.local)
			p.local = nil
		}
	}
	return n
}

// place decides under which name a file arrives.
func (b *batch) place(ctx context.Context, p *piece) bool {
	if b.opts.Atomic == AtomicAuto && b.client.Commits() {
		p.temp = p.Item.Remote // the server does what a temporary name is for
		return true
	}
	atomic, err := b.atomic(ctx, p.Step)
	if err != nil || b.client.Broken() {
		return false
	}
	if p.temp = p.Item.Remote; !atomic {
		return true
	}
	f, err := os.Open(p.Item.Local)
	if err != nil {
		return false
	}
	p.local = f
	b.run.arrive(p.task, f, "")
	return true
}

func (b *batch) read(ctx context.Context, p *piece) (io.Reader, error) {
	if p.quiet == nil {
		b.begin(p)
	}
	if p.local == nil {
		f, err := os.Open(p.Item.Local)
		if err != nil {
			return nil, err
		}
		p.local = f
	}
	if _, err := p.local.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r := p.sum.reader(b.brake(ctx).reader(p.local))
	if p.temp == p.Item.Remote && b.client.Commits() {
		return &steady{r, p.local, p.Step}, nil
	}
	return r, nil
}

// steady is a source that ends well only if it is still what was planned: a
// server that commits by itself must not commit anything else.
type steady struct {
	io.Reader
	f    *os.File
	step Step
}

func (s *steady) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	if err == io.EOF {
		err = cmp.Or(unchanged(s.f, s.step), io.EOF)
	}
	return n, err
}

// sent looks whether a file is what it was when it was sent.
func (b *batch) sent(ctx context.Context, p *piece, v client.Verdict) {
	if p.local != nil {
		if v.N > 0 || v.Err == nil {
			if err := unchanged(p.local, p.Step); err != nil {
				v.Err = cmp.Or(err, v.Err)
			}
		}
	}
	p.done, p.timed = b.landed(ctx, p, &v), v.Timed
}

// finish does what is left for files that have arrived, all of it together. What
// isn't known of the server yet is found out with the first.
func (b *batch) finish(ctx context.Context, files []*piece) {
	var ready []*piece
	var endings []client.Ending
	shown := false
	for _, p := range files {
		if !p.done || p.ended {
			continue
		}
		e := b.ending(p)
		if !e.Time.IsZero() && !b.client.TimesKnown() {
			if b.setTime(ctx, p.temp, p.Step) != nil {
				b.alone(ctx, p)
				continue
			}
			e.Time = time.Time{}
		}
		if len(ready) == 0 && e.Name != "" && !p.exists && !b.opts.Server.renamesTo(p.exists) {
			e.Shown = &shown
		}
		ready, endings = append(ready, p), append(endings, e)
	}
	if len(ready) == 0 || b.client.Broken() {
		return
	}
	errs, _ := b.client.FinishAll(ctx, endings)
	if shown {
		b.opts.Server.learnMoves()
	}
	for i, p := range ready {
		switch {
		case i >= len(errs): // its turn by itself finds out
		case errs[i] != nil:
			b.alone(ctx, p)
		case endings[i].Name == "":
			b.end(ctx, p)
		default:
			b.named(ctx, p, b.moved(ctx, p.temp, p.Step))
		}
	}
}

// ending is what is left to do for a file that has arrived.
func (b *batch) ending(p *piece) client.Ending {
	e := client.Ending{Temp: p.temp}
	if !p.timed && b.opts.Times == KeepTimes && !b.opts.Server.hasNoTimes() {
		e.Time = p.Time
	}
	if p.temp != p.Item.Remote && b.opts.Publish != Together {
		e.Name, e.Mode = p.Item.Remote, p.modeThere()
	}
	return e
}

// clear removes what arrived under temporary names and failed for good all the
// same: nobody will come back for it.
func (b *batch) clear(ctx context.Context, files []*piece) {
	for _, p := range files {
		vain := p.ended && p.result.Err != nil && fateOf(p.result.Err) != transient && p.result.Reply.Code.Class() == proto.Done
		if vain && p.temp != p.Item.Remote && !b.client.Broken() {
			_ = b.client.Delete(ctx, p.temp)
		}
	}
}

// alone ends one upload with all the questions that may come up.
func (b *batch) alone(ctx context.Context, p *piece) {
	if b.client.Broken() {
		return
	}
	err := b.setTime(ctx, p.temp, p.Step)
	if err == nil && p.temp != p.Item.Remote && b.opts.Publish != Together {
		err = b.replace(ctx, p.temp, p.Step)
	}
	b.named(ctx, p, err)
}

// named settles an upload that has its name, or err.
func (b *batch) named(ctx context.Context, p *piece, err error) {
	if err == nil {
		b.end(ctx, p)
		return
	}
	if errors.Is(err, errNoRename) { // it goes another way now
		_ = b.client.Delete(ctx, p.temp)
	}
	b.missed(ctx, p, err)
}

// end settles an upload.
func (b *batch) end(ctx context.Context, p *piece) {
	if p.temp != p.Item.Remote && b.opts.Publish == Together {
		p.whole = true
		return
	}
	b.run.settle(ctx, p.task, nil)
}
