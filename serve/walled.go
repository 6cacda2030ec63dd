package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"time"

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

// walled is a store that asks, for each name, what the user may do there. The
// gates of dispatch know what a command needs, but not every name that it
// touches: patterns, copies, trees, links.
//
// SECURITY: servers.md T13, CVE-2019-12815: whatever command comes to be added,
// a directory's permissions hold for it.
type walled struct {
	store.Store
	now func() users.Record
}

// perm is what the user may do with a name. Where links lead elsewhere, both
// places must allow it.
func (w *walled) perm(ctx context.Context, name string) users.Perm {
	r := w.now()
	if len(r.Dirs) == 0 {
		return users.All // the gates have asked
	}
	return r.PermAt(name) & r.PermAt(w.real(ctx, name))
}

// real is where a name leads, as far as it exists.
func (w *walled) real(ctx context.Context, name string) string {
	links := 0
	for end := 1; end <= len(name); end++ {
		if end < len(name) && name[end] != '/' {
			continue
		}
		e, err := w.Store.Lstat(ctx, name[:end])
		if err != nil {
			return name
		}
		if e.Kind != proto.Symlink || e.Target == "" || e.Target[0] == '/' {
			continue
		}
		if links++; links > maxWallLinks {
			return "/" // the store follows fewer
		}
		name = path.Join(path.Dir(name[:end]), e.Target, name[end:])
		end = 0
	}
	return name
}

// errWall is what the wall says. Unlike a refusal of the system it is meant:
// a recursive listing passes over it.
var errWall = fmt.Errorf("not allowed in this directory: %w", fs.ErrPermission)

func (w *walled) need(ctx context.Context, op, name string, p users.Perm) error {
	if w.perm(ctx, name).Has(p) {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: errWall}
}

func (w *walled) Stat(ctx context.Context, name string) (proto.Entry, error) {
	if err := w.need(ctx, "stat", name, users.List); err != nil {
		return proto.Entry{}, err
	}
	return w.Store.Stat(ctx, name)
}

// Lstat is asked for names that are about to be changed, too: any permission
// will do.
func (w *walled) Lstat(ctx context.Context, name string) (proto.Entry, error) {
	if w.perm(ctx, name) == 0 {
		return proto.Entry{}, &fs.PathError{Op: "lstat", Path: name, Err: errWall}
	}
	return w.Store.Lstat(ctx, name)
}

// List hides what the user may do nothing with.
func (w *walled) List(ctx context.Context, dir string) iter.Seq2[proto.Entry, error] {
	return func(yield func(proto.Entry, error) bool) {
		if err := w.need(ctx, "list", dir, users.List); err != nil {
			yield(proto.Entry{}, err)
			return
		}
		r := w.now()
		for e, err := range w.Store.List(ctx, dir) {
			if err == nil && len(r.Dirs) > 0 && r.PermAt(path.Join(dir, e.Name)) == 0 {
				continue
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func (w *walled) Open(ctx context.Context, name string) (store.File, error) {
	if err := w.need(ctx, "open", name, users.Read); err != nil {
		return nil, err
	}
	return w.Store.Open(ctx, name)
}

// Create: what is there decides which permission is wanted. Who has all of them
// needs no look.
func (w *walled) Create(ctx context.Context, name string, o store.CreateOptions) (store.Upload, error) {
	if w.perm(ctx, name).Has(users.Write | users.Overwrite | users.Append) {
		return w.Store.Create(ctx, name, o)
	}
	p := users.Write
	if _, err := w.Store.Stat(ctx, name); err == nil && o.Overwrite != store.Deny {
		p = users.Overwrite
		if o.Append || o.Offset > 0 || o.InPlace {
			p = users.Append
		}
	}
	if err := w.need(ctx, "create", name, p); err != nil {
		return nil, err
	}
	return w.Store.Create(ctx, name, o)
}

func (w *walled) Part(ctx context.Context, name, owner string) (int64, error) {
	if w.perm(ctx, name)&(users.Write|users.Append) == 0 {
		return 0, &fs.PathError{Op: "part", Path: name, Err: fs.ErrNotExist}
	}
	return w.Store.Part(ctx, name, owner)
}

func (w *walled) Mkdir(ctx context.Context, name string) error {
	if err := w.need(ctx, "mkdir", name, users.Mkdir); err != nil {
		return err
	}
	return w.Store.Mkdir(ctx, name)
}

func (w *walled) Remove(ctx context.Context, name string) error {
	if err := w.needHere(ctx, "remove", name, users.Delete); err != nil {
		return err
	}
	return w.Store.Remove(ctx, name)
}

func (w *walled) RemoveDir(ctx context.Context, name string) error {
	if err := w.needHere(ctx, "rmdir", name, users.Delete); err != nil {
		return err
	}
	return w.Store.RemoveDir(ctx, name)
}

// needHere is need for what is done to a name itself, and not to what a link
// of that name leads to.
func (w *walled) needHere(ctx context.Context, op, name string, p users.Perm) error {
	r := w.now()
	dir := w.real(ctx, path.Dir(name))
	if len(r.Dirs) == 0 || r.PermAt(name).Has(p) && r.PermAt(path.Join(dir, path.Base(name))).Has(p) {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: errWall}
}

// Rename: a directory above one that has permissions of its own stays where it
// is, since they go by its name.
func (w *walled) Rename(ctx context.Context, from, to string, on store.Overwrite) error {
	r := w.now()
	if len(r.Dirs) == 0 {
		return w.Store.Rename(ctx, from, to, on)
	}
	err := errors.Join(w.needHere(ctx, "rename", from, users.Rename), w.needHere(ctx, "rename", to, users.Rename))
	if _, lerr := w.Store.Lstat(ctx, to); lerr == nil && on != store.Deny && err == nil {
		err = w.needHere(ctx, "rename", to, users.Overwrite)
	}
	if err != nil {
		return err
	}
	for _, name := range []string{from, to, w.real(ctx, from)} {
		if r.Ruled(name) {
			return &fs.PathError{Op: "rename", Path: name, Err: errWall}
		}
	}
	return w.Store.Rename(ctx, from, to, on)
}

func (w *walled) Symlink(ctx context.Context, target, name string) error {
	if err := w.need(ctx, "symlink", name, users.Write); err != nil {
		return err
	}
	return w.Store.Symlink(ctx, target, name)
}

func (w *walled) SetModTime(ctx context.Context, name string, t time.Time) error {
	if err := w.need(ctx, "set time", name, users.Chmod); err != nil {
		return err
	}
	return w.Store.SetModTime(ctx, name, t)
}

func (w *walled) SetCreateTime(ctx context.Context, name string, t time.Time) error {
	if err := w.need(ctx, "set create time", name, users.Chmod); err != nil {
		return err
	}
	return w.Store.SetCreateTime(ctx, name, t)
}

func (w *walled) SetMode(ctx context.Context, name string, mode fs.FileMode) error {
	if err := w.need(ctx, "chmod", name, users.Chmod); err != nil {
		return err
	}
	return w.Store.SetMode(ctx, name, mode)
}
