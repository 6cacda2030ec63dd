package script

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ferry/proto/list"
	"ferry/script/bulk"
)

// background makes a job of a line behind which "&" stood.
func (st *State) background(ctx context.Context, l Line) error {
	l.Async = false
	j, err := st.start(ctx, st.Jobs.beside, st.shownAll(l), 0, func(ctx context.Context, own *State) error {
		return own.exec(ctx, l)
	})
	if err != nil {
		return err
	}
	st.sayJob(j)
	return nil
}

// sayJob tells a person the number of a job.
func (st *State) sayJob(j *job) {
	if st.cfg.Ask != nil {
		st.say("[%d] %s", j.ID, j.Text)
	}
}

// shownAll is a line with those behind it or in it, as it may be shown.
func (st *State) shownAll(l Line) string {
	text := st.table.Shown(l)
	if len(l.Body) == 0 {
		return text
	}
	if inner := l.Body[0]; len(l.Body) == 1 && inner.Pos != l.Pos && inner.Pos.Line == l.Pos.Line {
		return text + " " + st.shownAll(inner)
	}
	return text + " …"
}

// queue makes a job that begins when those queued before it, or of a higher
// priority, have ended; without a command it lists them.
func queue(ctx context.Context, st *State, a Args) error {
	switch {
	case len(a.Body) == 0 && a.Len() > 0:
		return &CallError{Verb: a.Verb, What: "a command is wanted behind the priority", Hint: "queue 5 put now.csv; priority JOB N changes that of a job"}
	case len(a.Body) == 0:
		return st.listJobs(func(j Job) bool { return j.Queued })
	}
	l, n := a.Body[0], 0
	if a.Len() > 0 {
		var err error
		if n, err = priorityWord(a, 0); err != nil {
			return err
		}
	}
	j, err := st.start(ctx, st.Jobs.queue, st.shownAll(l), n, func(ctx context.Context, own *State) error {
		return own.exec(ctx, l)
	})
	if err != nil {
		return err
	}
	st.sayJob(j)
	return nil
}

func checkQueue(a Args) error {
	if a.Len() == 0 || a.unknown() {
		return nil
	}
	_, err := priorityWord(a, 0)
	return err
}

// priorityWord reads a job's priority.
func priorityWord(a Args, i int) (int, error) {
	n, err := strconv.Atoi(a.Text(i))
	if err != nil || n < -MaxPriority || n > MaxPriority {
		return 0, &CallError{Verb: a.Verb, Col: a.Words[i].Col, What: fmt.Sprintf("%q is no number from %d to %d", a.Text(i), -MaxPriority, MaxPriority)}
	}
	return n, nil
}

// prioritize lets jobs that wait begin earlier, or later.
func prioritize(_ context.Context, st *State, a Args) error {
	which, err := st.jobsNamed(a.Text(0))
	if err != nil {
		return err
	}
	n, err := priorityWord(a, 1)
	if err == nil {
		st.Jobs.prefer(which, n)
	}
	return err
}

func checkPriority(a Args) error {
	if a.unknown() {
		return nil
	}
	_, err := priorityWord(a, 1)
	return err
}

func jobs(_ context.Context, st *State, _ Args) error {
	return st.listJobs(func(Job) bool { return true })
}

// listJobs prints number, status, how far it is, and the command.
func (st *State) listJobs(which func(Job) bool) error {
	var rows [][]string
	for _, j := range st.Jobs.List() {
		if which(j) {
			rows = append(rows, []string{fmt.Sprint(j.ID), string(j.Status), j.far(), j.Text})
		}
	}
	if err := st.printRows(rows); err != nil {
		return err
	}
	if st.cfg.Ask != nil { // whoever sees the list has heard
		for _, j := range st.Jobs.all() {
			select {
			case <-j.done:
				st.Jobs.forget(j)
			default:
			}
		}
	}
	return nil
}

// far is how far a job is.
func (j Job) far() string {
	switch {
	case j.Status == Waiting && j.Priority != 0:
		return fmt.Sprintf("priority %d", j.Priority)
	case j.Files == 0:
		return "-"
	case j.Size == 0:
		return fmt.Sprintf("%d/%d files", j.FilesDone, j.Files)
	}
	return fmt.Sprintf("%d/%d files, %s of %s", j.FilesDone, j.Files, list.HumanSize(j.Moved), list.HumanSize(j.Size))
}

