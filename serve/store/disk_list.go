package store

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path"
	"time"

	"ferry/proto"
)

// List reads the directory in chunks.
func (d *Disk) List(ctx context.Context, name string) iter.Seq2[proto.Entry, error] {
	return func(yield func(proto.Entry, error) bool) {
		if err := d.list(ctx, name, yield); err != nil {
			yield(proto.Entry{}, d.fail("list", name, err))
		}
	}
}

// list yields the entries; an error is not yielded yet when it returns it.
func (d *Disk) list(ctx context.Context, name string, yield func(proto.Entry, error) bool) error {
	rel, err := d.begin(ctx, name)
	if err != nil {
		return err
	}
	dir, err := d.root.OpenFile(rel, os.O_RDONLY|openDir, 0)
	if err != nil {
		return err
	}
	defer dir.Close()
	for {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		batch, err := readEntries(dir, listChunk)
		for _, e := range batch {
			if reserved(e.Name) {
				d.sweep(rel, e)
				continue
			}
			if unspeakable(e.Name) {
				continue
			}
			d.followed(&e, path.Join(rel, e.Name))
			if !yield(e, nil) {
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// sweep removes a part that is too old, now that it was seen.
func (d *Disk) sweep(rel string, e proto.Entry) {
	if d.readonly || !d.expired(e.Modify) {
		return
	}
	p, err := d.place(path.Join(rel, e.Name))
	if err != nil {
		return
	}
	defer p.close()
	d.drop(p, e.Name)
}

func (d *Disk) expired(modify time.Time) bool { return time.Since(modify) > d.o.PartAge }
