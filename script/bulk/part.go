package bulk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ferry/proto"
)

// A part file is what has arrived of a download, beside its target; its record
// says of what source. Both begin with a dot and end in these.
const (
	partPrefix   = ".ferry-"
	partSuffix   = ".part"
	recordSuffix = ".json"
)

// isPart reports whether a local name is a part or a record of one.
func isPart(name string) bool {
	return strings.HasPrefix(name, partPrefix) &&
		(strings.HasSuffix(name, partSuffix) || strings.HasSuffix(name, partSuffix+recordSuffix))
}

// isTemp reports whether a remote name is a temporary one of ours.
func isTemp(name string) bool {
	return strings.HasPrefix(name, partPrefix) && strings.HasSuffix(plainEnd(name), tempSuffix)
}

// maxPartStem keeps the names of part and record below the 255 bytes that
// file systems allow.
const maxPartStem = 200

// partName is where a download of target arrives.
func partName(target string) string { return partNameOf(target, 0) }

// partNameOf is where it arrives while n others bring the same target.
func partNameOf(target string, n int) string {
	dir, name := filepath.Split(target)
	if len(name) > maxPartStem {
		sum := sha256.Sum256([]byte(name))
		name = hex.EncodeToString(sum[:16])
	}
	if n > 0 {
		name += "~" + strconv.Itoa(n)
	}
	return filepath.Join(dir, partPrefix+name+partSuffix)
}

// record says what a part is a part of. A part is continued only when the
// source still is what the record says.
type record struct {
	Source string    `json:"source"` // host and path
	Size   int64     `json:"size"`
	Time   time.Time `json:"time,omitzero"`

	// A part that is fetched in segments has holes: its length says nothing,
	// and only what is listed here is there.
	Segmented bool   `json:"segmented,omitzero"`
	Have      spans  `json:"have,omitzero"`
	Seams     []seam `json:"seams,omitempty"` // still to be compared
}

func (r record) fits(now record) bool {
	return r.Source == now.Source && r.Size == now.Size && r.Size != proto.NoSize && r.Time.Equal(now.Time)
}

// part is an open part file.
type part struct {
	*os.File
	path  string
	now   record // what it is a part of
	have  int64  // bytes from the start on that a resume may build on
	holes bool   // it has, or may have: only spans counts
	spans spans  // all that it has, where holes may be
	seams []seam // of what it has
	bare  bool   // it has no record: nothing will be built on it
}

