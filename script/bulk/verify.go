package bulk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// errMismatch is a file whose two copies differ, whatever the replies said.
var errMismatch = errors.New("the copies differ")

// ErrNoHash is a server without checksums, where they are insisted on.
var ErrNoHash = errors.New("the server offers no checksums")

// MismatchError is a checksum that is not the same at both ends.
type MismatchError struct {
	Name          string
	Algo          client.HashAlgo
	Local, Remote string // hex
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s: %s is %s here and %s there", e.Name, e.Algo, e.Local, e.Remote)
}

// Is makes it the one error on which a part is thrown away.
func (e *MismatchError) Is(target error) bool { return target == errMismatch }

// sums reports by which checksum a file is compared after its transfer; "" for
// none. By itself that is any file of a server that offers one, unless it has
// shown that it can't, or that it takes long over one of this size.
func (w *worker) sums(size int64) client.HashAlgo {
	algo, ok := w.asks()
	if !ok || w.opts.Verify == VerifyAuto && w.opts.Server.sumsLate(size) {
		return ""
	}
	return algo
}

// asks reports whether checksums are compared at all, and by which.
func (w *worker) asks() (client.HashAlgo, bool) {
	algo, ok := w.hashAlgo()
	switch w.opts.Verify {
	case VerifyHash:
		return algo, ok
	case VerifyAuto:
		return algo, ok && w.alike() && !w.opts.Server.sumless()
	}
	return "", false
}

// alike reports whether a file has the same bytes at both ends: text may not,
// nor records.
func (w *worker) alike() bool {
	p := w.client.Params()
	return !p.Type.Text() && p.Stru == proto.File
}

// risky is a transfer that was put together: its checksum is compared where
// there is one, however long that takes.
func (t *task) risky() bool { return t.result.Resumed > 0 || t.pieced }

// running is the checksum of a file that moves as a whole; nil where none will
// be compared.
func (w *worker) running(t *task) *running {
	algo := w.sums(t.Size)
	if algo == "" {
		return nil
	}
	return newRunning(algo)
}

// verify compares what has arrived: by checksum where one is wanted and to be
// had, else by the size.
func (w *worker) verify(ctx context.Context, t *task, remote, local string) error {
	r := &t.result
	if w.opts.Verify != VerifyNone {
		r.Verified = "size"
	}
	algo := w.sums(t.Size)
	if algo == "" && t.risky() {
		algo, _ = w.asks()
	}
	switch {
	case algo != "":
		if done, err := w.compare(ctx, t, remote, local, algo); done || err != nil {
			return err
		}
	case w.opts.Verify == VerifyHash:
		return fmt.Errorf("%s: %w", remote, ErrNoHash)
	case t.unseen:
		return fmt.Errorf("%s: what was there is not to be compared any more: %w", remote, errMismatch)
	}
	if t.Direction == Up && t.sum != nil { // nobody has asked yet
		return w.client.CheckSize(ctx, remote, t.Size)
	}
	return nil
}

// compare compares checksums, both ends at once where the file was not summed
// up while it moved. done: there is one of the server's.
func (w *worker) compare(ctx context.Context, t *task, remote, local string, algo client.HashAlgo) (done bool, err error) {
	type sum struct {
		hex string
		err error
	}
	mine := make(chan sum, 1)
	if hex, ok := t.sum.of(t.result.Size, algo); ok {
		mine <- sum{hex, nil}
	} else {
		go func() {
			hex, err := hashFile(local, algo)
			mine <- sum{hex, err}
		}()
	}
	began := time.Now()
	there, err := w.client.HashSlow(ctx, remote, algo, hashPatience(t.result.Size))
	here := <-mine
	if err != nil {
		return false, w.unsummed(ctx, t, remote, err)
	}
	if took := time.Since(began); took > slowSum && took > began.Sub(t.since) && w.opts.Server.learnSumRate(t.result.Size, took) {
		w.notice("%s: checksums take it longer than transfers: large files are compared by size only (`set verify hash` compares them all)", w.client.Host())
	}
	if here.err != nil {
		return false, here.err
	}
	return true, w.agree(t, remote, algo, here.hex, there.Hex)
}

// agree says whether two checksums are the same.
func (w *worker) agree(t *task, remote string, algo client.HashAlgo, here, there string) error {
	if here != there {
		return &MismatchError{Name: remote, Algo: algo, Local: here, Remote: there}
	}
	t.result.Verified, t.result.Hash = string(algo), here
	w.opts.Server.learnSums(nil)
	w.events.verified(t, string(algo))
	return nil
}

// unsummed is what it means that a server which offers checksums gave none: the
// size counts, where no more is insisted on. That is said once.
func (w *worker) unsummed(ctx context.Context, t *task, remote string, err error) error {
	err = fmt.Errorf("checksum: %w", err)
	if w.opts.Verify == VerifyHash || ctx.Err() != nil {
		return err
	}
	if w.opts.Server.learnSums(err) {
		w.notice("%s: compared by size only: %s: %v", w.client.Host(), remote, err)
	}
	switch {
	case w.client.Broken():
		return err
	case t.unseen:
		return fmt.Errorf("%w: %w", errMismatch, err)
	}
	return nil
}

// hashAlgo is the one by which files are compared: SHA-256, with which
// processors help, else the strongest that both ends know.
func (w *worker) hashAlgo() (client.HashAlgo, bool) {
	algos := w.client.HashAlgos()
	if slices.Contains(algos, client.SHA256) {
		return client.SHA256, true
	}
	for _, a := range algos {
		if newHash(a) != nil {
			return a, true
		}
	}
	return "", false
}
