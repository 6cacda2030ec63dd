package bulk

import (
	"context"
	"time"

	"ferry/proto"
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
	VerifyAuto Verify = iota // size; after a resume also a hash, where the server offers one
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
	Durable   Durability        // of downloads
	Times     Times             // whether files keep the time of their last change
	Events    func(Event)       // never called twice at once; nil if nobody listens
	Notice    func(line string) // something the user should know and needn't act on; nil to drop it
	Server    *Server           // what was learned of the server; kept by the caller while the connection lasts
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

// Engine moves files over one client. It is not safe for concurrent use.
type Engine struct {
	client *client.Client
	opts   Options
	events emitter
	answer *Answer // what the user said for all
}

// New makes an engine for a client that is logged in.
func New(c *client.Client, o Options) *Engine {
	if o.Server == nil {
		o.Server = &Server{}
	}
	return &Engine{client: c, opts: o, events: emitter{to: o.Events}}
}

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

// Do carries a plan out, in its order. It stops at the first failure, or with
// Continue at the first that the rest would share: a broken connection, a full
// disk, the end of ctx.
func (e *Engine) Do(ctx context.Context, p Plan) (Report, error) {
	began := time.Now()
	r := Report{}
	e.events.planned(p)
	var first error
	for _, s := range p.Steps {
		result, ok := e.do(ctx, p.Direction, s)
		if !ok {
			continue // a directory: made, and nothing to report
		}
		r.add(result)
		if result.Err != nil && first == nil {
			first = result.Err
		}
		if result.Err != nil && (e.opts.OnError == Stop || e.hopeless(ctx, result.Err)) {
			break
		}
	}
	r.Took = time.Since(began)
	return r, first
}

// hopeless reports whether what failed one file fails all that follow.
func (e *Engine) hopeless(ctx context.Context, err error) bool {
	return ctx.Err() != nil || e.client.Broken() || diskFull(err)
}

// do carries out one step. ok is false for what has no result of its own.
func (e *Engine) do(ctx context.Context, d Direction, s Step) (r Result, ok bool) {
	r = Result{Item: s.Item, Direction: d, Size: s.Size, Time: s.Time}
	began := time.Now()
	switch s.Action {
	case MakeDir:
		if r.Err = e.makeDir(ctx, d, s); r.Err == nil {
			return r, false
		}
	case Leave:
		r.Kind, r.Why = Skipped, s.Why
	case Reject:
		r.Err = s.Err
	case Send:
		e.events.started(d, s)
		if d == Down {
			r.Err = e.download(ctx, s, &r)
		} else {
			r.Err = e.upload(ctx, s, &r)
		}
		if r.Err == nil {
			r.Kind = Done
		}
	}
	if r.Err != nil {
		r.Kind, r.Err = Failed, proto.Cause(ctx, r.Err)
	}
	r.Took = time.Since(began)
	e.events.ended(r)
	return r, true
}
