package bulk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ferry/proto"
)

// scanLocal fills in what is below a local directory. like bounds it to the
// directories that it has; nil: everything.
func (e *Engine) scanLocal(root *node, like *node, f *sieve) {
	e.scanLocalDir(root, like, f, "", 0)
}

func (e *Engine) scanLocalDir(dir *node, like *node, f *sieve, rel string, depth int) {
	if depth > maxDepth {
		dir.faults = append(dir.faults, fault{err: fmt.Errorf("%s: more than %d directories deep", dir.path, maxDepth)})
		return
	}
	names, err := os.ReadDir(dir.path)
	if err != nil {
		dir.faults = append(dir.faults, fault{err: err})
		return
	}
	for _, d := range names {
		if isPart(d.Name()) {
			continue // half a download of ours
		}
		n, err := e.localChild(dir, d)
		if err != nil {
			dir.faults = append(dir.faults, fault{d.Name(), err})
			continue
		}
		dir.children = append(dir.children, n)
	}
	dir.sort()
	dir.listed = len(dir.faults) == 0
	for _, n := range dir.children {
		rel := join(rel, n.name)
		if !n.dir() || n.link && e.opts.Links != FollowAll || f.skips(rel, n) != "" {
			continue
		}
		if like == nil {
			e.scanLocalDir(n, nil, f, rel, depth+1)
		} else if other := like.child(n.name); other.dir() {
			e.scanLocalDir(n, other, f, rel, depth+1)
		}
	}
}

// localChild is one entry of a local directory: links to files are followed,
// since what they lead to is meant.
func (e *Engine) localChild(dir *node, d fs.DirEntry) (*node, error) {
	name := filepath.Join(dir.path, d.Name())
	info, err := d.Info()
	if err != nil {
		return nil, err
	}
	link := info.Mode()&fs.ModeSymlink != 0
	if link && e.opts.Links != SkipLinks {
		followed, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			n := infoNode(name, info)
			n.link, n.kind = true, proto.Symlink
			return n, nil
		case err != nil:
			return nil, err
		}
		info = followed
	}
	n := infoNode(name, info)
	n.name, n.link = d.Name(), link
	return n, nil
}

// join is the path of a name below rel, as filters see it.
func join(rel, name string) string {
	if rel == "" {
		return name
	}
	return rel + "/" + name
}
