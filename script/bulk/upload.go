package bulk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"sync/atomic"

	"ferry/proto"
	"ferry/proto/client"
)

// tempSuffix ends the names under which uploads arrive.
const tempSuffix = ".tmp"

// tempName is where an upload of s arrives, beside its target. It depends on
// the source's size and time: what an earlier try left is continued only for
// the same source.
func tempName(s Step) string {
	dir, name := path.Split(s.Item.Remote)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%d", name, s.Size, s.Time.Unix()))
	return dir + partPrefix + hex.EncodeToString(sum[:8]) + tempSuffix
}

// upload sends one file: under a temporary name, checked, then renamed; or in
// place, where the server can't have it otherwise.
func (e *Engine) upload(ctx context.Context, s Step, r *Result) error {
	f, err := os.Open(s.Item.Local)
	if err != nil {
		return err
	}
	defer f.Close()
	if s.grow {
		return e.uploadInPlace(ctx, s, f, r)
	}
	atomic, err := e.atomic(ctx, s)
	switch {
	case err != nil:
		return err
	case !atomic:
		return e.uploadInPlace(ctx, s, f, r)
	}
	err = e.uploadRenamed(ctx, s, f, r)
	if e.opts.Atomic == AtomicAuto && errors.Is(err, errNoRename) {
		return e.uploadAnyway(ctx, s, f, r, err)
	}
	return err
}

// uploadAnyway sends in place what could not be renamed. If the server won't
// have it there either, the name was the reason. Else what it refuses once it
// refuses again: the rest of the session goes in place, and says so once.
func (e *Engine) uploadAnyway(ctx context.Context, s Step, f *os.File, r *Result, why error) error {
	r.Bytes, r.Resumed = 0, 0
	err := e.uploadInPlace(ctx, s, f, r)
	var reply *proto.ReplyError
	if errors.As(err, &reply) && r.Bytes == 0 {
		return err
	}
	e.opts.Server.renames = renamesNot
	e.notice("%s: uploads go straight to their names, since the server won't rename: %v", e.client.Host(), why)
	return err
}

// uploadInPlace writes under the final name. A target that is continued is
// added to, and checked like every resume.
func (e *Engine) uploadInPlace(ctx context.Context, s Step, f *os.File, r *Result) error {
	var from int64
	if s.grow && e.resumable() {
		size, err := e.client.Size(ctx, s.Item.Remote)
		if err != nil {
			return err
		}
		from = size
	}
	return e.send(ctx, s, s.Item.Remote, f, from, r)
}

func (e *Engine) uploadRenamed(ctx context.Context, s Step, f *os.File, r *Result) error {
	temp := tempName(s)
	from := e.uploaded(ctx, s, temp)
	err := e.send(ctx, s, temp, f, from, r)
	if err != nil && from > 0 && ctx.Err() == nil && !e.client.Broken() {
		e.notice("%s: begun anew: %v", s.Item.Remote, err)
		r.Bytes, r.Resumed = 0, 0
		err = e.send(ctx, s, temp, f, 0, r)
	}
	if err == nil {
		err = e.replace(ctx, temp, s)
	} else if !spoilt(err) {
		return e.tempRefused(err, r)
	}
	if err != nil {
		_ = e.client.Delete(ctx, temp) // nobody will come back for it
	}
	return err
}

// spoilt reports an upload that went through and is not what its source is
// now: no later try can continue it.
func spoilt(err error) bool {
	return errors.Is(err, errMismatch) || errors.Is(err, ErrChanged)
}

// tempRefused tells a name that the server won't have from an upload that
// failed. Nothing was sent in the first case.
func (e *Engine) tempRefused(err error, r *Result) error {
	var reply *proto.ReplyError
	if errors.As(err, &reply) && reply.Reply.Code == proto.NameRefused && r.Bytes == 0 {
		return fmt.Errorf("%w: %w", errNoRename, err)
	}
	return err
}

// uploaded is how much of this very source an earlier try left.
func (e *Engine) uploaded(ctx context.Context, s Step, temp string) int64 {
	if !e.resumable() || !e.opts.Server.mayHaveLeft(s.Size) {
		return 0
	}
	size, err := e.client.Size(ctx, temp)
	if err != nil || size > s.Size {
		return 0
	}
	return size
}

// send stores the file from an offset on, and checks it.
func (e *Engine) send(ctx context.Context, s Step, remote string, f *os.File, from int64, r *Result) error {
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return err
	}
	var moved atomic.Int64
	stop := e.events.watch(Up, s, from, &moved)
	r.Resumed = from
	t := client.Transfer{Offset: from, Size: s.Size, Moved: &moved}
	if e.opts.Verify == VerifyNone {
		t.Check = client.CheckAnnounced
	}
	n, err := e.client.Store(ctx, remote, f, t)
	stop()
	r.Bytes += n
	var size *client.SizeError
	if err == nil || errors.As(err, &size) {
		err = cmp.Or(unchanged(f, s), err)
	}
	if err != nil {
		return err
	}
	if err := e.verifyAs(ctx, remote, s.Item.Local, r); err != nil {
		return err
	}
	return e.setTime(ctx, remote, s)
}

// ErrChanged is a source that was written to while it was sent.
var ErrChanged = errors.New("changed while it was sent")

// unchanged reports an ErrChanged: what arrived is then neither the old file
// nor the new.
func unchanged(f *os.File, s Step) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != s.Size || !info.ModTime().Equal(s.Time) {
		return fmt.Errorf("%s: %w", s.Item.Local, ErrChanged)
	}
	return nil
}

// setTime gives the remote file the time of its source, where the server lets
// it. A server that doesn't has the file all the same.
func (e *Engine) setTime(ctx context.Context, remote string, s Step) error {
	if e.opts.Times != KeepTimes || e.opts.Server.noTimes {
		return nil
	}
	err := e.client.SetModTime(ctx, remote, s.Time)
	var reply *proto.ReplyError
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		e.opts.Server.noTimes = true
		return nil
	case errors.As(err, &reply):
		return nil
	}
	return err
}

func (e *Engine) notice(format string, args ...any) {
	if e.opts.Notice != nil {
		e.opts.Notice(fmt.Sprintf(format, args...))
	}
}
