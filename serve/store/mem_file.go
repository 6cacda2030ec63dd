package store

import (
	"context"
	"io"
	"io/fs"
	"os"

	"ferry/proto"
)

// Open opens a file. Bytes written to it in place meanwhile are seen.
func (m *Mem) Open(ctx context.Context, name string) (f File, err error) {
	err = m.do(ctx, "open", name, func() error {
		n, err := m.get(name)
		switch {
		case err != nil:
			return err
		case n.dir:
			return ErrIsDir
		}
		m.uses[n]++
		f = &memFile{m: m, n: n, name: name}
		return nil
	})
	return f, err
}

type memFile struct {
	m      *Mem
	n      *node
	name   string
	at     int64
	closed bool
}

func (f *memFile) OSFile() *os.File { return nil }

func (f *memFile) Read(p []byte) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if f.at >= int64(len(f.n.data)) {
		if len(p) == 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	n := copy(p, f.n.data[f.at:])
	f.at += int64(n)
	return n, nil
}

func (f *memFile) Seek(offset int64, from int) (int64, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return seek(&f.at, int64(len(f.n.data)), offset, from)
}

func seek(at *int64, size, offset int64, from int) (int64, error) {
	switch from {
	case io.SeekCurrent:
		offset += *at
	case io.SeekEnd:
		offset += size
	}
	if offset < 0 {
		return 0, ErrOffset
	}
	*at = offset
	return offset, nil
}

func (f *memFile) Stat() (proto.Entry, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return f.n.entry(f.name), nil
}

// Extent: there are no holes in memory.
func (f *memFile) Extent(offset int64) (start, end int64, err error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if offset >= int64(len(f.n.data)) {
		return 0, 0, io.EOF
	}
	return offset, int64(len(f.n.data)), nil
}

func (f *memFile) Close() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if f.closed {
		return fs.ErrClosed
	}
	f.closed = true
	f.m.unuse(f.n)
	return nil
}

// unuse is called under the lock.
func (m *Mem) unuse(n *node) {
	if m.uses[n]--; m.uses[n] <= 0 {
		delete(m.uses, n)
	}
}
