package store

import (
	"context"
	"io"
	"os"

	"ferry/proto"
)

// Create counts a new file at once, and its bytes as they come.
func (m *metered) Create(ctx context.Context, name string, o CreateOptions) (Upload, error) {
	most := m.most()
	if most.Largest > 0 && o.Size > most.Largest {
		return nil, pathError("create", name, ErrTooLarge)
	}
	if err := m.foresee(ctx, o.Size); err != nil {
		return nil, pathError("create", name, err)
	}
	var u *meteredUpload
	err := m.change(ctx, Usage{Files: 1}, func() (Usage, error) {
		was := m.standing(ctx, name, o)
		inner, err := m.Store.Create(ctx, name, o)
		if err != nil {
			return Usage{}, err
		}
		u = &meteredUpload{Upload: inner, m: m, name: name, inPlace: was.inPlace, whole: o.Whole}
		if err := u.measure(); err != nil {
			_ = inner.Discard(ctx)
			return Usage{}, err
		}
		if !was.there {
			return Usage{}, nil
		}
		return Usage{Bytes: was.size - u.size, Files: 1}, nil // no new one, and it may have been cut
	})
	if err != nil {
		return nil, asPathError("create", name, err)
	}
	return u, nil
}

// foresee refuses what is known to become too much before a byte of it comes.
func (m *metered) foresee(ctx context.Context, size int64) error {
	if size <= 0 {
		return nil
	}
	if err := m.enter(ctx, Usage{Bytes: size}); err != nil {
		return err
	}
	m.ledger.give(Usage{Bytes: size})
	m.leave()
	return nil
}

// standing is what an upload goes on with.
type standing struct {
	there, inPlace bool
	size           int64
}

func (m *metered) standing(ctx context.Context, name string, o CreateOptions) standing {
	if !o.Append && o.Offset == 0 && !o.InPlace {
		return standing{}
	}
	if e, err := m.Store.Stat(ctx, name); err == nil && e.Kind == proto.RegularFile {
		return standing{true, true, e.Size}
	}
	if size, err := m.Store.Part(ctx, name, o.Owner); err == nil && !o.InPlace {
		return standing{true, false, size}
	}
	return standing{}
}

// meteredUpload counts what makes a file longer.
type meteredUpload struct {
	Upload
	m        *metered
	name     string
	at, size int64
	inPlace  bool
	whole    bool
	done     bool
}

// measure finds out where the upload begins, and how long the file is.
func (u *meteredUpload) measure() (err error) {
	if u.at, err = u.Upload.Seek(0, io.SeekCurrent); err != nil {
		return err
	}
	if u.size, err = u.Upload.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	_, err = u.Upload.Seek(u.at, io.SeekStart)
	return err
}

// OSFile: the kernel would not count.
func (u *meteredUpload) OSFile() *os.File { return nil }

func (u *meteredUpload) Write(p []byte) (int, error) {
	end := u.at + int64(len(p))
	if most := u.m.most().Largest; most > 0 && end > most {
		return 0, pathError("write", u.name, ErrTooLarge)
	}
	grows := max(end-u.size, 0)
	if err := u.m.enter(context.Background(), Usage{Bytes: grows}); err != nil {
		return 0, asPathError("write", u.name, err)
	}
	defer u.m.leave()
	n, err := u.Upload.Write(p)
	u.at += int64(n)
	grown := max(u.at-u.size, 0)
	u.size += grown
	u.m.ledger.give(Usage{Bytes: grows - grown})
	return n, err
}

func (u *meteredUpload) Seek(offset int64, from int) (int64, error) {
	at, err := u.Upload.Seek(offset, from)
	if err == nil {
		u.at = at
	}
	return at, err
}

// StagedPath is that of the upload below.
func (u *meteredUpload) StagedPath() string {
	if staged, ok := u.Upload.(Staged); ok {
		return staged.StagedPath()
	}
	return ""
}

func (u *meteredUpload) Spoil() {
	if staged, ok := u.Upload.(Staged); ok {
		staged.Spoil()
		u.whole = true
	}
}

// Commit frees what the file has replaced.
func (u *meteredUpload) Commit(ctx context.Context) error {
	if u.done {
		return nil
	}
	u.done = true
	return u.m.change(ctx, Usage{}, func() (free Usage, err error) {
		if e, err := u.m.Store.Stat(ctx, u.name); err == nil && !u.inPlace && e.Kind == proto.RegularFile {
			free = Usage{e.Size, 1}
		}
		return free, u.Upload.Commit(ctx)
	})
}

// Discard: what stays as a part still counts; the older parts that it takes the
// place of are found by the next count.
func (u *meteredUpload) Discard(ctx context.Context) error {
	if u.done {
		return nil
	}
	u.done = true
	return u.m.change(ctx, Usage{}, func() (free Usage, err error) {
		if (u.whole || u.size == 0) && !u.inPlace {
			free = Usage{u.size, 1}
		}
		return free, u.Upload.Discard(ctx)
	})
}
