package users

import (
	"context"
	"errors"
	"strings"

	"ferry/proto"
)

// Single is one user with all permissions. An empty name or password is an
// error. h may be nil.
func Single(h *Hasher, name string, pass proto.Secret, root string) (Directory, error) {
	if h == nil {
		h = NewHasher()
	}
	if pass == "" {
		return nil, errEmpty
	}
	return Hashed(h, name, h.Hash(pass), root)
}

// Hashed is Single where the hash of the password is known.
func Hashed(h *Hasher, name string, hash proto.Secret, root string) (Directory, error) {
	r := Record{Name: name, Password: hash, Root: root, Home: "/", Perm: All}
	if err := r.check(); err != nil {
		return nil, err
	}
	want, err := parseHash(r.Password.Reveal())
	if err != nil {
		return nil, err
	}
	r.Password = ""
	return &single{hasher: h, record: r, want: want}, nil
}

type single struct {
	hasher *Hasher
	record Record
	want   hash
}

func (s *single) Login(ctx context.Context, name string, pass proto.Secret) (Record, error) {
	if name != s.record.Name {
		return Record{}, s.refuse(ctx, name, pass)
	}
	right, err := s.hasher.verify(ctx, s.want, pass)
	switch {
	case err != nil:
		return Record{}, err
	case !right:
		return Record{}, ErrDenied
	}
	return s.record, nil
}

func (s *single) refuse(ctx context.Context, _ string, pass proto.Secret) error {
	return s.hasher.refuse(ctx, s.want, pass)
}

// Records is the one user.
func (s *single) Records() []Record { return []Record{s.record} }

func (s *single) Lookup(name string) (Record, error) {
	if name != s.record.Name {
		return Record{}, ErrDenied
	}
	return s.record, nil
}

// Anonymous lets in "anonymous" and "ftp" with any password. RFC 1635.
// They are one user: limits are for all of them together.
func Anonymous(root string, perm Perm, limits Limits) Directory {
	return anonymous{Record{Name: "anonymous", Root: root, Home: "/", Perm: perm, Limits: limits}}
}

type anonymous struct{ record Record }

func (a anonymous) Login(_ context.Context, name string, _ proto.Secret) (Record, error) {
	return a.Lookup(name)
}

func (a anonymous) Lookup(name string) (Record, error) {
	if !strings.EqualFold(name, "anonymous") && !strings.EqualFold(name, "ftp") {
		return Record{}, ErrDenied
	}
	return a.record, nil
}

// Any lets everybody in with all permissions: for a sandbox.
func Any() Directory { return anybody{} }

type anybody struct{}

func (a anybody) Login(_ context.Context, name string, _ proto.Secret) (Record, error) {
	return a.Lookup(name)
}

func (anybody) Lookup(name string) (Record, error) {
	return Record{Name: name, Home: "/", Perm: All}, nil
}

// Join asks several directories: the first that knows the name decides.
func Join(d ...Directory) Directory { return joined(d) }

type joined []Directory

func (j joined) Login(ctx context.Context, name string, pass proto.Secret) (Record, error) {
	for _, d := range j {
		if _, err := d.Lookup(name); err == nil || errors.Is(err, ErrDisabled) {
			return d.Login(ctx, name, pass)
		}
	}
	for _, d := range j {
		if o, ok := d.(*Outside); ok {
			return o.Login(ctx, name, pass)
		}
	}
	// SECURITY: a name that nobody knows costs the work of one refusal, as a
	// wrong password does, and not one for each directory.
	for _, d := range j {
		if r, ok := d.(refuser); ok {
			return Record{}, r.refuse(ctx, name, pass)
		}
	}
	return Record{}, ErrDenied
}

func (j joined) refuse(ctx context.Context, name string, pass proto.Secret) error {
	_, err := j.Login(ctx, name, pass)
	return err
}

func (j joined) Lookup(name string) (Record, error) {
	for _, d := range j {
		if r, err := d.Lookup(name); err == nil || errors.Is(err, ErrDisabled) {
			return r, err
		}
	}
	return Record{}, ErrDenied
}

// Version is another number whenever one of the directories has changed.
func (j joined) Version() (sum uint64) {
	for _, d := range j {
		if v, ok := d.(interface{ Version() uint64 }); ok {
			sum += v.Version()
		}
	}
	return sum
}

// Records are those of all directories that can tell.
func (j joined) Records() (all []Record) {
	for _, d := range j {
		if l, ok := d.(Lister); ok {
			all = append(all, l.Records()...)
		}
	}
	return all
}

// Records is the one that there is, so that its root is known.
func (a anonymous) Records() []Record { return []Record{a.record} }
