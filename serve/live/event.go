package live

import (
	"net/netip"
	"time"
)

// Kind is what has happened.
type Kind string

// Kinds of events. Those of files come once for each command, when it is
// known how it ended, whether it succeeded or not. Of an upload that ferry's
// client makes under a temporary name (.ferry-….tmp) it is known when it has been
// renamed: Path is the name that it has then, and the Rename follows. Other
// clients' temporary names look like any: whoever waits for their files wants
// Rename as well.
const (
	Connected    Kind = "connected"    // somebody was let in, and is nobody yet
	Refused      Kind = "refused"      // or was not: there is no session
	LoggedIn     Kind = "login"        // a user has begun
	LoginFailed  Kind = "login-failed" // User is the name that was tried
	Upload       Kind = "upload"
	Download     Kind = "download"
	Listing      Kind = "listing"
	Delete       Kind = "delete"
	Rename       Kind = "rename"
	Copy         Kind = "copy" // of a file to another on the server
	Mkdir        Kind = "mkdir"
	Rmdir        Kind = "rmdir"
	Disconnected Kind = "disconnect" // a session is over; Took is how long it was
	Acted        Kind = "act"        // an administrator: User is who, Verb what, Path about whom
	Banned       Kind = "ban"        // an address, or a name from there, is not let in any more
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{Connected, Refused, LoggedIn, LoginFailed, Upload, Download, Listing, Delete, Rename, Copy, Mkdir, Rmdir, Disconnected, Acted, Banned}
}

// Outcome is how something really ended.
type Outcome string

// Outcomes of commands and transfers.
const (
	Done        Outcome = "done"
	Denied      Outcome = "refused"  // the server would not; Code and Err say why
	Failed      Outcome = "failed"   // the server could not: its disk, or itself
	Unreachable Outcome = "no-data"  // no data connection came about
	Aborted     Outcome = "aborted"  // the client has asked for the end (ABOR)
	Broken      Outcome = "broken"   // the data connection broke, or stood still
	Gone        Outcome = "gone"     // the client went away in the middle
	Kicked      Outcome = "kicked"   // the administrator ended it
	Expelled    Outcome = "expelled" // the user's account has ended or changed
)

// Outcomes of sessions, beside Gone, Kicked and Expelled.
const (
	Quit       Outcome = "quit"
	Idle       Outcome = "idle"       // silent for too long
	TooSlow    Outcome = "too-slow"   // has not logged in in time
	Drained    Outcome = "drained"    // the server shuts down, or takes a rest
	Misbehaved Outcome = "misbehaved" // wrong passwords, lines that are no commands
	Crashed    Outcome = "crashed"    // a fault of the server
)

// Event is one thing that has happened. Fields that don't apply are zero. A
// download has no SHA256: its bytes go from the file to the network unseen, and a
// file that is read again may be another by then.
//
// SECURITY: User, Path and To come from strangers: they may hold anything but
// CR, LF and NUL, terminal controls included. Whoever shows them quotes them.
type Event struct {
	Kind    Kind           `json:"event"`
	Time    time.Time      `json:"time"` // when it was over
	Session uint64         `json:"session,omitempty"`
	User    string         `json:"user,omitempty"`
	Peer    netip.AddrPort `json:"peer,omitzero"`
	Local   netip.AddrPort `json:"local,omitzero"`
	TLS     string         `json:"tls,omitempty"` // its version; "": in clear
	Verb    string         `json:"verb,omitempty"`
	Path    string         `json:"path,omitempty"` // as the user sees it
	To      string         `json:"to,omitempty"`   // the new name of Rename and Copy
	Bytes   int64          `json:"bytes,omitempty"`
	SHA256  string         `json:"sha256,omitempty"` // of an upload that was done, where Config.Fingerprints asks for it
	Ranged  bool           `json:"-"`                // of an upload: a range of a file that was there
	Took    time.Duration  `json:"took,omitempty"`   // nanoseconds
	Code    int            `json:"code,omitempty"`   // of the reply; 0: there was none
	Outcome Outcome        `json:"outcome,omitempty"`
	Reason  string         `json:"reason,omitempty"` // in words, where it was not done
	Until   time.Time      `json:"until,omitzero"`   // of Banned
}

// OK reports whether what was asked for was done.
func (e Event) OK() bool { return e.Outcome == Done }

// Failed reports whether something was wanted and not done.
func (e Event) Failed() bool {
	switch e.Kind {
	case Disconnected:
		return e.Outcome != Quit && e.Outcome != Gone && e.Outcome != Idle && e.Outcome != Drained
	case Connected:
		return false
	case Banned:
		return true
	}
	return e.Outcome != Done
}
