package bulk

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// tempSuffix ends the names under which uploads arrive.
const tempSuffix = ".tmp"

// tempName is where an upload of s arrives, beside its target. It depends on
// which file it is, on its size and its time: what an earlier try left is
// continued only for the same source, and two sources never share it.
func tempName(s Step) string { return tempNameOf(s, "") }

// tempNameOf is tempName for somebody who doesn't share it.
func tempNameOf(s Step, whose string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%d%s", s.Size, s.Time.UnixNano(), whose))
	return tempStem(s.Item) + hex.EncodeToString(sum[:6]) + tempSuffix
}

// tempStem is how all temporary names of uploads of one source to one target
// begin, whatever the source holds.
func tempStem(it Item) string {
	dir, name := path.Split(it.Remote)
	host, _ := os.Hostname()
	source, err := filepath.Abs(it.Local)
	if err != nil {
		source = it.Local
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s", name, host, source))
	return dir + partPrefix + hex.EncodeToString(sum[:8]) + "-"
}

// arrive chooses the name under which an upload arrives. While its source is
// open elsewhere to be uploaded, by this process or another, the name that can
// be told is theirs: this one gets another, so that neither writes into what
// the other is about to rename. way is "", or pieced.
func (r *run) arrive(t *task, f *os.File, way string) string {
	temp := tempNameOf(t.Step, way)
	if !claim(f) || r.opts.Publish == Together && !r.marks(t) {
		temp = tempNameOf(t.Step, way+rand.Text())
	}
	if temp != t.temp {
		t.temp, t.sent = temp, 0
	}
	return temp
}

// upload sends one file: under a temporary name, checked, then renamed; or in
// place, where the server can't have it otherwise.
func (w *worker) upload(ctx context.Context, t *task) error {
	f, err := os.Open(t.Item.Local)
	if err != nil {
		return err
	}
	defer t.letGo(f)
	if t.grow || w.direct(t) {
		return w.uploadInPlace(ctx, t, f)
	}
	atomic, err := w.atomic(ctx, t.Step)
	switch {
	case err != nil:
		return err
	case !atomic:
		return w.uploadInPlace(ctx, t, f)
	}
	if w.segmentsUp(t) {
		if err = w.uploadSegments(ctx, t, f); !errors.Is(err, errInOne) {
			return err
		}
	}
	err = w.uploadRenamed(ctx, t, f)
	if w.opts.Atomic == AtomicAuto && errors.Is(err, errNoRename) {
		return w.uploadAnyway(ctx, t, f, err)
	}
	return err
}

// direct reports whether an upload goes straight to its name as it would in a
// batch, since the server commits it. What an earlier run, or the batch, has
// left under that name goes with it.
func (w *worker) direct(t *task) bool {
	return (t.Begun && !t.left || t.straight) && t.Size <= smallFile && w.opts.Atomic == AtomicAuto && w.opts.Verify != VerifyHash && w.client.Commits()
}

// uploadAnyway sends in place what could not be renamed. If the server won't
// have it there either, the name was the reason. Else what it refuses once it
// refuses again: the rest of the session goes in place, and says so once.
func (w *worker) uploadAnyway(ctx context.Context, t *task, f *os.File, why error) error {
	t.result.Bytes, t.result.Resumed, t.sent = 0, 0, 0
	err := w.uploadInPlace(ctx, t, f)
	var reply *proto.ReplyError
	if errors.As(err, &reply) && t.result.Bytes == 0 {
		return err
	}
	if w.opts.Server.learn(renamesNot) {
		w.notice("%s: uploads go straight to their names, since the server won't rename: %v", w.client.Host(), why)
	}
	return err
}

// uploadInPlace writes under the final name. A target that is continued, or
// that an earlier attempt has begun, is added to.
func (w *worker) uploadInPlace(ctx context.Context, t *task, f *os.File) error {
	var from int64
	if (t.grow || t.sent > 0 && !w.direct(t)) && w.resumable() { // what the server commits begins anew
		size, err := w.client.Size(ctx, t.Item.Remote)
		switch {
		case t.grow && err != nil:
			return err
		case t.grow || err == nil && size <= t.sent && w.same(ctx, t, t.Item.Remote, f, size):
			from = size
		}
	}
	if err := w.send(ctx, t, t.Item.Remote, f, from); err != nil {
		return err
	}
	return w.check(ctx, t, t.Item.Remote)
}

func (w *worker) uploadRenamed(ctx context.Context, t *task, f *os.File) error {
	temp := w.run.arrive(t, f, "")
	before, from := t.result.Bytes, w.uploaded(ctx, t, temp, f)
	err := w.send(ctx, t, temp, f, from)
	if err != nil && from > 0 && ctx.Err() == nil && fateOf(err) == permanent {
		w.notice("%s: begun anew: %v", t.Item.Remote, err)
		err = w.send(ctx, t, temp, f, 0)
	}
	if err != nil && !spoilt(err) {
		return w.tempRefused(err, t.result.Bytes > before)
	}
	if err == nil {
		err = w.check(ctx, t, temp)
	}
	return w.land(ctx, t, temp, err)
}

// land gives an upload its name, if it is whole.
func (w *worker) land(ctx context.Context, t *task, temp string, err error) error {
	if err == nil && w.opts.Publish == Together {
		t.whole = true
		return nil
	}
	if err == nil {
		err = w.replace(ctx, temp, t.Step)
	}
	if err != nil && fateOf(err) != transient {
		_ = w.client.Delete(ctx, temp) // nobody will come back for it
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
func (w *worker) tempRefused(err error, moved bool) error {
	var reply *proto.ReplyError
	if errors.As(err, &reply) && reply.Reply.Code == proto.NameRefused && !moved {
		return fmt.Errorf("%w: %w", errNoRename, err)
	}
	return err
}

// uploaded is how much of this very source an earlier try left.
func (w *worker) uploaded(ctx context.Context, t *task, temp string, f *os.File) int64 {
	if !w.resumable() || t.doubts > 0 || t.sent == 0 && !w.opts.Server.mayHaveLeft(t.Size) {
		return 0
	}
	size, err := w.client.Size(ctx, temp)
	if err != nil || size > t.Size || !w.same(ctx, t, temp, f, size) {
		return 0
	}
	return size
}

// same reports whether the last bytes of a remote file of this size are those
// of the source: by a checksum of them, else by reading them back. Servers that
// show nobody what is left of a broken upload (ferry's) are believed when the
// checksum of the whole will be compared; what can't be compared is not the same.
func (w *worker) same(ctx context.Context, t *task, remote string, f *os.File, size int64) bool {
	t.unseen = false
	n := min(size, overlap)
	if n == 0 {
		return false
	}
	here := make([]byte, n)
	if _, err := f.ReadAt(here, size-n); err != nil {
		return false
	}
	algo, hashes := w.asks()
	if hashes {
		if sum, err := w.client.Hash(ctx, remote, algo, size-n, n); err == nil {
			h := newHash(algo)
			h.Write(here)
			return hex.EncodeToString(h.Sum(nil)) == sum.Hex
		}
	}
	var there bytes.Buffer
	_, err := w.client.Retrieve(ctx, remote, &there, client.Transfer{Offset: size - n, Max: n, Check: client.CheckAnnounced})
	if err != nil {
		t.unseen = hashes
		return t.unseen && fateOf(err) == permanent && !w.client.Broken()
	}
	return bytes.Equal(here, there.Bytes())
}

// send stores the file from an offset on. What is there as a whole since an
// earlier attempt, whose last reply was lost, is not sent again; what only
// SIZE sees is no file yet, and an upload of its last nothing makes it one.
func (w *worker) send(ctx context.Context, t *task, remote string, f *os.File, from int64) error {
	t.result.Resumed = from
	if from > 0 && from == t.Size && !t.unseen {
		return unchanged(f, t.Step)
	}
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return err
	}
	if err := w.announce(ctx, t.Size); err != nil {
		return err
	}
	moved, stop := w.follow(t, from)
	defer stop()
	how := client.Transfer{Offset: from, Size: t.Size, Moved: moved, Last: &t.result.Reply}
	if t.sum = nil; from == 0 {
		t.sum = w.running(t)
	}
	if w.opts.Verify == VerifyNone || t.sum != nil {
		how.Check = client.CheckAnnounced
	}
	source := t.sum.reader(w.brake(ctx).reader(f))
	if w.direct(t) {
		source = &steady{source, f, t.Step}
	}
	n, err := w.client.Store(ctx, remote, source, how)
	t.result.Bytes += n
	t.sent = from + n
	var size *client.SizeError
	if err == nil || errors.As(err, &size) {
		err = cmp.Or(unchanged(f, t.Step), err)
	}
	return err
}

// check sees to what has arrived: its checksum, where one is wanted, and its time.
func (w *worker) check(ctx context.Context, t *task, remote string) error {
	if err := w.verify(ctx, t, remote, t.Item.Local); err != nil {
		return err
	}
	return w.setTime(ctx, remote, t.Step)
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

// correctTime gives a target whose content is the source's its time, too.
func (w *worker) correctTime(ctx context.Context, t *task) error {
	if t.Direction == Down {
		return os.Chtimes(t.Item.Local, time.Time{}, t.Time)
	}
	return w.setTime(ctx, t.Item.Remote, t.Step)
}

// setTime gives the remote file the time of its source, where the server lets
// it. A server that doesn't has the file all the same.
func (w *worker) setTime(ctx context.Context, remote string, s Step) error {
	if w.opts.Times != KeepTimes || w.opts.Server.hasNoTimes() {
		return nil
	}
	err := w.client.SetModTime(ctx, remote, s.Time)
	var reply *proto.ReplyError
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		w.opts.Server.learnNoTimes()
		return nil
	case errors.As(err, &reply):
		return nil
	}
	return err
}
