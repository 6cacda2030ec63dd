package users

import (
	"context"
	"errors"

	"ferry/proto"
)

// Record is one user.
type Record struct {
	Name     string
	Password string       // hash: $argon2id$v=19$m=…,t=…,p=…$salt$sum
	Account  proto.Secret // what ACCT must say; "" when none is wanted
	Root     string       // directory of the host that is this user's "/"; "" is the server's own
	Home     string       // where a session starts: rooted and clean, "/" by default
	Perm     Perm
	Disabled bool
}

// AccountOK reports whether the account is the one that the record wants.
func (r Record) AccountOK(account proto.Secret) bool { panic("coming") }

// ErrDenied is the one answer to an unknown user, a disabled one and a wrong
// password.
var ErrDenied = errors.New("user name or password is wrong")

// Directory knows users.
type Directory interface {
	// Login checks a password. Every refusal is ErrDenied, after the same work.
	Login(ctx context.Context, name string, pass proto.Secret) (Record, error)

	// Lookup finds the user's record as it is now, for a session that is
	// logged in. ErrDenied when the user is gone or disabled.
	Lookup(name string) (Record, error)
}

// Options of Open.
type Options struct {
	Hasher *Hasher         // shared with other directories; nil: one of its own
	Report func(err error) // told once when the changed file can't be read; the last good one stays in force
}

// Hasher computes and checks password hashes, two at once at most.
type Hasher struct{}

// NewHasher makes one; a server needs only one.
func NewHasher() *Hasher { panic("coming") }

// File is a users file.
type File struct{}

// Open reads a users file.
func Open(path string, o Options) (*File, error) { panic("coming") }

// Create makes an empty users file; fs.ErrExist when there is one.
func Create(path string) error { panic("coming") }

func (f *File) Login(ctx context.Context, name string, pass proto.Secret) (Record, error) {
	panic("coming")
}
func (f *File) Lookup(name string) (Record, error) { panic("coming") }

// List are all records in the file's order.
func (f *File) List() ([]Record, error) { panic("coming") }

// Add puts in a user. fs.ErrExist when the name is taken.
func (f *File) Add(r Record, pass proto.Secret) error { panic("coming") }

// Passwd sets a password. fs.ErrNotExist when there is no such user.
func (f *File) Passwd(name string, pass proto.Secret) error { panic("coming") }

// Remove takes a user out. fs.ErrNotExist when there is no such user.
func (f *File) Remove(name string) error { panic("coming") }

// Change edits a user's record.
func (f *File) Change(name string, edit func(*Record) error) error { panic("coming") }

// Single is one user with all permissions. h may be nil.
func Single(h *Hasher, name string, pass proto.Secret, root string) (Directory, error) {
	panic("coming")
}

// Anonymous lets in "anonymous" and "ftp" with any password, to list and read.
func Anonymous(root string, perm Perm) Directory { panic("coming") }

// Any lets everybody in, with all permissions: for a sandbox.
func Any(root string) Directory { panic("coming") }

// Join asks several directories, in order.
func Join(d ...Directory) Directory { panic("coming") }
