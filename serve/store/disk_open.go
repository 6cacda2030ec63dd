package store

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"

	"ferry/proto"
)

// Open opens a regular file for reading.
func (d *Disk) Open(ctx context.Context, name string) (File, error) {
	f, err := d.open(ctx, name)
	if err != nil {
		return nil, d.fail("open", name, err)
	}
	return f, nil
}

func (d *Disk) open(ctx context.Context, name string) (File, error) {
	rel, err := d.begin(ctx, name)
	if err != nil {
		return nil, err
	}
	// SECURITY: without openNonblock a named pipe would hold the session until
	// somebody writes to it.
	f, err := d.root.OpenFile(rel, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, err
	}
	info, err := regular(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	id := identity(info, d.key(rel))
	d.o.InUse.hold(id)
	return &diskFile{f: f, name: filepath.Base(rel), done: sync.OnceFunc(func() { d.o.InUse.release(id) })}, nil
}

// regular refuses what is not a regular file, after it was opened: before, it
// could be exchanged.
func regular(f *os.File) (os.FileInfo, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, ErrIsDir
	case !info.Mode().IsRegular():
		return nil, ErrNotRegular
	}
	return info, nil
}

type diskFile struct {
	f    *os.File
	name string
	done func() // ends the being in use
}

func (f *diskFile) Read(p []byte) (int, error)                 { return f.f.Read(p) }
func (f *diskFile) Seek(offset int64, from int) (int64, error) { return f.f.Seek(offset, from) }
func (f *diskFile) OSFile() *os.File                           { return f.f }

func (f *diskFile) Close() error {
	f.done()
	return f.f.Close()
}

func (f *diskFile) Stat() (proto.Entry, error) {
	info, err := f.f.Stat()
	if err != nil {
		return proto.Entry{}, pathError("stat", f.name, Classify(err))
	}
	return entry(f.name, info), nil
}

// Extent leaves the position where it was.
func (f *diskFile) Extent(offset int64) (start, end int64, err error) {
	info, err := f.f.Stat()
	if err != nil {
		return 0, 0, err
	}
	if offset >= info.Size() {
		return 0, 0, io.EOF
	}
	here, err := f.f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, 0, err
	}
	start, end, err = extent(f.f, offset, info.Size())
	if _, back := f.f.Seek(here, io.SeekStart); err == nil {
		err = back
	}
	return start, end, err
}
