package bulk

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"ferry/proto"
	"ferry/proto/list"
)

// Does is what a step does, in a word for people and programs: its action, or
// how it sends.
func (s Step) Does() string {
	switch {
	case s.Action != Send:
		return string(s.Action)
	case s.grow:
		return "resume"
	case s.renamed:
		return "rename"
	case s.exists:
		return "replace"
	}
	return string(Send)
}

// Target is the name that a step is about: at the end that the bytes go to.
func (s Step) Target() string {
	if s.Direction == Down {
		return s.Item.Local
	}
	return s.Item.Remote
}

// Source is its name at the other end.
func (s Step) Source() string {
	if s.Direction == Down {
		return s.Item.Remote
	}
	return s.Item.Local
}

// Totals sums a plan up.
type Totals struct {
	Files   int   `json:"files"`
	Bytes   int64 `json:"bytes"`
	Dirs    int   `json:"dirs"`
	Deletes int   `json:"deletes"`
	Skipped int   `json:"skipped"`
	Rejects int   `json:"rejects"`
}

// Totals counts the steps.
func (p Plan) Totals() Totals {
	t := Totals{Files: p.Files, Bytes: p.Bytes, Deletes: p.Deletes}
	for _, s := range p.Steps {
		switch s.Action {
		case MakeDir:
			t.Dirs++
		case Leave:
			t.Skipped++
		case Reject:
			t.Rejects++
		}
	}
	return t
}

// Empty reports whether there is nothing to do.
func (p Plan) Empty() bool {
	for _, s := range p.Steps {
		if s.Action != Leave && s.Action != Reject {
			return false
		}
	}
	return true
}

func (t Totals) String() string {
	s := list.Count(t.Files, "file", "files") + ", " + list.Bytes(t.Bytes)
	for _, c := range []struct {
		n         int
		one, many string
	}{{t.Dirs, "directory", "directories"}, {t.Deletes, "deletion", "deletions"}, {t.Skipped, "skipped", "skipped"}, {t.Rejects, "that can't be", "that can't be"}} {
		if c.n > 0 {
			s += ", " + list.Count(c.n, c.one, c.many)
		}
	}
	return s
}

// Text writes the plan for people: a line for each step that does something,
// or can't, and the totals. What is left as it is is only counted.
func (p Plan) Text(w io.Writer) error {
	for _, s := range p.Steps {
		line := fmt.Sprintf("%-8s %s", s.Does(), s.Target())
		switch s.Action {
		case Leave:
			continue
		case Send:
			line = fmt.Sprintf("%-8s %s -> %s", s.Does(), s.Source(), s.Target())
			if s.Size != proto.NoSize {
				line += " (" + list.InBytes(s.Size) + ")"
			}
		case Reject:
			line += ": " + s.Err.Error()
		}
		if s.Why != "" {
			line += ": " + s.Why
		}
		if _, err := fmt.Fprintln(w, list.Printable(line)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, p.Totals())
	return err
}

// planned is a plan as JSON has it.
type planned struct {
	Direction Direction     `json:"direction,omitzero"`
	Steps     []plannedStep `json:"steps"`
	Totals    Totals        `json:"totals"`
}

type plannedStep struct {
	Does      string    `json:"does"`
	Direction Direction `json:"direction"`
	Local     string    `json:"local,omitzero"`
	Remote    string    `json:"remote,omitzero"`
	Size      *int64    `json:"size,omitzero"`
	Time      time.Time `json:"time,omitzero"`
	Why       string    `json:"why,omitzero"`
}

// JSON writes the plan for programs: one object, with every step.
func (p Plan) JSON(w io.Writer) error {
	out := planned{Direction: p.Direction, Steps: []plannedStep{}, Totals: p.Totals()}
	for _, s := range p.Steps {
		row := plannedStep{Does: s.Does(), Direction: s.Direction, Local: s.Item.Local, Remote: s.Item.Remote, Time: s.Time, Why: s.Why}
		if s.Size != proto.NoSize {
			row.Size = &s.Size
		}
		if s.Err != nil {
			row.Why = s.Err.Error()
		}
		out.Steps = append(out.Steps, row)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
