package script

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
)

// match is one name that a word stands for.
type match struct {
	path string
	dir  bool
}

// lister lists the names of a directory; "" is the current one.
type lister func(ctx context.Context, dir string) ([]match, error)

// NoMatchError is a pattern that matched nothing.
type NoMatchError struct{ Pattern string }

func (e *NoMatchError) Error() string { return "no name matches " + e.Pattern }

// globber expands patterns, the same way at both ends: component by component,
// a name that exists literally wins, and names with a dot in front are matched
// by a dot.
type globber struct {
	list   lister
	volume string // Windows: "C:"
	hidden bool
	found  []match
}

// names are what a word stands for: itself when it is no pattern, else what it
// matches, sorted.
func (g *globber) names(ctx context.Context, w Word) ([]match, error) {
	if !w.Pattern() {
		return []match{{path: w.Text}}, nil
	}
	below := w.cut(len(g.volume), len(w.Text))
	parts, root := components(below), g.volume
	if strings.HasPrefix(below.Text, "/") {
		root += "/"
	}
	if err := g.walk(ctx, root, parts, 0); err != nil {
		return nil, err
	}
	if len(g.found) == 0 {
		return nil, &NoMatchError{Pattern: w.Text}
	}
	slices.SortFunc(g.found, func(a, b match) int { return strings.Compare(a.path, b.path) })
	return slices.Compact(g.found), nil
}

// components cuts a word at its slashes.
func components(w Word) []Word {
	var parts []Word
	from := 0
	for i := 0; i <= len(w.Text); i++ {
		if i == len(w.Text) || w.Text[i] == '/' {
			if i > from {
				parts = append(parts, w.cut(from, i))
			}
			from = i + 1
		}
	}
	return parts
}

func (g *globber) walk(ctx context.Context, dir string, parts []Word, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("%s: deeper than %d directories", dir, MaxDepth)
	}
	first, rest := parts[0], parts[1:]
	if !first.Pattern() && len(rest) > 0 {
		return g.walk(ctx, join(dir, first.Text), rest, depth+1)
	}
	names, err := g.list(ctx, dir)
	if err != nil {
		return err
	}
	if first.Text == "**" {
		return g.deep(ctx, dir, names, rest, depth)
	}
	for _, m := range pick(names, first, g.hidden) {
		m.path = join(dir, m.path)
		if err := g.take(ctx, m, rest, depth); err != nil {
			return err
		}
	}
	return nil
}

// deep is "**": this directory and all below it.
func (g *globber) deep(ctx context.Context, dir string, names []match, rest []Word, depth int) error {
	if len(rest) > 0 {
		if err := g.walk(ctx, dir, rest, depth+1); err != nil {
			return err
		}
	}
	for _, m := range names {
		if strings.HasPrefix(m.path, ".") && !g.hidden {
			continue
		}
		m.path = join(dir, m.path)
		if !m.dir {
			if len(rest) == 0 {
				g.found = append(g.found, m)
			}
			continue
		}
		if err := g.walk(ctx, m.path, append([]Word{Bare("**")}, rest...), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (g *globber) take(ctx context.Context, m match, rest []Word, depth int) error {
	if len(rest) > 0 {
		if !m.dir {
			return nil
		}
		return g.walk(ctx, m.path, rest, depth+1)
	}
	if len(g.found) == MaxMatches {
		return fmt.Errorf("more than %d names match", MaxMatches)
	}
	g.found = append(g.found, m)
	return nil
}

// pick are the names that a component stands for.
func pick(names []match, w Word, hidden bool) []match {
	for _, m := range names {
		if m.path == w.Text {
			return []match{m}
		}
	}
	if !w.Pattern() {
		return nil
	}
	var found []match
	pattern := w.pattern()
	for _, m := range names {
		if strings.HasPrefix(m.path, ".") && !hidden && !strings.HasPrefix(w.Text, ".") {
			continue
		}
		if ok, err := doublestar.Match(pattern, m.path); ok && err == nil {
			found = append(found, m)
		}
	}
	return found
}

func join(dir, name string) string {
	switch {
	case dir == "":
		return name
	case strings.HasSuffix(dir, "/"):
		return dir + name
	}
	return dir + "/" + name
}

// remoteNames expands a word at the server.
func (st *State) remoteNames(ctx context.Context, w Word) ([]match, error) {
	if !st.Settings.Glob {
		return []match{{path: w.Text}}, nil
	}
	g := globber{hidden: st.Settings.Hidden, list: listerAt(st.client)}
	return g.names(ctx, w)
}

// listerAt lists at a server.
func listerAt(c *client.Client) lister {
	return func(ctx context.Context, dir string) ([]match, error) {
		entries, err := entriesAt(ctx, c, dir)
		names := make([]match, 0, len(entries))
		for _, e := range entries {
			names = append(names, match{path: e.Name, dir: e.Kind == proto.Directory})
		}
		return names, err
	}
}

// entriesAt lists a directory completely, or not at all: a pattern that rests
// on half a listing would move, or delete, the wrong files.
//
// SECURITY: a name has no directories in it, whatever the server says.
func entriesAt(ctx context.Context, c *client.Client, dir string) ([]proto.Entry, error) {
	var entries []proto.Entry
	for l, err := range c.List(ctx, dir) {
		if err != nil {
			return nil, listError(dir, err)
		}
		e := l.Entry
		e.Name = path.Base(e.Name)
		switch {
		case l.Verdict == list.Unknown:
			return nil, fmt.Errorf("%s: a line of the listing is not understood: %s", orDot(dir), list.Printable(l.Text))
		case l.Verdict == list.Ignored || isDots(e):
			continue
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// listError: an empty directory is no failure (ProFTPD: 450 No files found).
func listError(dir string, err error) error {
	if errors.Is(err, client.ErrIncomplete) {
		return fmt.Errorf("%s: %w", orDot(dir), err)
	}
	return err
}

func isDots(e proto.Entry) bool {
	return e.Kind == proto.CurrentDir || e.Kind == proto.ParentDir || e.Name == "." || e.Name == ".."
}

func orDot(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}

// localNames expands a word on this side.
func (st *State) localNames(ctx context.Context, w Word) ([]match, error) {
	if !st.Settings.Glob || !w.Pattern() {
		return []match{{path: w.Text}}, nil
	}
	if runtime.GOOS == "windows" {
		w.Text = filepath.ToSlash(w.Text) // one byte for one byte: the marks still fit
	}
	g := globber{hidden: st.Settings.Hidden, list: st.localList, volume: filepath.VolumeName(w.Text)}
	return g.names(ctx, w)
}

func (st *State) localList(_ context.Context, dir string) ([]match, error) {
	entries, err := os.ReadDir(st.Local(dir))
	if err != nil {
		return nil, err
	}
	names := make([]match, 0, len(entries))
	for _, e := range entries {
		names = append(names, match{path: e.Name(), dir: isLocalDir(st.Local(join(dir, e.Name())), e)})
	}
	return names, nil
}

func isLocalDir(path string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
