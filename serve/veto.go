package serve

import (
	"context"
	"errors"
	"fmt"

	"ferry/serve/live"
	"ferry/serve/store"
)

// ErrRejected is what Config.Examine says of an upload that must not be.
var ErrRejected = errors.New("upload rejected")

// errUnexamined is an upload that nobody could look at.
var errUnexamined = errors.New("upload not examined")

// examinable refuses an upload whose bytes would be there before anybody has
// looked at them.
//
// SECURITY: APPE and STOR at an offset of a file write in place; there is no
// taking back.
func (s *session) examinable(u store.Upload) error {
	if s.srv.cfg.Examine == nil || stagedPath(u) != "" {
		return nil
	}
	return refuse(noPermission, "Uploads are examined here before they count, so they can't be written into a file that is there; send it whole.")
}

// examine asks whether an upload that has come whole may be there. One that may
// not leaves nothing behind, not even a part.
func (s *session) examine(ctx context.Context, u store.Upload, t live.Transfer) error {
	if s.srv.cfg.Examine == nil {
		return nil
	}
	e := s.event(live.Upload)
	e.Verb, e.Path, e.Bytes = t.Verb, t.Path, t.Bytes
	err := s.srv.cfg.Examine(ctx, e, stagedPath(u))
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	spoil(u)
	if errors.Is(err, ErrRejected) {
		return err
	}
	return fmt.Errorf("%w: %w", errUnexamined, err)
}

func stagedPath(u store.Upload) string {
	if staged, ok := u.(store.Staged); ok {
		return staged.StagedPath()
	}
	return ""
}

func spoil(u store.Upload) {
	if staged, ok := u.(store.Staged); ok {
		staged.Spoil()
	}
}
