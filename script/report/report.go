package report

import (
	_ "embed"
	"encoding/json"
	"io"
	"time"
)

// Version is that of the document and of the events.
const Version = 1

// Schema is the JSON Schema of the document.
//
//go:embed schema.json
var Schema string

// EventSchema is that of one line of the stream. It refers to Schema.
//
//go:embed events.schema.json
var EventSchema string

// Status is what became of a run, a line or a file.
type Status string

const (
	Running     Status = "running"     // of a run: it is under way, or was killed
	Done        Status = "done"        // it did what it should
	Failed      Status = "failed"      // it did not
	Ignored     Status = "ignored"     // it failed, and the script says that this doesn't matter
	Skipped     Status = "skipped"     // there was nothing to do
	Resumed     Status = "resumed"     // an earlier run had done it
	Partial     Status = "partial"     // of a run: some lines failed, and it went on as asked
	Planned     Status = "planned"     // it would be done; nothing was changed
	Interrupted Status = "interrupted" // a signal, or the deadline
)

// Report is the document. Every text in it is fit for a terminal, and without
// secrets.
type Report struct {
	Kind    string    `json:"ferry"` // "run"
	Version int       `json:"version"`
	Script  string    `json:"script"`
	Host    string    `json:"host,omitempty"` // of this machine
	Began   time.Time `json:"began"`
	Ended   time.Time `json:"ended,omitzero"`
	Mode    Mode      `json:"mode"`
	Summary Summary   `json:"summary"`

	Operations []Operation `json:"operations"`
}

// Mode is how a script is run.
type Mode string

const (
	Real    Mode = "run"
	Plan    Mode = "plan"
	Sandbox Mode = "sandbox"
)

// Summary is how a run ended, and its sums.
type Summary struct {
	Status   Status  `json:"status"`
	Exit     int     `json:"exit"`
	Error    string  `json:"error,omitempty"`
	Hint     string  `json:"hint,omitempty"`
	Lines    int     `json:"lines"`
	Failed   int     `json:"failed"`
	Ignored  int     `json:"ignored"`
	Resumed  int     `json:"resumed"`
	Planned  int     `json:"planned"`
	Files    int     `json:"files"` // that moved, or would
	Bytes    int64   `json:"bytes"` // that moved, or would
	Attempts int     `json:"attempts"`
	Seconds  float64 `json:"seconds"`
}

// Operation is one line of the script, as it was executed.
type Operation struct {
	ID      string    `json:"id"` // tells executions of one line apart
	File    string    `json:"file,omitempty"`
	Line    int       `json:"line"`
	Col     int       `json:"col,omitempty"`
	Verb    string    `json:"verb"`
	Text    string    `json:"text"` // as written, secrets starred
	Site    string    `json:"site,omitempty"`
	Status  Status    `json:"status"`
	Reply   *Reply    `json:"reply,omitempty"` // the server's last
	Error   string    `json:"error,omitempty"`
	Hint    string    `json:"hint,omitempty"`
	Exit    int       `json:"exit"` // what the run would end with, were this its only failure
	Bytes   int64     `json:"bytes"`
	Began   time.Time `json:"began"`
	Seconds float64   `json:"seconds"`
	// Attempts counts the tries of the line's files, and is 1 without any.
	Attempts int      `json:"attempts"`
	Files    []File   `json:"files,omitempty"`
	Changes  []string `json:"changes,omitempty"` // what it would change, under --plan
}

// Reply is what the server said.
type Reply struct {
	Code int    `json:"code"`
	Text string `json:"text"`
}

// Direction is which way a file goes.
type Direction string

const (
	Down Direction = "down"
	Up   Direction = "up"
)

// File is one file of an operation.
type File struct {
	Direction Direction `json:"direction"`
	Local     string    `json:"local"`
	Remote    string    `json:"remote"`
	Status    Status    `json:"status"`
	Size      int64     `json:"size"`    // of the file; -1 when not known
	Bytes     int64     `json:"bytes"`   // over the wire
	Resumed   int64     `json:"resumed"` // bytes that an earlier try had brought
	Verified  string    `json:"verified,omitempty"`
	Hash      *Hash     `json:"hash,omitempty"`
	Attempts  int       `json:"attempts"`
	Seconds   float64   `json:"seconds"`
	Why       string    `json:"why,omitempty"` // of a skip
	Error     string    `json:"error,omitempty"`
	Reply     *Reply    `json:"reply,omitempty"`
}

// Hash is a checksum that both ends agree on.
type Hash struct {
	Algorithm string `json:"algorithm"`
	Hex       string `json:"hex"`
}

// New is a report of a run that has begun.
func New(script, host string, mode Mode, began time.Time) *Report {
	return &Report{
		Kind: "run", Version: Version, Script: script, Host: host, Began: began, Mode: mode,
		Summary: Summary{Status: Running, Exit: -1}, Operations: []Operation{},
	}
}

// Add adds an operation, and its part to the sums.
func (r *Report) Add(o Operation) {
	r.Operations = append(r.Operations, o)
	r.Count(o)
}

// Count adds an operation's part to the sums only.
func (r *Report) Count(o Operation) {
	s := &r.Summary
	s.Lines++
	switch o.Status {
	case Failed:
		s.Failed++
	case Ignored:
		s.Ignored++
	case Resumed:
		s.Resumed++
	case Planned:
		s.Planned++
	}
	s.Attempts += o.Attempts
	s.Bytes += o.Bytes
	for _, f := range o.Files {
		if f.Status == Done || f.Status == Planned {
			s.Files++
		}
	}
}

// End notes how the run ended.
func (r *Report) End(status Status, exit int, err, hint string, at time.Time) {
	r.Ended = at
	s := &r.Summary
	s.Status, s.Exit, s.Error, s.Hint, s.Seconds = status, exit, err, hint, Seconds(at.Sub(r.Began))
}

// JSON writes the document.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// Seconds is a time as the report has it: to the millisecond.
func Seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
