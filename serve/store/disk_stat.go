package store

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"time"

	"ferry/proto"
)

// Stat follows links, as far as they stay inside.
func (d *Disk) Stat(ctx context.Context, name string) (proto.Entry, error) {
	rel, err := d.begin(ctx, name)
	if err != nil {
		return proto.Entry{}, d.fail("stat", name, err)
	}
	info, err := d.root.Stat(rel)
	if err != nil {
		return proto.Entry{}, d.fail("stat", name, err)
	}
	return entry(path.Base(name), info), nil
}

// Lstat tells of a link itself.
func (d *Disk) Lstat(ctx context.Context, name string) (proto.Entry, error) {
	rel, err := d.begin(ctx, name)
	if err != nil {
		return proto.Entry{}, d.fail("stat", name, err)
	}
	info, err := d.root.Lstat(rel)
	if err != nil {
		return proto.Entry{}, d.fail("stat", name, err)
	}
	e := entry(path.Base(name), info)
	d.followed(&e, rel)
	return e, nil
}

// followed fills in where a symbolic link leads.
//
// SECURITY: a link that leads out is shown as a link, but neither its target's
// kind nor its text: they would tell about the host.
func (d *Disk) followed(e *proto.Entry, rel string) {
	if e.Kind != proto.Symlink {
		return
	}
	info, err := d.root.Stat(rel)
	if errors.Is(err, d.escapes) {
		return
	}
	if err == nil {
		e.LinkKind = kindOf(info.Mode())
	}
	if target, err := d.root.Readlink(rel); err == nil && !unspeakable(target) {
		e.Target = target
	}
}

func entry(name string, info fs.FileInfo) proto.Entry {
	e := proto.Entry{
		Name:      name,
		Kind:      kindOf(info.Mode()),
		Size:      info.Size(),
		Modify:    info.ModTime(),
		Precision: time.Nanosecond,
		Mode:      info.Mode().Perm(),
		HasMode:   true,
	}
	systemFacts(&e, info)
	return e
}

func kindOf(m fs.FileMode) proto.Kind {
	switch m.Type() {
	case 0:
		return proto.RegularFile
	case fs.ModeDir:
		return proto.Directory
	case fs.ModeSymlink:
		return proto.Symlink
	}
	return proto.Special
}
