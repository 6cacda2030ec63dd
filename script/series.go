package script

import (
	"context"
	"errors"
	"maps"
	"os"
	"path"
	"strings"
	"time"

	"ferry/script/bulk"
)

// Lines of puts, or of gets, that stand one behind the other are handed to the
// engine together: their files then go as those of one mput do, over as many
// sessions as pay. That is for lines whose order can't matter: each names one
// file, and no two the same target. Echo, report and journal have a line for
// each all the same, in the script's order.

// series is such lines.
type series struct {
	*State
	up      bool
	flags   map[string]string
	members []*member
	steps   []*member // those that the recorder has not left out: one a step of the plan
	options bulk.Options
	next    int   // the first whose end was not told yet
	err     error // what ended them
}

// member is one line of a series.
type member struct {
	line  Line
	args  Args
	op    Op
	item  bulk.Item
	left  bool // the recorder has left it out
	began time.Time
	ended *bulk.Event
}

// series are the lines at the beginning of these that can go together; nil
// when they aren't two at least.
func (st *State) series(lines []Line) *series {
	if st.plan != nil || st.recording != nil || st.restart > 0 || st.Settings.RenameThere || st.Settings.RenameLocal || st.cfg.Ask != nil || len(lines) < 2 || !mayJoin(lines[1]) {
		return nil
	}
	s := &series{State: st}
	targets := map[string]bool{}
	for _, l := range lines[:min(len(lines), MaxSeries)] {
		m := s.join(l)
		if m == nil {
			break
		}
		target := m.item.Local
		if s.up {
			target = m.item.Remote
		}
		if targets[target] {
			break
		}
		targets[target] = true
		s.members = append(s.members, m)
	}
	if len(s.members) < 2 {
		return nil
	}
	return s
}

// mayJoin is what can be seen of a line before its values are put in.
func mayJoin(l Line) bool {
	return (l.Verb == "put" || l.Verb == "get") && !l.Async && !l.Has(Ignore) && l.Output == (Output{})
}

// join makes a line a member, if it can be one.
func (s *series) join(l Line) *member {
	if !mayJoin(l) {
		return nil
	}
	// What a line before it may change is not put in ahead of that line.
	for _, w := range l.Args {
		for _, late := range []string{"${file:", "${status}", "${error}", "${temp}"} {
			if strings.Contains(w.Text, late) {
				return nil
			}
		}
	}
	v, err := s.verb(l.Verb)
	if err != nil || v.Leads || v.Name != l.Verb {
		return nil
	}
	a, err := bind(v, l, s.expand)
	if err != nil || a.Many || a.Len() > 2 || a.Text(0) == "-" || a.Text(1) == "-" {
		return nil
	}
	for _, flag := range []string{"-r", "-o", "-O", "--files-from"} {
		if a.Flag(flag) {
			return nil
		}
	}
	if len(s.members) == 0 {
		s.up, s.flags = v.Name == "put", a.flags
	}
	if s.up != (v.Name == "put") || !maps.Equal(s.flags, a.flags) || a.Words[0].Pattern() && s.Settings.Glob {
		return nil
	}
	m := &member{line: l, args: a}
	if m.item, err = s.item(a); err != nil || isDevice(m.item.Local) {
		return nil
	}
	return m
}

// item is what the line moves. Whether a name at the server is a directory is
// found out by the plan.
func (s *series) item(a Args) (bulk.Item, error) {
	if !s.up {
		items, err := s.downloadItems([]match{{path: a.Text(0)}}, a.Text(1))
		if err != nil {
			return bulk.Item{}, err
		}
		return items[0], nil
	}
	it := bulk.Item{Local: s.Local(a.Text(0)), Remote: a.Text(1)}
	if base := path.Base(it.Remote); it.Remote == "" || base == "." || base == ".." || strings.HasSuffix(it.Remote, "/") {
		it.Remote = join(strings.TrimSuffix(it.Remote, "."), remoteName(a.Text(0), it.Local))
	}
	if info, err := os.Stat(it.Local); err != nil || !info.Mode().IsRegular() {
		return it, errNotDir
	}
	return it, nil
}

// run carries the series out. n is how many of its lines are done with, and
// err what ended them.
func (s *series) run(ctx context.Context) (n int, err error) {
	first := s.members[0]
	if s.ready(ctx, Login) != nil {
		return 0, nil // the line itself tells of it
	}
	if s.options, err = s.bulkOptions(first.args); err != nil || s.options.Existing == bulk.Rename {
		return 0, nil
	}
	if n, err := s.begin(ctx); err != nil {
		return n, err
	}
	err = s.carry(ctx)
	s.close(ctx, err)
	return len(s.members), s.err
}

// begin tells the recorder of every line. One that it refuses ends the series
// before it.
func (s *series) begin(ctx context.Context) (int, error) {
	for i, m := range s.members {
		m.op, m.began = s.newOp(m.args.Verb, m.line, &m.args), s.now()
		course := Proceed
		if r := s.cfg.Recorder; r != nil {
			var err error
			if course, err = r.Begin(ctx, m.op); err != nil && i == 0 {
				s.echo(m.line)
				r.End(m.op, Outcome{Err: err})
				return 1, wrap(m.line, err)
			} else if err != nil {
				s.members = s.members[:i]
				return 0, nil
			}
		}
		if m.left = course == LeaveOut; !m.left {
			s.steps = append(s.steps, m)
		}
	}
	return 0, nil
}

