package store

import (
	"context"
	"io"
	"io/fs"
	"iter"
	"os"
	"time"

	"ferry/proto"
)

// Store is a tree of files: what a user sees below "/". Names are rooted,
// clean and separated by slashes ("/a/b"); else they are bytes. A name that
// can't be used here (NUL in it, or ferry's own temporaries) is ErrName. All
// methods may be called from many goroutines at once.
//
// What a store can't do at all is errors.ErrUnsupported. Other errors: those
// of errors.go and fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, wrapped.
type Store interface {
	// Stat tells what name is, following symbolic links that stay inside.
	Stat(ctx context.Context, name string) (proto.Entry, error)

	// Lstat tells what name is; a symbolic link is told as such, with Target
	// and LinkKind.
	Lstat(ctx context.Context, name string) (proto.Entry, error)

	// List yields what a directory holds, as Lstat tells it, in the order that
	// the store has it, while it is being read: no entry is waited for that
	// comes later. The temporaries of uploads are hidden, and so are names
	// that hold CR or LF: no command could name them, and no listing show
	// them. An entry that vanishes meanwhile is passed over. An error comes
	// last: the listing is then not complete.
	List(ctx context.Context, name string) iter.Seq2[proto.Entry, error]

	// Open opens a regular file for reading; anything else is ErrIsDir or
	// ErrNotRegular. While it is open, Remove of that name is ErrBusy.
	Open(ctx context.Context, name string) (File, error)

	// Create begins an upload. Where a regular file has that name already and
	// Offset, Append or InPlace asks for a place in it, the bytes are written in place:
	// they are there at once, Discard can't take them back, and what lies
	// behind the last of them stays. Two uploads at once into one file in place
	// are ErrBusy, but for those that say Until: these are, where they are of
	// different owners and want the same bytes. In all other cases the bytes gather in a temporary beside
	// the target that nobody sees, and Commit puts it in the target's place in
	// one step.
	//
	// Offset and Append find the part that an earlier upload of the same name
	// and owner has left (see Part), provided that no file has the name. That
	// part is then the upload's own: no other one shares it. It is cut at
	// Offset. An Offset beyond what is there is ErrOffset: no hole is made.
	//
	// While an upload lasts, Remove of its name is ErrBusy.
	Create(ctx context.Context, name string, o CreateOptions) (Upload, error)

	// Part is the size of what a broken upload of name by owner has left, for
	// SIZE, REST and APPE. It is fs.ErrNotExist when there is none, when a
	// file has that name, when it is older than a day, or while another upload
	// uses it.
	Part(ctx context.Context, name, owner string) (size int64, err error)

	// Mkdir makes one directory. A name that exists is fs.ErrExist.
	Mkdir(ctx context.Context, name string) error

	// Remove deletes a file or a symbolic link (never what it leads to). A
	// directory is ErrIsDir, a file that a transfer uses ErrBusy.
	Remove(ctx context.Context, name string) error

	// RemoveDir deletes an empty directory, else ErrNotEmpty. Parts don't
	// count: they go with it, unless an upload uses one (ErrBusy).
	RemoveDir(ctx context.Context, name string) error

	// Rename moves a file, link or directory. With Deny, or onto a directory,
	// a name that exists is fs.ErrExist, else a file there is replaced in one
	// step.
	Rename(ctx context.Context, from, to string, on Overwrite) error

	// Symlink makes a link. Targets that are absolute or lead out are ErrEscape.
	Symlink(ctx context.Context, target, name string) error

	// SetModTime sets the time of last change.
	SetModTime(ctx context.Context, name string, t time.Time) error

	// SetCreateTime sets the time of creation, where Can(CreateTimes).
	SetCreateTime(ctx context.Context, name string, t time.Time) error

	// SetMode sets permission bits; setuid, setgid and sticky are not settable.
	SetMode(ctx context.Context, name string, mode fs.FileMode) error

	// Can tells whether what not every store can may work here at all.
	Can(a Ability) bool

	// Free is the space left for new files, in bytes.
	Free(ctx context.Context) (int64, error)

	// Usage counts the whole tree, ferry's temporaries included. It walks it.
	Usage(ctx context.Context) (Usage, error)

	// Close gives up what the store itself holds. Open files and uploads go on.
	Close() error
}

// Ability is what not every store can do. Without it the method is
// errors.ErrUnsupported.
type Ability int

const (
	Links       Ability = iota // Symlink
	CreateTimes                // SetCreateTime
)

// File is an open file. Close must be called: it ends the file's being in use.
type File interface {
	io.ReadSeekCloser

	// Stat is the entry of the file as it is now.
	Stat() (proto.Entry, error)

	// Extent is the next stretch [start, end) of bytes at or behind offset
	// that is not a hole; io.EOF when only holes or nothing follow.
	Extent(offset int64) (start, end int64, err error)

	// OSFile is the file of the operating system, so that the kernel may move
	// its bytes; nil when there is none. Close is still the File's.
	OSFile() *os.File
}

// Upload is a file being written. Exactly one of Commit and Discard ends it,
// and must be called; the other one is then without effect.
type Upload interface {
	// Write and Seek are those of a file: the position starts at the offset
	// asked for, or behind what is there for Append. Seek past the end and
	// Write makes a hole.
	io.WriteSeeker

	// OSFile is the file of the operating system, positioned as above; nil
	// when there is none. It must not be closed.
	OSFile() *os.File

	// Commit makes the file be there under its name, whole. With Deny it is
	// fs.ErrExist if the name came to exist meanwhile, and the other file
	// stays. A file that is replaced passes its mode and owner on. After an
	// error the file that was there is untouched.
	Commit(ctx context.Context) error

	// Discard ends an upload that broke. What arrived stays as the part, unless
	// it was to be Whole.
	Discard(ctx context.Context) error
}

// Staged is an Upload whose bytes lie beside the target until Commit, and can be
// looked at by others on this machine.
type Staged interface {
	// StagedPath is where they lie on the host; "" when they are in place, or
	// nowhere on a disk.
	StagedPath() string

	// Spoil makes Discard keep nothing: what arrived is not to be resumed.
	Spoil()
}

// Overwrite says what may happen to a file that has the name already.
type Overwrite int

const (
	Replace Overwrite = iota // it is replaced, in one step
	Deny                     // it stays, and the newcomer is refused: fs.ErrExist
)

// CreateOptions say how an upload begins. The zero value: a new file, or one
// that replaces the old as a whole.
type CreateOptions struct {
	Owner     string       // whose upload: parts are found by the same owner only
	Offset    int64        // position of the first byte
	Append    bool         // begin behind what is there; Offset must be 0
	InPlace   bool         // write into the file that is there, at offset 0 too, and leave the rest of it
	Until     int64        // in place: one behind the last byte that will be written, which the caller holds to; 0: not known
	Whole     bool         // all or nothing: what breaks is not kept as a part
	Overwrite Overwrite    //
	Perm      fs.FileMode  // of a new file, before the umask; 0 means 0666
	Size      int64        // bytes to come, when known: ErrNoSpace now rather than later
	Later     func(func()) // takes from Commit what whoever waits for it need not wait for, and does it soon; nil: Commit does it
}
