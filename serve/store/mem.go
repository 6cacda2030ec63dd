package store

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"maps"
	"math"
	"path"
	"slices"
	"sync"
	"time"

	"ferry/proto"
)

// Mem is a store in memory, for tests and small sandboxes. It has no links.
// Directories are listed in the order of their names.
type Mem struct {
	limit int64

	mu    sync.Mutex
	nodes map[string]*node    // by rooted, clean name; "/" is always there
	parts map[partID]*node    // what broken uploads have left
	uses  map[*node]int       // transfers that use a file
	ups   map[string]int      // uploads under way, by name
	used  int64               // bytes in files, parts and running uploads
	patch map[*node][]stretch // files being written in place
}

type partID struct{ name, owner string }

// node is a file or a directory. Its fields are guarded by Mem.mu.
type node struct {
	dir    bool
	data   []byte
	mode   fs.FileMode
	modify time.Time
	create time.Time // zero until it is set
}

// NewMem is an empty store without a bound but the machine's memory.
func NewMem() Store { return NewMemSized(math.MaxInt64) }

// NewMemSized is an empty store that holds that many bytes at most, parts
// included; a write beyond is ErrNoSpace.
func NewMemSized(limit int64) Store {
	return &Mem{
		limit: limit,
		nodes: map[string]*node{"/": {dir: true, mode: 0o755, modify: time.Now()}},
		parts: make(map[partID]*node),
		uses:  make(map[*node]int),
		ups:   make(map[string]int),
		patch: make(map[*node][]stretch),
	}
}

// do runs f under the lock, after what every method checks first.
func (m *Mem) do(ctx context.Context, op, name string, f func() error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err := check(name)
	if err == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		err = f()
	}
	if err != nil {
		return pathError(op, name, err)
	}
	return nil
}

// get finds a node. A file where a directory should be is ErrNotDir.
func (m *Mem) get(name string) (*node, error) {
	if n := m.nodes[name]; n != nil {
		return n, nil
	}
	for up := path.Dir(name); up != "/"; up = path.Dir(up) {
		if n := m.nodes[up]; n != nil && !n.dir {
			return nil, ErrNotDir
		}
	}
	return nil, fs.ErrNotExist
}

// room refuses a new name whose directory is missing.
func (m *Mem) room(name string) error {
	n, err := m.get(path.Dir(name))
	if err == nil && !n.dir {
		err = ErrNotDir
	}
	return err
}

func (n *node) entry(name string) proto.Entry {
	e := proto.Entry{
		Name:      path.Base(name),
		Kind:      proto.RegularFile,
		Size:      int64(len(n.data)),
		Modify:    n.modify,
		Precision: time.Nanosecond,
		Create:    n.create,
		Mode:      n.mode,
		HasMode:   true,
	}
	if n.dir {
		e.Kind = proto.Directory
	}
	return e
}

// Stat and Lstat are the same here.
func (m *Mem) Stat(ctx context.Context, name string) (e proto.Entry, err error) {
	err = m.do(ctx, "stat", name, func() error {
		n, err := m.get(name)
		if err == nil {
			e = n.entry(name)
		}
		return err
	})
	return e, err
}

// Lstat is Stat.
func (m *Mem) Lstat(ctx context.Context, name string) (proto.Entry, error) {
	return m.Stat(ctx, name)
}

// List takes the names at its beginning and looks at each when its turn comes.
func (m *Mem) List(ctx context.Context, name string) iter.Seq2[proto.Entry, error] {
	return func(yield func(proto.Entry, error) bool) {
		var names []string
		err := m.do(ctx, "list", name, func() error {
			n, err := m.get(name)
			if err == nil && !n.dir {
				err = ErrNotDir
			}
			names = m.children(name)
			return err
		})
		if err != nil {
			yield(proto.Entry{}, err)
			return
		}
		for _, child := range names {
			e, err := m.Stat(ctx, child)
			if errors.Is(err, fs.ErrNotExist) || unspeakable(e.Name) {
				continue
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// children are the full names in a directory, sorted.
func (m *Mem) children(name string) []string {
	return slices.Sorted(func(yield func(string) bool) {
		for child := range maps.Keys(m.nodes) {
			if child != "/" && path.Dir(child) == name && !yield(child) {
				return
			}
		}
	})
}

// Can is true for all but links.
func (m *Mem) Can(a Ability) bool { return a != Links }

// Free is what the limit leaves.
func (m *Mem) Free(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.limit - m.used, nil
}

// Close has nothing to close.
func (m *Mem) Close() error { return nil }
