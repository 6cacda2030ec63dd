package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
)

func listFlags() []Flag {
	return []Flag{
		{Name: "-l", Brief: "kind, size, time and name"},
		{Name: "-a", Brief: "names that begin with a dot too"},
		{Name: "-t", Brief: "newest first"},
		{Name: "-S", Brief: "largest first"},
		{Name: "-r", Brief: "the other way round"},
		{Name: "-h", Brief: "sizes for people"},
		{Name: "-1", Brief: "one name a line"},
		{Name: "-R", Brief: "what is below as well"},
		{Name: "-d", Brief: "a directory itself, not what is in it"},
		{Name: "--raw", Long: "--raw", Brief: "what the server sends, as it is"},
	}
}

// ls lists a directory, or what a pattern matches: names, one a line.
func ls(ctx context.Context, st *State, a Args) error {
	return st.listTo(ctx, a, func(out io.Writer) error { return st.list(ctx, out, a) })
}

// dir is ls with everything that is known of each name.
func dir(ctx context.Context, st *State, a Args) error {
	a.flags["-l"] = ""
	return ls(ctx, st, a)
}

// listTo writes a listing to the output or, as in ftp(1), to the local file
// that is the second word; the file gets its name when the listing is whole.
func (st *State) listTo(ctx context.Context, a Args, write func(io.Writer) error) error {
	if a.Len() < 2 || a.Text(1) == "-" {
		return write(st.Out)
	}
	if a.Words[1].Pattern() {
		return &CallError{Verb: a.Verb, Col: a.Words[1].Col, What: "the second word is the local file for the listing, not a pattern"}
	}
	name := st.Local(a.Text(1))
	if isDevice(name) {
		return intoDevice(name, write)
	}
	if st.cfg.Ask != nil && exists(name) {
		answer, err := st.cfg.Ask.Choose(ctx, "overwrite the local file "+a.Text(1)+"?", No, Yes)
		if err != nil || answer != Yes {
			st.recording.refused()
			return err
		}
	}
	part := filepath.Join(filepath.Dir(name), ".ferry-"+filepath.Base(name)+".part")
	f, err := os.Create(part)
	if err != nil {
		return err
	}
	defer os.Remove(part)
	if err := errors.Join(write(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(part, name)
}

func (st *State) list(ctx context.Context, out io.Writer, a Args) error {
	if a.Flag("--raw") {
		return st.client.ListRaw(ctx, proto.Cmd("LIST", a.Text(0)), out)
	}
	if a.Len() == 0 || !a.Words[0].Pattern() || !st.Settings.Glob {
		if a.Flag("-d") {
			return st.listOne(ctx, out, a.Text(0), a)
		}
		return st.listDir(ctx, out, a.Text(0), a, 0)
	}
	names, err := st.remoteNames(ctx, a.Words[0])
	if err != nil {
		return err
	}
	return st.listMatches(ctx, out, names, a)
}

// listMatches lists what a pattern matched, directories by their names.
func (st *State) listMatches(ctx context.Context, out io.Writer, names []match, a Args) error {
	parents := map[string][]list.Line{}
	var lines []list.Line
	for _, m := range names {
		parent := strings.TrimSuffix(m.path, path.Base(m.path))
		if parents[parent] == nil {
			found, err := st.lines(ctx, strings.TrimSuffix(parent, "/"))
			if err != nil {
				return err
			}
			parents[parent] = found
		}
		for _, l := range parents[parent] {
			if l.Verdict == list.Understood && path.Base(l.Entry.Name) == path.Base(m.path) {
				l.Entry.Name = m.path
				lines = append(lines, l)
			}
		}
	}
	return st.show(out, "", lines, a)
}

func (st *State) listOne(ctx context.Context, out io.Writer, name string, a Args) error {
	e, err := st.client.Stat(ctx, orDot(name))
	if err != nil {
		return err
	}
	e.Name = orDot(name)
	return st.show(out, "", []list.Line{{Entry: e, Verdict: list.Understood}}, a)
}

func (st *State) listDir(ctx context.Context, out io.Writer, dir string, a Args, depth int) error {
	lines, err := st.lines(ctx, dir)
	var incomplete error
	if errors.Is(err, client.ErrIncomplete) {
		incomplete, err = err, nil // what came is shown, and then the truth
	}
	if err != nil {
		return err
	}
	title := ""
	if a.Flag("-R") {
		title = orDot(dir)
	}
	if err := st.show(out, title, lines, a); err != nil {
		return err
	}
	if incomplete != nil || !a.Flag("-R") || depth == MaxDepth {
		return incomplete
	}
	for _, l := range lines {
		if l.Entry.Kind != proto.Directory || st.hides(l.Entry.Name, a) {
			continue
		}
		if err := st.listDir(ctx, out, join(dir, path.Base(l.Entry.Name)), a, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// lines are a directory's entries and what was not understood, sorted by name.
func (st *State) lines(ctx context.Context, dir string) (lines []list.Line, err error) {
	for l, lerr := range st.client.List(ctx, dir) {
		if lerr != nil {
			err = lerr
			break
		}
		if l.Verdict != list.Ignored && (l.Verdict == list.Unknown || !isDots(l.Entry)) {
			lines = append(lines, l)
		}
	}
	slices.SortStableFunc(lines, func(x, y list.Line) int { return strings.Compare(x.Entry.Name, y.Entry.Name) })
	return lines, err
}

func (st *State) hides(name string, a Args) bool {
	return strings.HasPrefix(path.Base(name), ".") && !a.Flag("-a") && !st.Settings.Hidden
}

// nlist prints names as NLST gives them; a pattern is the server's business.
func nlist(ctx context.Context, st *State, a Args) error {
	return st.listTo(ctx, a, func(out io.Writer) error {
		names, err := st.client.Names(ctx, a.Text(0))
		for _, name := range names {
			if _, err := fmt.Fprintln(out, list.Printable(name)); err != nil {
				return err
			}
		}
		return err
	})
}
