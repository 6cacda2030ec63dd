package bulk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"ferry/proto"
	"ferry/proto/list"
)

// maxDepth is how deep a tree may be. No real one comes near; a server that
// invents directories without end stops here.
const maxDepth = 100

// PlanDownload looks at both sides and decides what to do about every item.
func (e *Engine) PlanDownload(ctx context.Context, items []Item) (Plan, error) {
	p := Plan{Direction: Down}
	for _, it := range items {
		entry, err := e.client.Stat(ctx, it.Remote)
		if err == nil {
			err = e.planDown(ctx, &p, it, entry, 0)
		}
		if err = e.fault(ctx, &p, it, err); err != nil {
			return p, err
		}
	}
	return p, e.checkSpace(p)
}

// fault makes an error of one entry a step of the plan, so that the others
// still have theirs. What ends the planning is returned.
func (e *Engine) fault(ctx context.Context, p *Plan, it Item, err error) error {
	if err == nil || ctx.Err() != nil || e.client.Broken() {
		return err
	}
	p.reject(it, err)
	if e.opts.OnError == Stop {
		return err
	}
	return nil
}

// planDown plans one remote entry and what is below it.
func (e *Engine) planDown(ctx context.Context, p *Plan, it Item, entry proto.Entry, depth int) error {
	if entry.Kind == proto.Symlink || entry.Kind == proto.UnknownKind {
		followed, err := e.client.Stat(ctx, it.Remote)
		if err != nil {
			return err
		}
		if followed.Kind == proto.Directory && depth > 0 {
			p.add(Step{Item: it, Size: proto.NoSize}.leave("a link to a directory"))
			return nil
		}
		entry = followed
	}
	switch entry.Kind {
	case proto.Directory, proto.CurrentDir, proto.ParentDir:
		return e.planDownTree(ctx, p, it, depth)
	case proto.Special:
		p.add(Step{Item: it, Size: proto.NoSize}.leave("not a regular file"))
		return nil
	}
	t, err := localTarget(it.Local)
	if err != nil {
		return err
	}
	s, err := e.decide(ctx, Down, Step{Item: it, Action: Send, Size: entry.Size, Time: entry.Modify}, t)
	if err == nil {
		p.add(s)
	}
	return err
}

func (e *Engine) planDownTree(ctx context.Context, p *Plan, it Item, depth int) error {
	if e.opts.Recursive == FilesOnly {
		return fmt.Errorf("%s: %w", it.Remote, ErrIsDir)
	}
	if depth > maxDepth {
		return fmt.Errorf("%s: more than %d directories deep", it.Remote, maxDepth)
	}
	p.add(Step{Item: it, Action: MakeDir, Size: proto.NoSize})
	entries, err := e.listDir(ctx, p, it)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		child := Item{Local: filepath.Join(it.Local, entry.Name), Remote: path.Join(it.Remote, entry.Name)}
		if err := e.fault(ctx, p, child, e.planDown(ctx, p, child, entry, depth+1)); err != nil {
			return err
		}
	}
	return nil
}

// listDir lists a remote directory. What can't be taken is rejected in the
// plan: a line that was not understood, a name that must not become a local
// one, the rest of a listing that was cut.
func (e *Engine) listDir(ctx context.Context, p *Plan, it Item) ([]proto.Entry, error) {
	var entries []proto.Entry
	for line, err := range e.client.List(ctx, it.Remote) {
		if err == nil && line.Verdict == list.Unknown {
			err = fmt.Errorf("line of the listing not understood: %s", list.Printable(line.Text))
		}
		if err != nil {
			if err := e.fault(ctx, p, it, fmt.Errorf("%s: %w", it.Remote, err)); err != nil {
				return nil, err
			}
			continue
		}
		if line.Verdict != list.Understood || self(line.Entry) {
			continue
		}
		// SECURITY: a name from a server never leads out of the target directory.
		if err := list.SafeName(line.Entry.Name); err != nil {
			if err := e.fault(ctx, p, it, fmt.Errorf("%s: %w", it.Remote, err)); err != nil {
				return nil, err
			}
			continue
		}
		entries = append(entries, line.Entry)
	}
	slices.SortFunc(entries, func(a, b proto.Entry) int { return strings.Compare(a.Name, b.Name) })
	return entries, nil
}

func self(e proto.Entry) bool {
	return e.Kind == proto.CurrentDir || e.Kind == proto.ParentDir || e.Name == "." || e.Name == ".."
}

func localTarget(name string) (target, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return target{}, nil
	}
	if err != nil {
		return target{}, err
	}
	return target{exists: true, dir: info.IsDir(), size: info.Size(), time: info.ModTime()}, nil
}

