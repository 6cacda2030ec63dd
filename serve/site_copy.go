package serve

import (
	"context"
	"errors"
	"io/fs"
	"sync/atomic"

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

// siteCopy copies a file on the server.
//
// SECURITY: CVE-2019-12815 and its kin: a copy reads and writes, so both
// permissions are asked for, and the overwrite policy holds.
func (s *session) siteCopy(ctx context.Context, arg string) (proto.Reply, error) {
	from, to, err := s.twoPaths(arg, "SITE COPY <from> <to>")
	switch {
	case err != nil:
		return proto.Reply{}, err
	case from == to:
		return proto.Reply{}, refuse(nameRefused, "A file can't be copied onto itself.")
	}
	err = s.join(ctx, joint{verb: "SITE COPY", target: to, parts: []string{from}})
	return proto.Reply{}, err
}

// COMB joins files, as GlobalSCAPE and SFTPGo have it: the target becomes what
// it was and all parts behind, in one step, and the parts are removed.
func (s *session) comb(ctx context.Context, arg string) (proto.Reply, error) {
	names, err := s.paths(arg, 2, "COMB <target> <part> …")
	if err != nil {
		return proto.Reply{}, err
	}
	j := joint{verb: "COMB", target: names[0], parts: names[1:], spend: true}
	seen := map[string]bool{j.target: true}
	for _, part := range j.parts {
		if seen[part] {
			return proto.Reply{}, refuse(nameRefused, "%s is there twice.", proto.Quote(part))
		}
		seen[part] = true
	}
	if len(j.parts) > maxParts {
		return proto.Reply{}, refuse(tooMuch, "At most %d parts at once.", maxParts)
	}
	if _, err := s.store.Stat(ctx, j.target); err == nil {
		j.parts = append([]string{j.target}, j.parts...)
	}
	return proto.Reply{}, s.join(ctx, j)
}

// joint is a file made of others.
type joint struct {
	verb   string
	target string
	parts  []string // the target itself, if it is one, is the first
	spend  bool     // the parts, but for the target, are removed
}

// join checks and begins: whatever can be refused is refused before a byte is
// copied.
func (s *session) join(ctx context.Context, j joint) error {
	o := store.CreateOptions{Owner: s.user.Name, Whole: true}
	if err := s.mayStore(ctx, j.target, &o); err != nil {
		return err
	}
	for _, part := range j.parts {
		if !s.mayAt(users.Read, part) || j.spend && part != j.target && !s.mayAt(users.Delete, part) {
			return fs.ErrPermission
		}
		e, err := s.store.Stat(ctx, part)
		switch {
		case err != nil:
			return err
		case e.Kind == proto.Directory:
			return store.ErrIsDir
		case e.Kind != proto.RegularFile:
			return store.ErrNotRegular
		}
		o.Size += e.Size
	}
	u, err := s.create(ctx, j.target, o)
	if err != nil {
		return err
	}
	files := s.store
	s.toil(ctx, job{verb: j.verb, path: j.target, from: j.from(), work: func(ctx context.Context, moved *atomic.Int64) (proto.Reply, error) {
		err := j.make(ctx, files, u, moved)
		return proto.Replyf(proto.ActionOK, "%s is made.", proto.Quote(j.target)), err
	}})
	return nil
}

// from is the file that a copy is one of; "" where several are joined.
func (j joint) from() string {
	if j.spend {
		return ""
	}
	return j.parts[0]
}

// make copies the parts and commits. What breaks leaves nothing behind but all
// that was there.
func (j joint) make(ctx context.Context, files store.Store, u store.Upload, moved *atomic.Int64) error {
	for _, part := range j.parts {
		if err := appendTo(ctx, files, u, part, moved); err != nil {
			return errors.Join(err, u.Discard(context.WithoutCancel(ctx)))
		}
	}
	if err := u.Commit(ctx); err != nil || !j.spend {
		return err
	}
	for _, part := range j.parts {
		if part == j.target {
			continue
		}
		if err := files.Remove(context.WithoutCancel(ctx), part); err != nil {
			return &fault{explain(err).kind, "The file is made, but a part could not be removed.", err}
		}
	}
	return nil
}

func appendTo(ctx context.Context, files store.Store, u store.Upload, part string, moved *atomic.Int64) error {
	f, err := files.Open(ctx, part)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = carry(ctx, u, f, moved)
	return err
}
