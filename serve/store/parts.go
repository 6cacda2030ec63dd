package store

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
)

// Part tells what a broken upload has left.
func (d *Disk) Part(ctx context.Context, name, owner string) (int64, error) {
	size, err := d.part(ctx, name, owner)
	if err != nil {
		return 0, d.fail("part", name, err)
	}
	return size, nil
}

func (d *Disk) part(ctx context.Context, name, owner string) (int64, error) {
	rel, err := d.begin(ctx, name)
	if err != nil {
		return 0, err
	}
	rel, old, err := d.resolve(rel)
	if err != nil {
		return 0, err
	}
	if old != nil {
		return 0, fs.ErrNotExist // a file that is whole hides what broke
	}
	p, err := d.place(rel)
	if err != nil {
		return 0, err
	}
	defer p.close()
	_, info, err := d.newest(p, partKey(owner, p.base))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// newest finds the part that was written to last, passing over those that an
// upload of this process is using.
func (d *Disk) newest(p place, key string) (temp string, info fs.FileInfo, err error) {
	for slot := range partSlots {
		name := partName(key, slot)
		i, err := p.dir.Lstat(name)
		if err != nil || !i.Mode().IsRegular() {
			continue
		}
		// SECURITY: a part with a second name is a committed file, left by a
		// death between link and remove: writing to it would change that file.
		if shared(i) || d.expired(i.ModTime()) {
			d.drop(p, name)
			continue
		}
		if d.o.InUse.taken(d.tempKey(p, name)) {
			continue
		}
		if info == nil || i.ModTime().After(info.ModTime()) {
			temp, info = name, i
		}
	}
	if info == nil {
		return "", nil, fs.ErrNotExist
	}
	return temp, info, nil
}

func (d *Disk) tempKey(p place, temp string) fileID { return d.key(path.Join(p.path, temp)) }

// adopt opens a part and makes it the caller's alone. It is fs.ErrNotExist
// when it is gone, and ErrBusy when another upload has it.
func (d *Disk) adopt(p place, temp string) (f *os.File, err error) {
	id := d.tempKey(p, temp)
	if !d.o.InUse.claim(id, wholeFile()) {
		return nil, ErrBusy
	}
	defer func() {
		if err != nil {
			d.o.InUse.unclaim(id, wholeFile())
		}
	}()
	before, err := p.dir.Lstat(temp)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() || shared(before) {
		return nil, ErrNotRegular
	}
	if f, err = p.dir.OpenFile(temp, os.O_RDWR|openNonblock, 0); err != nil {
		return nil, err
	}
	if err = d.mine(p, temp, f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// mine locks the open temporary and makes sure that its name still leads to
// it: another process may have committed it a moment ago.
func (d *Disk) mine(p place, temp string, f *os.File) error {
	if !lock(f) {
		return ErrBusy
	}
	is, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := p.dir.Lstat(temp)
	if err != nil {
		return err
	}
	if !os.SameFile(is, named) {
		return fs.ErrNotExist
	}
	return nil
}

// drop removes a part unless an upload uses it, and tells whether it is gone.
func (d *Disk) drop(p place, temp string) bool {
	if _, err := p.dir.Lstat(temp); errors.Is(err, fs.ErrNotExist) {
		return true // mostly: most uploads have no older ones
	}
	f, err := d.adopt(p, temp)
	if errors.Is(err, ErrNotRegular) { // a link to a committed file: only the name goes
		return p.dir.Remove(temp) == nil
	}
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer d.o.InUse.unclaim(d.tempKey(p, temp), wholeFile())
	return discardTemp(p.dir, temp, f) == nil
}

// discardTemp removes a temporary that is the caller's, and closes it.
func discardTemp(dir *os.Root, temp string, f *os.File) error {
	if closeFirst {
		f.Close()
		return dir.Remove(temp)
	}
	defer f.Close()
	return dir.Remove(temp)
}

// fresh makes a new temporary, in the first slot that is free.
func (d *Disk) fresh(p place, key string, perm fs.FileMode) (f *os.File, temp string, err error) {
	for slot := range partSlots {
		temp = partName(key, slot)
		f, err = d.make(p, temp, perm)
		if !errors.Is(err, fs.ErrExist) && !errors.Is(err, ErrBusy) {
			return f, temp, err
		}
	}
	// All slots are taken. Such a temporary is not found again: it is swept.
	temp = key + rand.Text() + partSuffix
	f, err = d.make(p, temp, perm)
	return f, temp, err
}

// make creates a temporary exclusively: nothing that is there is followed.
func (d *Disk) make(p place, temp string, perm fs.FileMode) (f *os.File, err error) {
	id := d.tempKey(p, temp)
	if !d.o.InUse.claim(id, wholeFile()) {
		return nil, ErrBusy
	}
	// openNonblock means nothing to a file, but spares package os four system calls.
	f, err = p.dir.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL|openNonblock, perm)
	if err == nil && !lock(f) { // another process was quicker
		f.Close()
		err = ErrBusy
	}
	if err != nil {
		d.o.InUse.unclaim(id, wholeFile())
		return nil, err
	}
	return f, nil
}