// wait waits for jobs, and fails when one of them has. ^C ends the waiting,
// not the jobs.
func wait(ctx context.Context, st *State, a Args) error {
	which := st.others()
	if a.Len() > 0 {
		var err error
		if which, err = st.jobsNamed(a.Text(0)); err != nil {
			return err
		}
	}
	failed, err := st.await(ctx, which)
	return st.firstOf(failed, err)
}

// others are the jobs that this session may wait for: a job only for those
// that were there before it and before those that have made it, or two could
// wait for each other.
func (st *State) others() []*job {
	all := st.Jobs.all()
	if st.job == 0 {
		return all
	}
	own := st.Jobs.find(st.job)
	return slices.DeleteFunc(all, func(j *job) bool { return own == nil || !j.before(own) })
}

// before reports whether j was there before another job, or before the one of
// those that have made it which j is beside.
func (j *job) before(other *job) bool {
	for i, id := range j.path {
		if i == len(other.path) || id != other.path[i] {
			return i < len(other.path) && id < other.path[i]
		}
	}
	return false // it has made the other
}

// jobsNamed are the jobs that a word names: a number, or all.
func (st *State) jobsNamed(name string) ([]*job, error) {
	all := st.others()
	if name == "all" {
		return all, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(name, "%"))
	for _, j := range all {
		if err == nil && j.ID == n {
			return []*job{j}, nil
		}
	}
	return nil, &UnknownError{What: "job", Name: name, Hint: "`jobs` lists them"}
}

// firstOf is the failure that a line ends with; the others are told.
func (st *State) firstOf(failed []error, err error) error {
	if err != nil || len(failed) == 0 {
		for _, f := range failed {
			PrintError(st.Err, f)
		}
		return err
	}
	for _, f := range failed[1:] {
		PrintError(st.Err, f)
	}
	return failed[0]
}

// foreground waits for one job; ^C ends it, as it would have in the foreground.
func foreground(ctx context.Context, st *State, a Args) error {
	which, err := st.jobsNamed(a.Text(0))
	if err != nil {
		return err
	}
	failed, err := st.await(ctx, which)
	if err != nil {
		st.Jobs.kill(which, err)
	}
	return st.firstOf(failed, err)
}

func kill(_ context.Context, st *State, a Args) error {
	which, err := st.jobsNamed(a.Text(0))
	if err != nil {
		return err
	}
	st.Jobs.kill(which, errKilled)
	for _, j := range which {
		st.Jobs.forget(j)
	}
	return nil
}

// pauseJob holds jobs: what moves comes to its end, and no other file begins.
func pauseJob(_ context.Context, st *State, a Args) error {
	return st.hold(a, (*bulk.Control).Pause)
}

// resumeJob lets paused jobs go on.
func resumeJob(_ context.Context, st *State, a Args) error {
	return st.hold(a, (*bulk.Control).Resume)
}

func (st *State) hold(a Args, how func(*bulk.Control)) error {
	which, err := st.jobsNamed(a.Text(0))
	for _, j := range which {
		how(j.hand)
	}
	return err
}

// letGo resumes jobs that somebody waits for, and those of the queue, whose turns
// they may wait for themselves.
func (js *Jobs) letGo(jobs []*job) {
	for _, j := range append(js.all(), jobs...) {
		if j.Queued || slices.Contains(jobs, j) {
			j.hand.Resume()
		}
	}
}

// settle ends what jobs there are when a script ends: they are waited for,
// and the first failure is the script's when it had none. After a signal or a
// deadline they are ended.
func (st *State) settle(ctx context.Context, err error) error {
	all := st.Jobs.all()
	failed, late := st.await(ctx, all)
	if late != nil {
		st.Jobs.kill(all, late)
	}
	var exit *Exit
	quits := err == nil || errors.As(err, &exit) && exit.Code == 0
	if quits && late != nil {
		return late
	}
	switch {
	case len(failed) == 0:
	case quits && st.Settings.OnError == StopRun:
		return st.firstOf(failed, nil)
	default:
		for _, f := range failed {
			st.passOver(f)
		}
	}
	return err
}

