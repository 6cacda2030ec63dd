package bulk

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"io"
	"os"

	"ferry/proto/client"
)

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

// running is the checksum of a file while it moves, so that it need not be read
// once more. What moves past it is not moved by the kernel.
type running struct {
	algo client.HashAlgo
	hash hash.Hash
	n    int64 // bytes in it
}

func newRunning(algo client.HashAlgo) *running {
	return &running{algo: algo, hash: newHash(algo)}
}

// of reports the sum of a file of that size, if all of it has passed.
func (r *running) of(size int64, algo client.HashAlgo) (sum string, ok bool) {
	if r == nil || r.n != size || r.algo != algo {
		return "", false
	}
	return hex.EncodeToString(r.hash.Sum(nil)), true
}

func (r *running) reset() {
	r.hash.Reset()
	r.n = 0
}

func (r *running) add(b []byte) {
	r.hash.Write(b)
	r.n += int64(len(b))
}

// writer sums up what is written to w, from the start of a file on.
func (r *running) writer(w io.Writer) io.Writer {
	if r == nil {
		return w
	}
	r.reset()
	return &summedWriter{w, r}
}

type summedWriter struct {
	to  io.Writer
	sum *running
}

func (w *summedWriter) Write(b []byte) (int, error) {
	n, err := w.to.Write(b)
	w.sum.add(b[:n])
	return n, err
}

// reader sums up what is read of a file that stands at its start. The client
// may rewind it.
func (r *running) reader(src io.ReadSeeker) io.Reader {
	if r == nil {
		return src
	}
	r.reset()
	return &summedReader{src, r}
}

type summedReader struct {
	from io.ReadSeeker
	sum  *running
}

func (r *summedReader) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	r.sum.add(b[:n])
	return n, err
}

// Seek begins the sum anew at the start of the file; from anywhere else it is
// of no file.
func (r *summedReader) Seek(offset int64, whence int) (int64, error) {
	at, err := r.from.Seek(offset, whence)
	if whence == io.SeekCurrent && offset == 0 {
		return at, err
	}
	if r.sum.reset(); at != 0 {
		r.sum.n = -1 << 62
	}
	return at, err
}
