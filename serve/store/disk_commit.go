package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// upload is an upload into a temporary beside its target.
type upload struct {
	disk  *Disk
	name  string // the client's, for errors
	at    place
	key   string   // of the parts of this target and owner
	temp  string   // name of the temporary, in the target's directory
	f     *os.File // nil after the end
	deny  bool
	whole bool // nothing is kept for a resume
	later func(func())
	using []fileID
}

func (u *upload) OSFile() *os.File { return u.f }

func (u *upload) Write(b []byte) (int, error) {
	n, err := u.f.Write(b)
	return n, u.disk.fail("write", u.name, err)
}

func (u *upload) Seek(offset int64, from int) (int64, error) { return u.f.Seek(offset, from) }

// StagedPath is the temporary's.
func (u *upload) StagedPath() string {
	return filepath.Join(u.disk.base, filepath.FromSlash(u.at.path), u.temp)
}

func (u *upload) Spoil() { u.whole = true }

// Commit puts the temporary in the target's place. When that fails the
// temporary stays as the part, but for a name that was denied: then a whole
// file has it, and nothing can be resumed.
func (u *upload) Commit(ctx context.Context) error {
	if u.f == nil {
		return nil
	}
	err := ctx.Err()
	if err == nil {
		err = u.commit()
	}
	if err == nil {
		u.leave()
		return nil
	}
	defer u.end()
	if errors.Is(err, fs.ErrExist) && u.deny || u.whole {
		u.remove()
	}
	return u.disk.fail("commit", u.name, err)
}

// leave ends an upload whose file has its name. What nobody sees any more may be
// done later.
func (u *upload) leave() {
	f, at := u.f, u.at
	tidy := func() {
		u.dropOlder()
		f.Close() // closed already on some systems; what counts was told before
		at.close()
	}
	if u.later == nil {
		tidy()
		u.release()
		return
	}
	u.release()
	u.later(tidy)
}

func (u *upload) commit() error {
	var err error
	if !u.deny {
		err = u.succeed()
	}
	if err == nil && u.disk.o.Sync == SyncDisk {
		err = u.f.Sync()
	}
	if err == nil {
		err = settle(u.f)
	}
	if err == nil && closeFirst {
		err = u.f.Close()
	}
	if err != nil {
		return err
	}
	return u.publish()
}

// succeed takes over what stays of the file that is replaced, if there is one.
func (u *upload) succeed() error {
	old, err := u.at.dir.Lstat(u.at.base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case old.IsDir():
		return ErrIsDir
	case old.Mode().IsRegular():
		return inherit(u.f, old)
	}
	return nil
}

// publish gives the temporary its name.
func (u *upload) publish() error {
	var err error
	if u.deny {
		err = moveExclusive(u.at.dir, u.temp, u.at.base)
	} else {
		err = u.at.dir.Rename(u.temp, u.at.base)
	}
	if err != nil {
		return err
	}
	if u.disk.o.Sync == SyncDisk {
		// The file is there: that its name may not survive a power cut is
		// no reason to say that it isn't. Some systems can't sync directories.
		_ = syncDir(u.at.dir)
	}
	return nil
}

// Discard keeps what arrived, if anything did, as the part.
func (u *upload) Discard(context.Context) error {
	if u.f == nil {
		return nil
	}
	defer u.end()
	info, err := u.f.Stat()
	if u.whole || err == nil && info.Size() == 0 {
		return u.disk.fail("discard", u.name, u.remove())
	}
	u.dropOlder() // this part is the newest: it is the one that is resumed
	return u.disk.fail("discard", u.name, err)
}

func (u *upload) remove() error { return discardTemp(u.at.dir, u.temp, u.f) }

// dropOlder removes the other parts of the target and owner: this upload is
// what came last.
func (u *upload) dropOlder() {
	for slot := range partSlots {
		if temp := partName(u.key, slot); temp != u.temp {
			u.disk.drop(u.at, temp)
		}
	}
}

func (u *upload) end() {
	u.f.Close() // closed already in some paths; what counts was told before
	u.release()
	u.at.close()
}

// release lets others have the files.
func (u *upload) release() {
	u.f = nil
	u.disk.o.InUse.unclaim(u.disk.tempKey(u.at, u.temp), wholeFile())
	for _, id := range u.using {
		u.disk.o.InUse.release(id)
	}
}

func syncDir(dir *os.Root) error {
	f, err := dir.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
