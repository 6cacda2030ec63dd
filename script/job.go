package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"ferry/proto/list"
	"ferry/script/bulk"
)

// JobStatus is how far a job is.
type JobStatus string

const (
	Waiting  JobStatus = "waiting" // for others
	Running  JobStatus = "running"
	Finished JobStatus = "done"
	Broken   JobStatus = "failed"
	Killed   JobStatus = "killed"
	Asking   JobStatus = "asks" // it runs, and waits for an answer
	Paused   JobStatus = "paused"
)

// A Job is a command or a block that runs beside the foreground, in a session
// of its own.
type Job struct {
	ID     int
	Text   string // the command as it may be shown
	Queued bool   // it waits for those that were queued before it
	Status JobStatus
	// Among those that wait, higher ones begin first; 0 for all keeps their order.
	Priority int
	Err      error // of one that failed
	Began    time.Time
	Ended    time.Time

	// of its transfers, since it began
	Files, FilesDone int
	Size, Moved      int64 // bytes; Size counts what is known
}

// Jobs are those of one run or shell. Its methods may be called by anybody at
// any time.
type Jobs struct {
	mu     sync.Mutex
	jobs   []*job
	last   int
	beside *lane // of "&"
	queue  *lane
	idle   []parked
	err    io.Writer // where the foreground tells of things
	hold   int       // while not 0, nobody is told of jobs that end
	news   []string
	shell  bool

	questions chan jobQuestion
	heard     sync.Mutex // events and dialogue of several jobs, one at a time
	attended  []*job     // that a person waits for; under heard

	sessions sessions
	debug    atomic.Bool // of a shell: the dialogue is shown
}

// job is a Job and what makes it run.
type job struct {
	Job
	path   []int // numbers of the jobs that have made it, the first one first, and its own
	run    func(ctx context.Context) error
	cancel context.CancelCauseFunc
	ctx    context.Context
	done   chan struct{}
	lane   *lane
	moving map[bulk.Item]int64
	hand   *bulk.Control // that holds its transfers
}

func newJobs(err io.Writer, shell bool) *Jobs {
	return &Jobs{beside: &lane{limit: MaxParallel}, queue: &lane{limit: 1}, err: err, shell: shell, questions: make(chan jobQuestion)}
}

// errKilled ends a job that somebody has killed.
var errKilled error = killed{}

type killed struct{}

func (killed) Error() string   { return "killed" }
func (killed) ExitStatus() int { return exitTerminated }

// List are the jobs that run or wait, and those that have ended and that
// nobody has asked for yet, the oldest first.
func (js *Jobs) List() []Job {
	js.mu.Lock()
	defer js.mu.Unlock()
	all := make([]Job, len(js.jobs))
	for i, j := range js.jobs {
		if all[i] = j.Job; j.Status == Running && j.hand.Paused() {
			all[i].Status = Paused
		}
	}
	return all
}

// Active is how many run or wait.
func (js *Jobs) Active() int {
	n := 0
	for _, j := range js.List() {
		if j.Status == Running || j.Status == Waiting || j.Status == Asking || j.Status == Paused {
			n++
		}
	}
	return n
}

// start makes a job of lines, in a session like this one.
func (st *State) start(ctx context.Context, l *lane, text string, priority int, lines func(ctx context.Context, st *State) error) (*job, error) {
	js := st.Jobs
	var path []int
	if by := js.find(st.job); by != nil {
		path = by.path
	}
	js.mu.Lock()
	if len(js.jobs) >= MaxJobs {
		js.mu.Unlock()
		return nil, fmt.Errorf("more than %d jobs", MaxJobs)
	}
	js.last++
	j := &job{Job: Job{ID: js.last, Text: text, Queued: l == js.queue, Status: Waiting, Priority: priority}, lane: l, done: make(chan struct{}), moving: map[bulk.Item]int64{}, hand: &bulk.Control{}}
	j.path = append(slices.Clip(path), j.ID)
	js.jobs = append(js.jobs, j)
	js.mu.Unlock()
	// The verb that starts a job ends long before it.
	j.ctx, j.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	own, temp := st.fork(j.ID), st.temp
	if st.job > 0 { // what holds a job holds those that it has made
		j.hand = st.cfg.Control
	}
	own.cfg.Control = j.hand
	j.run = func(ctx context.Context) error {
		err := own.result(lines(ctx, own))
		own.dismiss(context.WithoutCancel(ctx), temp)
		return err
	}
	js.mu.Lock()
	l.waiting = append(l.waiting, j)
	if l.closed {
		l.drop(nil)
	}
	js.mu.Unlock()
	js.advance(l)
	return j, nil
}

// end notes how a job has ended.
func (js *Jobs) end(j *job, err error) {
	var exit *Exit
	if errors.As(err, &exit) && exit.Code == 0 {
		err = nil
	}
	js.mu.Lock()
	defer js.mu.Unlock()
	j.Status, j.Ended, j.Err = Finished, time.Now(), err
	switch {
	case errors.Is(err, errKilled):
		j.Status = Killed
	case err != nil:
		j.Status = Broken
	}
	j.lane.running--
	j.cancel(nil)
	close(j.done)
	if js.shell && (j.lane == js.beside || j.lane == js.queue) {
		js.tell(j)
	}
}

