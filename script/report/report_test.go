package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func clock() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }

// whole is a report with everything in it that there can be.
func whole() *Report {
	r := New("nightly.ftp", "box", Real, clock())
	r.Add(Operation{
		ID: "1:1", File: "nightly.ftp", Line: 1, Col: 1, Verb: "put", Text: "put a", Site: "anna@ftp.test:21", Status: Done, Began: clock(),
		Reply: &Reply{226, "ok"}, Bytes: 10, Attempts: 2, Seconds: 0.5,
		Files: []File{{Direction: Up, Local: "/a", Remote: "a", Status: Done, Size: 12, Bytes: 10, Resumed: 2, Verified: "SHA-256", Hash: &Hash{"SHA-256", "00ff"}, Attempts: 2, Seconds: 0.4}},
	})
	r.Add(Operation{ID: "2:1", Line: 2, Verb: "size", Text: "-size x", Status: Ignored, Began: clock(), Error: "550 No", Hint: "look", Exit: 1, Attempts: 1, Reply: &Reply{550, "No"}})
	r.Add(Operation{ID: "3:1", Line: 3, Verb: "mkdir", Text: "mkdir <&>", Status: Resumed, Began: clock(), Attempts: 1})
	r.Add(Operation{ID: "4:1", Line: 4, Verb: "rm", Text: "rm x", Status: Planned, Began: clock(), Attempts: 1, Changes: []string{"delete x"}})
	r.Add(Operation{
		ID: "5:1 turn 2", Line: 5, Verb: "get", Text: "get y", Status: Failed, Error: "550 No", Exit: 1, Began: clock(), Attempts: 1,
		Files: []File{{Direction: Down, Local: "y", Remote: "y", Status: Failed, Size: -1, Attempts: 1, Error: "550 No", Reply: &Reply{550, "No"}, Why: ""}},
	})
	r.End(Failed, 1, "nightly.ftp:5: get: 550 No", "look", clock().Add(90*time.Second))
	return r
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, r *Report) error {
	t.Helper()
	var b bytes.Buffer
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// Sums are kept without the lines that they are of.
func TestCount(t *testing.T) {
	r := New("s.ftp", "h", Real, clock())
	r.Count(Operation{Status: Failed, Attempts: 2, Bytes: 7})
	if s := r.Summary; len(r.Operations) != 0 || s.Lines != 1 || s.Failed != 1 || s.Attempts != 2 || s.Bytes != 7 {
		t.Errorf("%+v", r)
	}
}

func TestReportsFollowTheSchema(t *testing.T) {
	s := schema(t)
	for name, r := range map[string]*Report{"whole": whole(), "begun": New("s", "", Plan, clock())} {
		if err := validate(t, s, r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The schema refuses what is no report, or it would prove nothing.
	for name, spoil := range map[string]func(*Report){
		"status": func(r *Report) { r.Operations[0].Status = "fine" },
		"reply":  func(r *Report) { r.Operations[0].Reply.Code = 7 },
		"hash":   func(r *Report) { r.Operations[0].Files[0].Hash.Hex = "XY" },
		"kind":   func(r *Report) { r.Kind = "walk" },
		"exit":   func(r *Report) { r.Summary.Exit = 256 },
	} {
		r := whole()
		spoil(r)
		if validate(t, s, r) == nil {
			t.Errorf("a spoilt %s passes", name)
		}
	}
}

func TestSums(t *testing.T) {
	want := Summary{
		Status: Failed, Exit: 1, Error: "nightly.ftp:5: get: 550 No", Hint: "look",
		Lines: 5, Failed: 1, Ignored: 1, Resumed: 1, Planned: 1, Files: 1, Bytes: 10, Attempts: 6, Seconds: 90,
	}
	if diff := cmp.Diff(want, whole().Summary); diff != "" {
		t.Error(diff)
	}
}

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := whole().JUnit(&b); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "junit.xml"))
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
	var back suites
	if err := xml.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Tests != 6 || back.Failures != 1 || back.Errors != 1 || back.Suite.Skipped != 3 {
		t.Errorf("%+v", back)
	}
}

// A run that has not ended must not look like one that went well.
func TestUnendedRunsAreNoSuccess(t *testing.T) {
	var b bytes.Buffer
	r := New("s", "", Real, clock())
	if err := r.JUnit(&b); err != nil || !strings.Contains(b.String(), `errors="1"`) || r.Summary.Exit == 0 {
		t.Error(err, b.String())
	}
}

func TestFilesAreReplacedWhole(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"out.json", "out.xml", "OUT.XML"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("last night's"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := whole().WriteFile(path); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil || strings.HasPrefix(string(text), "<?xml") != strings.EqualFold(filepath.Ext(name), ".xml") {
			t.Error(name, err, string(text[:20]))
		}
	}
	if err := whole().WriteFile(filepath.Join(dir, "none", "out.json")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	blocked := filepath.Join(dir, "d.json")
	if err := os.MkdirAll(filepath.Join(blocked, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := whole().WriteFile(blocked); err == nil {
		t.Error("a directory was replaced")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".ferry-*")); err != nil || len(left) > 0 {
		t.Error("left behind:", left, err)
	}
}

func TestStream(t *testing.T) {
	var b bytes.Buffer
	s := NewStream(&b, clock)
	s.Send(Event{Kind: LineBegins, ID: "1:1", Text: "put a", Line: 1})
	s.Send(Event{Kind: RunEnds, Summary: &Summary{Status: Done}})
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 2 || lines[0] != `{"version":1,"at":"2026-03-04T05:06:07Z","event":"line","id":"1:1","line":1,"text":"put a"}` {
		t.Error(b.String())
	}
	for _, l := range lines {
		if !json.Valid([]byte(l)) {
			t.Error(l)
		}
	}
	var none *Stream
	none.Send(Event{})
	if none.Err() != nil {
		t.Error("no stream has failed")
	}
}

type full struct{ n int }

func (f *full) Write([]byte) (int, error) { f.n++; return 0, errors.New("full") }

// A reader that is gone is told of once, and doesn't end the run.
func TestStreamsThatBreak(t *testing.T) {
	f := &full{}
	s := NewStream(f, clock)
	s.Send(Event{})
	s.Send(Event{})
	if f.n != 1 || s.Err() == nil {
		t.Error(f.n, s.Err())
	}
}
