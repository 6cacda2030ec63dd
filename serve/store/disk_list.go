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
	for batch := range batches(dir) {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		for i := range batch.entries {
			e := &batch.entries[i]
			if reserved(e.Name) {
				d.sweep(rel, *e)
				continue
			}
			if unspeakable(e.Name) {
				continue
			}
			if e.Kind == proto.Symlink {
				d.followed(e, path.Join(rel, e.Name))
			}
			if !yield(*e, nil) {
				return nil
			}
		}
		if batch.err != nil {
			return batch.err
		}
	}
	return nil
}

// batch is some entries of a directory, and what kept the next ones from being read.
type batch struct {
	entries []proto.Entry
	err     error
}

// batches yields what a directory holds, in its order, and an error last.
func batches(dir *os.File) iter.Seq[batch] {
	return func(yield func(batch) bool) {
		s := &scan{dir: dir}
		defer s.end()
		for b, more := s.first(), true; more && yield(b); b, more = s.next() {
			s.spare = append(s.spare, b.entries)
		}
	}
}

// scan reads one directory. Looking at the entries is most of the work: beyond
// the first chunk, which leaves at once, the next ones are looked at on other
// cores while one is being sent.
type scan struct {
	dir   *os.File
	ahead []chan batch    // under way, in order
	spare [][]proto.Entry // chunks that were sent
	over  bool            // there are no more names
}

func (s *scan) first() batch {
	names, err := s.names(firstChunk)
	return s.look(nil, names, err)
}

func (s *scan) next() (batch, bool) {
	s.fill()
	if len(s.ahead) == 0 {
		return batch{}, false
	}
	b := <-s.ahead[0]
	s.ahead = s.ahead[1:]
	s.fill()
	return b, true
}

func (s *scan) fill() {
	for !s.over && len(s.ahead) < listAhead {
		names, err := s.names(listChunk)
		if len(names) == 0 && err == nil {
			return
		}
		var room []proto.Entry
		if end := len(s.spare) - 1; end >= 0 {
			room, s.spare = s.spare[end][:0], s.spare[:end]
		}
		c := make(chan batch, 1)
		s.ahead = append(s.ahead, c)
		go func() { c <- s.look(room, names, err) }()
	}
}

func (s *scan) names(n int) (names, error) {
	names, err := readNames(s.dir, n)
	s.over = err != nil
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return names, err
}

func (s *scan) look(room []proto.Entry, names names, err error) batch {
	entries, lerr := look(room, s.dir, names)
	return batch{entries, errors.Join(lerr, err)}
}

// end waits for those that still use the directory.
func (s *scan) end() {
	for _, c := range s.ahead {
		<-c
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
