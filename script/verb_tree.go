package script

import (
	"context"
	"fmt"
	"path"

	"ferry/proto"
	"ferry/proto/list"
)

// tree draws a directory and all that is below it.
func tree(ctx context.Context, st *State, a Args) error {
	depth := int64(MaxDepth)
	if a.Flag("-d") {
		var err error
		if depth, err = parseNumber(a.Value("-d"), MaxDepth); err != nil {
			return err
		}
	}
	d := drawing{st: st, args: a, most: int(depth)}
	if err := st.print(orDot(a.Text(0))); err != nil {
		return err
	}
	if err := d.dir(ctx, a.Text(0), "", 1); err != nil {
		return err
	}
	st.say("%s, %s", counted(d.dirs, "directory", "directories"), counted(d.files, "file", "files"))
	return nil
}

// drawing is a tree that is being drawn.
type drawing struct {
	st          *State
	args        Args
	most        int // how deep
	dirs, files int
}

// dir draws what is in a directory, behind the lines of those above it.
func (d *drawing) dir(ctx context.Context, dir, lines string, depth int) error {
	all, err := d.st.lines(ctx, dir)
	if err != nil {
		return listError(dir, err)
	}
	shown := all[:0]
	for _, l := range all {
		if l.Verdict == list.Unknown || !d.st.hides(l.Entry.Name, d.args) {
			shown = append(shown, l)
		}
	}
	for i, l := range shown {
		branch, below := "├── ", "│   "
		if i == len(shown)-1 {
			branch, below = "└── ", "    "
		}
		if err := d.entry(ctx, dir, lines+branch, lines+below, l, depth); err != nil {
			return err
		}
	}
	return nil
}

func (d *drawing) entry(ctx context.Context, dir, branch, below string, l list.Line, depth int) error {
	if l.Verdict == list.Unknown {
		return d.line(branch + list.Printable(l.Text))
	}
	e, text := l.Entry, list.Printable(path.Base(l.Entry.Name))
	if e.Kind != proto.Directory {
		d.files++
		if d.args.Flag("-h") {
			text = fmt.Sprintf("%s (%s)", text, sizeText(e, true))
		}
		if e.Target != "" {
			text += " -> " + list.Printable(e.Target)
		}
		return d.line(branch + text)
	}
	d.dirs++
	if err := d.line(branch + d.st.ink(Dir, text+"/")); err != nil || depth >= d.most {
		return err
	}
	return d.dir(ctx, join(dir, path.Base(e.Name)), below, depth+1)
}

func (d *drawing) line(text string) error {
	_, err := fmt.Fprintln(d.st.Out, text)
	return err
}
