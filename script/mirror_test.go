package script

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestMirrorVerb(t *testing.T) {
	w := newWorld(t)
	w.server.file("/pub/a", "1").file("/pub/d/b", "22").file("/pub/x.tmp", "3")
	w.local("site/gone", "old")
	w.mustIn("mirror pub site --delete -x '*.tmp' --dry-run")
	if out := w.out.String(); !strings.Contains(out, "send     pub/a -> ") || !strings.Contains(out, "delete   ") || !strings.Contains(out, "2 files, 3 bytes") {
		t.Error(out)
	}
	if w.read("site/gone") != "old" {
		t.Error("a dry run has deleted")
	}
	w.mustIn("mirror pub site --delete -x '*.tmp'")
	if w.read("site/a") != "1" || w.read("site/d/b") != "22" {
		t.Error("not mirrored")
	}
	w.local("site/new", "4")
	w.mustIn("mirror -R site pub")
	if got, _ := w.server.content("/pub/new"); got != "4" {
		t.Errorf("new is %q there", got)
	}
	for line, want := range map[string]string{
		"mirror pub x --max-delete 0":    "--max-delete",
		"mirror pub x --max-delete 101%": "--max-delete",
		"mirror pub x --min-size many":   "no size",
		"mirror pub x --newer-than ages": "no age",
		"mirror pub x --links maybe":     "--links",
		"mirror pub x --exclude ''":      "empty",
		"mirror pub x --parallel none":   "parallel",
		"sync site pub --prefer me":      "--prefer",
	} {
		if err := w.in(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// What a sync remembers outlives the process; a deletion is followed.
func TestSyncVerb(t *testing.T) {
	w := newWorld(t)
	w.cfg.State = filepath.Join(w.dir, "state")
	w.server.file("/work/there", "1")
	w.local("work/here", "2")
	w.mustIn("sync work")
	if got, _ := w.server.content("/work/here"); got != "2" || w.read("work/there") != "1" {
		t.Fatalf("%q %s", got, w.err.String())
	}
	w.server.mu.Lock()
	delete(w.server.files, "/work/here")
	w.server.mu.Unlock()
	w.mustIn("cd work\nsync work .") // the same two trees, said otherwise
	if isThere(filepath.Join(w.dir, "work/here")) {
		t.Errorf("the deletion was not followed: %s", w.err.String())
	}
	w.local("work/there", "changed here")
	w.server.file("/work/there", "and there, too")
	err := w.in("sync work")
	if err == nil || !strings.Contains(err.Error(), "there") || !strings.Contains(HintOf(err), "--prefer") {
		t.Errorf("%v", err)
	}
	w.mustIn("sync work --prefer local")
	if got, _ := w.server.content("/work/there"); got != "changed here" {
		t.Errorf("%q", got)
	}
}

func isThere(path string) bool {
	names, _ := filepath.Glob(path)
	return len(names) > 0
}
