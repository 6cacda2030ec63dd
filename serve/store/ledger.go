package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"
	"time"

	"ferry/proto"
)

// Usage is what a tree takes: bytes of its files, uploads under way and parts
// of broken ones included, and how many files, links and directories there are.
type Usage struct{ Bytes, Files int64 }

// Allowance is what a user may have below the root. Zero is no bound.
type Allowance struct {
	Usage
	Largest int64 // bytes of one file
}

// ErrTooLarge is what a file gets that outgrows Allowance.Largest.
var ErrTooLarge = fmt.Errorf("file larger than allowed: %w", ErrQuota)

// Ledger is the usage of one tree, kept by all who change it through Metered.
// It counts the tree when it is first needed, and again before it refuses
// something, unless it has done so a moment before: what others have removed
// meanwhile is found then.
type Ledger struct {
	order sync.Mutex   // changes of names: one after the other
	gate  sync.RWMutex // shared by changes, held alone by the count

	mu      sync.Mutex
	used    Usage
	counted time.Time // zero: never
	took    time.Duration
}

// Used is what the ledger knows.
func (l *Ledger) Used() Usage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.used
}

// take notes what is about to be used, if that is allowed.
func (l *Ledger) take(want Usage, most Allowance) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if want.Bytes > 0 && most.Bytes > 0 && want.Bytes > most.Bytes-l.used.Bytes ||
		want.Files > 0 && most.Files > 0 && want.Files > most.Files-l.used.Files {
		return false
	}
	l.used.Bytes += want.Bytes
	l.used.Files += want.Files
	return true
}

func (l *Ledger) give(back Usage) {
	l.take(Usage{-back.Bytes, -back.Files}, Allowance{})
}

// count walks the tree, unless somebody has just done so.
func (l *Ledger) count(ctx context.Context, s Store) error {
	l.gate.Lock()
	defer l.gate.Unlock()
	if l.fresh() {
		return nil
	}
	began := time.Now()
	u, err := s.Usage(ctx)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used, l.counted, l.took = u, time.Now(), time.Since(began)
	return nil
}

func (l *Ledger) known() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.counted.IsZero()
}

// fresh reports whether a count would be too soon: it takes a tenth of the
// time at most, however often something is refused.
func (l *Ledger) fresh() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.counted.IsZero() && time.Since(l.counted) < max(recount, 10*l.took)
}

// Metered is a store whose changes a ledger counts, and that refuses with
// ErrQuota what is more than most allows, which is asked each time.
//
// SECURITY: bytes are noted before they are written, in one step with the
// question whether they may be, so that no number of uploads at once gets past
// the bound. For that they pass through here: the kernel can't move them.
func Metered(s Store, l *Ledger, most func() Allowance) Store {
	return &metered{Store: s, ledger: l, most: most}
}

type metered struct {
	Store
	ledger *Ledger
	most   func() Allowance
}

// enter notes what a change will use, and lets it begin; leave ends it.
func (m *metered) enter(ctx context.Context, want Usage) error {
	l := m.ledger
	if !l.known() {
		if err := l.count(ctx, m.Store); err != nil {
			return err
		}
	}
	for again := true; ; again = false {
		l.gate.RLock()
		if l.take(want, m.most()) {
			return nil
		}
		l.gate.RUnlock()
		if !again || l.fresh() {
			return ErrQuota
		}
		if err := l.count(ctx, m.Store); err != nil {
			return err
		}
	}
}

func (m *metered) leave() { m.ledger.gate.RUnlock() }

// change runs what uses want if it succeeds, and then gives back what is free.
func (m *metered) change(ctx context.Context, want Usage, do func() (free Usage, err error)) error {
	m.ledger.order.Lock()
	defer m.ledger.order.Unlock()
	if err := m.enter(ctx, want); err != nil {
		return err
	}
	defer m.leave()
	free, err := do()
	if err != nil {
		free = want
	}
	m.ledger.give(free)
	return err
}

// takes is what one name uses now.
func (m *metered) takes(ctx context.Context, name string) Usage {
	e, err := m.Store.Lstat(ctx, name)
	switch {
	case err != nil:
		return Usage{}
	case e.Kind == proto.RegularFile:
		return Usage{e.Size, 1}
	}
	return Usage{0, 1}
}

func (m *metered) Mkdir(ctx context.Context, name string) error {
	err := m.change(ctx, Usage{Files: 1}, func() (Usage, error) { return Usage{}, m.Store.Mkdir(ctx, name) })
	return asPathError("mkdir", name, err)
}

func (m *metered) Symlink(ctx context.Context, target, name string) error {
	err := m.change(ctx, Usage{Files: 1}, func() (Usage, error) { return Usage{}, m.Store.Symlink(ctx, target, name) })
	return asPathError("symlink", name, err)
}

func (m *metered) Remove(ctx context.Context, name string) error {
	return m.change(ctx, Usage{}, func() (Usage, error) {
		free := m.takes(ctx, name)
		return free, m.Store.Remove(ctx, name)
	})
}

// RemoveDir takes parts with it, which the next count finds.
func (m *metered) RemoveDir(ctx context.Context, name string) error {
	return m.change(ctx, Usage{}, func() (Usage, error) { return Usage{Files: 1}, m.Store.RemoveDir(ctx, name) })
}

func (m *metered) Rename(ctx context.Context, from, to string, on Overwrite) error {
	return m.change(ctx, Usage{}, func() (Usage, error) {
		var free Usage
		if from != to {
			free = m.takes(ctx, to)
		}
		return free, m.Store.Rename(ctx, from, to, on)
	})
}

// Free is what the quota leaves, or the disk if that is less.
func (m *metered) Free(ctx context.Context) (int64, error) {
	free, err := m.Store.Free(ctx)
	most := m.most().Bytes
	if most == 0 {
		return free, err
	}
	if !m.ledger.known() {
		if err := m.ledger.count(ctx, m.Store); err != nil {
			return 0, err
		}
	}
	left := max(most-m.ledger.Used().Bytes, 0)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return left, nil
	case err != nil:
		return 0, err
	}
	return min(free, left), nil
}

func asPathError(op, name string, err error) error {
	if errors.Is(err, ErrQuota) {
		return pathError(op, name, err)
	}
	return err
}

// Usage of a disk: sizes as files tell them, holes included.
func (d *Disk) Usage(ctx context.Context) (Usage, error) {
	var u Usage
	err := fs.WalkDir(d.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			return nil // gone meanwhile, or not ours to see
		case err != nil || path.Clean(name) == ".":
			return err
		}
		u.Files++
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			u.Bytes += info.Size()
		}
		return nil
	})
	return u, d.fail("count", "/", err)
}

// Usage of memory.
func (m *Mem) Usage(ctx context.Context) (u Usage, err error) {
	err = m.do(ctx, "count", "/", func() error {
		u.Bytes, u.Files = m.used, int64(len(m.nodes)-1+len(m.parts))
		for name, n := range m.ups {
			if m.nodes[name] == nil {
				u.Files += int64(n)
			}
		}
		return nil
	})
	return u, err
}