// tell lets a person know how a job has ended: at once, or when the verb that
// runs has left the screen.
func (js *Jobs) tell(j *job) {
	line := fmt.Sprintf("[%d] %s: %s", j.ID, j.Status, j.Text)
	if j.Status == Broken {
		line += ": " + j.Err.Error()
	}
	line = list.Printable(line) // SECURITY: of an error a server has written a part
	if js.hold > 0 {
		js.news = append(js.news, line)
		return
	}
	fmt.Fprintln(js.err, line)
}

// Hold keeps news of jobs back until release is called.
func (js *Jobs) Hold() (release func()) {
	js.mu.Lock()
	defer js.mu.Unlock()
	js.hold++
	return func() {
		js.mu.Lock()
		defer js.mu.Unlock()
		js.hold--
		js.release()
	}
}

// release tells the news, unless they are held. Jobs.mu is held.
func (js *Jobs) release() {
	if js.hold > 0 {
		return
	}
	for _, line := range js.news {
		fmt.Fprintln(js.err, line)
	}
	js.news = nil
}

// wait waits for jobs, and forgets those that have ended. Those that failed
// are returned as errors, in order. Questions of any job go to answer, if it is
// not nil.
func (js *Jobs) wait(ctx context.Context, jobs []*job, answer func(jobQuestion)) (failed []error, err error) {
	questions := js.questions
	if answer == nil {
		questions = nil
	}
	for _, j := range jobs {
		for ended := false; !ended; {
			select {
			case <-j.done:
				ended = true
			case q := <-questions:
				answer(q)
			case <-ctx.Done():
				return failed, context.Cause(ctx)
			}
		}
		js.forget(j)
		if j.Err != nil {
			failed = append(failed, j.Err)
		}
	}
	return failed, nil
}

// kill ends jobs, and waits until they have.
func (js *Jobs) kill(jobs []*job, cause error) {
	for _, j := range jobs {
		j.cancel(cause)
		js.mu.Lock()
		if i := slices.Index(j.lane.waiting, j); i >= 0 {
			j.lane.waiting = slices.Delete(j.lane.waiting, i, i+1)
			j.Status, j.Err, j.Ended = Killed, cause, time.Now()
			close(j.done)
		}
		js.mu.Unlock()
	}
	for _, j := range jobs {
		<-j.done
	}
}

// all are all jobs, the oldest first.
func (js *Jobs) all() []*job {
	js.mu.Lock()
	defer js.mu.Unlock()
	return slices.Clone(js.jobs)
}

func (js *Jobs) forget(j *job) {
	js.mu.Lock()
	defer js.mu.Unlock()
	js.jobs = slices.DeleteFunc(js.jobs, func(x *job) bool { return x == j })
}

// park keeps a session for the next job.
func (js *Jobs) park(p parked) {
	js.mu.Lock()
	defer js.mu.Unlock()
	js.idle = append(js.idle, p)
}

// unpark finds a session that leads to the same place as another, and that
// has not idled for long.
func (js *Jobs) unpark(like session, how manner, now time.Time) (parked, bool) {
	js.mu.Lock()
	defer js.mu.Unlock()
	for i := len(js.idle) - 1; i >= 0; i-- {
		p := js.idle[i]
		absolute := len(like.trail) > 0 && like.trail[0] != "" && like.trail[0][0] == '/'
		if p.last.to == like.to && p.last.who == like.who && p.how == how && (absolute || slices.Equal(p.last.trail, like.trail)) && now.Sub(p.at) < parkTime {
			js.idle = slices.Delete(js.idle, i, i+1)
			return p, true
		}
	}
	return parked{}, false
}

// Close ends all jobs and their sessions.
func (js *Jobs) Close(ctx context.Context) {
	js.kill(js.all(), errKilled)
	js.mu.Lock()
	idle := js.idle
	js.idle = nil
	js.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	var all sync.WaitGroup
	for _, p := range idle {
		all.Go(func() {
			_ = p.client.Quit(ctx) // what was to be done is done
			p.client.Close()
		})
	}
	all.Wait()
}

// events counts what a job moves, and hands its events on with its number.
func (js *Jobs) events(id int, to func(bulk.Event)) func(bulk.Event) {
	if to == nil {
		return nil
	}
	return func(e bulk.Event) {
		if e.Job == "" {
			e.Job = strconv.Itoa(id)
		}
		js.heard.Lock()
		defer js.heard.Unlock()
		to(e)
	}
}

// count keeps how far a job's transfers are.
func (js *Jobs) count(id int, e bulk.Event) {
	js.mu.Lock()
	defer js.mu.Unlock()
	i := slices.IndexFunc(js.jobs, func(j *job) bool { return j.ID == id })
	if i < 0 {
		return
	}
	j := js.jobs[i]
	switch e.Kind {
	case bulk.Planned:
		j.Files += e.Files
		j.Size += max(e.Size, 0)
	case bulk.Progress, bulk.Done:
		j.Moved += e.Moved - j.moving[e.Item]
		j.moving[e.Item] = e.Moved
	}
	switch e.Kind {
	case bulk.Done, bulk.Skipped:
		j.FilesDone++
		delete(j.moving, e.Item)
	case bulk.Failed:
		delete(j.moving, e.Item)
	}
}
