package bulk

import (
	"context"
	"io"

	"ferry/proto"
	"ferry/proto/client"
)

// down gets the first files of the batch. It returns how many have an end, or
// a turn of their own to come.
func (b *batch) down(ctx context.Context) int {
	pulls := make([]client.Pull, len(b.files))
	for i, p := range b.files {
		if p.sum = nil; b.algo != "" {
			p.sum = newRunning(b.algo)
		}
		pulls[i] = client.Pull{
			Path:     p.Step.Item.Remote,
			Hash:     b.algo,
			Open:     func() (io.Writer, error) { return b.open(ctx, p) },
			Transfer: client.Transfer{Size: known(p.Size), Moved: p.moved},
		}
	}
	n, _ := b.client.RetrieveBatch(ctx, pulls, func(i int, v client.Verdict) { b.got(ctx, b.files[i], v) })
	b.drop(b.files[n:])
	return n
}

// open opens a part. What an earlier run left of so small a file is not worth
// the questions.
func (b *batch) open(ctx context.Context, p *piece) (io.Writer, error) {
	if p.part == nil {
		b.begin(p)
		now := record{Source: b.client.Host() + p.Step.Item.Remote, Size: p.Size, Time: p.Time}
		part, err := barePart(p.Item.Local, now)
		if err != nil {
			return nil, err
		}
		p.part = part
	} else if err := p.part.restart(); err != nil {
		return nil, err
	}
	to := p.sum.writer(p.part.File)
	if br := b.brake(ctx); br != nil {
		return br.writer(to), nil
	}
	return to, nil
}

// got gives a file that has come its name.
func (b *batch) got(ctx context.Context, p *piece, v client.Verdict) {
	if v.Err == nil && p.part == nil { // nobody asked for its bytes, and it has none
		_, v.Err = b.open(ctx, p)
	}
	if !b.landed(ctx, p, &v) {
		if p.part != nil {
			p.part.drop()
		}
		return
	}
	if p.result.Size == proto.NoSize {
		p.result.Size = v.N
	}
	b.run.settle(ctx, p.task, p.part.commit(p.Item.Local, b.opts.Durable, b.keptTime(p.Step)))
}
