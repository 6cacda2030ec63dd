package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ferry/script/report"
)

// The cases in which other clients end with 0: a failure in the middle, a verb
// that nobody knows, one of two URLs, a refused upload. Each has its code here,
// a report that says so, and nothing half-written under a name.
func TestRunsTellTheTruth(t *testing.T) {
	root, local := t.TempDir(), t.TempDir()
	url := "ftp://demo@" + ferryServe(t, root)
	for name, content := range map[string]string{"good": "good", "second": "2"} {
		writeFile(t, filepath.Join(root, name), content)
	}
	writeFile(t, filepath.Join(local, "up"), "up")
	if err := os.Mkdir(filepath.Join(root, "busy"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text   string
		code   int
		status report.Status
		line   int // that failed
		never  string
	}{
		"a get fails, then a good one": {"get none\nget good\n", 1, report.Failed, 3, "good"},
		"fails in the middle":          {"get second\nget none\nget good\n", 1, report.Failed, 4, "good"},
		"gone on with all the same":    {"on-error continue\nget none\nget good\n", 10, report.Partial, 4, ""},
		"upload onto a directory":      {"put up busy/none/deep\nget good\n", 1, report.Failed, 3, "good"},
		"no such local file":           {"put none\nget good\n", 6, report.Failed, 3, "good"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			out := filepath.Join(t.TempDir(), "out.json")
			script := writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), "open ${1}\nlcd ${2}\n"+strings.ReplaceAll(c.text, "put up", "put "+local+"/up"))
			says(t, c.code, "", "run", "-q", "--report", out, script, url, dir)
			var doc report.Report
			text, err := os.ReadFile(out)
			if err != nil || json.Unmarshal(text, &doc) != nil {
				t.Fatal(err)
			}
			if doc.Summary.Exit != c.code || doc.Summary.Status != c.status || doc.Summary.Failed != 1 {
				t.Errorf("%+v", doc.Summary)
			}
			for _, o := range doc.Operations {
				if (o.Status == report.Failed) != (o.Line == c.line) {
					t.Errorf("line %d is %s", o.Line, o.Status)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, c.never)); c.never != "" && err == nil {
				t.Error("a line behind the failure ran")
			}
		})
	}
	says(t, 2, "there is no verb", "run", writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), "open "+url+"\nfetch it\n"))
	t.Chdir(t.TempDir())
	says(t, 1, "none", "get", url+"/none", url+"/good")
}
