package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"ferry/proto/list"
)

// Results of a finding.
const (
	Works  = "works"
	Weak   = "weak"   // it works, and some will stumble over it
	Absent = "absent" // an extra that the server doesn't have
	Fails  = "fails"
	Untold = "untold" // it could not be tried
)

// Finding is one answer.
type Finding struct {
	Area   string `json:"area"`
	Name   string `json:"name"`
	Result string `json:"result"`
	Found  string `json:"found"`
	Fix    string `json:"fix,omitempty"` // what mends it, "" when nothing needs mending
}

// Report is an examination.
type Report struct {
	Target   string    `json:"target"`
	Findings []Finding `json:"findings"`
}

// Count is how many findings have a result.
func (r Report) Count(result string) (n int) {
	for _, f := range r.Findings {
		if f.Result == result {
			n++
		}
	}
	return n
}

// Err is nil unless something fails.
func (r Report) Err() error {
	if n := r.Count(Fails); n > 0 {
		return &FailsError{Target: r.Target, N: n}
	}
	return nil
}

// FailsError is an examination that found something broken.
type FailsError struct {
	Target string
	N      int
}

func (e *FailsError) Error() string {
	if e.N == 1 {
		return fmt.Sprintf("%s: 1 thing does not work", e.Target)
	}
	return fmt.Sprintf("%s: %d things do not work", e.Target, e.N)
}

// WriteJSON writes the report as one object.
func (r Report) WriteJSON(w io.Writer) error {
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// Write prints the report for a person.
//
// SECURITY: what servers have said is in it; Printable keeps it from the
// terminal's controls.
func (r Report) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", list.Printable(r.Target))
	width, area := 0, ""
	for _, f := range r.Findings {
		width = max(width, len(f.Name))
	}
	for _, f := range r.Findings {
		if f.Area != area {
			area = f.Area
			fmt.Fprintf(&b, "\n%s\n", area)
		}
		fmt.Fprintf(&b, "  %-6s  %-*s  %s\n", label(f.Result), width, f.Name, list.Printable(f.Found))
		if f.Fix != "" {
			fmt.Fprintf(&b, "  %-6s  %-*s  fix: %s\n", "", width, "", list.Printable(f.Fix))
		}
	}
	fmt.Fprintf(&b, "\n%d work, %d weak, %d fail, %d absent, %d untold\n",
		r.Count(Works), r.Count(Weak), r.Count(Fails), r.Count(Absent), r.Count(Untold))
	_, err := io.WriteString(w, b.String())
	return err
}

// label makes what fails stand out without colour.
func label(result string) string {
	if result == Fails {
		return "FAILS"
	}
	return result
}
