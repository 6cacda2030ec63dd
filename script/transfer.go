package script

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// transferFlags are those of get and put in all their forms.
func transferFlags() []Flag {
	return []Flag{
		{Name: "-r", Also: words("-R"), Long: "--recursive", Brief: "directories with all that is in them"},
		{Name: "-c", Also: words("-a"), Long: "--continue", Brief: "go on where an earlier transfer stopped"},
		{Name: "-f", Long: "--sync", Brief: "downloads are on the disk before they get their name"},
		{Name: "-p", Also: words("-P"), Long: "--preserve", Brief: "keep times, which ferry does anyway"},
		{Name: "-o", Long: "--output", Arg: "TARGET", Brief: "name or directory of the target"},
		{Name: "-O", Arg: "DIR", Kind: LocalDir, Brief: "directory of the targets"},
		{Name: "--existing", Long: "--existing", Arg: "POLICY", Brief: "overwrite, skip, rename, resume, newer, newer-or-size or checksum"},
		{Name: "--verify", Long: "--verify", Arg: "HOW", Brief: "auto, size, hash or none"},
		{Name: "--atomic", Long: "--atomic", Arg: "WHEN", Brief: "auto, on, off or delete (uploads)"},
		{Name: "--parallel", Long: "--parallel", Arg: "N", Brief: "most sessions at once"},
		{Name: "--publish", Long: "--publish", Arg: "WHEN", Brief: "each, or together: names only when all is there"},
		{Name: "--rate", Long: "--rate", Arg: "BYTES", Brief: "most bytes a second, such as 500K"},
		{Name: "--segments", Long: "--segments", Arg: "N", Brief: "in how many segments at once a big file moves, or auto (uploads: to ferry)"},
	}
}

// bulkOptions are the settings, changed by the flags of one line.
func (st *State) bulkOptions(a Args) (bulk.Options, error) {
	s := st.Settings
	for _, name := range []string{"existing", "verify", "atomic", "parallel", "segments", "rate", "publish"} {
		if value, given := a.long("--" + name); given {
			if err := findSetting(name).Set(&s, value); err != nil {
				return bulk.Options{}, err
			}
		}
	}
	if a.Flag("-c") {
		s.Existing = bulk.Resume
	}
	if s.Existing == bulk.Ask && st.cfg.Ask == nil && st.job == 0 {
		return bulk.Options{}, &StateError{
			What: "nobody is there to ask about names that exist",
			Hint: "set existing overwrite, skip, rename, resume or newer",
			code: exitUsage,
		}
	}
	o := bulk.Options{
		Existing: s.Existing, Verify: s.Verify, Atomic: s.Atomic, Publish: s.Publish,
		Events: st.event, Notice: func(line string) { st.warn("%s", line) }, Server: st.server,
	}
	if s.OnError == GoOn {
		o.OnError = bulk.Continue
	}
	o.Ask = st.unasked
	if st.cfg.Ask != nil {
		o.Ask = st.cfg.Ask.Conflict
	}
	if a.Flag("-r") {
		o.Recursive = bulk.Trees
	}
	if a.Flag("-f") {
		o.Durable = bulk.Synced
	}
	return o, st.moving(&o, s)
}

// adopt makes the engine's session the open one: it may have had to be made anew.
func (st *State) adopt(e *bulk.Engine) { st.client = e.Client() }

// move runs the engine in one direction and tells the total of many files.
func (st *State) move(ctx context.Context, d bulk.Direction, items []bulk.Item, o bulk.Options) error {
	if st.Settings.RenameLocal && d == bulk.Down && o.Existing == bulk.Overwrite {
		o.Existing = bulk.Rename
	}
	e := bulk.New(st.client, o)
	defer st.adopt(e)
	p, err := st.planned(ctx, e, d, items)
	if err != nil {
		return err
	}
	return st.do(ctx, e, p)
}

