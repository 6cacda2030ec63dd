package serve

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"sync/atomic"

	"ferry/proto"
	"ferry/serve/store"
)

// siteMkdir makes a directory and those above it. One that exists is no error.
func (s *session) siteMkdir(ctx context.Context, dir string) (proto.Reply, error) {
	for i := 1; i <= len(dir); i++ {
		if i < len(dir) && dir[i] != '/' {
			continue
		}
		if err := s.ensureDir(ctx, dir[:i]); err != nil {
			return proto.Reply{}, err
		}
	}
	return proto.Replyf(proto.OK, "%s is there.", proto.Quote(dir)), nil
}

func (s *session) ensureDir(ctx context.Context, dir string) error {
	err := s.mkdir(ctx, dir)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	e, err := s.store.Stat(ctx, dir)
	if err == nil && e.Kind != proto.Directory {
		err = store.ErrNotDir
	}
	return err
}

// siteRmdir removes a directory and all that is in it.
func (s *session) siteRmdir(ctx context.Context, dir string) (proto.Reply, error) {
	e, err := s.store.Lstat(ctx, dir)
	switch {
	case err != nil:
		return proto.Reply{}, err
	case e.Kind != proto.Directory:
		return proto.Reply{}, store.ErrNotDir
	case dir == "/":
		return proto.Reply{}, fs.ErrPermission
	}
	files := s.store
	s.toil(ctx, job{verb: "SITE RMDIR", path: dir, work: func(ctx context.Context, _ *atomic.Int64) (proto.Reply, error) {
		return proto.Replyf(proto.OK, "Directory removed."), removeTree(ctx, files, dir)
	}})
	return proto.Reply{}, nil
}

// removeTree removes bottom up. A symbolic link is removed, never followed.
func removeTree(ctx context.Context, files store.Store, dir string) error {
	var all []proto.Entry // changing a directory while it is read may lose names
	for e, err := range files.List(ctx, dir) {
		if err != nil {
			return err
		}
		if all = append(all, e); len(all) > maxWalk {
			return refuse(tooMuch, "Too many names in one directory.")
		}
	}
	for _, e := range all {
		name := path.Join(dir, e.Name)
		remove := files.Remove
		if e.Kind == proto.Directory {
			remove = func(ctx context.Context, name string) error { return removeTree(ctx, files, name) }
		}
		if err := remove(ctx, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return files.RemoveDir(ctx, dir)
}

// DSIZ: draft-peterson-streamlined-ftp-command-extensions: the bytes of all
// files in a directory and below. Links are not followed.
func (s *session) dsiz(ctx context.Context, dir string) (proto.Reply, error) {
	e, err := s.store.Stat(ctx, dir)
	switch {
	case err != nil:
		return proto.Reply{}, err
	case e.Kind != proto.Directory:
		return proto.Reply{}, store.ErrNotDir
	}
	t := treeSize{files: s.store, left: maxWalk}
	s.toil(ctx, job{verb: "DSIZ", path: dir, work: func(ctx context.Context, _ *atomic.Int64) (proto.Reply, error) {
		err := t.add(ctx, dir)
		return proto.Replyf(proto.FileStatus, "%d", t.bytes), err
	}})
	return proto.Reply{}, nil
}

// treeSize adds up a tree.
//
// SECURITY: it looks at maxWalk entries at most, like a listing.
type treeSize struct {
	files store.Store
	left  int
	bytes int64
}

func (t *treeSize) add(ctx context.Context, dir string) error {
	var below []string
	for e, err := range t.files.List(ctx, dir) {
		if err != nil {
			return err
		}
		if t.left--; t.left < 0 {
			return refuse(tooMuch, "Too many files to be counted.")
		}
		switch {
		case e.Kind == proto.Directory:
			below = append(below, e.Name)
		case e.Kind == proto.RegularFile && e.Size > 0:
			t.bytes += e.Size
		}
	}
	for _, name := range below {
		if err := t.add(ctx, path.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
