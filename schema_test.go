package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ferry/script/report"
)

// schemas are those of the report and of a line of the events.
func schemas(t *testing.T) (doc, event *jsonschema.Schema) {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for name, text := range map[string]string{"schema.json": report.Schema, "events.schema.json": report.EventSchema} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("file:///"+name, doc); err != nil {
			t.Fatal(err)
		}
	}
	return c.MustCompile("file:///schema.json"), c.MustCompile("file:///events.schema.json")
}

func valid(t *testing.T, s *jsonschema.Schema, text []byte) map[string]any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	return doc.(map[string]any)
}

// What a run tells to machines is what the published schemas say, of whatever
// kind the run is; and the schemas refuse what is spoilt.
func TestSchemas(t *testing.T) {
	doc, event := schemas(t)
	root, local := t.TempDir(), t.TempDir()
	addr := ferryServe(t, root)
	for _, name := range []string{"a", "b", "c"} {
		writeFile(t, filepath.Join(local, name), strings.Repeat(name, 1000))
	}
	bigFile(t, filepath.Join(local, "slow"), 1<<20)
	text := "on-error continue\nopen ftp://demo@" + addr + "\nlcd " + local + "\nput a\nput b\nput c\nput a --existing skip\nget none\n-size none\n" +
		"put slow --rate 1M\nretry 2 1ms get none\nget a x &\nwait\nappend a b\nls\nmput *\nfor n in 1 2; echo ${n}; end\n"
	script := writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), text)
	var kinds []string
	for _, flags := range [][]string{{}, {"--plan"}, {"--sandbox", root}, {"--resume"}} {
		out, events := filepath.Join(t.TempDir(), "out.json"), filepath.Join(t.TempDir(), "events")
		cmd := command(t, program, append(append([]string{"run", "-q", "--report", out, "--events", events}, flags...), script)...)
		cmd.Env = append(os.Environ(), "HOME="+local, "XDG_STATE_HOME="+filepath.Join(root, ".state"), "FERRY_PASSWORD=secret")
		said, _ := cmd.CombinedOutput()
		for name, s := range map[string]*jsonschema.Schema{out: doc, events: event} {
			written, err := os.ReadFile(name)
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if s == doc {
				valid(t, doc, written)
				continue
			}
			for line := range bytes.Lines(written) {
				kinds = append(kinds, valid(t, event, line)["event"].(string))
			}
		}
	}
	slices.Sort(kinds)
	if got := strings.Join(slices.Compact(kinds), " "); got != "end file file-end files line line-end progress run" {
		t.Errorf("there were only: %s", got)
	}
	for _, spoilt := range []string{
		`{"version":1,"at":"2026-01-01T00:00:00Z","event":"walk"}`,
		`{"version":1,"at":"today","event":"line","id":"1","line":1,"text":"x"}`,
		`{"version":1,"at":"2026-01-01T00:00:00Z","event":"line","id":"1","line":1}`,
		`{"version":1,"at":"2026-01-01T00:00:00Z","event":"line","id":"1","line":1,"text":"x","more":1}`,
		`{"version":2,"at":"2026-01-01T00:00:00Z","event":"run","script":"s","mode":"run"}`,
	} {
		doc, _ := jsonschema.UnmarshalJSON(strings.NewReader(spoilt))
		if event.Validate(doc) == nil {
			t.Errorf("%s passes", spoilt)
		}
	}
}
