package bulk

import (
	"context"
	"fmt"
	"sync"

	"ferry/proto/client"
)

// Item is one thing to move: a file, or a directory with all that is in it.
type Item struct {
	Local  string // path of this system, absolute or relative to the process
	Remote string // path on the server; bytes

	Shown    string // what people know the local file by; "" for its path
	Priority int    // higher ones go first; 0 for all keeps their order
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
	VerifyAuto Verify = iota // size, and a hash where the server offers one
	VerifySize
	VerifyHash // no hash, no success
	VerifyNone
)

// Atomic says whether uploads go to a temporary name first.
type Atomic int

const (
	AtomicAuto   Atomic = iota // where renaming over a file is known or probed to work
	AtomicOn                   // or fail
	AtomicOff                  // in place
	AtomicDelete               // or by deleting the old file first, where renaming doesn't replace
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
	Durable   Durability        // of downloads
	Times     Times             // whether files keep the time of their last change
	Events    func(Event)       // never called twice at once; nil if nobody listens
	Notice    func(line string) // something the user should know and needn't act on; nil to drop it
	Server    *Server           // what was learned of the server; kept by the caller while the connection lasts
	Filter    Filter            // which entries of a tree count
	Links     Links             // what a symbolic link in a tree means
	Publish   Publish           // when uploads get their names
	Extra     Extra             // what becomes of entries that only the target has
	MaxDelete Ceiling           // of Extra
	Job       string            // names the run in its events

	// Dial makes another session like the client's: logged in, in the same
	// directory, with the same parameters. Any number of goroutines may call
	// it. nil: there is one session, and when it breaks the run ends.
	Dial     func(context.Context) (*client.Client, error)
	Sessions int      // most at once; 0: up to 16, as many as pay and the server allows
	Segments int      // in which a file comes at once; 0: as many as pay, where it is big; 1: files come in one
	Retry    Retry    // what is tried again
	Rates    []*Rate  // bounds on bytes a second; the lowest counts
	Control  *Control // holds the run; nil: nobody does
}

// Times says whether files keep the time of their last change.
type Times int

const (
	KeepTimes Times = iota // where both ends can
	NewTimes
)

// Durability says whether files reach the disk before they get their name.
type Durability int

const (
	Buffered Durability = iota // safe against a crash of this process
	Synced                     // and of the machine: one fsync a file
)

// Engine moves files over one server's sessions. It is not safe for
// concurrent use.
type Engine struct {
	client *client.Client // replaced when it breaks
	opts   Options
	events emitter
	answer *Answer                             // what the user said for all
	taken  func(d Direction, name string) bool // a target of the plan that is being made; nil when none is
	told   sync.Mutex
}

// New makes an engine for a client that is logged in.
func New(c *client.Client, o Options) *Engine {
	if o.Server == nil {
		o.Server = &Server{}
	}
	if o.Publish == Together && o.Atomic == AtomicAuto {
		o.Atomic = AtomicOn
	}
	return &Engine{client: c, opts: o, events: emitter{to: o.Events, job: o.Job}}
}

// Client is the engine's session: the one that New was given or, since that
// broke, the one that took its place.
func (e *Engine) Client() *client.Client { return e.client }

// Download brings the items here. The error is the first failure; the report
// has every one.
func (e *Engine) Download(ctx context.Context, items []Item) (Report, error) {
	p, err := e.PlanDownload(ctx, items)
	if err != nil {
		return Report{}, err
	}
	return e.Do(ctx, p)
}

// Upload brings the items to the server. Result and error as with Download.
func (e *Engine) Upload(ctx context.Context, items []Item) (Report, error) {
	p, err := e.PlanUpload(ctx, items)
	if err != nil {
		return Report{}, err
	}
	return e.Do(ctx, p)
}

func (e *Engine) notice(format string, args ...any) {
	if e.opts.Notice == nil {
		return
	}
	e.told.Lock()
	defer e.told.Unlock()
	e.opts.Notice(fmt.Sprintf(format, args...))
}
