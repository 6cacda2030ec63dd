package bulk

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
)

// seam is what one segment has read of the next. Until both are there to be
// compared it stays in the record of the part: a server that begins elsewhere
// than it says does so in the next run too, and goes on where it did before.
type seam struct {
	At    int64  `json:"at"`
	Bytes int    `json:"bytes"`
	Sum   []byte `json:"sum"` // SHA-256
}

func newSeam(at int64, text []byte) seam {
	sum := sha256.Sum256(text)
	return seam{at, len(text), sum[:]}
}

// within reports whether a part has all of its bytes.
func (s seam) within(have spans) bool { return have.behind(s.At) >= int64(s.Bytes) }

// errSeam is a server that sends something else to a session which begins in
// the middle.
var errSeam = errors.New("its segments do not fit together")

// prove compares the seams whose bytes are there, and returns the others.
func (p *part) prove(seams []seam, have spans) (rest []seam, err error) {
	var text [seamBytes]byte
	for _, s := range seams {
		if !s.within(have) {
			rest = append(rest, s)
			continue
		}
		there := text[:s.Bytes]
		if _, err := p.ReadAt(there, s.At); err != nil {
			return seams, err
		}
		if sum := sha256.Sum256(there); !bytes.Equal(sum[:], s.Sum) {
			return seams, fmt.Errorf("%w: byte %d", errSeam, s.At)
		}
	}
	return rest, nil
}

// sane are those that a record of ours can have.
func sane(seams []seam) []seam {
	return slices.DeleteFunc(seams, func(s seam) bool { return s.At < 0 || s.Bytes <= 0 || s.Bytes > seamBytes })
}

// sound compares the seams whose bytes have come.
func (f *segmented) sound() error {
	have := f.present()
	f.mu.Lock()
	defer f.mu.Unlock()
	rest, err := f.part.prove(f.seams, have)
	f.seams = rest
	return err
}

// unproved are the seams that are still to be compared.
func (f *segmented) unproved() []seam {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seams)
}
