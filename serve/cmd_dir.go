package serve

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"ferry/proto"
	"ferry/serve/store"
)

// CWD: RFC 959 §4.1.1.
func (s *session) cwdCmd(ctx context.Context, dir string) (proto.Reply, error) {
	e, err := s.store.Stat(ctx, dir)
	switch {
	case err != nil:
		return proto.Reply{}, err
	case e.Kind != proto.Directory:
		return proto.Reply{}, store.ErrNotDir
	}
	s.goTo(dir)
	return proto.Replyf(proto.ActionOK, "%s is the current directory.", proto.Quote(dir)), nil
}

// CDUP: RFC 959 §4.1.1: the replies are those of CWD. At the root it stays.
func (s *session) cdup(ctx context.Context, _ string) (proto.Reply, error) {
	return s.cwdCmd(ctx, path.Dir(s.cwd))
}

// PWD: RFC 959 §4.1.3.
func (s *session) pwd(ctx context.Context, _ string) (proto.Reply, error) {
	return proto.Replyf(proto.PathCreated, "%s is the current directory.", proto.Quote(s.cwd)), nil
}

// MKD: RFC 959 §4.1.3 and appendix II, 521 for a directory that exists.
func (s *session) mkd(ctx context.Context, dir string) (proto.Reply, error) {
	err := s.mkdir(ctx, dir)
	if errors.Is(err, fs.ErrExist) {
		return proto.Reply{}, refuse(nameTaken, "%s exists already.", proto.Quote(dir))
	}
	if err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.PathCreated, "%s created.", proto.Quote(dir)), nil
}

// RMD: RFC 959 §4.1.3: directories only.
func (s *session) rmd(ctx context.Context, dir string) (proto.Reply, error) {
	if err := s.store.RemoveDir(ctx, dir); err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.ActionOK, "Directory removed."), nil
}
