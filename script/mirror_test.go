package script

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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

// Changes go up as they happen, until somebody interrupts.
func TestWatchVerb(t *testing.T) {
	w := newWorld(t)
	w.server.dirs["/www"] = true
	w.local("site/a", "1")
	script := filepath.Join(w.dir, "watch.ftp")
	w.local("watch.ftp", "open ftp.test\nuser anna secret\nwatch site www --delay 50ms --delete --max-delete 100%\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, w.cfg, script) }()
	until := func(what string, so func() bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("never: %s", what)
			}
		}
	}
	has := func(name, content string) func() bool {
		return func() bool { got, ok := w.server.content(name); return ok && got == content }
	}
	until("what was there", has("/www/a", "1"))
	w.local("site/b", "2")
	until("a new file", has("/www/b", "2"))
	w.local("site/d/deep/c", "3")
	until("a new tree", has("/www/d/deep/c", "3"))
	w.local("site/d/deep/c", "longer")
	until("a change in it", has("/www/d/deep/c", "longer"))
	if err := os.Remove(filepath.Join(w.dir, "site/b")); err != nil {
		t.Fatal(err)
	}
	until("a removal", func() bool { _, ok := w.server.content("/www/b"); return !ok })
	cancel(signalled(2))
	if err := <-ended; ExitCode(err) != exitInterrupted {
		t.Errorf("%v", err)
	}
}

func isThere(path string) bool {
	names, _ := filepath.Glob(path)
	return len(names) > 0
}
