package proto

import (
	"io/fs"
	"time"
)

// Kind is what an entry is.
type Kind byte

const (
	UnknownKind Kind = iota
	RegularFile
	Directory
	Symlink
	CurrentDir // cdir: the listed directory itself
	ParentDir  // pdir: one above it
	Special    // device, socket, pipe
)

// Entry is one name in a directory, as MLSx gives it, as a listing line was
// understood, or as a server's store has it. A field that is not known has
// its zero value, but for Size, where NoSize says so.
type Entry struct {
	Name      string // one name in a listing, a path in MLST; bytes, no fixed encoding
	Kind      Kind
	Size      int64 // bytes, NoSize when not known
	Modify    time.Time
	Precision time.Duration // of Modify: 1 ns … 24 h; 0 with no time
	Create    time.Time
	Mode      fs.FileMode // permission bits, when HasMode
	HasMode   bool
	Owner     string
	Group     string
	Links     int    // hard links, 0 when not known
	Unique    string // fact "unique": same value, same file
	Perm      string // fact "perm": what this user may do
	Target    string // where a symlink leads, as it is written there
	LinkKind  Kind   // of a symlink: what it leads to; UnknownKind when that is not known or not allowed
	Charset   string
}

// NoSize is the Size of an entry whose size is not known.
const NoSize = -1
