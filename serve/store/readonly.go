package store

import (
	"context"
	"io/fs"
	"time"
)

// ReadOnly is a store that refuses all that writes with fs.ErrPermission.
func ReadOnly(s Store) Store {
	if d, ok := s.(*Disk); ok {
		quiet := *d
		quiet.readonly = true
		s = &quiet
	}
	return readOnly{s}
}

type readOnly struct{ Store }

func refuse(op, name string) error { return pathError(op, name, fs.ErrPermission) }

func (readOnly) Create(_ context.Context, name string, _ CreateOptions) (Upload, error) {
	return nil, refuse("create", name)
}

// Part finds none: there is nothing that could be resumed.
func (readOnly) Part(_ context.Context, name, _ string) (int64, error) {
	return 0, pathError("part", name, fs.ErrNotExist)
}

func (readOnly) Mkdir(_ context.Context, name string) error { return refuse("mkdir", name) }

func (readOnly) Remove(_ context.Context, name string) error { return refuse("remove", name) }

func (readOnly) RemoveDir(_ context.Context, name string) error { return refuse("rmdir", name) }

func (readOnly) Rename(_ context.Context, from, _ string, _ Overwrite) error {
	return refuse("rename", from)
}

func (readOnly) Symlink(_ context.Context, _, name string) error { return refuse("symlink", name) }

func (readOnly) SetModTime(_ context.Context, name string, _ time.Time) error {
	return refuse("set time", name)
}

func (readOnly) SetCreateTime(_ context.Context, name string, _ time.Time) error {
	return refuse("set create time", name)
}

func (readOnly) SetMode(_ context.Context, name string, _ fs.FileMode) error {
	return refuse("chmod", name)
}

// Can: what a store may be able to do is all writing.
func (readOnly) Can(Ability) bool { return false }

// Free: there is no space for new files.
func (readOnly) Free(context.Context) (int64, error) { return 0, nil }
