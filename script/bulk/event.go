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
	Deleted  EventKind = "deleted" // removed from the target
)

// Event is one thing that happened, for progress bars, reports and JSON lines alike.
type Event struct {
	Kind      EventKind
	At        time.Time
	Job       string // Options.Job
	Item      Item
	Step      int // in the plan, from 0
	Direction Direction
	Files     int           // Planned: files to move
	Size      int64         // bytes of this file, or of all with Planned; proto.NoSize if not known
	Moved     int64         // bytes so far, those that were there before a resume included
	Attempt   int           // Retried: the one that failed, from 1
	Wait      time.Duration // Retried: until the next
	Why       string
	Same      bool // Skipped: what is there is what would be sent
	Err       error
	Result    *Result // of Done, Failed and Skipped: all there is to tell
}

// progressEvery is how often a file that moves is told of: often enough for a
// bar, rare enough to cost nothing.
const progressEvery = 200 * time.Millisecond

// emitter hands events over, one at a time.
type emitter struct {
	to  func(Event)
	job string
	mu  sync.Mutex
}

func (e *emitter) emit(ev Event) {
	if e.to == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	ev.At, ev.Job = time.Now(), e.job
	e.to(ev)
}

func (e *emitter) planned(p Plan) {
	e.emit(Event{Kind: Planned, Direction: p.Direction, Files: p.Files, Size: p.Bytes})
}

func (t *task) event(k EventKind) Event {
	return Event{Kind: k, Item: t.Item, Step: t.index, Direction: t.Direction, Size: t.Size}
}

func (e *emitter) started(t *task) { e.emit(t.event(Started)) }

func (e *emitter) retried(t *task, wait time.Duration, err error) {
	ev := t.event(Retried)
	ev.Attempt, ev.Wait, ev.Why, ev.Err = t.tries, wait, err.Error(), err
	e.emit(ev)
}

func (e *emitter) verified(t *task, how string) {
	ev := t.event(Verified)
	ev.Why = how
	e.emit(ev)
}

func (e *emitter) ended(t *task) {
	r, ev := t.result, t.event(t.result.Kind)
	ev.Item, ev.Size, ev.Moved, ev.Why, ev.Err = r.Item, r.Size, r.Resumed+r.Bytes, r.Why, r.Err
	ev.Same = t.same
	ev.Result = &r
	e.emit(ev)
}

// watch tells of the progress of one file until stop is called.
func (e *emitter) watch(t *task, from int64, moved *atomic.Int64) (stop func()) {
	if e.to == nil {
		return func() {}
	}
	w := &watch{emitter: e, event: t.event(Progress), from: from, moved: moved}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next = time.AfterFunc(progressEvery, w.tell)
	return w.stop
}

// watch is the telling of one file's progress: a timer, since most files are
// small and over before it has run once.
type watch struct {
	*emitter
	event Event
	from  int64
	moved *atomic.Int64

	mu    sync.Mutex // held while it tells
	next  *time.Timer
	ended bool
}

func (w *watch) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return
	}
	w.event.Moved = w.from + w.moved.Load()
	w.emit(w.event)
	w.next.Reset(progressEvery)
}

// stop returns when nothing more is told.
func (w *watch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	w.next.Stop()
}
