package bulk

import (
	"context"
	"io"
	"os"
	"time"

	"golang.org/x/time/rate"
)

// Rate is a bound on bytes a second. Any number of runs may share one: then it
// bounds their sum. It may be changed while they run.
type Rate struct{ limiter *rate.Limiter }

// burst is how much a bounded transfer moves at once: a tenth of a second's
// worth, so that a bar moves smoothly, but no crumbs.
const (
	minBurst = 4 << 10
	maxBurst = 256 << 10
)

// NewRate is a bound; 0 is none.
func NewRate(bytesPerSecond int64) *Rate {
	r := &Rate{limiter: rate.NewLimiter(rate.Inf, maxBurst)}
	r.Set(bytesPerSecond)
	return r
}

// Set changes the bound; 0 is none.
func (r *Rate) Set(bytesPerSecond int64) {
	if bytesPerSecond <= 0 {
		r.limiter.SetLimit(rate.Inf)
		return
	}
	r.limiter.SetBurst(int(min(max(bytesPerSecond/10, minBurst), maxBurst)))
	r.limiter.SetLimit(rate.Limit(bytesPerSecond))
}

// bounded reports whether there is a bound.
func (r *Rate) bounded() bool { return r != nil && r.limiter.Limit() != rate.Inf }

// brake holds bytes back until all bounds let them pass.
type brake struct {
	ctx   context.Context // of the transfer: the reader and writer interfaces have no place for it
	rates []*Rate
}

// brake is that of the run's bounds; nil when there are none, and the kernel
// may move the bytes.
func (e *Engine) brake(ctx context.Context) *brake {
	b := &brake{ctx: ctx}
	for _, r := range e.opts.Rates {
		if r.bounded() {
			b.rates = append(b.rates, r)
		}
	}
	if len(b.rates) == 0 {
		return nil
	}
	return b
}

// most is how many of n bytes may move at once.
func (b *brake) most(n int) int {
	for _, r := range b.rates {
		n = min(n, r.limiter.Burst())
	}
	return n
}

func (b *brake) wait(n int) error {
	for _, r := range b.rates {
		// The burst may have become smaller than n since: then it is waited for in turns.
		for left := n; left > 0; {
			now := min(left, r.limiter.Burst())
			if err := r.limiter.WaitN(patient{b.ctx}, now); err != nil {
				if b.ctx.Err() != nil {
					return context.Cause(b.ctx)
				}
				return err
			}
			left -= now
		}
	}
	return nil
}

// patient waits up to a deadline: the limiter would give up at once, with an
// error of its own, when the bytes could not move before it.
type patient struct{ context.Context }

// Deadline hides it. Done still comes when it has passed.
func (patient) Deadline() (at time.Time, has bool) { return at, false }

// writer slows what is written to w.
func (b *brake) writer(w io.Writer) io.Writer {
	if b == nil {
		return w
	}
	return &slowWriter{brake: b, to: w}
}

type slowWriter struct {
	*brake
	to io.Writer
}

func (w *slowWriter) Write(p []byte) (int, error) {
	total := 0
	for len(p) > 0 {
		n := w.most(len(p))
		if err := w.wait(n); err != nil {
			return total, err
		}
		n, err := w.to.Write(p[:n])
		total += n
		if err != nil {
			return total, err
		}
		p = p[n:]
	}
	return total, nil
}

// reader slows what is read of f. The client may rewind it.
func (b *brake) reader(f *os.File) io.ReadSeeker {
	if b == nil {
		return f
	}
	return struct {
		io.Reader
		io.Seeker
	}{b.once(f), f}
}

// once is reader for what can't be rewound.
func (b *brake) once(r io.Reader) io.Reader {
	if b == nil {
		return r
	}
	return &slowStream{brake: b, from: r}
}

type slowStream struct {
	*brake
	from io.Reader
}

func (r *slowStream) Read(p []byte) (int, error) {
	n := r.most(len(p))
	if err := r.wait(n); err != nil {
		return 0, err
	}
	return r.from.Read(p[:n])
}
