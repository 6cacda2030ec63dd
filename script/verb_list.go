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
	"time"

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
	if st.cfg.Ask != nil && exists(name) {
		answer, err := st.cfg.Ask.Choose(ctx, "overwrite the local file "+a.Text(1)+"?", No, Yes)
		if err != nil || answer != Yes {
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

// show writes entries in the order that the flags want.
func (st *State) show(out io.Writer, title string, lines []list.Line, a Args) error {
	shown := make([]list.Line, 0, len(lines))
	for _, l := range lines {
		if l.Verdict == list.Unknown || !st.hides(l.Entry.Name, a) {
			shown = append(shown, l)
		}
	}
	order(shown, a)
	listing := Listing{Title: title, Lines: shown, Long: a.Flag("-l"), Human: a.Flag("-h")}
	if st.cfg.Show != nil && out == st.Out && !a.Flag("-1") {
		return st.cfg.Show.List(out, listing)
	}
	return listing.write(out)
}

func order(lines []list.Line, a Args) {
	switch {
	case a.Flag("-t"):
		slices.SortStableFunc(lines, func(x, y list.Line) int { return y.Entry.Modify.Compare(x.Entry.Modify) })
	case a.Flag("-S"):
		slices.SortStableFunc(lines, func(x, y list.Line) int { return int(min(max(y.Entry.Size-x.Entry.Size, -1), 1)) })
	}
	if a.Flag("-r") {
		slices.Reverse(lines)
	}
}

// write is the plain form: one name a line, or kind, size, time and name with
// tabs between them. It does not change from one release to the next.
func (l Listing) write(w io.Writer) error {
	if l.Title != "" {
		if _, err := fmt.Fprintf(w, "%s:\n", list.Printable(l.Title)); err != nil {
			return err
		}
	}
	for _, line := range l.Lines {
		if _, err := fmt.Fprintln(w, l.plain(line)); err != nil {
			return err
		}
	}
	return nil
}

func (l Listing) plain(line list.Line) string {
	if line.Verdict == list.Unknown {
		return list.Printable(line.Text) // shown as it came: nobody knows what it says
	}
	e := line.Entry
	name := list.Printable(e.Name)
	if !l.Long {
		return name
	}
	return strings.Join([]string{kindName(e.Kind), sizeText(e, l.Human), timeText(e.Modify), name}, "\t")
}

func kindName(k proto.Kind) string {
	switch k {
	case proto.RegularFile:
		return "file"
	case proto.Directory, proto.CurrentDir, proto.ParentDir:
		return "dir"
	case proto.Symlink:
		return "link"
	case proto.Special:
		return "special"
	}
	return "?"
}

func sizeText(e proto.Entry, human bool) string {
	switch {
	case e.Size == proto.NoSize || e.Kind == proto.Directory:
		return "-"
	case human:
		return HumanSize(e.Size)
	}
	return fmt.Sprint(e.Size)
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// HumanSize is a number of bytes for people: 999, 1.5K, 23M.
func HumanSize(n int64) string {
	if n < 1024 {
		return fmt.Sprint(n)
	}
	f, units := float64(n), "KMGTPE"
	i := -1
	for f >= 1023.5 && i+1 < len(units) {
		f /= 1024
		i++
	}
	if f < 9.95 {
		return fmt.Sprintf("%.1f%c", f, units[i])
	}
	return fmt.Sprintf("%.0f%c", f, units[i])
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

func size(ctx context.Context, st *State, a Args) error {
	return st.ofEach(ctx, a.Words, func(name string) (string, error) {
		n, err := st.client.Size(ctx, name)
		return fmt.Sprint(n), err
	})
}

func modtime(ctx context.Context, st *State, a Args) error {
	return st.ofEach(ctx, a.Words, func(name string) (string, error) {
		t, err := st.client.ModTime(ctx, name)
		return timeText(t), err
	})
}

// checksum prints what the server computes, in the form of sha256sum.
func checksum(ctx context.Context, st *State, a Args) error {
	algo := client.HashAlgo(strings.ToUpper(a.Value("-a")))
	if algo == "" {
		algos := st.client.HashAlgos()
		if len(algos) == 0 {
			return &StateError{What: "the server computes no checksums", Hint: "`features` shows what it can; `set verify size` compares sizes"}
		}
		algo = algos[0]
	}
	names, err := st.remoteAll(ctx, a.Words)
	if err != nil {
		return err
	}
	for _, m := range names {
		sum, err := st.client.Hash(ctx, m.path, algo, 0, 0)
		if err != nil {
			return err
		}
		if err := st.print(sum.Hex + "  " + m.path); err != nil {
			return err
		}
	}
	return nil
}

// stat prints what the server knows of a name.
func stat(ctx context.Context, st *State, a Args) error {
	name := orDot(a.Text(0))
	e, err := st.client.Stat(ctx, name)
	if err != nil {
		return err
	}
	e.Name = name
	return Listing{Lines: []list.Line{{Entry: e, Verdict: list.Understood}}, Long: true}.write(st.Out)
}

// ofEach prints a value of each name: alone for one, behind it for many.
func (st *State) ofEach(ctx context.Context, words []Word, value func(name string) (string, error)) error {
	names, err := st.remoteAll(ctx, words)
	if err != nil {
		return err
	}
	for _, m := range names {
		v, err := value(m.path)
		if err != nil {
			return err
		}
		columns := []string{v}
		if len(names) > 1 {
			columns = append(columns, m.path)
		}
		if err := st.print(columns...); err != nil {
			return err
		}
	}
	return nil
}
