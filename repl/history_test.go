package repl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ferry/script"
)

func verbs() *script.Table { return script.NewTable(script.Verbs()) }

func opened(t *testing.T, dir string) *history {
	t.Helper()
	h, err := newHistory(dir)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// What may be a secret is not written, and a secret not even remembered.
func TestHistoryKeepsNoSecrets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	h := opened(t, dir)
	for _, line := range []string{
		"open anna@host", "open ftp://anna:canary@host", "open anna:canary@host", "user anna canary", "account canary",
		"quote PASS canary", "set password canary", "ls; user anna canary", "open -u anna,canary host",
		"canary", "ls 'canary", "  ls  ", "ls", "", strings.Repeat("x", maxHistoryLine+1), "echo \x1b[2J",
	} {
		h.keep(verbs(), line)
	}
	b, err := os.ReadFile(filepath.Join(dir, "history"))
	if err != nil || strings.Contains(string(b), "canary") {
		t.Errorf("%v: %s", err, b)
	}
	want := []string{"open anna@host", "canary", "ls 'canary", "ls"} // mistyped lines come back by the arrow keys
	if diff := cmp.Diff(want, h.all()); diff != "" {
		t.Error(diff)
	}
	for path, mode := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "history"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, err, info.Mode())
		}
	}
}

func TestHistoryIsShared(t *testing.T) {
	dir := t.TempDir()
	one, two := opened(t, dir), opened(t, dir)
	one.keep(verbs(), "cd a")
	two.keep(verbs(), "cd b")
	one.keep(verbs(), "cd c")
	for _, h := range []*history{one, two} {
		if diff := cmp.Diff([]string{"cd a", "cd b", "cd c"}, h.all()); diff != "" {
			t.Error(diff)
		}
	}
	seen := 0
	if got := two.since(&seen); len(got) != 3 || len(two.since(&seen)) != 0 {
		t.Errorf("%q, and then again", got)
	}
	if got := two.suggest("cd"); got != " c" {
		t.Errorf("suggested %q", got)
	}
}

func TestHistoryIsShortened(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "history")
	lines := strings.Repeat("cd a\ncd b\n", maxHistory)
	if err := os.WriteFile(path, []byte(lines+"cd last\nhalf"), 0o644); err != nil {
		t.Fatal(err)
	}
	h := opened(t, dir)
	if all := h.all(); len(all) != maxHistory || all[maxHistory-1] != "cd last" {
		t.Errorf("%d lines, the last is %q", len(all), all[len(all)-1])
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > int64(len(lines))/2+100 || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", err, info)
	}
	h.keep(verbs(), "cd more")
	if all := opened(t, dir).all(); all[len(all)-1] != "cd more" || len(all) != maxHistory {
		t.Errorf("%d lines, the last is %q", len(all), all[len(all)-1])
	}
}

func TestHistoryNowhere(t *testing.T) {
	h, err := newHistory("/dev/null/x")
	if err == nil {
		t.Error("a directory below a file")
	}
	h.keep(verbs(), "ls")
	if diff := cmp.Diff([]string{"ls"}, h.all()); diff != "" {
		t.Error(diff)
	}
}
