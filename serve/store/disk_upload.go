package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
)

// Create begins an upload: beside the target, or in place.
func (d *Disk) Create(ctx context.Context, name string, o CreateOptions) (Upload, error) {
	u, err := d.create(ctx, name, o)
	if err != nil {
		return nil, d.fail("create", name, err)
	}
	return u, nil
}

func (d *Disk) create(ctx context.Context, name string, o CreateOptions) (Upload, error) {
	rel, err := d.begin(ctx, name)
	if err != nil {
		return nil, err
	}
	if o.Offset < 0 || o.Append && o.Offset != 0 {
		return nil, ErrOffset
	}
	p, old, err := d.site(rel, o.Overwrite)
	if err != nil {
		return nil, err
	}
	if err := d.fits(old, o.Size); err != nil {
		p.close()
		return nil, err
	}
	if old != nil && (o.Append || o.Offset > 0 || o.InPlace) {
		p.close()
		return d.inPlace(name, p.path+"/"+p.base, o)
	}
	return d.beside(name, p, old, o)
}

// fits refuses what can't be written over, and more bytes than there is room for.
func (d *Disk) fits(old fs.FileInfo, size int64) error {
	switch {
	case old == nil:
	case old.IsDir():
		return ErrIsDir
	case !old.Mode().IsRegular():
		return ErrNotRegular
	}
	return d.room(size)
}

// room refuses an upload that can't fit. Where the system doesn't tell, the
// write will.
func (d *Disk) room(size int64) error {
	if size <= 0 {
		return nil
	}
	if free, err := d.free(); err == nil && size > free {
		return ErrNoSpace
	}
	return nil
}

// beside begins an upload into a temporary: a new one, or the part that a
// broken upload has left.
func (d *Disk) beside(name string, p place, old fs.FileInfo, o CreateOptions) (_ Upload, err error) {
	u := &upload{disk: d, name: name, at: p, key: partKey(o.Owner, p.base), deny: o.Overwrite == Deny, whole: o.Whole, later: o.Later}
	if o.Append || o.Offset > 0 {
		err = u.resume(o)
	}
	if u.f == nil && err == nil {
		u.f, u.temp, err = d.fresh(p, u.key, tempPerm(old, o.Perm))
	}
	if err != nil {
		p.close()
		return nil, err
	}
	u.using = append(u.using, d.key(path.Join(p.path, p.base)))
	if old != nil {
		u.using = append(u.using, identity(old, u.using[0]))
	}
	for _, id := range u.using {
		d.o.InUse.hold(id)
	}
	return u, nil
}

// tempPerm are the permission bits of a temporary, before the umask.
//
// SECURITY: what replaces a private file is private from its first byte. The
// bits for the server itself are there, so that it can resume.
func tempPerm(old fs.FileInfo, perm fs.FileMode) fs.FileMode {
	switch {
	case old != nil:
		return old.Mode().Perm() | 0o600
	case perm != 0:
		return perm.Perm() | 0o600
	}
	return 0o666
}

// resume adopts the newest part, cut at the offset. Without one, APPE begins
// anew (u.f stays nil), and an offset is too far.
func (u *upload) resume(o CreateOptions) error {
	temp, info, err := u.disk.newest(u.at, u.key)
	var f *os.File
	if err == nil && o.Offset > info.Size() {
		return ErrOffset
	}
	if err == nil {
		f, err = u.disk.adopt(u.at, temp)
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrBusy) {
		if o.Append {
			return nil
		}
		return ErrOffset
	}
	if err != nil {
		return err
	}
	if !o.Append {
		err = f.Truncate(o.Offset)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekEnd)
	}
	if err != nil {
		f.Close()
		u.disk.o.InUse.unclaim(u.disk.tempKey(u.at, temp), wholeFile())
		return err
	}
	u.f, u.temp = f, temp
	return nil
}

// inPlace begins an upload into a file that is there already. RFC 959 §4.1.3
// APPE, RFC 3659 §5.3 REST and STOR: the bytes are part of the file at once.
func (d *Disk) inPlace(name, rel string, o CreateOptions) (Upload, error) {
	f, err := d.root.OpenFile(rel, os.O_RDWR|openNonblock, 0)
	if err != nil {
		return nil, err
	}
	id, at, err := d.seekIn(f, rel, o)
	if err != nil {
		f.Close()
		return nil, err
	}
	d.o.InUse.hold(id)
	return &patch{disk: d, name: name, f: f, id: id, claim: at}, nil
}

// seekIn positions a file that is written in place, and claims what will be
// written of it.
func (d *Disk) seekIn(f *os.File, rel string, o CreateOptions) (id fileID, claim stretch, err error) {
	info, err := regular(f)
	if err != nil {
		return id, claim, err
	}
	at := o.Offset
	if o.Append {
		at = info.Size()
	}
	if at > info.Size() {
		return id, claim, ErrOffset
	}
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return id, claim, err
	}
	id, claim = identity(info, d.key(rel)), o.claims(info.Size())
	if !d.o.InUse.claim(id, claim) {
		return id, claim, ErrBusy
	}
	return id, claim, nil
}

// claims is what an upload in place keeps to itself of a file of that size.
// Without an end that is all of it, whatever comes before its first byte: two
// of those may be the same upload, twice.
func (o CreateOptions) claims(size int64) stretch {
	if o.Append || o.Until <= o.Offset || o.Until > size {
		return wholeFile()
	}
	return stretch{o.Offset, o.Until, o.Owner}
}

// patch is an upload in place.
type patch struct {
	disk *Disk
	name string
	f    *os.File // nil after the end
	id   fileID

	claim stretch
}

func (p *patch) OSFile() *os.File { return p.f }

func (p *patch) Write(b []byte) (int, error) {
	n, err := p.f.Write(b)
	return n, p.disk.fail("write", p.name, err)
}

func (p *patch) Seek(offset int64, from int) (int64, error) { return p.f.Seek(offset, from) }

// Commit makes sure that what was written is kept.
func (p *patch) Commit(ctx context.Context) error {
	if p.f == nil {
		return nil
	}
	var err error
	if p.disk.o.Sync == SyncDisk {
		err = p.f.Sync()
	}
	return p.disk.fail("commit", p.name, errors.Join(err, p.end()))
}

// Discard leaves in the file what arrived.
func (p *patch) Discard(context.Context) error {
	if p.f == nil {
		return nil
	}
	return p.disk.fail("discard", p.name, p.end())
}

func (p *patch) end() error {
	err := p.f.Close()
	p.f = nil
	p.disk.o.InUse.unclaim(p.id, p.claim)
	p.disk.o.InUse.release(p.id)
	return err
}
