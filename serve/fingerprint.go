package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"

	"ferry/proto"
	"ferry/serve/store"
)

// uploadSum is an upload's SHA-256, for the event that tells of it: computed while
// the bytes come, so that the reply behind a large upload does not wait until
// all of it was read again.
type uploadSum struct {
	sum hash.Hash // nil: nobody asks, or the file does not begin with these bytes
}

// newUploadSum begins one, if the bytes that will come are all of the file, and
// in its order. spread: there will be a hole behind them.
func (s *session) newUploadSum(o store.CreateOptions, spread bool) uploadSum {
	if !s.srv.cfg.Fingerprints || o.Offset > 0 || o.Append || o.InPlace || spread || s.params.Stru == proto.Page {
		return uploadSum{}
	}
	return uploadSum{sha256.New()}
}

// beside is w, with all that is written counted in.
func (t uploadSum) beside(w io.Writer) io.Writer {
	if t.sum == nil {
		return w
	}
	return io.MultiWriter(w, t.sum)
}

// sentSum is a download's: computed where the bytes pass through this process. What
// the kernel sends is not read for it.
type sentSum struct {
	sum  hash.Hash // nil: there is none
	n    int64
	text string // once it is over
}

func (s *session) newSentSum(from int64, part oneShot) *sentSum {
	passes := s.prot == proto.Private || !s.params.Identity()
	if !s.srv.cfg.SentFingerprints || !passes || from > 0 || part.until > 0 {
		return &sentSum{}
	}
	return &sentSum{sum: sha256.New()}
}

// through is r, with all that is read counted in.
func (t *sentSum) through(r io.Reader) io.Reader {
	if t.sum == nil {
		return r
	}
	return io.TeeReader(r, t)
}

func (t *sentSum) Write(p []byte) (int, error) {
	t.n += int64(len(p))
	return t.sum.Write(p)
}

// ends is the end of a download that has as many bytes.
func (t *sentSum) ends(err error, size int64) {
	if err == nil && t.sum != nil && t.n == size {
		t.text = hex.EncodeToString(t.sum.Sum(nil))
	}
}

// fingerprint is the SHA-256 of a file that has just got its name; "" where
// nobody asks, it can't be read any more, or ctx ends while it is read.
func (s *session) fingerprint(ctx context.Context, t uploadSum, name string) string {
	switch {
	case !s.srv.cfg.Fingerprints:
		return ""
	case t.sum != nil:
		return hex.EncodeToString(t.sum.Sum(nil))
	}
	f, err := s.store.Open(ctx, name)
	if err != nil {
		return ""
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, heeding{ctx, f}); err != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// heeding is a reader that ends with ctx.
type heeding struct {
	ctx context.Context
	r   io.Reader
}

func (h heeding) Read(b []byte) (int, error) {
	if h.ctx.Err() != nil {
		return 0, context.Cause(h.ctx)
	}
	return h.r.Read(b)
}
