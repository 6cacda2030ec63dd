package repl

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"ferry/proto/list"
)

// mpbBars draws bars with github.com/vbauerster/mpb, whose own goroutine
// redraws them a few times a second.
type mpbBars struct {
	progress *mpb.Progress
	name     int // columns of names
	bars     map[*flow]*mpb.Bar
	total    *mpb.Bar

	all *flow // the name of the total's

	mu    sync.Mutex // what follows is read while it draws
	flows map[*flow]flow
}

// redraw is how often bars are drawn: as often as there is news of them.
const redraw = 200 * time.Millisecond

func drawBars(w io.Writer, width func() int) bars {
	return &mpbBars{
		name:     min(max(width()-barRoom, 8), 24),
		progress: mpb.New(mpb.WithOutput(&frames{to: w, width: width}), mpb.WithWidth(max(width()-1, 1)), mpb.WithRefreshRate(redraw), mpb.WithAutoRefresh()),
		bars:     map[*flow]*mpb.Bar{}, all: &flow{}, flows: map[*flow]flow{},
	}
}

// barRoom is what a bar and its news take: the bar may be small, the news are
// never cut.
const barRoom = 10 + 29

func (b *mpbBars) fill(name string) string {
	return runewidth.FillRight(runewidth.Truncate(list.Printable(name), b.name, "…"), b.name)
}

func (b *mpbBars) Write(p []byte) (int, error) { return b.progress.Write(p) }

func (b *mpbBars) Set(f *flow) {
	b.mu.Lock()
	b.flows[f] = *f
	b.mu.Unlock()
	bar := b.bars[f]
	if bar == nil {
		if len(b.bars) >= maxBars {
			return
		}
		name := b.fill(f.name)
		bar = b.progress.New(max(f.size, 0), mpb.BarStyle().Lbound("[").Rbound("]"), mpb.BarPriority(f.step),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return name + " " })),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.now(f).news() })),
		)
		b.bars[f] = bar
	}
	bar.SetCurrent(min(f.moved, max(f.size-1, 0))) // the last byte is Drop's
}

// now is how far a flow is.
func (b *mpbBars) now(of *flow) *flow {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.flows[of]
	return &f
}

// news stands behind the bar: how much, how fast, how long. It is of the same width always, so that nothing trembles.
func (f *flow) news() string {
	part := "    "
	if f.size > 0 {
		part = fmt.Sprintf("%3d%%", 100*f.moved/f.size)
	}
	if still := f.now.Sub(f.still); !f.still.IsZero() && still >= stillAfter {
		return fmt.Sprintf(" %s %5s %16s", part, list.HumanSize(f.moved), "still for "+clock(still))
	}
	s := fmt.Sprintf(" %s %5s %8s", part, list.HumanSize(f.moved), list.HumanSize(f.rate())+"/s")
	if left, ok := f.left(); ok {
		return s + fmt.Sprintf(" %7s", clock(left))
	}
	return s + "        "
}

// clock is a time as 0:09, 12:34 or 1:02:03.
func clock(d time.Duration) string {
	s := int64(d.Round(time.Second).Seconds())
	switch {
	case s < 3600:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	case s < 100*3600:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%dd", s/86400)
}

func (b *mpbBars) Drop(f *flow) {
	if bar := b.bars[f]; bar != nil {
		bar.Abort(true)
		delete(b.bars, f)
	}
	b.mu.Lock()
	delete(b.flows, f)
	b.mu.Unlock()
}

func (b *mpbBars) Total(f *flow) {
	b.mu.Lock()
	b.flows[b.all] = *f
	b.mu.Unlock()
	if b.total == nil {
		b.total = b.progress.New(max(f.size, 0), mpb.BarStyle().Lbound("[").Rbound("]"), mpb.BarPriority(1<<30),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return b.fill(b.now(b.all).name) + " " })),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.now(b.all).news() })),
		)
	}
	b.total.SetTotal(max(f.size, 0), false)
	b.total.SetCurrent(min(f.moved, max(f.size-1, 0)))
}

func (b *mpbBars) Close() {
	for _, bar := range b.bars {
		bar.Abort(true)
	}
	if b.total != nil {
		b.total.Abort(true)
	}
	b.progress.Wait()
}
