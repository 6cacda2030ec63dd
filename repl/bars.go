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
	"ferry/script"
)

// mpbBars draws bars with github.com/vbauerster/mpb, whose own goroutine
// redraws them a few times a second.
type mpbBars struct {
	progress *mpb.Progress
	bars     map[*flow]*mpb.Bar
	total    *mpb.Bar

	mu    sync.Mutex // what follows is read while it draws
	flows map[*flow]flow
	files [2]int // done and all
}

// redraw is how often bars are drawn: as often as there is news of them.
const redraw = 200 * time.Millisecond

func drawBars(w io.Writer) bars {
	return &mpbBars{
		progress: mpb.New(mpb.WithOutput(w), mpb.WithRefreshRate(redraw), mpb.WithAutoRefresh()),
		bars:     map[*flow]*mpb.Bar{}, flows: map[*flow]flow{},
	}
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
		name := runewidth.FillRight(runewidth.Truncate(list.Printable(f.name), 24, "…"), 24)
		bar = b.progress.New(max(f.size, 0), mpb.BarStyle().Lbound("[").Rbound("]"),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return name + " " })),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.news(f) })),
		)
		b.bars[f] = bar
	}
	bar.SetCurrent(min(f.moved, max(f.size-1, 0))) // the last byte is Drop's
}

// news stands behind the bar: how much, how fast, how long.
func (b *mpbBars) news(of *flow) string {
	b.mu.Lock()
	f := b.flows[of]
	b.mu.Unlock()
	return f.news()
}

// news is of the same width always, so that nothing trembles.
func (f *flow) news() string {
	part := "    "
	if f.size > 0 {
		part = fmt.Sprintf("%3d%%", 100*f.moved/f.size)
	}
	s := fmt.Sprintf(" %s %5s %8s", part, script.HumanSize(f.moved), script.HumanSize(f.rate())+"/s")
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

func (b *mpbBars) Total(done, of int) {
	b.mu.Lock()
	b.files = [2]int{done, of}
	b.mu.Unlock()
	if b.total == nil {
		b.total = b.progress.New(int64(of), mpb.BarStyle().Lbound("[").Rbound("]"), mpb.BarPriority(1<<30),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return runewidth.FillRight("total", 25) })),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
				b.mu.Lock()
				defer b.mu.Unlock()
				return fmt.Sprintf(" %-27s", fmt.Sprintf("%d of %d files", b.files[0], b.files[1]))
			})),
		)
	}
	b.total.SetCurrent(int64(min(done, of-1)))
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
