package script

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"ferry/script/bulk"
)

// watchFlags are those of treeFlags that have a meaning there.
func watchFlags() []Flag {
	flags := []Flag{{Name: "--delay", Long: "--delay", Arg: "TIME", Kind: Duration, Brief: "how long files must have rested before they go (1s)"}}
	for _, f := range treeFlags() {
		if f.Long != "--dry-run" && f.Long != "--json" {
			flags = append(flags, f)
		}
	}
	return flags
}

// watchTree keeps a remote tree like a local one until it is interrupted.
func watchTree(ctx context.Context, st *State, a Args) error {
	o, err := st.treeOptions(a)
	if err != nil {
		return err
	}
	o.OnError = bulk.Continue // a file that fails must not keep the others
	delay := watchDelay
	if a.Flag("--delay") {
		if delay, err = parseDuration(a.Value("--delay")); err != nil || delay <= 0 {
			return &CallError{Verb: a.Verb, What: "--delay is a time such as 2s"}
		}
	}
	root := bulk.Item{Local: st.Local(a.Text(0)), Remote: a.Text(1)}
	if root.Remote == "" {
		root.Remote = remoteName(a.Text(0), root.Local)
	}
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer n.Close()
	w := &guard{st: st, notes: n, root: root, options: o, delay: delay, dirty: map[string]bool{}}
	if err := w.add(root.Local); err != nil {
		return err
	}
	w.dirty["."] = true // what changed before we looked
	return w.run(ctx)
}

// guard watches one tree.
type guard struct {
	st      *State
	notes   *fsnotify.Watcher
	root    bulk.Item
	options bulk.Options
	delay   time.Duration
	dirty   map[string]bool // directories with changes, below the root
	failed  int             // rounds in a row
}

// add watches a directory and those below it. What is gone again meanwhile is
// no failure.
func (w *guard) add(dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name != w.root.Local:
			return nil
		case err != nil:
			return err
		case d.IsDir():
			return w.notes.Add(name)
		}
		return nil
	})
}

// run waits for changes, and for an end of them, and uploads. A round that
// fails is tried again later: the server may be gone for a while.
func (w *guard) run(ctx context.Context) error {
	rest := time.NewTimer(0)
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case e, open := <-w.notes.Events:
			if !open {
				return errors.New("the system tells of no more changes")
			}
			w.note(e)
			rest.Reset(w.delay)
		case err := <-w.notes.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return err
			}
			w.dirty["."] = true // more happened than was told
			rest.Reset(w.delay)
		case <-rest.C:
			if again := w.round(ctx); again > 0 {
				rest.Reset(again)
			}
		}
	}
}

// note takes a change down: the directory that it happened in.
func (w *guard) note(e fsnotify.Event) {
	if e.Op == fsnotify.Chmod && !e.Has(fsnotify.Write) {
		return
	}
	if e.Has(fsnotify.Create) && isDir(e.Name) {
		if err := w.add(e.Name); err != nil {
			w.st.warn("%s is not watched: %v", w.st.short(e.Name), err)
		}
	}
	rel, err := filepath.Rel(w.root.Local, filepath.Dir(e.Name))
	if err != nil || strings.HasPrefix(rel, "..") {
		rel = "."
	}
	w.dirty[rel] = true
}

// round uploads what has changed, and returns when to try again what failed.
func (w *guard) round(ctx context.Context) (again time.Duration) {
	if len(w.dirty) == 0 {
		return 0
	}
	var items []bulk.Item
	for _, rel := range tops(w.dirty) {
		if isDir(filepath.Join(w.root.Local, rel)) { // else its parent has changed, too
			items = append(items, bulk.Item{Local: filepath.Join(w.root.Local, rel), Remote: path.Join(w.root.Remote, filepath.ToSlash(rel))})
		}
	}
	err := w.st.move(ctx, bulk.Up, items, w.options)
	if err == nil {
		clear(w.dirty)
		w.failed = 0
		return 0
	}
	if ctx.Err() != nil {
		return 0
	}
	w.failed++
	again = min(w.delay<<min(w.failed, 10), watchPause)
	w.st.warn("%v; once more in %v", err, again)
	return again
}

// tops are the directories that are below no other of them.
func tops(dirs map[string]bool) []string {
	if dirs["."] {
		return []string{"."}
	}
	var tops []string
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		if !slices.ContainsFunc(tops, func(top string) bool { return strings.HasPrefix(dir, top+string(filepath.Separator)) }) {
			tops = append(tops, dir)
		}
	}
	return tops
}
