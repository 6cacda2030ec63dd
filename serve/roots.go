package serve

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"ferry/serve/store"
	"ferry/serve/users"
)

// Roots is the Opener of a server whose users' files are directories of this
// machine: the record's root, relative to dir, or dir itself.
func Roots(dir string) Opener { return newRoots(dir, store.DiskOptions{}).Open }

// roots keeps one store for all sessions that have the same root.
type roots struct {
	dir     string
	options store.DiskOptions

	mu   sync.Mutex
	open map[string]*sharedRoot
}

// sharedRoot is a store that is open while somebody uses it.
type sharedRoot struct {
	store.Store
	dir  fs.FileInfo // as it was when opened: a directory may be replaced
	uses int
}

func newRoots(dir string, o store.DiskOptions) *roots {
	if o.InUse == nil {
		o.InUse = new(store.InUse) // roots may overlap
	}
	return &roots{dir: dir, options: o, open: map[string]*sharedRoot{}}
}

// Open is an Opener.
func (r *roots) Open(_ context.Context, who users.Record) (store.Store, error) {
	dir, err := r.locate(who.Root)
	if err != nil {
		return nil, err
	}
	info, err := statDir(dir)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	shared := r.open[dir]
	if shared == nil || !os.SameFile(shared.dir, info) {
		st, err := store.OpenDisk(dir, r.options)
		if err != nil {
			return nil, err
		}
		shared = &sharedRoot{Store: st, dir: info}
		r.open[dir] = shared
	}
	shared.uses++
	return &lease{sharedRoot: shared, of: r, at: dir}, nil
}

// locate is the directory that a record's root names.
//
// SECURITY: a relative root stays below the server's directory. An absolute
// one is the administrator's word and is taken as it is.
func (r *roots) locate(root string) (string, error) {
	switch {
	case root == "":
		return r.dir, nil
	case filepath.IsAbs(root):
		return filepath.Clean(root), nil
	case !filepath.IsLocal(root):
		return "", fmt.Errorf("root %q leads out of %s; write an absolute path if that is meant", root, r.dir)
	}
	return filepath.Join(r.dir, root), nil
}

func (r *roots) release(dir string, shared *sharedRoot) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if shared.uses--; shared.uses > 0 {
		return nil
	}
	if r.open[dir] == shared {
		delete(r.open, dir)
	}
	return shared.Store.Close()
}

// lease is one session's use of a shared store.
type lease struct {
	*sharedRoot
	of   *roots
	at   string
	once sync.Once
}

// Close ends this use; the last one closes the store.
func (l *lease) Close() (err error) {
	l.once.Do(func() { err = l.of.release(l.at, l.sharedRoot) })
	return err
}

func statDir(dir string) (fs.FileInfo, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "serve", Path: dir, Err: store.ErrNotDir}
	}
	return info, nil
}
