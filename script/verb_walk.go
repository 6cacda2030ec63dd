package script

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"ferry/proto"
	"ferry/proto/list"
)

// find prints the names of all that is below a directory, directories with a
// slash behind.
func find(ctx context.Context, st *State, a Args) error {
	depth := int64(MaxDepth + 1) // then it fails
	if a.Flag("-d") {
		var err error
		if depth, err = parseNumber(a.Value("-d"), MaxDepth); err != nil {
			return err
		}
	}
	pattern := ""
	if a.Len() > 1 {
		if pattern = a.Words[1].pattern(); !doublestar.ValidatePattern(pattern) {
			return &CallError{Verb: a.Verb, Col: a.Words[1].Col, What: "that is no pattern"}
		}
	}
	kind := a.Value("-t")
	if kind != "" && kind != "f" && kind != "d" {
		return &CallError{Verb: a.Verb, What: "-t takes f for files or d for directories, not " + kind}
	}
	w := walk{st: st, most: int(depth), visit: func(name string, e proto.Entry) error {
		if kind != "" && (kind == "d") != (e.Kind == proto.Directory) {
			return nil
		}
		if ok, _ := doublestar.Match(pattern, path.Base(name)); pattern != "" && !ok {
			return nil
		}
		if e.Kind == proto.Directory {
			name += "/"
		}
		if a.Flag("-l") && st.cfg.Show != nil {
			return st.print(fmt.Sprintf("%-4s  %7s  %-20s  %s", kindName(e.Kind), sizeText(e, true), timeText(e.Modify), name))
		}
		if a.Flag("-l") {
			return st.print(kindName(e.Kind), sizeText(e, a.Flag("-h")), timeText(e.Modify), name)
		}
		return st.print(name)
	}}
	_, err := w.dir(ctx, a.Text(0), 1)
	return err
}

// du prints how many bytes the files in a directory and below it have.
func du(ctx context.Context, st *State, a Args) error {
	dir := a.Text(0)
	show := func(n int64, name string) error {
		switch {
		case st.cfg.Show != nil: // a person, who reads columns
			return st.print(fmt.Sprintf("%7s  ", list.HumanSize(n)) + orDot(name))
		case a.Flag("-h"):
			return st.print(list.HumanSize(n), orDot(name))
		}
		return st.print(strconv.FormatInt(n, 10), orDot(name))
	}
	if a.Flag("-s") {
		n, ok, err := st.dirSize(ctx, dir)
		switch {
		case err != nil:
			return err
		case ok:
			return show(n, dir)
		}
	}
	w := walk{st: st, most: MaxDepth + 1}
	if !a.Flag("-s") {
		w.total = show
	}
	n, err := w.dir(ctx, dir, 1)
	if err == nil && a.Flag("-s") {
		err = show(n, dir)
	}
	return err
}

// dirSize asks the server for the sum, where it has DSIZ.
func (st *State) dirSize(ctx context.Context, dir string) (n int64, ok bool, err error) {
	if !st.client.Features().Has("DSIZ") {
		return 0, false, nil
	}
	r, err := st.client.Do(ctx, proto.Cmd("DSIZ", orDot(dir)))
	var refused *proto.ReplyError
	if errors.As(err, &refused) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	n, perr := strconv.ParseInt(strings.TrimSpace(r.Text()), 10, 64)
	return n, perr == nil && n >= 0, nil
}

// walk goes through a remote tree, links not followed. Each directory is
// listed completely or the walk fails: half a sum, or half a tree, is worse
// than none.
type walk struct {
	st    *State
	most  int                                    // how deep
	visit func(name string, e proto.Entry) error // nil: nobody asks
	total func(n int64, dir string) error        // hears of each directory's sum; nil: nobody asks
}

// dir walks through one directory and returns the bytes of its files and of
// those below.
func (w *walk) dir(ctx context.Context, dir string, depth int) (sum int64, err error) {
	if depth > MaxDepth {
		return 0, fmt.Errorf("%s: deeper than %d directories", dir, MaxDepth)
	}
	lines, err := w.st.lines(ctx, dir)
	if err != nil {
		return 0, listError(dir, err)
	}
	for _, l := range lines {
		if l.Verdict == list.Unknown {
			return 0, fmt.Errorf("%s: a line of the listing is not understood: %s", orDot(dir), list.Printable(l.Text))
		}
	}
	for _, l := range lines {
		e, name := l.Entry, join(dir, path.Base(l.Entry.Name))
		if w.visit != nil {
			if err := w.visit(name, e); err != nil {
				return sum, err
			}
		}
		switch {
		case e.Kind == proto.RegularFile:
			sum += max(e.Size, 0)
		case e.Kind == proto.Directory && depth < w.most:
			n, err := w.dir(ctx, name, depth+1)
			if err != nil {
				return sum, err
			}
			sum += n
		}
	}
	if w.total != nil {
		return sum, w.total(sum, dir)
	}
	return sum, nil
}
