package bulk

import (
	"sync"
	"sync/atomic"
	"time"
)

// EventKind is what happened.
type EventKind string

const (
	Planned  EventKind = "planned"  // totals are known: Files, Size
	Started  EventKind = "started"  // one file begins
	Progress EventKind = "progress" // at most a few a second a file
	Retried  EventKind = "retried"
	Verified EventKind = "verified"
	Done     EventKind = "done"
	Failed   EventKind = "failed"
	Skipped  EventKind = "skipped"
)

// Event is one thing that happened, for progress bars, reports and JSON lines alike.
type Event struct {
	Kind      EventKind
	At        time.Time
	Item      Item
	Direction Direction
	Files     int   // Planned: files to move
	Size      int64 // bytes of this file, or of all with Planned; proto.NoSize if not known
	Moved     int64 // bytes so far, those that were there before a resume included
	Why       string
	Err       error
	Result    *Result // of Done, Failed and Skipped: all there is to tell
}

// progressEvery is how often a file that moves is told of: often enough for a
// bar, rare enough to cost nothing.
const progressEvery = 200 * time.Millisecond

// emitter hands events over, one at a time.
type emitter struct {
	to func(Event)
	mu sync.Mutex
}

func (e *emitter) emit(ev Event) {
	if e.to == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	ev.At = time.Now()
	e.to(ev)
}

func (e *emitter) planned(p Plan) {
	e.emit(Event{Kind: Planned, Direction: p.Direction, Files: p.Files, Size: p.Bytes})
}

func (e *emitter) started(d Direction, s Step) {
	e.emit(Event{Kind: Started, Item: s.Item, Direction: d, Size: s.Size})
}

func (e *emitter) ended(r Result) {
	e.emit(Event{
		Kind: r.Kind, Item: r.Item, Direction: r.Direction,
		Size: r.Size, Moved: r.Resumed + r.Bytes, Why: r.Why, Err: r.Err, Result: &r,
	})
}

// watch tells of the progress of one file until stop is called.
func (e *emitter) watch(d Direction, s Step, from int64, moved *atomic.Int64) (stop func()) {
	if e.to == nil {
		return func() {}
	}
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				e.emit(Event{Kind: Progress, Item: s.Item, Direction: d, Size: s.Size, Moved: from + moved.Load()})
			}
		}
	})
	return func() { close(done); ended.Wait() }
}
