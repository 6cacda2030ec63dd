package script

import (
	"context"
	"fmt"
	"strings"

	"ferry/script/bulk"
)

// transferFlags are those of get and put in all their forms.
func transferFlags() []Flag {
	return []Flag{
		{Name: "-r", Long: "--recursive", Brief: "directories with all that is in them"},
		{Name: "-c", Long: "--continue", Brief: "go on where an earlier transfer stopped"},
		{Name: "-a", Brief: "the same (sftp)"},
		{Name: "-p", Long: "--preserve", Brief: "keep times, which ferry does anyway (sftp)"},
		{Name: "-o", Long: "--output", Arg: "TARGET", Brief: "name or directory of the target"},
		{Name: "-O", Arg: "DIR", Kind: LocalDir, Brief: "directory of the targets (lftp)"},
		{Name: "-e", Long: "--existing", Arg: "POLICY", Brief: "overwrite, skip, rename, resume or newer"},
		{Name: "-V", Long: "--verify", Arg: "HOW", Brief: "auto, size, hash or none"},
		{Name: "-A", Long: "--atomic", Arg: "WHEN", Brief: "auto, on or off (uploads)"},
	}
}

// bulkOptions are the settings, changed by the flags of one line.
func (st *State) bulkOptions(a Args) (bulk.Options, error) {
	s := st.Settings
	for flag, name := range map[string]string{"-e": "existing", "-V": "verify", "-A": "atomic"} {
		if a.Flag(flag) {
			if err := findSetting(name).Set(&s, a.Value(flag)); err != nil {
				return bulk.Options{}, err
			}
		}
	}
	if a.Flag("-c") || a.Flag("-a") {
		s.Existing = bulk.Resume
	}
	if s.Existing == bulk.Ask && st.cfg.Ask == nil {
		return bulk.Options{}, &StateError{
			What: "nobody is there to ask about names that exist",
			Hint: "set existing overwrite, skip, rename, resume or newer",
		}
	}
	o := bulk.Options{
		Existing: s.Existing, Verify: s.Verify, Atomic: s.Atomic, OnError: s.OnError,
		Events: st.event, Notice: func(line string) { st.warn("%s", line) }, Server: st.server,
	}
	if st.cfg.Ask != nil {
		o.Ask = st.cfg.Ask.Conflict
	}
	if a.Flag("-r") {
		o.Recursive = bulk.Trees
	}
	return o, nil
}

// move runs the engine in one direction and tells the total of many files.
func (st *State) move(ctx context.Context, d bulk.Direction, items []bulk.Item, o bulk.Options) error {
	if st.Settings.RenameLocal && d == bulk.Down && o.Existing == bulk.Overwrite {
		o.Existing = bulk.Rename
	}
	e, run := bulk.New(st.client, o), (*bulk.Engine).Download
	if d == bulk.Up {
		run = (*bulk.Engine).Upload
	}
	report, err := run(e, ctx, items)
	if n := report.Done + report.Skipped + report.Failed; n > 1 && st.cfg.Events == nil {
		st.say("%s", total(report))
	}
	if st.Settings.Bell && st.cfg.Ask != nil {
		fmt.Fprint(st.Err, "\a")
	}
	return err
}

func total(r bulk.Report) string {
	s := fmt.Sprintf("%d files, %d bytes", r.Done, r.Bytes)
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
	if st.Settings.Hash && e.Kind == bulk.Progress {
		fmt.Fprint(st.Err, "#")
	}
	if st.cfg.Events != nil {
		st.cfg.Events(e)
		return
	}
	switch e.Kind {
	case bulk.Done:
		st.say("%s (%d bytes)", st.arrow(e), e.Size)
	case bulk.Skipped:
		st.say("%s: skipped: %s", st.arrow(e), e.Why)
	case bulk.Retried:
		st.say("%s: again: %s", st.arrow(e), e.Why)
	case bulk.Failed:
		if st.Settings.OnError == bulk.Continue {
			st.warn("%s: %v", st.arrow(e), e.Err)
		}
	}
}

// arrow is "source -> target", local names as seen from the local directory.
func (st *State) arrow(e bulk.Event) string {
	local := st.short(e.Item.Local)
	if e.Direction == bulk.Up {
		return local + " -> " + e.Item.Remote
	}
	return e.Item.Remote + " -> " + local
}

// each asks about every name, as ftp(1) does for mget, mput and mdelete. A
// script asks nobody.
func (st *State) each(ctx context.Context, verb string, names []match) ([]match, error) {
	if st.cfg.Ask == nil || !st.Settings.Prompt {
		return names, nil
	}
	var wanted []match
	for i, m := range names {
		answer, err := st.cfg.Ask.Choose(ctx, verb+" "+m.path+"?", Yes, No, All, Quit)
		switch {
		case err != nil:
			return nil, err
		case answer == Yes:
			wanted = append(wanted, m)
		case answer == All:
			return append(wanted, names[i:]...), nil
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
