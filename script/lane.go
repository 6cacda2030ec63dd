package script

import (
	"slices"
	"time"
)

// lane bounds how many jobs run at once, and says which is next.
type lane struct {
	limit   int
	running int
	waiting []*job
	aside   []int // numbers of jobs that run, and wait for others meanwhile
	closed  bool  // nobody that waits begins
}

// drop ends what waits before it begins. Jobs.mu is held.
func (l *lane) drop(cause error) {
	for _, j := range l.waiting {
		j.Status, j.Err, j.Ended = Killed, cause, time.Now()
		close(j.done)
	}
	l.waiting = nil
}

// advance begins what may begin.
func (js *Jobs) advance(l *lane) {
	js.mu.Lock()
	defer js.mu.Unlock()
	for j := l.next(); j != nil; j = l.next() {
		l.running++
		j.Status, j.Began = Running, time.Now()
		go func() {
			js.end(j, j.run(j.ctx))
			js.advance(l)
		}()
	}
}

// next takes the job that begins now out of those that wait; nil when none may.
// One that waits for others lets those begin that it has overtaken: it may wait
// for them.
func (l *lane) next() *job {
	if l.running >= l.limit+len(l.aside) {
		return nil
	}
	best := -1
	for i, j := range l.waiting {
		overtaken := func(id int) bool { return id > j.ID }
		room := l.running < l.limit || slices.ContainsFunc(l.aside, overtaken)
		if room && (best < 0 || j.Priority > l.waiting[best].Priority) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	j := l.waiting[best]
	l.waiting = slices.Delete(l.waiting, best, best+1)
	return j
}

// stepAside notes that a job waits for others, until back is called.
func (js *Jobs) stepAside(id int) (back func()) {
	j := js.find(id)
	if j == nil {
		return func() {}
	}
	l := j.lane
	js.mu.Lock()
	l.aside = append(l.aside, id)
	js.mu.Unlock()
	js.advance(l)
	return func() {
		js.mu.Lock()
		defer js.mu.Unlock()
		l.aside = slices.DeleteFunc(l.aside, func(x int) bool { return x == id })
	}
}

// prefer gives jobs a priority.
func (js *Jobs) prefer(jobs []*job, priority int) {
	js.mu.Lock()
	defer js.mu.Unlock()
	for _, j := range jobs {
		j.Priority = priority
	}
}