// openPart opens the part of target, made new unless its record fits.
func openPart(target string, now record) (*part, error) {
	p, err := claimPart(target, now)
	if err != nil {
		return nil, err
	}
	if old, err := readRecord(p.path); err == nil && old.fits(now) {
		p.have, err = p.Seek(0, io.SeekEnd)
		if err == nil && p.have <= now.Size {
			p.holds(old)
			return p, nil
		}
	}
	if err := p.restart(); err != nil {
		p.Close()
		return nil, err
	}
	if err := writeRecord(p.path, now); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// claimPart opens a part for this run alone: two that bring the same file at the
// same time, such as a nightly batch and the one of the night before, would
// write into each other's, and one would give its name to what the other still
// writes. Whoever comes later has a part of its own.
func claimPart(target string, now record) (*part, error) {
	for n := range maxParts {
		p := &part{path: partNameOf(target, n), now: now}
		f, err := os.OpenFile(p.path, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, err
		}
		if claim(f) && named(f, p.path) {
			p.File = f
			return p, nil
		}
		f.Close()
	}
	return nil, fmt.Errorf("%s: %w", target, errManyParts)
}

// errManyParts is a file that too many others bring at the same time.
var errManyParts = errors.New("other runs are bringing the same file")

// named reports whether an open part still has its name: before it was claimed
// its owner may have given it another.
func named(f *os.File, path string) bool {
	if !claims {
		return true
	}
	here, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(here, there)
}

// barePart makes the part of a small file, which is fetched anew if it comes to
// nothing: a record would cost more than its bytes. One that an earlier run has
// left goes, or it would speak of this part.
func barePart(target string, now record) (*part, error) {
	p, err := claimPart(target, now)
	if err != nil {
		return nil, err
	}
	p.bare = true
	// Most have none: looking takes no lock on the directory, which removing does, twice.
	if _, lerr := os.Lstat(p.path + recordSuffix); lerr == nil {
		err = removed(p.path + recordSuffix)
	}
	if err = errors.Join(err, p.restart()); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// holds notes what the record says that the part has, as far as its length
// allows: it may have been cut since.
func (p *part) holds(r record) {
	if r.Segmented {
		p.holes, p.spans, p.seams = true, r.Have.within(p.have), sane(r.Seams)
		p.have = p.spans.prefix()
	}
}

// inSegments makes the part one that has holes. The record says so before there
// is any.
func (p *part) inSegments() error {
	if !p.holes {
		p.holes, p.spans = true, spans{}.add(span{0, p.have})
	}
	return p.note(p.spans, p.seams)
}

// note records what of a part with holes is there.
func (p *part) note(have spans, seams []seam) error {
	r := p.now
	r.Segmented, r.Have, r.Seams = true, have, seams
	return replaceRecord(p.path, r)
}

// inOne makes it one without holes again: what lies behind the first is given
// up, and so is all of it where its segments do not fit together.
func (p *part) inOne() error {
	if !p.holes {
		return nil
	}
	if _, err := p.prove(p.seams, p.spans); err != nil {
		p.have = 0
	}
	if err := p.Truncate(p.have); err != nil {
		return err
	}
	p.holes, p.spans, p.seams = false, nil, nil
	return writeRecord(p.path, p.now)
}

// held is how many bytes of a target have come already.
func held(target string) int64 {
	path := partName(target)
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	if r, err := readRecord(path); err == nil && r.Segmented {
		return r.Have.within(info.Size()).sum()
	}
	return info.Size()
}

// growFrom makes the part a copy of a target that is to be continued.
func (p *part) growFrom(target string) error {
	f, err := os.Open(target)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := p.restart(); err != nil {
		return err
	}
	p.have, err = io.Copy(p.File, f)
	return err
}

// restart empties the part.
func (p *part) restart() error {
	p.have = 0
	// A file that was cut to nothing is written to the disk by ext4 as soon as it
	// is closed; one that never had anything isn't.
	if info, err := p.Stat(); err != nil || info.Size() > 0 {
		if err := p.Truncate(0); err != nil {
			return err
		}
	}
	if err := p.inOne(); err != nil {
		return err
	}
	_, err := p.Seek(0, io.SeekStart)
	return err
}

// commit gives the part its name. It keeps the mode of what it replaces.
func (p *part) commit(target string, d Durability, modified time.Time) error {
	if d == Synced {
		if err := p.Sync(); err != nil {
			return err
		}
	}
	release := keepClaim(p.File) // till it has its name: nobody else begins it
	defer release()
	if err := p.Close(); err != nil {
		return err
	}
	if old, err := os.Stat(target); err == nil {
		if err := os.Chmod(p.path, old.Mode().Perm()); err != nil {
			return err
		}
	}
	if !modified.IsZero() {
		if err := os.Chtimes(p.path, time.Time{}, modified); err != nil {
			return err
		}
	}
	if err := os.Rename(p.path, target); err != nil {
		return err
	}
	if d == Synced {
		if err := syncDir(filepath.Dir(target)); err != nil {
			return err
		}
	}
	if p.bare {
		return nil
	}
	return dropRecord(p.path)
}

// drop removes a part that nothing can be built on.
func (p *part) drop() {
	release := keepClaim(p.File)
	defer release()
	p.Close()
	os.Remove(p.path)
	_ = dropRecord(p.path)
}

// dropPart removes what an earlier run has left of a download that is not
// wanted any more.
func dropPart(target string) {
	_ = os.Remove(partName(target))
	_ = dropRecord(partName(target))
}

func readRecord(path string) (r record, err error) {
	text, err := os.ReadFile(path + recordSuffix)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	return r, err
}

func writeRecord(path string, r record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return os.WriteFile(path+recordSuffix, text, 0o666)
}

// replaceRecord is writeRecord in one step: a record that is cut in its middle
// would cost all that it tells of.
func replaceRecord(path string, r record) error {
	text, err := json.Marshal(r)
	if err == nil {
		err = os.WriteFile(newRecord(path), text, 0o666)
	}
	if err != nil {
		return err
	}
	return os.Rename(newRecord(path), path+recordSuffix)
}

// newRecord is where the record of a part is written before it gets its name.
func newRecord(path string) string {
	return strings.TrimSuffix(path, partSuffix) + ".new~" + partSuffix + recordSuffix
}

func dropRecord(path string) error {
	_ = os.Remove(newRecord(path)) // left by a death in the middle of writing it
	return removed(path + recordSuffix)
}

// removed makes sure that there is no such file.
func removed(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// overlap is how much of the end of a part is fetched again and compared
// before anything is added to it.
const overlap = 32 << 10

// errChanged is a source that no longer has what was fetched of it before.
var errChanged = errors.New("the source has changed since")

// resumer writes a download behind a part, whose last bytes are compared with
// the first that arrive. The file below stands where the comparison ends.
type resumer struct {
	file *os.File
	tail []byte // still to be compared
}

func (p *part) resumer() (w *resumer, from int64, err error) {
	n := min(p.have, overlap)
	tail := make([]byte, n)
	from = p.have - n
	if _, err := p.ReadAt(tail, from); err != nil {
		return nil, 0, err
	}
	_, err = p.Seek(p.have, io.SeekStart)
	return &resumer{file: p.File, tail: tail}, from, err
}

func (w *resumer) Write(b []byte) (int, error) {
	n := min(len(b), len(w.tail))
	if !bytes.Equal(b[:n], w.tail[:n]) {
		return 0, errChanged
	}
	w.tail = w.tail[n:]
	if n == len(b) {
		return n, nil
	}
	m, err := w.file.Write(b[n:])
	return n + m, err
}
