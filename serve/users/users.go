package users

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/netip"
	"path"
	"strings"
	"time"
	"unicode"

	"ferry/proto"
)

// Record is one user.
type Record struct {
	Name     string
	Password proto.Secret // its hash; empty in what Login and Lookup return
	Account  proto.Secret // what ACCT must say; "" when none is wanted
	Root     string       // directory of the host that is this user's "/": absolute, or below the server's own; "" is that itself
	Home     string       // where a session starts: rooted and clean; "" is "/"
	Perm     Perm
	Mounts   map[string]string // SMNT: name to root, as Root
	Records  Records           // how this user's files hold the records of STRU R
	Dirs     map[string]Perm   // permissions of directories that are not Perm, by rooted name
	From     []netip.Prefix    // where the user may come from; nil: from everywhere
	TLS      TLSRule
	Limits   Limits
	Expires  time.Time // when it is over; zero: never
	Disabled bool

	// Fixed says that Lookup tells no more of this user: what Login has told
	// holds as long as the session does.
	Fixed bool
}

// Records is how files hold records where they have no lines: STRU R in TYPE I
// and L.
type Records string

const (
	NoRecords Records = ""    // they don't: STRU R is for text
	RDW       Records = "rdw" // a record descriptor word of four bytes before each
)

// AccountOK reports whether the account is the one that the record wants. It
// takes the same time for every wrong one.
func (r Record) AccountOK(account proto.Secret) bool {
	want, got := sha256.Sum256([]byte(r.Account.Reveal())), sha256.Sum256([]byte(account.Reveal()))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// check refuses a record that could not be obeyed.
func (r Record) check() error {
	if err := r.checkFields(); err != nil {
		return err
	}
	_, err := parseHash(r.Password.Reveal())
	return err
}

// checkFields is check but for the password.
func (r Record) checkFields() error {
	switch {
	case r.Name == "" || len(r.Name) > maxName:
		return fmt.Errorf("a user's name has 1 to %d bytes", maxName)
	case strings.ContainsFunc(r.Name, unicode.IsControl):
		return fmt.Errorf("name %q holds a control character", r.Name)
	case strings.IndexByte(r.Root, 0) >= 0:
		return fmt.Errorf("root %q holds NUL", r.Root)
	case r.Home != "" && (r.Home[0] != '/' || path.Clean(r.Home) != r.Home || strings.IndexByte(r.Home, 0) >= 0):
		return fmt.Errorf(`home %q is not of the form "/" or "/a/b"`, r.Home)
	}
	if err := r.checkMounts(); err != nil {
		return err
	}
	return r.checkRules()
}

func (r Record) checkMounts() error {
	if r.Records != NoRecords && r.Records != RDW {
		return fmt.Errorf("records %q: want %q, or nothing", r.Records, RDW)
	}
	for name, root := range r.Mounts {
		switch {
		case name == "" || strings.ContainsFunc(name, unicode.IsControl):
			return fmt.Errorf("mount %q can't be named in a command", name)
		case root == "" || strings.IndexByte(root, 0) >= 0:
			return fmt.Errorf("mount %q has root %q, which is no directory", name, root)
		}
	}
	return nil
}

// The refusals. ErrDenied is all that a stranger may learn: ErrDisabled is one
// of its kind, and only Lookup returns it.
var (
	ErrDenied   = errors.New("user name or password is wrong")
	ErrDisabled = fmt.Errorf("user is disabled: %w", ErrDenied)
)

// Directory knows users. Its methods may be called from many goroutines.
type Directory interface {
	// Login checks a password. Every refusal is ErrDenied, and costs the same
	// work whether the user is unknown, disabled, or gave a wrong password.
	// When ctx ends while it waits for its turn, ctx's error.
	Login(ctx context.Context, name string, pass proto.Secret) (Record, error)

	// Lookup finds a user's record as it is now, for a session that has logged
	// in. ErrDenied when the user is gone, ErrDisabled when disabled.
	Lookup(name string) (Record, error)
}

// refuser is a Directory that can do the work of a refusal for a user that no
// directory knows.
type refuser interface {
	refuse(ctx context.Context, name string, pass proto.Secret) error
}
