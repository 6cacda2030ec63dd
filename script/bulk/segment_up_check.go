package bulk

import (
	"context"
	"encoding/hex"
	"hash"
	"io"
	"slices"

	"ferry/proto/client"
)

// quickAlgo is the hash of uploads in segments, each of which is read twice:
// processors help with this one.
func (w *worker) quickAlgo() client.HashAlgo {
	if slices.Contains(w.client.HashAlgos(), client.SHA256) {
		return client.SHA256
	}
	algo, _ := w.hashAlgo()
	return algo
}

// compare finds out what an earlier try has left, a piece at a time.
func (f *up) compare(w *worker) error {
	var have spans
	for _, s := range pieces(f.size, max(comparePiece, f.size/maxPieces)) {
		same, err := f.sameAs(f.life, w, s)
		if err != nil {
			return err
		}
		if same {
			have = have.add(s)
		}
	}
	f.has(have)
	f.t.result.Resumed = have.sum()
	return nil
}

// pieces are a file cut into stretches of that size.
func pieces(size, each int64) (all []span) {
	for at := int64(0); at < size; at += each {
		all = append(all, span{at, min(at+each, size)})
	}
	return all
}

// sameAs reports whether bytes of the temporary are those of the source.
func (f *segmented) sameAs(ctx context.Context, w *worker, s span) (bool, error) {
	h := newHash(f.algo)
	n, err := io.Copy(h, io.NewSectionReader(f.src, s[0], s.size()))
	switch {
	case err != nil:
		return false, &client.LocalError{Err: err}
	case n != s.size():
		return false, ErrChanged
	}
	there, err := w.client.Hash(ctx, f.temp, f.algo, s[0], s.size())
	return there.Hex == hex.EncodeToString(h.Sum(nil)), err
}

// check compares all of it, whatever else is wanted to be verified: its size,
// and the sums of its pieces, so that none takes longer than a reply may. The
// sum of the whole is the source's, which was read meanwhile.
func (f *up) check(ctx context.Context, w *worker) error {
	size, err := w.client.Size(ctx, f.temp)
	if err == nil && size != f.size {
		err = &client.SizeError{Path: f.temp, Got: size, Want: f.size, By: "SIZE"}
	}
	if err != nil {
		return err
	}
	whole := newHash(f.algo)
	for _, s := range pieces(f.size, checkPiece) {
		if err := f.checkPiece(ctx, w, s, whole); err != nil {
			return err
		}
	}
	r := &f.t.result
	r.Verified, r.Hash = string(f.algo), hex.EncodeToString(whole.Sum(nil))
	w.events.verified(f.t, string(f.algo))
	return w.setTime(ctx, f.temp, f.t.Step)
}

// checkPiece compares one, and adds the source's bytes to the sum of the whole.
// Both ends compute at once.
func (f *up) checkPiece(ctx context.Context, w *worker, s span, whole hash.Hash) error {
	type sum struct {
		hex string
		err error
	}
	mine := make(chan sum, 1)
	go func() {
		h := newHash(f.algo)
		_, err := io.Copy(io.MultiWriter(h, whole), io.NewSectionReader(f.src, s[0], s.size()))
		mine <- sum{hex.EncodeToString(h.Sum(nil)), err}
	}()
	there, err := w.client.Hash(ctx, f.temp, f.algo, s[0], s.size())
	here := <-mine
	switch {
	case err != nil:
		return err
	case here.err != nil:
		return &client.LocalError{Err: here.err}
	case here.hex != there.Hex:
		return &MismatchError{Name: f.t.Item.Remote, Algo: f.algo, Local: here.hex, Remote: there.Hex}
	}
	return nil
}
