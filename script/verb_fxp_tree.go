package script

import (
	"context"
	"errors"
	"fmt"
	"path"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
)

// between is one fxp: what goes from a server to another.
type between struct {
	st       *State
	from, to end
	o        client.CopyOptions
	resume   bool // -c
	deep     bool // -r
	files    int
	bytes    int64
	unsized  bool // the size of one is not known
}

// run copies all that the source's word stands for. Several names, and trees,
// go into a directory. The first failure ends it.
func (b *between) run(ctx context.Context) error {
	names, err := b.names(ctx)
	if err != nil {
		return err
	}
	into := b.to.path == "" || len(names) > 1
	if !into {
		if into, err = isDirAt(ctx, b.to.client, b.to.path); err != nil {
			return err
		}
	}
	if len(names) > 1 {
		if err := b.directory(ctx, b.to.path); err != nil {
			return err
		}
	}
	for _, m := range names {
		to := b.to.path
		if base := path.Base(m.path); into && base != "." && base != ".." && base != "/" {
			to = join(to, base)
		}
		if err := b.one(ctx, m, to); err != nil {
			return fmt.Errorf("%s: %w", m.path, err)
		}
	}
	return nil
}

// names are the source's, and whether they are directories. That is asked for
// only where -r makes a difference of it.
func (b *between) names(ctx context.Context) ([]match, error) {
	if b.st.Settings.Glob && b.from.word.Pattern() {
		g := globber{hidden: b.st.Settings.Hidden, list: listerAt(b.from.client)}
		return g.names(ctx, b.from.word)
	}
	m := match{path: b.from.path}
	if b.deep {
		e, err := b.from.client.Stat(ctx, orDot(m.path))
		if err != nil {
			return nil, err
		}
		m.dir = e.Kind == proto.Directory || e.Kind == proto.CurrentDir
	}
	return []match{m}, nil
}

func (b *between) one(ctx context.Context, m match, to string) error {
	switch {
	case !m.dir:
		return b.file(ctx, m.path, to)
	case !b.deep:
		return &CallError{What: "it is a directory", Hint: "fxp -r copies trees"}
	}
	return b.tree(ctx, m.path, to, 1)
}

func (b *between) file(ctx context.Context, from, to string) error {
	o := b.o
	if b.resume {
		there, err := arrived(ctx, end{client: b.to.client, path: to})
		if err != nil {
			return err
		}
		if size, err := b.from.client.Size(ctx, from); err == nil && size == there {
			return nil
		}
		o.Offset = there
	}
	n, err := client.Copy(ctx, client.Place{Client: b.from.client, Path: from}, client.Place{Client: b.to.client, Path: to}, o)
	if err != nil {
		return err
	}
	b.files++
	b.bytes += max(n, 0)
	b.unsized = b.unsized || n == client.UnknownSize
	return nil
}

// tree copies a directory with all below it. It is listed as a whole before
// anything of it goes: half a listing would pass for all of it.
//
// SECURITY: names come from a server, and entriesAt sees to it that none leads
// out of the directory at the other one.
func (b *between) tree(ctx context.Context, from, to string, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("deeper than %d directories", MaxDepth)
	}
	entries, err := entriesAt(ctx, b.from.client, from)
	if err != nil {
		return err
	}
	if err := b.directory(ctx, to); err != nil {
		return err
	}
	for _, e := range entries {
		src, dst := join(from, e.Name), join(to, e.Name)
		switch e.Kind {
		case proto.Directory:
			err = b.tree(ctx, src, dst, depth+1)
		case proto.RegularFile:
			err = b.file(ctx, src, dst)
		default: // links could lead round in circles
			b.st.say("%s is no file and no directory: left out", list.Printable(src))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// directory sees to it that a directory is at the target.
func (b *between) directory(ctx context.Context, dir string) error {
	if dir == "" || path.Clean(dir) == "." || path.Clean(dir) == "/" {
		return nil
	}
	_, err := b.to.client.MakeDir(ctx, dir)
	var refused *proto.ReplyError
	if !errors.As(err, &refused) {
		return err
	}
	if there, serr := isDirAt(ctx, b.to.client, path.Clean(dir)); serr != nil || there {
		return serr
	}
	return &client.PlaceError{Host: b.to.client.Host(), Err: fmt.Errorf("%s: %w", dir, err)}
}
