package script

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Where uploads go when a rename, or what comes before it, is refused. In
// place costs the old file as soon as the upload fails, so it must be right.

// straight reports whether an upload was sent under its own name.
func (w *world) straight(name string) bool {
	return slices.Contains(w.server.sent("STOR"), "STOR "+name)
}

func TestFullServerIsNoReasonToSendInPlace(t *testing.T) {
	for _, full := range []string{"452 No space", "552 Over quota", "450 Later"} {
		w := newWorld(t)
		w.server.file("/big", "what was there")
		w.server.refuse["STOR"] = full
		w.local("big", strings.Repeat("x", 1<<20))
		if err := w.in("set retries 0\nput big"); err == nil {
			t.Fatal("put succeeded")
		}
		if w.straight("big") || strings.Contains(w.err.String(), "straight") {
			t.Errorf("%s: sent in place: %s", full, w.err.String())
		}
	}
}

func TestRefusedNameIsNoReasonToSendOthersInPlace(t *testing.T) {
	w := newWorld(t)
	w.server.refuse["RNTO bad"], w.server.refuse["STOR bad"] = "553 Not that name", "553 Not that name"
	w.local("bad", "1")
	w.local("good", "2")
	if err := w.in("-put bad\nput good"); err != nil {
		t.Fatal(err)
	}
	if w.straight("good") || strings.Contains(w.err.String(), "straight") {
		t.Errorf("sent in place: %s", w.err.String())
	}
	for name := range w.server.files {
		if name != "/good" {
			t.Errorf("%s was left", name)
		}
	}
}

func TestRefusedRenameWhereOthersWorked(t *testing.T) {
	w := newWorld(t)
	w.server.file("/a", "old").file("/busy", "old")
	w.server.refuse["RNTO busy"] = "550 In use"
	w.local("a", "new")
	w.local("busy", "new")
	if err := w.in("put a\nput busy"); ExitCode(err) != exitFailed {
		t.Fatal(err)
	}
	if got, _ := w.server.content("/busy"); got != "old" {
		t.Errorf("a file in use was overwritten in place: %q", got)
	}
}

func TestNoRenamesAtAll(t *testing.T) {
	w := newWorld(t)
	w.server.refuse["RNTO"] = "550 Permission denied"
	w.local("a", "1")
	w.local("b", "2")
	w.mustIn("put a\nput b")
	if n := strings.Count(w.err.String(), "straight"); n != 1 || len(w.server.files) != 2 {
		t.Errorf("said %d times, %d files: %s", n, len(w.server.files), w.err.String())
	}
}

// What a growing file left can't be continued: its name would be another the
// next night, and so every night.
func TestFileThatGrowsLeavesNothing(t *testing.T) {
	w := newWorld(t)
	w.local("log", "one line\n")
	w.server.onStore = func() {
		f, err := os.OpenFile(filepath.Join(w.dir, "log"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		f.WriteString("another\n")
	}
	err := w.in("put log")
	if err == nil || !strings.Contains(err.Error(), "log: changed while it was sent") || ExitCode(err) != exitVerify {
		t.Errorf("exit %d: %v", ExitCode(err), err)
	}
	for name := range w.server.files {
		t.Errorf("%s was left", name)
	}
}

func TestLinkThatLeadsNowhere(t *testing.T) {
	w := newWorld(t)
	w.local("tree/a", "1")
	if err := os.Symlink("gone", filepath.Join(w.dir, "tree", "b")); err != nil {
		t.Skip(err)
	}
	w.mustIn("put -r tree")
	if _, ok := w.server.content("/tree/a"); !ok || !strings.Contains(w.err.String(), "b: skipped: the link leads nowhere") {
		t.Errorf("not told, or not sent: %s", w.err.String())
	}
}

// A drop box lets nobody read: whether a rename replaces is seen otherwise
// there, and large files get their names when they are whole there, too.
func TestDropBoxGetsWholeFiles(t *testing.T) {
	w := newWorld(t)
	w.server.file("/big", "what was there")
	w.server.refuse["RETR"] = "550 You may write, not read"
	w.local("big", strings.Repeat("x", 1<<20))
	w.mustIn("put big")
	if got, _ := w.server.content("/big"); len(got) != 1<<20 {
		t.Errorf("%d bytes there", len(got))
	}
	if w.straight("big") || strings.Contains(w.err.String(), "straight") {
		t.Errorf("sent in place: %s", w.err.String())
	}
}

// Where renaming does not replace, the old file is deleted first if that was
// asked for, and only once the new one is there.
func TestDeleteWhereRenamingDoesNotReplace(t *testing.T) {
	for size, atomic := range map[int]string{10: "delete", 1 << 20: "delete", 11: "auto"} {
		w := newWorld(t)
		w.server.keepsOld = true
		w.server.file("/f", "what was there")
		w.local("f", strings.Repeat("x", size))
		w.mustIn("put f --atomic " + atomic)
		if got, _ := w.server.content("/f"); len(got) != size {
			t.Errorf("%s: %d bytes there", atomic, len(got))
		}
		if deleted := slices.Contains(w.server.sent("DELE"), "DELE f"); deleted != (atomic == "delete") || w.straight("f") == deleted {
			t.Errorf("%s: %q", atomic, w.server.sent("DELE", "STOR", "RNTO"))
		}
		for name := range w.server.files {
			if name != "/f" {
				t.Errorf("%s: %s was left", atomic, name)
			}
		}
	}
}

// Two sources of one size and time never share a temporary name.
func TestTemporaryNamesTellSourcesApart(t *testing.T) {
	w := newWorld(t)
	for _, dir := range []string{"one", "two"} {
		w.local(dir+"/f", "12345")
		when := time.Unix(1_700_000_000, 0)
		if err := os.Chtimes(filepath.Join(w.dir, dir, "f"), when, when); err != nil {
			t.Fatal(err)
		}
	}
	w.mustIn("put one/f f\nput two/f f")
	if stores := w.server.sent("STOR"); len(stores) != 2 || stores[0] == stores[1] {
		t.Errorf("%q", stores)
	}
}
