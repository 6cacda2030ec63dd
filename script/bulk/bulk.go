package bulk

import (
	"context"

	"ferry/proto/client"
)

// Item is one thing to move: a file, or a directory with all that is in it.
type Item struct {
	Local  string // path of this system, absolute or relative to the process
	Remote string // path on the server; bytes
}

// Direction is which way the bytes go.
type Direction string

const (
	Down Direction = "down" // to this system
	Up   Direction = "up"   // to the server
)

// Verify says how a transfer is checked before it counts.
type Verify int

const (
	VerifyAuto Verify = iota // size, and a hash where the server offers one cheaply
	VerifySize
	VerifyHash // no hash, no success
	VerifyNone
)

// Atomic says whether uploads go to a temporary name first.
type Atomic int

const (
	AtomicAuto Atomic = iota // where renaming over a file is known or probed to work
	AtomicOn                 // or fail
	AtomicOff                // in place
)

// Recursion says what a directory among the items means.
type Recursion int

const (
	FilesOnly Recursion = iota // a directory is an error that says how to ask for it
	Trees
)

// OnError says what the first failed file means for the rest.
type OnError int

const (
	Stop OnError = iota
	Continue
)

// Options are what a caller may say about a run. The zero value is the safe
// one but for Existing: Overwrite replaces atomically, as ftp does.
type Options struct {
	Existing  Policy
	Ask       Asker // must be set when Existing is Ask
	Recursive Recursion
	Verify    Verify
	Atomic    Atomic
	OnError   OnError
	Hidden    bool        // names that begin with a dot, within trees
	Events    func(Event) // called by the goroutine that works; nil if nobody listens
}

// Engine moves files over one client. It is not safe for concurrent use.
type Engine struct {
	client *client.Client
	opts   Options
}

// New makes an engine for a client that is logged in.
func New(c *client.Client, o Options) *Engine { return &Engine{client: c, opts: o} }

// Download brings the items here. The error is the first failure; the report
// has every one.
func (e *Engine) Download(ctx context.Context, items []Item) (Report, error) {
	return Report{}, nil
}

// Upload brings the items to the server.
func (e *Engine) Upload(ctx context.Context, items []Item) (Report, error) {
	return Report{}, nil
}