// planned looks at both ends.
func (st *State) planned(ctx context.Context, e *bulk.Engine, d bulk.Direction, items []bulk.Item) (bulk.Plan, error) {
	plan := e.PlanDownload
	if d == bulk.Up {
		plan = e.PlanUpload
	}
	for i := range items {
		items[i].Remote = st.remote(items[i].Remote)
	}
	p, err := plan(ctx, items)
	if err != nil {
		return p, st.ofStep(d, p, err)
	}
	return p, nil
}

// do carries a plan out.
func (st *State) do(ctx context.Context, e *bulk.Engine, p bulk.Plan) error {
	if st.plan != nil {
		return st.plan.transfer(ctx, st.op, p)
	}
	if r, ok := st.cfg.Recorder.(fileRecorder); ok {
		p = r.Remaining(ctx, st.op, p)
	}
	report, err := e.Do(ctx, p)
	st.tallied(report.Results...)
	if n := len(report.Results); n > 1 && st.cfg.Events == nil {
		st.say("%s", total(report))
	}
	if st.Settings.Bell && st.cfg.Ask != nil {
		fmt.Fprint(st.Err, "\a")
	}
	for _, r := range report.Results {
		if r.Err != nil && err != nil {
			return st.ofFile(r.Direction, r.Item, err)
		}
	}
	return err
}

// ofStep adds the name of the file to what ended the planning.
func (st *State) ofStep(d bulk.Direction, p bulk.Plan, err error) error {
	for _, s := range p.Steps {
		if s.Err != nil {
			return st.ofFile(d, s.Item, err)
		}
	}
	return err
}

// ofFile adds the name of the file to what went wrong with it: both its names
// where the end that it goes to is at fault.
func (st *State) ofFile(d bulk.Direction, it bulk.Item, err error) error {
	var refused *proto.ReplyError
	byServer := errors.As(err, &refused)
	switch {
	case byServer && d == bulk.Up, !byServer && d == bulk.Down && local(err):
		return &FileError{Name: st.arrow(d, it), Target: true, Err: err}
	case d == bulk.Up:
		return &FileError{Name: st.short(it.Local), Err: err}
	}
	return &FileError{Name: it.Remote, Err: err}
}

// files leaves out directories that a pattern happened to match, unless whole
// trees are wanted.
func (st *State) files(names []match, a Args) ([]match, error) {
	if a.Flag("-r") {
		return names, nil
	}
	var files []match
	for _, m := range names {
		if !m.dir {
			files = append(files, m)
		}
	}
	if len(files) == 0 && len(names) > 0 {
		return nil, &FileError{Name: names[0].path, Err: bulk.ErrIsDir}
	}
	if n := len(names) - len(files); n > 0 {
		st.say("directories are left out: %d (-r takes them along)", n)
	}
	return files, nil
}

func total(r bulk.Report) string {
	s := count(r.Done, "file") + ", " + list.Bytes(r.Bytes)
	if r.Deleted > 0 {
		s += fmt.Sprintf(", %d deleted", r.Deleted)
	}
	if r.Skipped > 0 {
		s += fmt.Sprintf(", %d skipped", r.Skipped)
	}
	if r.Failed > 0 {
		s += fmt.Sprintf(", %d failed", r.Failed)
	}
	return s
}

// event tells what became of a file, or lets others tell it.
func (st *State) event(e bulk.Event) {
	if r, ok := st.cfg.Recorder.(fileRecorder); ok {
		r.File(st.op, e)
	}
	st.announce(e)
}

// announce is event for people.
func (st *State) announce(e bulk.Event) {
	if st.job > 0 {
		st.Jobs.count(st.job, e)
	}
	st.mark(e)
	if st.cfg.Events != nil {
		st.cfg.Events(e)
		return
	}
	switch e.Kind {
	case bulk.Done:
		st.say("%s (%s)", st.arrow(e.Direction, e.Item), list.InBytes(e.Size))
	case bulk.Deleted:
		st.say("%s: deleted", st.targetOf(e))
	case bulk.Skipped:
		st.say("%s: skipped: %s", st.arrow(e.Direction, e.Item), e.Why)
	case bulk.Retried:
		st.say("%s: again: %s", st.arrow(e.Direction, e.Item), e.Why)
	case bulk.Failed:
		if st.Settings.OnError == GoOn {
			st.warn("%s: %v", st.arrow(e.Direction, e.Item), e.Err)
		}
	}
}

