package bulk

import (
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
	if s.grow || !e.atomic(ctx, s) {
		return e.uploadInPlace(ctx, s, f, r)
	}
	err = e.uploadRenamed(ctx, s, f, r)
	if e.opts.Atomic == AtomicAuto && errors.Is(err, errNoRename) {
		// What this server refuses once it refuses again: the rest of the
		// session goes in place, and says so once.
		e.opts.Server.renames = renamesNot
		e.notice("%s: uploads go straight to their names, since the server won't rename: %v", e.client.Host(), err)
		r.Bytes, r.Resumed = 0, 0
		return e.uploadInPlace(ctx, s, f, r)
	}
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
	if err != nil {
		return e.tempRefused(err, r)
	}
	if err := e.replace(ctx, temp, s); err != nil {
		_ = e.client.Delete(ctx, temp) // it is whole, but nobody will come back for it
		return err
	}
	return nil
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
	if r.Bytes += n; err != nil {
		return err
	}
	if err := unchanged(f, s); err != nil {
		return err
	}
	if err := e.verifyAs(ctx, remote, s.Item.Local, r); err != nil {
		return err
	}
	return e.setTime(ctx, remote, s)
}

// unchanged reports a source that was written to while it was sent: what
// arrived is then neither the old file nor the new.
func unchanged(f *os.File, s Step) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != s.Size || !info.ModTime().Equal(s.Time) {
		return fmt.Errorf("%s: changed while it was sent", s.Item.Local)
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
