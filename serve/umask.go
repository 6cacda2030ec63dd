package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

// siteUmask tells or sets which permission bits new files and directories of
// this session don't get. Until it is set, the server's own mask holds.
func (s *session) siteUmask(ctx context.Context, arg string) (proto.Reply, error) {
	if arg = strings.Trim(arg, " "); arg != "" {
		bits, err := strconv.ParseUint(arg, 8, 32)
		if err != nil || bits > 0o777 {
			return proto.Reply{}, refuse(badArgument, "Syntax: SITE UMASK [<octal mask>], masks from 000 to 777.")
		}
		s.umask, s.masked = fs.FileMode(bits), true
	}
	if !s.masked {
		return proto.Replyf(proto.OK, "The server's own mask holds."), nil
	}
	return proto.Replyf(proto.OK, "The mask is %03o: new files have %03o, directories %03o.", s.umask, s.modeOf(0o666), s.modeOf(0o777)), nil
}

func (s *session) modeOf(all fs.FileMode) fs.FileMode { return all &^ s.umask }

// create is Store.Create under the session's mask. A file that is replaced
// passes its mode on, mask or not.
func (s *session) create(ctx context.Context, name string, o store.CreateOptions) (store.Upload, error) {
	if !s.masked || !s.mayAt(users.Chmod, name) {
		return s.store.Create(ctx, name, o)
	}
	_, err := s.store.Stat(ctx, name)
	// The owner's bits are needed until the end: an upload may be resumed.
	o.Perm = s.modeOf(0o666) | 0o600
	u, cerr := s.store.Create(ctx, name, o)
	if cerr != nil || !errors.Is(err, fs.ErrNotExist) {
		return u, cerr
	}
	return &maskedUpload{u, s.store, name, s.modeOf(0o666)}, nil
}

// maskedUpload gives a new file the mode that was asked for, which the mask of
// the server's process may have narrowed.
type maskedUpload struct {
	store.Upload
	files store.Store
	name  string
	mode  fs.FileMode
}

// StagedPath is that of the upload below.
func (u *maskedUpload) StagedPath() string { return stagedPath(u.Upload) }

func (u *maskedUpload) Spoil() { spoil(u.Upload) }

func (u *maskedUpload) Commit(ctx context.Context) error {
	if err := u.Upload.Commit(ctx); err != nil {
		return err
	}
	if err := u.files.SetMode(ctx, u.name, u.mode); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("mode of a new file: %w", err)
	}
	return nil
}

// mkdir is Store.Mkdir under the session's mask.
func (s *session) mkdir(ctx context.Context, dir string) error {
	if err := s.store.Mkdir(ctx, dir); err != nil || !s.masked || !s.mayAt(users.Chmod, dir) {
		return err
	}
	err := s.store.SetMode(ctx, dir, s.modeOf(0o777))
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return err
}
