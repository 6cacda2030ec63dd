package main

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// TestSegmentMirror: a big file among small ones comes in segments within a
// mirror, from a server that has two sessions for us and no more; the tree is
// whole, and nothing else is left.
func TestSegmentMirror(t *testing.T) {
	dir, local := t.TempDir(), t.TempDir()
	want := map[string][]byte{"big": noisy(t, filepath.Join(dir, "big"), 20<<20)}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		name := filepath.Join("sub", "small-"+strconv.Itoa(i))
		want[name] = noisy(t, filepath.Join(dir, name), 4<<10+i)
	}
	log := filepath.Join(t.TempDir(), "log")
	u := url.URL{Scheme: "ftp", User: url.UserPassword("demo", "secret"), Host: ferryServe(t, dir, "--max-per-address", "2", "--log", log), Path: "/"}
	cmd := exec.Command(program, "mirror", "--segments", "6", u.String(), local)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, text := range want {
		if got, err := os.ReadFile(filepath.Join(local, name)); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s: %d of %d bytes, or others, %v", name, len(got), len(text), err)
		}
	}
	entries := 0
	_ = filepath.WalkDir(local, func(string, os.DirEntry, error) error { entries++; return nil })
	if entries != len(want)+2 {
		t.Errorf("%d entries for %d files", entries, len(want))
	}
	said, err := os.ReadFile(log)
	if n := bytes.Count(said, []byte("path=/big")); err != nil || n < 2 {
		t.Errorf("the big file came in %d downloads, %v", n, err)
	}
}
