package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The elements that JUnit's readers know.
type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Time     string   `xml:"time,attr"`
	Suite    suite    `xml:"testsuite"`
}

type suite struct {
	Name      string `xml:"name,attr"`
	Tests     int    `xml:"tests,attr"`
	Failures  int    `xml:"failures,attr"`
	Errors    int    `xml:"errors,attr"`
	Skipped   int    `xml:"skipped,attr"`
	Time      string `xml:"time,attr"`
	Timestamp string `xml:"timestamp,attr"`
	Host      string `xml:"hostname,attr,omitempty"`
	Cases     []test `xml:"testcase"`
	Output    string `xml:"system-out,omitempty"`
}

type test struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	File    string   `xml:"file,attr,omitempty"`
	Line    int      `xml:"line,attr,omitempty"`
	Time    string   `xml:"time,attr"`
	Failure *message `xml:"failure"`
	Error   *message `xml:"error"`
	Skipped *message `xml:"skipped"`
	Output  string   `xml:"system-out,omitempty"`
}

type message struct {
	Message string `xml:"message,attr,omitempty"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes the document as a suite whose tests are the operations. How the
// run ended is a test of its own: a run that was stopped before any line
// failed has no other.
func (r *Report) JUnit(w io.Writer) error {
	s := suite{
		Name: r.Script, Time: fmt.Sprintf("%.3f", r.Summary.Seconds), Host: r.Host,
		Timestamp: r.Began.UTC().Format("2006-01-02T15:04:05"),
	}
	for _, o := range r.Operations {
		s.add(o.test())
	}
	s.add(r.ending())
	all := suites{Name: "ferry run", Tests: s.Tests, Failures: s.Failures, Errors: s.Errors, Time: s.Time, Suite: s}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *suite) add(t test) {
	s.Cases = append(s.Cases, t)
	s.Tests++
	switch {
	case t.Failure != nil:
		s.Failures++
	case t.Error != nil:
		s.Errors++
	case t.Skipped != nil:
		s.Skipped++
	}
}

// ending is the test that the run ended well.
func (r *Report) ending() test {
	t := test{Name: "the run", Class: r.Script, Time: fmt.Sprintf("%.3f", r.Summary.Seconds)}
	switch s := r.Summary; {
	case s.Status == Running:
		t.Error = &message{Message: "the run has not ended, or was killed", Type: string(s.Status)}
	case s.Exit != 0 && s.Status != Planned:
		t.Error = &message{Message: fmt.Sprintf("exit code %d: %s", s.Exit, s.Error), Type: string(s.Status), Text: s.Hint}
	}
	return t
}

// test is an operation as a test.
func (o Operation) test() test {
	t := test{
		Name: fmt.Sprintf("%d: %s", o.Line, o.Text), Class: o.File, File: o.File, Line: o.Line,
		Time: fmt.Sprintf("%.3f", o.Seconds),
	}
	var about strings.Builder
	if o.Reply != nil {
		fmt.Fprintf(&about, "%d %s\n", o.Reply.Code, o.Reply.Text)
	}
	for _, f := range o.Files {
		fmt.Fprintf(&about, "%s %s: %s -> %s (%d bytes)\n", f.Direction, f.Status, f.source(), f.target(), f.Size)
	}
	for _, c := range o.Changes {
		fmt.Fprintln(&about, c)
	}
	t.Output = about.String()
	switch o.Status {
	case Failed, Interrupted:
		t.Failure = &message{Message: o.Error, Type: fmt.Sprintf("exit code %d", o.Exit), Text: o.Hint}
	case Ignored:
		t.Skipped = &message{Message: "failed, and ignored: " + o.Error}
	case Resumed:
		t.Skipped = &message{Message: "done by an earlier run"}
	case Planned:
		t.Skipped = &message{Message: "only planned"}
	}
	return t
}

func (f File) source() string {
	if f.Direction == Up {
		return f.Local
	}
	return f.Remote
}

func (f File) target() string {
	if f.Direction == Up {
		return f.Remote
	}
	return f.Local
}
