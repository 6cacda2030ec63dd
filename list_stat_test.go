package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestListingByStat lists at every server on the control connection: the names
// are those of the other ways, and what is not there is told.
func TestListingByStat(t *testing.T) {
	eachServer(t, func(t *testing.T, s server) {
		for _, name := range []string{"d/one", "d/two words", "d/.hidden", "d/sub/x", "e/"} {
			path := filepath.Join(s.dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(name, "/") {
				writeFile(t, path, "12345")
				if err := os.Chmod(path, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := os.MkdirAll(filepath.Join(s.dir, "e"), 0o755); err != nil {
			t.Fatal(err)
		}
		ways := map[string]string{}
		for _, way := range []string{"auto", "stat"} {
			out := mustRun(t, fmt.Sprintf("set echo off\nset listing %s\nopen %s\nls d\nls e\nls\ncd d\nls", way, s.url))
			ways[way], _, _ = strings.Cut(out[strings.Index(out, "one\n"):], "done: ") // from the first name on
		}
		if ways["auto"] != ways["stat"] || !strings.Contains(ways["stat"], "two words") {
			t.Errorf("%q", ways)
		}
		out, code := ferryRun(t, fmt.Sprintf("set listing stat\nopen %s\nls none", s.url))
		if code != 1 || !strings.Contains(out, "ls: none: ") {
			t.Errorf("exit code %d: %s", code, out)
		}
	})
}