// mark prints ftp(1)'s # while bytes move, and ends their line.
func (st *State) mark(e bulk.Event) {
	switch {
	case e.Kind == bulk.Progress && st.Settings.Hash:
		fmt.Fprint(st.Err, "#")
		st.marked = true
	case e.Kind != bulk.Progress && st.marked:
		fmt.Fprintln(st.Err)
		st.marked = false
	}
}

// targetOf is the name at the end that the bytes go to.
func (st *State) targetOf(e bulk.Event) string {
	if e.Direction == bulk.Up {
		return e.Item.Remote
	}
	return st.short(e.Item.Local)
}

// arrow is "source -> target", local names as seen from the local directory.
func (st *State) arrow(d bulk.Direction, it bulk.Item) string {
	if d == bulk.Up {
		return st.short(it.Local) + " -> " + it.Remote
	}
	return it.Remote + " -> " + st.short(it.Local)
}

// each asks about every name, as ftp(1) does for mget, mput and mdelete. A
// script asks nobody.
func (st *State) each(ctx context.Context, verb string, names []match) ([]match, error) {
	if st.cfg.Ask == nil || !st.Settings.Prompt {
		return names, nil
	}
	var wanted []match
	defer func() { st.recording.chose(names, wanted) }()
	for i, m := range names {
		question := verb + " " + m.path + "?"
		if len(names) > 1 {
			question = fmt.Sprintf("%s %s (%d of %d)?", verb, m.path, i+1, len(names))
		}
		answer, err := st.cfg.Ask.Choose(ctx, question, Yes, No, All, Quit)
		switch {
		case err != nil:
			return nil, err
		case answer == Yes:
			wanted = append(wanted, m)
		case answer == All:
			wanted = append(wanted, names[i:]...)
			return wanted, nil
		case answer == Quit:
			return wanted, nil
		}
	}
	return wanted, nil
}

// sourcesAndTarget tells names from the target: the second of two words is
// one (ftp(1), sftp), unless "--" stood before them or -o names it.
func sourcesAndTarget(a Args) (sources []Word, target string) {
	switch {
	case a.Flag("-o"):
		return a.Words, a.Value("-o")
	case a.Flag("-O"):
		return a.Words, asDir(a.Value("-O"))
	case a.Len() == 2 && !a.Many:
		return a.Words[:1], a.Words[1].Text
	}
	return a.Words, ""
}

// apart refuses sources that would get the same name: the second would
// replace the first.
func apart(items []bulk.Item, name func(bulk.Item) string) error {
	first := make(map[string]bulk.Item, len(items))
	for _, it := range items {
		other, taken := first[name(it)]
		if taken && other != it {
			return &CallError{
				What: fmt.Sprintf("two files would be called %s: %s and %s", name(it), sourceOf(other, name(it)), sourceOf(it, name(it))),
				Hint: "give them targets of their own, one line each",
			}
		}
		first[name(it)] = it
	}
	return nil
}

// sourceOf is the one of an item's names that is not its target.
func sourceOf(it bulk.Item, target string) string {
	if it.Local == target {
		return it.Remote
	}
	return it.Local
}

func asDir(dir string) string {
	if strings.HasSuffix(dir, "/") {
		return dir
	}
	return dir + "/"
}

func manyTo(target string, n int) error {
	return &CallError{
		What: fmt.Sprintf("%s is no directory, and there are %d files", target, n),
		Hint: "make it first, or write " + asDir(target),
	}
}
