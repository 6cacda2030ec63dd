package repl

import (
	"fmt"
	"slices"
	"time"

	"ferry/repl/panes"
	"ferry/script"
	"ferry/script/bulk"
)

// paneBars shows bars below the responses.
type paneBars struct {
	screen *panes.Screen
	flows  []*flow
	all    *flow // nil: there is no total
}

func (b *paneBars) Write(p []byte) (int, error) { return b.screen.Responses().Write(p) }

func (b *paneBars) Set(f *flow) {
	if !slices.Contains(b.flows, f) {
		if len(b.flows) >= maxBars {
			return
		}
		b.flows = append(b.flows, f)
		slices.SortFunc(b.flows, func(f, g *flow) int { return f.step - g.step })
	}
	b.show()
}

func (b *paneBars) Drop(f *flow) {
	b.flows = slices.DeleteFunc(b.flows, func(g *flow) bool { return g == f })
	b.show()
}

func (b *paneBars) Total(f *flow) {
	b.all = f
	b.show()
}

func (b *paneBars) Close() { b.screen.SetBars(nil) }

func (b *paneBars) show() {
	var all []panes.Bar
	for _, f := range b.flows {
		all = append(all, panes.Bar{Name: f.name, Done: f.moved, Of: f.size, News: f.news()})
	}
	if f := b.all; f != nil {
		all = append(all, panes.Bar{Name: f.name, Done: f.moved, Of: f.size, News: f.news()})
	}
	b.screen.SetBars(all)
}

// event is script.Config's Events. Jobs have bars too: there is room for them.
func (e *panesEditor) event(ev bulk.Event) {
	if ev.Job == "" {
		e.shell.meter.event(ev)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.watching {
		e.watching = true
		go e.watch()
	}
}

// watch draws the bars of jobs as long as there are jobs.
func (e *panesEditor) watch() {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for on := true; on; {
		e.mu.Lock()
		bars := e.jobBars()
		e.watching = len(bars) > 0
		on = e.watching
		e.mu.Unlock()
		e.screen.SetJobs(bars)
		select {
		case <-tick.C:
		case <-e.screen.Closed():
			return
		}
	}
}

func (e *panesEditor) jobBars() (bars []panes.Bar) {
	now := time.Now()
	for _, j := range e.shell.engine.State().Jobs.List() {
		if j.Status != script.Running && j.Status != script.Paused || len(bars) >= maxBars {
			continue
		}
		f := flow{size: j.Size, moved: j.Moved, began: j.Began, now: now}
		bars = append(bars, panes.Bar{Name: fmt.Sprintf("[%d] %s", j.ID, j.Text), Done: j.Moved, Of: j.Size, News: f.news()})
	}
	return bars
}