// carry plans what is left, and does it.
func (s *series) carry(ctx context.Context) error {
	if len(s.steps) == 0 {
		return nil
	}
	p, cut, err := s.look(ctx)
	if err != nil {
		return err
	}
	o := s.options
	o.Events, o.OnError = s.hear, bulk.Continue
	if s.stops() {
		o.OnError = bulk.Stop
	}
	e := bulk.New(s.client, o)
	defer s.adopt(e)
	if _, err = e.Do(ctx, p); err == nil && cut != nil {
		s.hear(*cut)
	}
	return err
}

// stops reports whether the first failure ends the lines.
func (s *series) stops() bool { return s.Settings.OnError != GoOn || s.strict > 0 }

// look plans the lines that are left. Where a failure ends the lines, one that
// can't be moved ends the plan before it; cut is its failure.
func (s *series) look(ctx context.Context) (p bulk.Plan, cut *bulk.Event, err error) {
	o := s.options
	o.OnError, o.Events = bulk.Continue, nil
	e := bulk.New(s.client, o)
	defer s.adopt(e)
	items := make([]bulk.Item, len(s.steps))
	for i, m := range s.steps {
		items[i] = m.item
	}
	if p, err = s.planOf(ctx, e, items); err != nil {
		return p, nil, err
	}
	for i := range p.Steps {
		if err := s.into(ctx, e, &p.Steps[i]); err != nil {
			return p, nil, err
		}
		if step := p.Steps[i]; step.Action == bulk.Reject && s.stops() {
			p.Steps = p.Steps[:i:i]
			r := &bulk.Result{Item: step.Item, Direction: step.Direction, Kind: bulk.Failed, Size: step.Size, Err: step.Err}
			return s.remaining(ctx, p), &bulk.Event{Kind: bulk.Failed, Step: i, Item: step.Item, Direction: step.Direction, Err: step.Err, Result: r}, nil
		}
	}
	return s.remaining(ctx, p), nil, nil
}

func (s *series) planOf(ctx context.Context, e *bulk.Engine, items []bulk.Item) (bulk.Plan, error) {
	if s.up {
		return e.PlanUpload(ctx, items)
	}
	return e.PlanDownload(ctx, items)
}

// into mends the step of a put whose target is a directory: it goes there
// under its own name.
func (s *series) into(ctx context.Context, e *bulk.Engine, step *bulk.Step) error {
	if !s.up || step.Action != bulk.Reject || !errors.Is(step.Err, bulk.ErrIsDir) {
		return nil
	}
	it := step.Item
	it.Remote = join(it.Remote, remoteName(it.Local, it.Local))
	p, err := s.planOf(ctx, e, []bulk.Item{it})
	if err == nil && len(p.Steps) == 1 {
		*step = p.Steps[0]
	}
	return err
}

// remaining takes out what an earlier run has moved.
func (s *series) remaining(ctx context.Context, p bulk.Plan) bulk.Plan {
	if r, ok := s.cfg.Recorder.(fileRecorder); ok {
		for i := range p.Steps {
			p.Steps[i] = r.Remaining(ctx, s.steps[i].op, bulk.Plan{Direction: p.Direction, Steps: p.Steps[i : i+1]}).Steps[0]
		}
	}
	p.Count()
	return p
}

// hear takes in what the engine tells: the books at once, the rest in the
// script's order.
func (s *series) hear(e bulk.Event) {
	if e.Kind == bulk.Planned {
		s.announce(e)
		return
	}
	m := s.steps[e.Step]
	if r, ok := s.cfg.Recorder.(fileRecorder); ok {
		r.File(m.op, e)
	}
	switch e.Kind {
	case bulk.Done, bulk.Failed, bulk.Skipped:
		m.ended = &e
		for s.next < len(s.members) && s.tell(s.members[s.next]) {
			s.next++
		}
	default:
		s.announce(e)
	}
}

// tell tells of a line that has ended; it reports whether it has.
func (s *series) tell(m *member) bool {
	switch {
	case m.left:
		s.echo(m.line)
		s.book(m, Outcome{Left: true})
	case m.ended == nil:
		return false
	case m.ended.Err != nil:
		s.fail(m, s.ofFile(m.ended.Direction, m.ended.Item, m.ended.Err))
	default:
		s.echo(m.line)
		s.announce(*m.ended)
		s.book(m, Outcome{})
	}
	return true
}

// fail tells of a line that has failed.
func (s *series) fail(m *member, err error) {
	s.echo(m.line)
	s.book(m, Outcome{Err: err})
	err = wrap(m.line, err)
	if !s.stops() {
		s.passOver(err)
	} else if s.err == nil {
		s.err = err
	}
}

// book ends a line in the books.
func (s *series) book(m *member, o Outcome) {
	s.note(m.args.Verb, o.Err)
	if s.cfg.Recorder == nil {
		return
	}
	o.Took = s.now().Sub(m.began)
	if m.ended != nil && m.ended.Result != nil {
		o.Results, o.Took = []bulk.Result{*m.ended.Result}, m.ended.Result.Took
	}
	s.cfg.Recorder.End(m.op, o)
}

// close tells of what was not told yet. What ended the run before a line had
// its turn is the failure of the first such line, or of all where failures end
// nothing.
func (s *series) close(ctx context.Context, err error) {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	for _, m := range s.members[s.next:] {
		if s.tell(m) || err == nil || s.err != nil && s.stops() {
			continue
		}
		s.fail(m, err)
	}
	if ctx.Err() != nil && s.err == nil {
		s.err = wrap(s.members[len(s.members)-1].line, context.Cause(ctx))
	}
}
