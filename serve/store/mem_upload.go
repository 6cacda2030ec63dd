package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"time"
)

// Part tells what a broken upload has left.
func (m *Mem) Part(ctx context.Context, name, owner string) (size int64, err error) {
	err = m.do(ctx, "part", name, func() error {
		part := m.part(partID{name, owner})
		if part == nil || m.nodes[name] != nil {
			return fs.ErrNotExist
		}
		size = int64(len(part.data))
		return nil
	})
	return size, err
}

// part finds a part and removes it when it is too old.
func (m *Mem) part(id partID) *node {
	part := m.parts[id]
	if part != nil && time.Since(part.modify) > partAge {
		m.dropPart(id)
		return nil
	}
	return part
}

func (m *Mem) dropPart(id partID) {
	if part := m.parts[id]; part != nil {
		m.used -= int64(len(part.data))
		delete(m.parts, id)
	}
}

// Create begins an upload.
func (m *Mem) Create(ctx context.Context, name string, o CreateOptions) (u Upload, err error) {
	err = m.do(ctx, "create", name, func() error {
		up, err := m.create(name, o)
		u = up
		return err
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

func (m *Mem) create(name string, o CreateOptions) (*memUpload, error) {
	old := m.nodes[name]
	switch {
	case o.Offset < 0 || o.Append && o.Offset != 0:
		return nil, ErrOffset
	case old != nil && o.Overwrite == Deny:
		return nil, fs.ErrExist
	case old != nil && old.dir:
		return nil, ErrIsDir
	case o.Size > m.limit-m.used:
		return nil, ErrNoSpace
	}
	if err := m.room(name); err != nil {
		return nil, err
	}
	u := &memUpload{m: m, id: partID{name, o.Owner}, deny: o.Overwrite == Deny, whole: o.Whole}
	if o.Append || o.Offset > 0 || o.InPlace && old != nil {
		if err := u.goOn(old, o); err != nil {
			return nil, err
		}
	}
	if u.n == nil {
		u.n = &node{mode: newMode(o.Perm), modify: time.Now()}
	}
	m.ups[name]++
	return u, nil
}

func newMode(perm fs.FileMode) fs.FileMode {
	if perm == 0 {
		return 0o644
	}
	return perm.Perm()
}

// memUpload is an upload beside its target, or in place.
type memUpload struct {
	m       *Mem
	id      partID
	n       *node // what is written; nobody else's unless inPlace
	at      int64
	inPlace bool
	claim   stretch // inPlace: what nobody else writes meanwhile
	deny    bool
	whole   bool
	done    bool
}

// goOn takes up what is there: the file itself, or the part.
func (u *memUpload) goOn(old *node, o CreateOptions) error {
	m, n := u.m, old
	if n == nil {
		n = m.part(u.id)
	}
	switch {
	case n == nil && o.Append:
		return nil
	case n == nil || o.Offset > int64(len(n.data)):
		return ErrOffset
	}
	u.at = o.Offset
	if o.Append {
		u.at = int64(len(n.data))
	}
	if old == nil {
		m.used -= int64(len(n.data)) - u.at
		n.data = n.data[:u.at:u.at]
		delete(m.parts, u.id)
		u.n = n
		return nil
	}
	claim := o.claims(int64(len(n.data)))
	if slices.ContainsFunc(m.patch[n], claim.meets) {
		return ErrBusy
	}
	m.patch[n] = append(m.patch[n], claim)
	m.uses[n]++
	u.n, u.inPlace, u.claim = n, true, claim
	return nil
}

func (m *Mem) unclaim(n *node, claim stretch) {
	i := slices.Index(m.patch[n], claim)
	if m.patch[n] = slices.Delete(m.patch[n], i, i+1); len(m.patch[n]) == 0 {
		delete(m.patch, n)
	}
}

func (u *memUpload) OSFile() *os.File { return nil }

func (u *memUpload) Write(p []byte) (int, error) {
	u.m.mu.Lock()
	defer u.m.mu.Unlock()
	end := u.at + int64(len(p))
	if more := end - int64(len(u.n.data)); more > 0 {
		if more > u.m.limit-u.m.used {
			return 0, pathError("write", u.id.name, ErrNoSpace)
		}
		u.m.used += more
		u.n.data = append(u.n.data, make([]byte, more)...)
	}
	copy(u.n.data[u.at:], p)
	u.at = end
	u.n.modify = time.Now()
	return len(p), nil
}

func (u *memUpload) Seek(offset int64, from int) (int64, error) {
	u.m.mu.Lock()
	defer u.m.mu.Unlock()
	return seek(&u.at, int64(len(u.n.data)), offset, from)
}

// Commit puts the file in its place.
func (u *memUpload) Commit(ctx context.Context) error {
	return u.end("commit", func() error {
		if ctx.Err() != nil {
			u.keep()
			return context.Cause(ctx)
		}
		return u.publish()
	})
}

func (u *memUpload) publish() error {
	m, name := u.m, u.id.name
	old := m.nodes[name]
	err := m.room(name)
	switch {
	case u.inPlace:
		return nil
	case old != nil && u.deny:
		m.used -= int64(len(u.n.data))
		return fs.ErrExist
	case old != nil && old.dir:
		err = ErrIsDir
	}
	if err != nil {
		u.keep()
		return err
	}
	if old != nil {
		m.used -= int64(len(old.data))
		u.n.mode = old.mode
	}
	m.nodes[name] = u.n
	m.dropPart(u.id)
	return nil
}

// keep makes what was written the part, unless it is nothing.
func (u *memUpload) keep() {
	if u.inPlace || len(u.n.data) == 0 {
		return
	}
	if u.whole {
		u.m.used -= int64(len(u.n.data))
		return
	}
	u.m.dropPart(u.id)
	if dir := u.m.nodes[path.Dir(u.id.name)]; dir == nil || !dir.dir {
		u.m.used -= int64(len(u.n.data))
		return
	}
	u.m.parts[u.id] = u.n
}

// Discard keeps what arrived as the part.
func (u *memUpload) Discard(context.Context) error {
	return u.end("discard", func() error {
		u.keep()
		return nil
	})
}

// end does the last thing of an upload, once.
func (u *memUpload) end(op string, last func() error) error {
	u.m.mu.Lock()
	defer u.m.mu.Unlock()
	if u.done {
		return nil
	}
	u.done = true
	if u.m.ups[u.id.name]--; u.m.ups[u.id.name] <= 0 {
		delete(u.m.ups, u.id.name)
	}
	if u.inPlace {
		u.m.unclaim(u.n, u.claim)
		u.m.unuse(u.n)
	}
	err := last()
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return pathError(op, u.id.name, err)
}