// parallel runs its lines at the same time, so many at once, each in a session
// of its own, and waits for all. Of a for right in it each turn is such a line.
func parallel(ctx context.Context, st *State, a Args) error {
	n, err := parallelWords(a)
	if err != nil {
		return err
	}
	pieces, err := st.pieces(ctx, a.Body)
	if err != nil {
		return err
	}
	l := &lane{limit: n}
	g := &together{st: st, lane: l}
	for _, p := range pieces {
		j, err := st.start(ctx, l, p.text, 0, g.guard(p.run))
		if err != nil {
			g.stop(err)
			break
		}
		g.jobs = append(g.jobs, j)
	}
	return g.end(ctx)
}

func parallelWords(a Args) (int, error) {
	n, err := parseNumber(a.Text(0), MaxParallel)
	if err != nil || n == 0 {
		return 0, &CallError{Verb: a.Verb, Col: a.Words[0].Col, What: fmt.Sprintf("%q is no number from 1 to %d", a.Text(0), MaxParallel)}
	}
	return int(n), nil
}

func checkParallel(a Args) error {
	if a.unknown() {
		return nil
	}
	_, err := parallelWords(a)
	return err
}

// piece is what one job of parallel does.
type piece struct {
	text string
	run  func(ctx context.Context, st *State) error
}

func (st *State) pieces(ctx context.Context, lines []Line) ([]piece, error) {
	var all []piece
	for _, l := range lines {
		if l.Verb != "for" || l.Async {
			all = append(all, piece{st.shownAll(l), func(ctx context.Context, own *State) error { return own.exec(ctx, l) }})
			continue
		}
		turns, err := st.turnPieces(ctx, l)
		if err != nil {
			return nil, wrap(l, err)
		}
		all = append(all, turns...)
	}
	return all, nil
}

func (st *State) turnPieces(ctx context.Context, l Line) ([]piece, error) {
	v, err := st.verb(l.Verb)
	if err != nil {
		return nil, err
	}
	a, err := bind(v, l, st.expand)
	if err != nil {
		return nil, err
	}
	values, err := st.turns(ctx, a)
	if err != nil {
		return nil, err
	}
	names := turnNames(a, values)
	var all []piece
	for i, value := range values {
		_, shown, _ := strings.Cut(names[i], ":")
		all = append(all, piece{a.Text(0) + " = " + shown, func(ctx context.Context, own *State) error {
			return own.turn(ctx, a, value, names[i])
		}})
	}
	return all, nil
}

// together is the jobs of one parallel.
type together struct {
	st   *State
	lane *lane
	jobs []*job
}

// guard keeps what waits from beginning when a piece has failed and that ends
// the block, or when it was left.
func (g *together) guard(run func(context.Context, *State) error) func(context.Context, *State) error {
	goOn := g.st.Settings.OnError == GoOn && g.st.strict == 0
	return func(ctx context.Context, own *State) error {
		own.strict = g.st.strict
		err := run(ctx, own)
		var j *jump
		if errors.As(err, &j) {
			if j.out {
				g.stop(nil)
			}
			return nil
		}
		if err != nil && !goOn {
			g.stop(nil)
		}
		return err
	}
}

// stop ends the waiting of what has not begun.
func (g *together) stop(cause error) {
	js := g.st.Jobs
	js.mu.Lock()
	defer js.mu.Unlock()
	g.lane.closed = true
	g.lane.drop(cause)
}

// end waits for all jobs. Their failures are the block's as on-error says.
func (g *together) end(ctx context.Context) error {
	st := g.st
	failed, err := st.await(ctx, g.jobs)
	if err != nil {
		st.Jobs.kill(g.jobs, err)
		for _, j := range g.jobs {
			st.Jobs.forget(j)
		}
		return err
	}
	var exit *Exit
	for _, f := range failed {
		if errors.As(f, &exit) {
			return exit
		}
	}
	if st.Settings.OnError == StopRun || st.strict > 0 || len(failed) == 0 {
		return st.firstOf(failed, nil)
	}
	for _, f := range failed {
		st.passOver(f)
	}
	return nil
}
