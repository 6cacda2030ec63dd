package script

import (
	"context"
	"fmt"
	"path"
	"strings"
	"sync"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// PlanMode says whether a run only tells what it would do.
type PlanMode int

const (
	Carry    PlanMode = iota // it does it
	PlanOnly                 // it looks, and changes nothing at either end
)

// planner is a run that only looks: lines that look and those that set the
// session up run, of all others is told what they would do.
type planner struct {
	mu     sync.Mutex      // jobs plan at the same time
	names  map[string]bool // directories that would be there, absolute
	files  map[bulk.Direction]int
	bytes  map[bulk.Direction]int64
	dirs   int
	others int
}

func newPlanner() *planner {
	return &planner{names: map[string]bool{}, files: map[bulk.Direction]int{}, bytes: map[bulk.Direction]int64{}}
}

// NotPermittedError is a command that --plan does not send.
type NotPermittedError struct{ Command proto.Command }

func (e *NotPermittedError) Error() string {
	return fmt.Sprintf("%s is not sent: a plan changes nothing", e.Command.Verb)
}

// permitLooks lets through what changes nothing at the server.
//
// SECURITY: this is the wall behind --plan, whatever verbs think that they do:
// it stands where commands are sent, and names what may pass.
func permitLooks(cmd proto.Command) error {
	for _, verb := range words(`USER PASS ACCT AUTH PBSZ PROT CCC ADAT FEAT OPTS CLNT HOST LANG CSID SYST REIN QUIT NOOP HELP STAT
		TYPE STRU MODE PASV EPSV PORT EPRT LPSV LPRT SPSV CPSV SSCN ABOR CWD XCWD CDUP XCUP PWD XPWD SMNT
		LIST NLST MLSD MLST SIZE MDTM MFCT HASH RANG AVBL XCRC XMD5 MD5 XSHA XSHA1 XSHA256 XSHA512 REST RETR`) {
		if cmd.Verb == verb {
			return nil
		}
	}
	if cmd.Verb == "SITE" && wireEffect("site", cmd.Arg) != OnlyOnce {
		return nil
	}
	return &NotPermittedError{Command: cmd}
}

// begin decides whether a line runs or is only told of.
func (p *planner) begin(ctx context.Context, op Op) (Course, error) {
	st, v := op.state, op.Args.Verb
	st.foreseen = nil
	switch effect := op.effect(); {
	case v.Name == "cd" || v.Name == "cdup":
		return p.enter(ctx, st, op.Args)
	case effect == Looks && v.Needs == Login && st.away != "":
		return LeaveOut, nil // what is not there yet can't be looked at
	case effect == Session || effect == Looks || effect == Moves:
		return Proceed, nil
	}
	if err := st.ready(ctx, v.Needs); err != nil {
		return LeaveOut, err
	}
	foresee := v.Foresee
	if foresee == nil {
		foresee = func(context.Context, *State, Args) ([]string, error) { return []string{op.String()}, nil }
	}
	changes, err := foresee(ctx, st, op.Args)
	if err != nil && p.any() {
		changes, err = []string{op.String()}, nil // it may be about what is not there yet
	}
	if err != nil {
		return LeaveOut, err
	}
	p.count(func() { p.others += len(changes) })
	return LeaveOut, st.would(changes)
}

// would tells what a line would do.
func (st *State) would(changes []string) error {
	st.foreseen = append(st.foreseen, changes...)
	for _, c := range changes {
		if err := st.print("would " + c); err != nil {
			return err
		}
	}
	return nil
}

// judge forgives a look that failed behind changes: it may be about them.
func (p *planner) judge(op Op, err error) error {
	if err == nil || !p.any() || op.effect() == Session || connectionLost(err) || interruption(err) {
		return err
	}
	op.state.say("%s: can't be known before the run: %s", op.Verb, cause(err))
	return nil
}

// any reports whether something would be changed by now.
func (p *planner) any() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.others+p.dirs+len(p.names)+len(p.files) > 0
}

// count takes something into the totals.
func (p *planner) count(add func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	add()
}

// makes notes a directory that would be there, and reports whether it knew.
func (p *planner) makes(dir string) (known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known = p.names[dir]
	p.names[dir] = true
	return known
}

// knows reports whether a directory would be there.
func (p *planner) knows(dir string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.names[dir]
}

// enter is cd, also into what is not there yet.
func (p *planner) enter(ctx context.Context, st *State, a Args) (Course, error) {
	dir := a.Text(0)
	if a.Verb.Name == "cdup" {
		dir = ".."
	}
	if st.away == "" && !p.any() {
		return Proceed, nil
	}
	if err := st.ready(ctx, Login); err != nil {
		return LeaveOut, err
	}
	abs, err := st.absolute(ctx, dir)
	if err != nil {
		return LeaveOut, err
	}
	if p.knows(abs) {
		st.away = abs
		return LeaveOut, nil
	}
	st.away = ""
	return LeaveOut, st.changeDir(ctx, abs)
}

// absolute is the path of a remote name as the script sees it.
func (st *State) absolute(ctx context.Context, name string) (string, error) {
	if strings.HasPrefix(name, "/") {
		return path.Clean(name), nil
	}
	if st.away != "" {
		return path.Join(st.away, name), nil
	}
	dir, err := st.Where(ctx)
	return path.Join(dir, name), err
}

