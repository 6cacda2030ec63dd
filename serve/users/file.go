package users

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ferry/proto"
)

// Options of Open.
type Options struct {
	// Hasher is shared with other directories of the server; nil: one of its own.
	Hasher *Hasher
	// Report is told, once for each change, that the changed file can't be
	// used; the last good one stays in force. nil: nobody is told. It must not
	// call the File.
	Report func(err error)
}

// File is a users file: a Directory that notices when the file changes, and
// can change it.
type File struct {
	path string // absolute
	o    Options

	mu    sync.Mutex
	good  *table // what is in force
	count uint64 // of tables that have been in force
	stamp stamp  // of the file that was looked at last, good or not
}

// table is a users file that was read; it never changes.
type table struct {
	text    []byte
	records []Record
	hashes  []hash // of records
	byName  map[string]int
}

// stamp tells one state of a file from another.
type stamp struct {
	info   os.FileInfo // nil when there was no file
	read   time.Time
	broken string // the error of that state, "" when it was good
}

// Open reads a users file. An error tells line and column.
func Open(path string, o Options) (*File, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if o.Hasher == nil {
		o.Hasher = NewHasher()
	}
	f := &File{path: path, o: o}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("users file: %w", err)
	}
	if f.good, err = f.read(nil); err != nil {
		return nil, err
	}
	f.stamp = stamp{info: info, read: time.Now()}
	return f, nil
}

// Login checks a password against the file as it is now.
func (f *File) Login(ctx context.Context, name string, pass proto.Secret) (Record, error) {
	t := f.current()
	i, ok := t.byName[name]
	if !ok || t.records[i].Ended(time.Now()) {
		return Record{}, f.refuseBy(ctx, t, name, pass)
	}
	right, err := f.o.Hasher.verify(ctx, t.hashes[i], pass)
	if err != nil {
		return Record{}, err
	}
	if !right {
		return Record{}, ErrDenied
	}
	return f.resolved(t.records[i]), nil
}

// refuse does the work that a user of this file would have cost: the user
// itself, when it is disabled, else one that always is the same for the name.
func (f *File) refuse(ctx context.Context, name string, pass proto.Secret) error {
	return f.refuseBy(ctx, f.current(), name, pass)
}

func (f *File) refuseBy(ctx context.Context, t *table, name string, pass proto.Secret) error {
	like := defaultHash()
	if i, ok := t.byName[name]; ok {
		like = t.hashes[i]
	} else if n := len(t.hashes); n > 0 {
		id := f.o.Hasher.mac("like", name)
		like = t.hashes[(int(id[0])<<16|int(id[1])<<8|int(id[2]))%n]
	}
	return f.o.Hasher.refuse(ctx, like, pass)
}

// Lookup finds a user in the file as it is now.
func (f *File) Lookup(name string) (Record, error) {
	t := f.current()
	i, ok := t.byName[name]
	if !ok {
		return Record{}, ErrDenied
	}
	if t.records[i].Ended(time.Now()) {
		return Record{}, ErrDisabled
	}
	return f.resolved(t.records[i]), nil
}

// resolved is a record as a session needs it: home given, no hash. A relative
// root stays as it is: the server takes it below its own directory.
func (f *File) resolved(r Record) Record {
	r.Password = ""
	if r.Home == "" {
		r.Home = "/"
	}
	return r
}

// List reads the file and returns all records, in its order and as it has
// them. A file that is broken is an error.
func (f *File) List() ([]Record, error) {
	t, err := f.read(nil)
	if err != nil {
		return nil, err
	}
	return t.records, nil
}

// current is what is in force. One stat tells whether the file has changed; a
// file that was written a moment before it was read is read again, since the
// clock of its system is too coarse to tell.
func (f *File) current() *table {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err == nil && f.stamp.same(info) {
		return f.good
	}
	var t *table
	if err == nil {
		t, err = f.read(f.good)
	}
	was := f.stamp.broken
	f.stamp = stamp{info: info, read: time.Now()}
	if err != nil {
		f.stamp.broken = err.Error()
		if f.o.Report != nil && was != f.stamp.broken {
			f.o.Report(err)
		}
		return f.good
	}
	if f.good != t {
		f.good = t
		f.count++
	}
	return t
}

// Version is another number whenever the records have changed.
func (f *File) Version() uint64 {
	f.current()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

func (s stamp) same(now os.FileInfo) bool {
	return s.info != nil && os.SameFile(s.info, now) && s.info.Size() == now.Size() &&
		s.info.ModTime().Equal(now.ModTime()) && s.read.Sub(now.ModTime()) > settle
}

// read reads the file; old when it holds the same.
func (f *File) read(old *table) (*table, error) {
	text, err := slurp(f.path)
	if err != nil {
		return nil, err
	}
	if old != nil && bytes.Equal(old.text, text) {
		return old, nil
	}
	records, err := parse(filepath.Base(f.path), text)
	if err != nil {
		return nil, err
	}
	t := &table{text: text, records: records, byName: make(map[string]int, len(records))}
	for i, r := range records {
		h, err := parseHash(r.Password.Reveal())
		if err != nil {
			return nil, err
		}
		t.byName[r.Name] = i
		t.hashes = append(t.hashes, h)
	}
	return t, nil
}

// slurp reads a file of bounded size.
func slurp(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is larger than %d MiB", filepath.Base(path), maxFile>>20)
	}
	return text, err
}

// Lister is a Directory that can tell all its users.
type Lister interface{ Records() []Record }

// Records are all records as they are now, without their hashes.
func (f *File) Records() []Record {
	var all []Record
	for _, r := range f.current().records {
		all = append(all, f.resolved(r))
	}
	return all
}
