package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// Mkdir makes one directory.
func (d *Disk) Mkdir(ctx context.Context, name string) error {
	rel, err := d.begin(ctx, name)
	if err == nil {
		err = d.root.Mkdir(rel, 0o777)
	}
	return d.fail("mkdir", name, err)
}

// Remove deletes a file or a link.
func (d *Disk) Remove(ctx context.Context, name string) error {
	rel, err := d.begin(ctx, name)
	if err == nil {
		err = d.remove(rel)
	}
	return d.fail("remove", name, err)
}

func (d *Disk) remove(rel string) error {
	info, err := d.root.Lstat(rel)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return ErrIsDir
	case d.o.InUse.busy(d.key(rel), identity(info, d.key(rel))):
		return ErrBusy
	}
	return d.root.Remove(rel)
}

// RemoveDir deletes a directory in which nothing is but parts.
func (d *Disk) RemoveDir(ctx context.Context, name string) error {
	rel, err := d.begin(ctx, name)
	if err == nil {
		err = d.removeDir(rel)
	}
	return d.fail("rmdir", name, err)
}

func (d *Disk) removeDir(rel string) error {
	info, err := d.root.Lstat(rel)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return ErrNotDir
	case rel == ".":
		return fs.ErrPermission
	}
	err = d.root.Remove(rel)
	if !errors.Is(Classify(err), ErrNotEmpty) {
		return err
	}
	if err := d.dropAll(rel); err != nil {
		return err
	}
	return d.root.Remove(rel)
}

// dropAll removes the parts in a directory that holds nothing else.
func (d *Disk) dropAll(rel string) error {
	p, err := d.place(path.Join(rel, "any"))
	if err != nil {
		return err
	}
	defer p.close()
	temps, err := onlyParts(p.dir)
	if err != nil {
		return err
	}
	for _, temp := range temps {
		if !d.drop(p, temp) {
			return ErrBusy
		}
	}
	return nil
}

// onlyParts are the names in a directory, if they are parts, else ErrNotEmpty.
func onlyParts(dir *os.Root) ([]string, error) {
	f, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var temps []string
	for {
		names, err := f.Readdirnames(firstChunk)
		for _, name := range names {
			if !reserved(name) {
				return nil, ErrNotEmpty
			}
		}
		temps = append(temps, names...)
		if errors.Is(err, io.EOF) {
			return temps, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// Rename moves within the store. A file that a transfer reads may be renamed:
// the transfer goes on.
func (d *Disk) Rename(ctx context.Context, from, to string, on Overwrite) error {
	old, err := d.begin(ctx, from)
	if err != nil {
		return d.fail("rename", from, err)
	}
	name, err := d.begin(ctx, to)
	if err == nil {
		err = d.rename(old, name, on)
	}
	return d.fail("rename", to, err)
}

func (d *Disk) rename(from, to string, on Overwrite) error {
	if from == "." || to == "." {
		return fs.ErrPermission
	}
	if on == Deny {
		return moveExclusive(d.root, from, to)
	}
	return d.root.Rename(from, to) // refuses a directory in the way by itself
}

// Symlink makes a link.
//
// SECURITY: what would lead out is refused here already. Ferry would not
// follow it, but other programs on the host would.
func (d *Disk) Symlink(ctx context.Context, target, name string) error {
	rel, err := d.begin(ctx, name)
	if err == nil {
		err = d.symlink(target, rel)
	}
	return d.fail("symlink", name, err)
}

func (d *Disk) symlink(target, rel string) error {
	parent, _ := split(rel)
	inside := path.Join(parent, target)
	switch {
	case path.IsAbs(target) || inside == ".." || strings.HasPrefix(inside, "../"):
		return ErrEscape
	case target == "" || unspeakable(target) || check(path.Join("/", inside)) != nil:
		return ErrName
	}
	if _, err := d.root.Stat(parent + "/" + target); errors.Is(err, d.escapes) {
		return ErrEscape
	}
	return d.root.Symlink(target, rel)
}

// SetModTime sets the time of last change, and of last access with it.
//
// SECURITY: os.Root's Chtimes and Chmod look and act in two steps: whoever
// exchanges a file for a link in between has the link's own time set, but
// nothing outside the root.
func (d *Disk) SetModTime(ctx context.Context, name string, t time.Time) error {
	rel, err := d.begin(ctx, name)
	if err == nil {
		err = d.root.Chtimes(rel, t, t)
	}
	return d.fail("set time", name, err)
}

// SetCreateTime sets the time of creation, where the system can.
func (d *Disk) SetCreateTime(ctx context.Context, name string, t time.Time) error {
	rel, err := d.begin(ctx, name)
	if err == nil {
		err = setCreateTime(d.root, rel, t)
	}
	return d.fail("set create time", name, err)
}

// SetMode sets permission bits.
func (d *Disk) SetMode(ctx context.Context, name string, mode fs.FileMode) error {
	rel, err := d.begin(ctx, name)
	if err == nil {
		err = d.root.Chmod(rel, mode.Perm())
	}
	return d.fail("chmod", name, err)
}