// remote is the name of something at the server as the session must say it:
// absolute where a plan stands in a directory that isn't there yet.
func (st *State) remote(name string) string {
	if st.away == "" || strings.HasPrefix(name, "/") {
		return name
	}
	return path.Join(st.away, name)
}

// files tells of a transfer's plan. Nothing of it is carried out.
func (p *planner) transfer(ctx context.Context, op Op, plan bulk.Plan) error {
	st := op.state
	var changes []string
	for _, s := range plan.Steps {
		switch s.Action {
		case bulk.Send:
			p.count(func() { p.files[s.Direction]++; p.bytes[s.Direction] += max(s.Size, 0) })
			changes = append(changes, fmt.Sprintf("%s %s", way(s.Direction), p.about(st, s)))
		case bulk.MakeDir:
			p.count(func() { p.dirs++ })
			changes = append(changes, "make "+p.target(st, s))
		case bulk.Delete, bulk.RemoveDir:
			p.count(func() { p.others++ })
			changes = append(changes, "delete "+p.target(st, s))
		case bulk.SetTime:
			p.count(func() { p.others++ })
			changes = append(changes, "set the time of "+p.target(st, s))
		case bulk.Leave:
			st.say("%s: skipped: %s", st.arrow(s.Direction, s.Item), s.Why)
			continue
		default:
			continue
		}
		if err := p.expect(ctx, st, s); err != nil {
			return err
		}
	}
	return st.would(changes)
}

func way(d bulk.Direction) string {
	if d == bulk.Up {
		return "put"
	}
	return "get"
}

func (p *planner) about(st *State, s bulk.Step) string {
	text := st.arrow(s.Direction, s.Item)
	if s.Size >= 0 {
		text += " (" + list.InBytes(s.Size) + ")"
	}
	if s.There.Exists {
		text += ", which replaces what is there"
	}
	return text
}

func (p *planner) target(st *State, s bulk.Step) string {
	if s.Direction == bulk.Up {
		return s.Item.Remote
	}
	return st.short(s.Item.Local)
}

// expect notes that a step's target would be there.
func (p *planner) expect(ctx context.Context, st *State, s bulk.Step) error {
	if s.Direction != bulk.Up {
		return nil
	}
	abs, err := st.absolute(ctx, s.Item.Remote)
	if err == nil && s.Action == bulk.MakeDir {
		p.makes(abs)
	}
	return err
}

// result is what the run ends with: whether there is something to do.
func (p *planner) result() error {
	if p.files[bulk.Up]+p.files[bulk.Down]+p.dirs+p.others == 0 {
		return nil
	}
	return &Exit{Code: exitPlan}
}

// totals is the plan in a line.
func (p *planner) totals() string {
	var parts []string
	for _, d := range []bulk.Direction{bulk.Up, bulk.Down} {
		if n := p.files[d]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s (%s)", count(n, "file"), d, list.InBytes(p.bytes[d])))
		}
	}
	if p.dirs > 0 {
		parts = append(parts, fmt.Sprintf("%d directories made", p.dirs))
	}
	if p.others > 0 {
		parts = append(parts, count(p.others, "other change"))
	}
	if len(parts) == 0 {
		return "there is nothing to do"
	}
	return strings.Join(parts, ", ") + "; nothing was changed"
}

// foreseeMkdir tells of directories that would be made.
func foreseeMkdir(ctx context.Context, st *State, a Args) ([]string, error) {
	var changes []string
	for _, w := range a.Words {
		names := []string{w.Text}
		if a.Flag("-p") {
			names = ancestors(w.Text)
		}
		for _, name := range names {
			abs, err := st.absolute(ctx, name)
			if err != nil {
				return nil, err
			}
			there := st.plan.knows(abs) || st.exists(ctx, abs)
			switch {
			case there && !a.Flag("-p"):
				return changes, fmt.Errorf("%s: it exists", name)
			case !there:
				st.plan.makes(abs)
				changes = append(changes, "make "+name)
			}
		}
	}
	return changes, nil
}

// foreseeDelete tells of what would be deleted.
func foreseeDelete(ctx context.Context, st *State, a Args) ([]string, error) {
	names, err := st.doomed(ctx, a)
	if err != nil {
		return nil, err
	}
	var changes []string
	for _, m := range names {
		e, err := st.client.Stat(ctx, st.remote(m.path))
		if err != nil && a.Flag("-f") {
			continue
		}
		if err != nil {
			return changes, err
		}
		what := "delete " + m.path
		if e.Kind == proto.Directory {
			what += " with all that is in it"
		}
		changes = append(changes, what)
	}
	return changes, nil
}

// foreseeRename tells of names that would be others.
func foreseeRename(ctx context.Context, st *State, a Args) ([]string, error) {
	names, err := st.remoteAll(ctx, a.Words[:a.Len()-1])
	if err != nil {
		return nil, err
	}
	var changes []string
	for _, m := range names {
		abs, err := st.absolute(ctx, m.path)
		if err != nil {
			return changes, err
		}
		if _, err := st.client.Stat(ctx, abs); err != nil && !st.plan.knows(abs) {
			return changes, err
		}
		to, err := st.absolute(ctx, a.Text(a.Len()-1))
		if err != nil {
			return changes, err
		}
		if st.plan.knows(abs) {
			st.plan.makes(to)
		}
		changes = append(changes, "rename "+m.path+" to "+a.Text(a.Len()-1))
	}
	return changes, nil
}
