package bulk

import "time"

// EventKind is what happened.
type EventKind string

const (
	Planned  EventKind = "planned"  // totals are known: Files, Size
	Started  EventKind = "started"  // one file begins
	Progress EventKind = "progress" // at most a few a second a file
	Retried  EventKind = "retried"
	Verified EventKind = "verified"
	Done     EventKind = "done"
	Failed   EventKind = "failed"
	Skipped  EventKind = "skipped"
)

// Event is one thing that happened, for progress bars, reports and JSON lines alike.
type Event struct {
	Kind      EventKind
	At        time.Time
	Item      Item
	Direction Direction
	Files     int   // Planned: files to move
	Size      int64 // bytes of this file, or of all with Planned; proto.NoSize if not known
	Moved     int64 // bytes so far, those that were there before a resume included
	Why       string
	Err       error
}
