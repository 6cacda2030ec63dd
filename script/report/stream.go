package report

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// Event is one line of --events. Which fields are there depends on Kind.
type Event struct {
	Version int       `json:"version"`
	At      time.Time `json:"at"`
	Kind    EventKind `json:"event"`
	ID      string    `json:"id,omitempty"` // of the line that it belongs to

	Script    string     `json:"script,omitempty"`    // of RunBegins
	Mode      Mode       `json:"mode,omitempty"`      // of RunBegins
	Line      int        `json:"line,omitempty"`      // of LineBegins
	Text      string     `json:"text,omitempty"`      // of LineBegins
	Operation *Operation `json:"operation,omitempty"` // of LineEnds
	Summary   *Summary   `json:"summary,omitempty"`   // of RunEnds

	Direction Direction `json:"direction,omitempty"` // of those about files
	Local     string    `json:"local,omitempty"`
	Remote    string    `json:"remote,omitempty"`
	File      *File     `json:"file,omitempty"`  // of FileEnds
	Size      int64     `json:"size,omitempty"`  // of the file, of all files with Planning
	Moved     int64     `json:"moved,omitempty"` // of Progress
	Files     int       `json:"files,omitempty"` // of Planning
	Why       string    `json:"why,omitempty"`   // of Retry
}

// EventKind is what an event tells.
type EventKind string

const (
	RunBegins  EventKind = "run"
	LineBegins EventKind = "line"
	Planning   EventKind = "files" // how many files a line is about
	FileBegins EventKind = "file"
	Progress   EventKind = "progress"
	Retry      EventKind = "retry"
	FileEnds   EventKind = "file-end"
	LineEnds   EventKind = "line-end"
	RunEnds    EventKind = "end"
)

// Stream writes events as they happen, a line of JSON each. A reader that has
// gone away doesn't end the run.
type Stream struct {
	mu  sync.Mutex
	to  io.Writer
	now func() time.Time
	err error
}

// NewStream makes a stream; to must take a line in one Write.
func NewStream(to io.Writer, now func() time.Time) *Stream { return &Stream{to: to, now: now} }

// Send writes one event.
func (s *Stream) Send(e Event) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	e.Version, e.At = Version, s.now()
	text, err := json.Marshal(e)
	if err == nil {
		_, err = s.to.Write(append(text, '\n'))
	}
	s.err = err
}

// Err is why the stream ended early, nil if it didn't.
func (s *Stream) Err() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