// PlanUpload looks at both sides and decides what to do about every item.
func (e *Engine) PlanUpload(ctx context.Context, items []Item) (Plan, error) {
	p := Plan{Direction: Up}
	for _, it := range items {
		if err := e.fault(ctx, &p, it, e.planUp(ctx, &p, it)); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (e *Engine) planUp(ctx context.Context, p *Plan, it Item) error {
	info, err := os.Stat(it.Local)
	if err != nil {
		return err
	}
	if info.IsDir() {
		if e.opts.Recursive == FilesOnly {
			return fmt.Errorf("%s: %w", it.Local, ErrIsDir)
		}
		entry, err := e.client.Stat(ctx, it.Remote)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil && entry.Kind == proto.RegularFile {
			return fmt.Errorf("%s: the target is a file", it.Remote)
		}
		there := missing
		if err == nil {
			there = present
		}
		return e.planUpTree(ctx, p, it, there, 0)
	}
	t, err := e.remoteTarget(ctx, it.Remote)
	if err != nil {
		return err
	}
	return e.planUpFile(ctx, p, it, info, t)
}

func (e *Engine) planUpFile(ctx context.Context, p *Plan, it Item, info fs.FileInfo, t target) error {
	if !info.Mode().IsRegular() {
		p.add(Step{Item: it, Size: proto.NoSize}.leave("not a regular file"))
		return nil
	}
	s := Step{Item: it, Action: Send, Size: info.Size(), Time: info.ModTime(), Mode: info.Mode()}
	s, err := e.decide(ctx, Up, s, t)
	if err == nil {
		p.add(s)
	}
	return err
}

// remoteTarget looks at what stands at a remote name. A server that can't
// tell has nothing there, as far as anybody knows.
func (e *Engine) remoteTarget(ctx context.Context, name string) (target, error) {
	entry, err := e.client.Stat(ctx, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return target{}, nil
	case err != nil:
		return target{}, err
	}
	return entryTarget(entry), nil
}

func entryTarget(e proto.Entry) target {
	return target{
		exists: true, dir: e.Kind == proto.Directory || e.Kind == proto.CurrentDir,
		size: e.Size, time: e.Modify, precision: e.Precision,
	}
}

// errDangling is a local link to nothing: the name is there, so "no such file"
// would send its reader looking for the wrong thing.
var errDangling = errors.New("the link leads nowhere")

// presence says whether a remote directory is there.
type presence bool

const (
	missing presence = false
	present presence = true
)

// planUpTree plans a local directory. A remote one that is missing needs no
// listing: nothing in it can be in the way.
func (e *Engine) planUpTree(ctx context.Context, p *Plan, it Item, there presence, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: more than %d directories deep", it.Local, maxDepth)
	}
	have := map[string]proto.Entry{}
	if there {
		entries, err := e.listDir(ctx, p, it)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			have[entry.Name] = entry
		}
	} else {
		p.add(Step{Item: it, Action: MakeDir, Size: proto.NoSize})
	}
	names, err := os.ReadDir(it.Local)
	if err != nil {
		return err
	}
	for _, d := range names {
		child := Item{Local: filepath.Join(it.Local, d.Name()), Remote: path.Join(it.Remote, d.Name())}
		entry, ok := have[d.Name()]
		if err := e.fault(ctx, p, child, e.planUpChild(ctx, p, child, d, entry, presence(ok), depth)); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) planUpChild(ctx context.Context, p *Plan, it Item, d fs.DirEntry, entry proto.Entry, there presence, depth int) error {
	if isPart(d.Name()) {
		return nil // half a download of ours
	}
	info, err := os.Stat(it.Local) // follows links: what they lead to is meant
	if d.Type()&fs.ModeSymlink != 0 && errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "stat", Path: it.Local, Err: errDangling}
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		t := target{}
		if there {
			t = entryTarget(entry)
		}
		return e.planUpFile(ctx, p, it, info, t)
	}
	if d.Type()&fs.ModeSymlink != 0 {
		p.add(Step{Item: it, Size: proto.NoSize}.leave("a link to a directory"))
		return nil
	}
	if there && entry.Kind == proto.RegularFile {
		return fmt.Errorf("%s: the target is a file", it.Remote)
	}
	return e.planUpTree(ctx, p, it, there, depth+1)
}

// makeDir makes a directory at the target's end. One that is there is fine.
func (w *worker) makeDir(ctx context.Context, t *task) error {
	if t.Direction == Down {
		return os.MkdirAll(t.Item.Local, 0o777)
	}
	_, err := w.client.MakeDir(ctx, t.Item.Remote)
	if err == nil {
		return nil
	}
	entry, serr := w.client.Stat(ctx, t.Item.Remote)
	if serr == nil && entry.Kind == proto.Directory {
		return nil
	}
	return err
}
