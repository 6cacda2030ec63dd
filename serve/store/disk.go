package store

import "time"

// DiskOptions are the settings of a Disk. The zero value is good.
type DiskOptions struct {
	// Sync makes Commit wait until the file and its name are on the disk, so
	// that they survive a power cut. Without it they survive the server's
	// death, but not the machine's.
	Sync SyncPolicy
	// PartAge is how long a part is kept; 0 means a day.
	PartAge time.Duration
	// InUse is shared by the stores of one server, whose roots may overlap.
	InUse *InUse
}

// SyncPolicy says how durable a committed upload is.
type SyncPolicy int

const (
	SyncSystem SyncPolicy = iota // the system has the bytes
	SyncDisk                     // the disk has them: fsync of file and directory
)

// InUse knows which files transfers are using.
type InUse struct{}

// NewDisk is OpenDisk with default options.
func NewDisk(dir string) (Store, error) { return OpenDisk(dir, DiskOptions{}) }

// OpenDisk opens the directory as a store.
func OpenDisk(dir string, o DiskOptions) (Store, error) { panic("coming") }

// NewMem is an empty store in memory.
func NewMem() Store { panic("coming") }

// ReadOnly refuses all that writes with fs.ErrPermission.
func ReadOnly(s Store) Store { panic("coming") }
