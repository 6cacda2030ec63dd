package store

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// DiskOptions are the settings of a Disk. The zero value is good.
type DiskOptions struct {
	// Sync says how durable a committed upload is.
	Sync SyncPolicy
	// PartAge is how long a part is kept; 0 means a day.
	PartAge time.Duration
	// InUse is shared by the stores of one server, whose roots may overlap;
	// nil: one of its own.
	InUse *InUse
}

// SyncPolicy says how durable a committed upload is.
type SyncPolicy int

const (
	// SyncSystem: the system has the bytes. They survive the server's death,
	// not the machine's.
	SyncSystem SyncPolicy = iota
	// SyncDisk: the disk has them, and their name: file and directory are
	// flushed before Commit returns.
	SyncDisk
)

// Disk is a store on a directory of the host.
//
// SECURITY: every operation goes through os.Root: no "..", no symbolic link
// and no race between the two leads out. A link whose target is absolute is
// refused even if it would lead inside: os.Root can't tell.
type Disk struct {
	root     *os.Root
	base     string // path of the root on the host, without links: a key, never opened
	escapes  error  // by which os.Root says that a path leads out
	o        DiskOptions
	readonly bool // expired parts are left alone
}

// NewDisk is OpenDisk with default options.
func NewDisk(dir string) (Store, error) { return OpenDisk(dir, DiskOptions{}) }

// OpenDisk opens a directory of the host as a store.
func OpenDisk(dir string, o DiskOptions) (Store, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	base, err := filepath.Abs(dir)
	if err == nil {
		base, err = filepath.EvalSymlinks(base)
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	if o.PartAge == 0 {
		o.PartAge = partAge
	}
	if o.InUse == nil {
		o.InUse = new(InUse)
	}
	return &Disk{root: root, base: base, escapes: escapeError(root), o: o}, nil
}

// Close closes the directory.
func (d *Disk) Close() error { return d.root.Close() }

// begin is what every method does first: it turns the client's name into a
// path below the root.
func (d *Disk) begin(ctx context.Context, name string) (rel string, err error) {
	if err := ctx.Err(); err != nil {
		return "", context.Cause(ctx)
	}
	if err := check(name); err != nil {
		return "", err
	}
	if name == "/" {
		return ".", nil
	}
	return localize(name[1:])
}

// key is the identity of a path below the root, where nothing better is known.
func (d *Disk) key(rel string) fileID { return fileID{path: filepath.Join(d.base, rel)} }

// Can asks the system that ferry runs on.
func (d *Disk) Can(a Ability) bool { return a != CreateTimes || canCreateTimes }

// Free tells what the file system of the root has left for this process.
func (d *Disk) Free(ctx context.Context) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, context.Cause(ctx)
	}
	n, err := d.free()
	return n, d.fail("free", "/", err)
}
