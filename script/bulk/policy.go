package bulk

import (
	"context"
	"time"
)

// Policy says what to do when the target's name exists.
type Policy int

const (
	Overwrite Policy = iota
	Ask
	Skip
	Rename      // keep both: the new one gets a free name
	Resume      // continue a target that is shorter than its source
	Newer       // replace only what is older than its source
	NewerOrSize // or has another size
	Checksum    // replace what has another content; where only the time differs, set it
)

// Conflict is a name that exists at the target, with what is known of both sides.
type Conflict struct {
	Item       Item
	Direction  Direction
	SourceSize int64 // proto.NoSize when not known
	SourceTime time.Time
	TargetSize int64
	TargetTime time.Time
	FreeName   string // what Rename would use
}

// Answer is what the user decided.
type Answer struct {
	Policy Policy // never Ask
	ForAll bool   // for the rest of this run too
	Name   string // of Rename: what the target is called, if not Conflict.FreeName
}

// Asker asks the user about a conflict. An error stops the run.
type Asker func(ctx context.Context, c Conflict) (Answer, error)

// Extra says what becomes of entries of a target tree that its source doesn't
// have.
type Extra int

const (
	KeepExtra Extra = iota
	DeleteExtra
)

// Ceiling bounds what a run may delete. Zero fields are at their defaults.
type Ceiling struct {
	Count   int // files and directories; 0 no bound
	Percent int // of what the target has, from ten deletions on; 0: 50
}
