package journal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Journal is the journal of a run that is under way. Append may be called from
// several goroutines.
type Journal struct {
	path string
	lock *os.File
	now  func() time.Time

	mu     sync.Mutex // guards what follows
	file   *os.File
	nonce  string
	number int
	timer  *time.Timer // runs while records wait for the disk
	err    error       // the first that failed: nothing is recorded after it
}

// Durability says when a record is on the disk.
type Durability int

const (
	Grouped Durability = iota // soon, together with others
	Durable                   // before Append returns
)

// BusyError is a run that is under way already.
type BusyError struct {
	Script string
	Who    string // process and time, "" when not known
}

func (e *BusyError) Error() string {
	if e.Who == "" {
		return e.Script + " runs already"
	}
	return e.Script + " runs already: " + e.Who
}

// Hint is the next step.
func (e *BusyError) Hint() string { return "wait until it has ended, or stop it" }

// suffixes of the files of a run.
const (
	journalSuffix = ".journal"
	lockSuffix    = ".lock"
)

// Lock takes the run that key names for this process; script is what its
// name is to people. Nothing is read or written of the journal yet.
func Lock(dir, key, script string, now func() time.Time) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	j := &Journal{path: filepath.Join(dir, key+journalSuffix), now: now}
	for {
		f, err := take(filepath.Join(dir, key+lockSuffix))
		var busy *BusyError
		if errors.As(err, &busy) {
			busy.Script = script
		}
		if err != nil {
			return nil, err
		}
		if f != nil {
			j.lock = f
			return j, j.sign()
		}
	}
}

// take opens and locks a file. It returns none when Sweep has removed it
// meanwhile: the name is another file's then, or nobody's.
func take(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = lock(f)
	if errors.Is(err, errLocked) {
		who := make([]byte, maxWho)
		n, _ := f.ReadAt(who, 0)
		err = &BusyError{Who: string(who[:n])}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	mine, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	if named, err := os.Stat(name); err != nil || !os.SameFile(mine, named) {
		f.Close()
		return nil, nil
	}
	return f, nil
}

// sign writes into the lock who holds it.
func (j *Journal) sign() error {
	if err := j.lock.Truncate(0); err != nil {
		return err
	}
	_, err := j.lock.WriteAt(fmt.Appendf(nil, "process %d, since %s", os.Getpid(), j.now().UTC().Format(time.RFC3339)), 0)
	return err
}

// Past is what an earlier run left; nil when there is nothing to go on with.
func (j *Journal) Past() (*Past, error) {
	f, err := os.Open(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p, err := Read(f)
	if errors.Is(err, errEmpty) {
		return nil, nil
	}
	return p, err
}

// Begin begins a journal anew. What an earlier run left is gone.
func (j *Journal) Begin(h Head) error {
	h.Version, h.Nonce = version, rand.Text()
	j.nonce, j.number = h.Nonce, 0
	f, err := os.OpenFile(j.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	j.file = f
	if err := j.Append(Record{Kind: RunKind, Head: &h}, Durable); err != nil {
		return err
	}
	return syncDir(filepath.Dir(j.path))
}

// Continue goes on with an earlier run's journal, behind what counts of it.
func (j *Journal) Continue(p *Past) error {
	j.nonce, j.number = p.Head.Nonce, p.number
	f, err := os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	j.file = f
	if err := f.Truncate(p.Length); err != nil {
		return err
	}
	return j.Append(Record{Kind: AgainKind}, Durable)
}

// Append adds a record. After an error nothing more is recorded, and every
// call returns it.
func (j *Journal) Append(r Record, d Durability) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil || j.file == nil {
		return j.err
	}
	r.At = j.now()
	text, err := r.line(j.nonce, j.number+1)
	if err == nil {
		_, err = j.file.Write(text)
	}
	j.number++
	switch {
	case err != nil:
	case d == Durable:
		err = j.sync()
	case j.timer == nil:
		j.timer = time.AfterFunc(syncEvery, j.syncGroup)
	}
	j.err = err
	return err
}

func (j *Journal) sync() error {
	if j.timer != nil {
		j.timer.Stop()
		j.timer = nil
	}
	return j.file.Sync()
}

// syncGroup is Append's other half. The lock is held while the disk works:
// records that wait for it are in the next group.
func (j *Journal) syncGroup() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.timer != nil && j.file != nil && j.err == nil {
		j.err = j.sync()
	}
}

// Release gives the run back without a word of it in the journal.
func (j *Journal) Release() error { return j.lock.Close() }

// Close ends the run's use of its journal, which says from now on with which
// code it ended. It stays: who asks to go on with a run that was done must be
// told so, and not have it done twice.
func (j *Journal) Close(code int) error {
	err := error(nil)
	if j.file != nil {
		err = j.Append(Record{Kind: End, Code: code}, Durable)
		j.mu.Lock()
		err = errors.Join(err, j.file.Close())
		j.file = nil
		j.mu.Unlock()
	}
	// The lock's file stays: to remove it would let two others hold "it".
	return errors.Join(err, j.lock.Close())
}
