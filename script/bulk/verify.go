package bulk

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"

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

// verify compares checksums, where that is wanted. Sizes were compared by the
// client already.
func (w *worker) verify(ctx context.Context, t *task, remote, local string) error {
	r := &t.result
	if w.opts.Verify != VerifyNone {
		r.Verified = "size"
	}
	wanted := w.opts.Verify == VerifyHash || w.opts.Verify == VerifyAuto && (r.Resumed > 0 || t.pieced)
	if !wanted || !w.resumable() && w.opts.Verify != VerifyHash {
		return nil
	}
	algo, ok := w.hashAlgo()
	if !ok {
		if w.opts.Verify == VerifyHash {
			return fmt.Errorf("%s: %w", remote, ErrNoHash)
		}
		return nil
	}
	there, err := w.client.Hash(ctx, remote, algo, 0, 0)
	if err != nil {
		return fmt.Errorf("checksum: %w", err)
	}
	here, err := hashFile(local, algo)
	if err != nil {
		return err
	}
	if here != there.Hex {
		return &MismatchError{Name: remote, Algo: algo, Local: here, Remote: there.Hex}
	}
	r.Verified, r.Hash = string(algo), here
	w.events.verified(t, string(algo))
	return nil
}

// hashAlgo is the strongest that both ends know.
func (w *worker) hashAlgo() (client.HashAlgo, bool) {
	for _, a := range w.client.HashAlgos() {
		if newHash(a) != nil {
			return a, true
		}
	}
	return "", false
}

func newHash(a client.HashAlgo) hash.Hash {
	switch a {
	case client.CRC32:
		return crc32.NewIEEE()
	case client.MD5:
		return md5.New()
	case client.SHA1:
		return sha1.New()
	case client.SHA256:
		return sha256.New()
	case client.SHA512:
		return sha512.New()
	}
	return nil
}

func hashFile(name string, a client.HashAlgo) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := newHash(a)
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
