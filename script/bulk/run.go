package bulk

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"ferry/proto"
)

// run is a plan that is carried out.
type run struct {
	*Engine
	tasks    []*task // one a step, in the plan's order
	halves   []half  // of earlier runs, which were killed
	queue    *queue
	crew     *crew
	patience patience

	mu     sync.Mutex
	fatal  error // what fails all that is left
	failed bool  // something did, and the first failure ends the run
	losses int   // tasks that failed
	marked int   // tasks whose sources stay open
	gained int64 // goodput of what has ended, and of files for having begun
	flows  map[*atomic.Int64]struct{}
}

// Do carries a plan out: directories first, then the files, over as many
// sessions as pay. It stops at the first failure, or with Continue at the
// first that the rest would share: a host that is gone, a full disk, the end
// of ctx. The report is in the plan's order, and the error its first.
func (e *Engine) Do(ctx context.Context, p Plan) (Report, error) {
	began := time.Now()
	e.events.planned(p)
	r := e.newRun(p)
	lead := &worker{Engine: e, run: r, client: e.client, lead: true}
	r.begin(ctx, lead)
	r.recall(ctx, lead)
	if !r.over() {
		r.crew.carry(ctx, lead)
	}
	r.publish(ctx, lead)
	r.giveUp(ctx)
	r.end(ctx, lead)
	r.sweep(ctx, lead)
	r.dirTimes(ctx, lead, p.dirs)
	return r.report(began)
}

func (e *Engine) newRun(p Plan) *run {
	r := &run{Engine: e, halves: p.halves, flows: map[*atomic.Int64]struct{}{}, patience: patience{left: e.opts.Retry.withDefaults().Run}}
	for i, s := range p.Steps {
		if s.Direction == "" {
			s.Direction = p.Direction
		}
		t := &task{Step: s, index: i}
		t.result = Result{Item: s.Item, Direction: s.Direction, Size: s.Size, Time: s.Time}
		r.tasks = append(r.tasks, t)
	}
	r.queue = newQueue(r.with(func(t *task) bool { return t.Action == Send }))
	if e.client.Commits() {
		r.queue.group, r.queue.groupBytes = laneFiles, laneBytes
	}
	r.crew = newCrew(r)
	return r
}

// with are the tasks for which pick says so, in the plan's order.
func (r *run) with(pick func(*task) bool) (tasks []*task) {
	for _, t := range r.tasks {
		if pick(t) {
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// planning is the session as a plan is made: it may be made anew, and no other
// takes its place.
func (e *Engine) planning(retry Retry) *worker {
	r := e.newRun(Plan{})
	r.patience.left = retry.withDefaults().Run
	return &worker{Engine: e, run: r, client: e.client, lead: true}
}

// begin settles what comes before any bytes: what is left as it is, what can't
// be moved, what is in the way, and the directories.
func (r *run) begin(ctx context.Context, lead *worker) {
	for _, t := range r.tasks {
		switch t.Action {
		case Leave, Reject:
			if t.Begun && t.Direction == Down && t.Err == nil {
				dropPart(t.Item.Local)
			}
			r.settle(ctx, t, t.Err)
		}
	}
	r.remove(ctx, lead, r.with(func(t *task) bool { return t.removes() && t.first }))
	r.makeDirs(ctx, lead, r.with(func(t *task) bool { return t.Action == MakeDir }))
	r.oddNames(ctx, lead)
}

// end does what comes after all bytes. Nothing is deleted by a run in which
// anything failed.
func (r *run) end(ctx context.Context, lead *worker) {
	for _, t := range r.tasks {
		if t.Action == SetTime && !r.over() && ctx.Err() == nil {
			r.settle(ctx, t, lead.persist(ctx, t, lead.correctTime))
		}
	}
	late := r.with(func(t *task) bool { return t.removes() && !t.first })
	if len(late) > 0 && r.anyFailed() {
		r.notice("nothing is deleted, since not everything could be moved")
		return
	}
	r.remove(ctx, lead, late)
}

func (s Step) removes() bool { return s.Action == Delete || s.Action == RemoveDir }

func (r *run) anyFailed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.losses > 0
}

// settle ends a task, and with it the run if its failure means so.
func (r *run) settle(ctx context.Context, t *task, err error) {
	t.ended = true
	x := &t.result
	x.Item, x.Attempts = t.Item, t.tries
	switch {
	case err != nil:
		x.Kind, x.Err = Failed, proto.Cause(ctx, err)
	case t.Action == Leave:
		x.Kind, x.Why = Skipped, t.Why
	case t.Action == SetTime:
		x.Kind, x.Why = Skipped, "the same content; its time was set"
	case t.removes():
		x.Kind = Deleted
	default:
		x.Kind = Done
	}
	r.events.ended(t)
	if t.mark != nil {
		t.mark.Close()
		t.mark = nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gained += x.Bytes
	if x.Err == nil {
		return
	}
	r.losses++
	if r.fatal == nil && r.hopeless(ctx, x.Err) {
		r.fatal = x.Err
	}
	if r.fatal != nil || r.opts.OnError == Stop {
		r.failed = true
		r.queue.stop()
	}
}

// hopeless reports whether what failed one file fails all that follow.
func (r *run) hopeless(ctx context.Context, err error) bool {
	return ctx.Err() != nil || fateOf(err) == fatal || r.opts.Dial == nil && r.client.Broken()
}

// over reports whether nothing more is begun.
func (r *run) over() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// giveUp tells of the files that a host that is gone, or a full disk, has
// failed without a try. After the first failure that ends a run as asked,
// nothing is told of those that were never begun.
func (r *run) giveUp(ctx context.Context) {
	r.mu.Lock()
	fatal := r.fatal
	r.mu.Unlock()
	if fatal == nil || r.opts.OnError == Stop || ctx.Err() != nil {
		return
	}
	for _, t := range r.tasks {
		if t.Action == Send && !t.ended {
			r.settle(ctx, t, fatal)
		}
	}
}

// report is what became of all that ended, in the plan's order.
func (r *run) report(began time.Time) (Report, error) {
	report := Report{}
	var first error
	for _, t := range r.tasks {
		if t.result.Kind == "" {
			continue
		}
		report.add(t.result)
		if first == nil {
			first = t.result.Err
		}
	}
	report.Took = time.Since(began)
	return report, first
}

// follow counts the bytes of a transfer while they move, for its progress and
// for the goodput of the run.
func (w *worker) follow(t *task, from int64) (moved *atomic.Int64, stop func()) {
	moved = &atomic.Int64{}
	return moved, w.tally(t, from, moved)
}

// tally is follow for a count that there is already.
func (w *worker) tally(t *task, from int64, moved *atomic.Int64) (stop func()) {
	r := w.run
	r.mu.Lock()
	r.flows[moved] = struct{}{}
	r.mu.Unlock()
	quiet := w.events.watch(t, from, moved)
	return func() {
		quiet()
		r.mu.Lock()
		delete(r.flows, moved)
		r.mu.Unlock()
	}
}

// begun notes that the turn of a file has come. It counts for the goodput here
// and not at its end, since those of a batch end together.
func (r *run) begun(t *task) {
	t.began = true
	r.queue.begun(t)
	r.events.started(t)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gained += fileWorth
}

// goodput is what the run has achieved so far, in bytes; files count beside
// theirs.
func (r *run) goodput() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.gained
	for moved := range r.flows {
		n += moved.Load()
	}
	return n
}
