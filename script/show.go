package script

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/list"
)

// Shower shows what has a better form at a terminal than in a script.
type Shower interface {
	// List shows entries of one directory.
	List(w io.Writer, l Listing) error
	// Page shows text that may be longer than the screen.
	Page(ctx context.Context, text io.Reader) error
	// Clear empties the screen.
	Clear() error
}

// Listing is what a Shower shows: lines of one directory, in order.
type Listing struct {
	Title string // its path, "" when only one directory is shown
	Lines []list.Line
	Long  bool
	Human bool // sizes for people
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
		return list.HumanSize(e.Size)
	}
	return fmt.Sprint(e.Size)
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}
