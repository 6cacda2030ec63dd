package bulk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
)

// maxDepth is how deep a tree may be. No real one comes near; a server that
// invents directories without end stops here.
const maxDepth = 100

// listing is what a remote directory holds, as far as it was understood.
type listing struct {
	entries []proto.Entry
	faults  []fault // what was not; nil: the listing is whole
}

// scanRemote fills in what is below a remote directory, a level of the tree at
// a time. like bounds it to the directories that it has; nil: everything.
func (e *Engine) scanRemote(ctx context.Context, root, like *node, f *sieve) error {
	type place struct {
		dir, like *node
		rel       string
	}
	level := []place{{root, like, ""}}
	crowd := &scouts{Engine: e}
	defer crowd.leave(ctx)
	for depth := 0; len(level) > 0; depth++ {
		dirs := make([]string, len(level))
		for i, p := range level {
			dirs[i] = p.dir.path
		}
		if depth > maxDepth {
			for _, p := range level {
				p.dir.faults = append(p.dir.faults, fault{err: fmt.Errorf("%s: more than %d directories deep", p.dir.path, maxDepth)})
			}
			return nil
		}
		listings, err := crowd.level(ctx, dirs)
		if err != nil {
			return err
		}
		var next []place
		for i, p := range level {
			if err := e.fill(ctx, p.dir, listings[i]); err != nil {
				return err
			}
			for _, n := range p.dir.children {
				rel, other := join(p.rel, n.name), p.like.child(n.name)
				if !n.dir() || n.link && e.opts.Links != FollowAll || f.skips(rel, n) != "" || p.like != nil && !other.dir() {
					continue
				}
				next = append(next, place{n, other, rel})
			}
		}
		level = next
	}
	return nil
}

// listLevel lists directories, each in its place, in as few round trips as the
// server stands. The error is one that ends the scan; what concerns one
// directory is among its faults.
func (e *Engine) listLevel(ctx context.Context, dirs []string) ([]listing, error) {
	listed, err := e.client.ListDirs(ctx, dirs)
	if err != nil {
		return nil, err
	}
	all := make([]listing, len(dirs))
	for i, dir := range dirs {
		all[i] = understood(dir, listed[i])
	}
	return all, nil
}

// understood is what a remote directory holds. A line that was not understood,
// a name that must not become a local one, the rest of a listing that was cut:
// each is a fault.
func understood(dir string, listed client.Listed) (l listing) {
	for _, line := range listed.Lines {
		switch {
		case line.Verdict == list.Unknown:
			l.faults = append(l.faults, fault{err: fmt.Errorf("%s: line of the listing not understood: %s", dir, list.Printable(line.Text))})
		case line.Verdict == list.Understood && !self(line.Entry):
			l.take(dir, line.Entry)
		}
	}
	if listed.Err != nil {
		l.faults = append(l.faults, fault{err: fmt.Errorf("%s: %w", dir, listed.Err)})
	}
	return l
}

// take adds an entry.
//
// SECURITY: a name from a server never leads out of the target directory.
func (l *listing) take(dir string, e proto.Entry) {
	if err := list.SafeName(e.Name); err != nil {
		l.faults = append(l.faults, fault{err: fmt.Errorf("%s: %w", dir, err)})
		return
	}
	l.entries = append(l.entries, e)
}

var errTwice = errors.New("the listing has the name twice")

func self(e proto.Entry) bool {
	return e.Kind == proto.CurrentDir || e.Kind == proto.ParentDir || e.Name == "." || e.Name == ".."
}

// fill makes a listing the children of a directory. Links, and what the
// listing leaves open, are looked at one by one.
func (e *Engine) fill(ctx context.Context, dir *node, l listing) error {
	dir.faults = append(dir.faults, l.faults...)
	known := make(map[string]bool, len(l.entries))
	for _, entry := range l.entries {
		if isTemp(entry.Name) {
			dir.temps = append(dir.temps, entryNode(path.Join(dir.path, entry.Name), entry))
			continue
		}
		if known[entry.Name] { // two workers must never write to one target
			dir.faults = append(dir.faults, fault{entry.Name, fmt.Errorf("%s: %w", dir.path, errTwice)})
			continue
		}
		known[entry.Name] = true
		n := entryNode(path.Join(dir.path, entry.Name), entry)
		if n.kind == proto.Symlink || n.kind == proto.UnknownKind {
			if err := e.followRemote(ctx, n); err != nil {
				if ctx.Err() != nil || e.client.Broken() {
					return err
				}
				dir.faults = append(dir.faults, fault{entry.Name, err})
				continue
			}
		}
		dir.children = append(dir.children, n)
	}
	dir.sort()
	dir.listed = len(dir.faults) == 0
	return nil
}

// followRemote finds out what a link leads to. One that leads nowhere stays a
// link.
func (e *Engine) followRemote(ctx context.Context, n *node) error {
	n.link = leads(n)
	if n.link && e.opts.Links == SkipLinks {
		return nil
	}
	look := e.client.Stat
	if n.link {
		look = e.client.Follow
	}
	entry, err := look(ctx, n.path)
	if n.link && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	name, link := n.name, n.link
	*n = *entryNode(n.path, entry)
	n.name, n.link = name, link
	return nil
}

// remoteNode is what stands at a remote name; nil for nothing. A server that
// can't tell has nothing there, as far as anybody knows.
func (e *Engine) remoteNode(ctx context.Context, name string) (*node, error) {
	entry, err := e.client.Stat(ctx, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	n := entryNode(name, entry)
	if leads(n) {
		err = e.followRemote(ctx, n)
	}
	return n, err
}

// leads reports a link, or what may be one: ProFTPD's MLST shows a link to a file
// as a file of the link's size, with the permissions that all links have.
func leads(n *node) bool {
	return n.kind == proto.Symlink || n.kind == proto.RegularFile && n.perm == fs.ModePerm && n.size <= longestLink
}
