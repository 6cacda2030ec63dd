package script

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	lines := func(s string) []string { return strings.Split(s, "") }
	for _, c := range [][3]string{
		{"abc", "abc", ""},
		{"abc", "axc", "@ line 1| a|-b|+x| c"},
		{"", "", ""},
		{"abcdefgh", "abcdefgX", "@ line 6| f| g|-h|+X"},
		{"abcdefgh", "Xbcdefgh", "@ line 1|-a|+X| b| c"},
		{"abc", "", "@ line 1|-a|-b|-c"},
	} {
		if got := strings.Join(diff(lines(c[0]), lines(c[1])), "|"); got != c[2] {
			t.Errorf("%s, %s: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

// editing is a world whose editor is a command of sh.
func editing(t *testing.T, command string) *world {
	if runtime.GOOS == "windows" {
		t.Skip("the editor of this test is a script of sh")
	}
	w := newWorld(t)
	w.local("editor", "#!/bin/sh\n"+command+"\n")
	if err := os.Chmod(filepath.Join(w.dir, "editor"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", filepath.Join(w.dir, "tmp"))
	w.local("tmp/x", "")
	w.cfg.Env = func(name string) (string, bool) { return filepath.Join(w.dir, "editor") + " -q", name == "VISUAL" }
	w.cfg.Ask = &asker{}
	w.server.file("/notes.txt", "one\ntwo\n")
	return w
}

// left is what edit has left in the directory of temporary files.
func (w *world) leftovers() []string {
	found, err := filepath.Glob(filepath.Join(w.dir, "tmp", "ferry-edit-*", "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func TestEdit(t *testing.T) {
	const login = "open anna:secret@ftp.test"
	for _, c := range []struct {
		name, command, verb string
		answers             []Answer
		said                string
		there               string // of notes.txt
		left                int
	}{
		{name: "changed", command: `echo three >>"$2"`, said: "notes.txt (14 bytes)", there: "one\ntwo\nthree\n"},
		{name: "as it was", command: "true", said: "notes.txt is as it was", there: "one\ntwo\n"},
		{name: "the editor fails", command: "exit 1", said: "EDITOR and VISUAL say which editor to use", there: "one\ntwo\n"},
		{name: "the editor fails late", command: `echo three >>"$2"; exit 1`, said: "what you have written is in ", there: "one\ntwo\n", left: 1},
		{name: "new", command: `echo new >"$2"`, verb: "edit sub.txt", said: "sub.txt is new", there: "one\ntwo\n"},
		{name: "new and not written", command: "true", verb: "edit sub.txt", said: "sub.txt is as it was", there: "one\ntwo\n"},
		{name: "no file", command: "true", verb: "edit /", said: "no name of a file", there: "one\ntwo\n"},
		{name: "flags come first", command: `[ "$1" = -q ] && rm "$2"`, said: "no such file", there: "one\ntwo\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := editing(t, c.command)
			w.cfg.Ask = &asker{answers: c.answers}
			if c.verb == "" {
				c.verb = "edit notes.txt"
			}
			if said := w.prompted(login, c.verb); !strings.Contains(said, c.said) {
				t.Errorf("%q is missing in %s", c.said, said)
			}
			if got, _ := w.server.content("/notes.txt"); got != c.there {
				t.Errorf("notes.txt is %q", got)
			}
			if left := w.leftovers(); len(left) != c.left {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	w := editing(t, "true")
	w.cfg.Ask = nil
	if err := w.in("edit notes.txt"); err == nil || !strings.Contains(err.Error(), "nobody is there to edit") {
		t.Errorf("in a script: %v", err)
	}
}

// What somebody else has changed meanwhile is not lost unasked.
func TestEditWhatChangedMeanwhile(t *testing.T) {
	for _, c := range []struct {
		answers []Answer
		there   string
		said    string
		left    int
	}{
		{[]Answer{keepHere}, "theirs\n", "`put` uploads yours", 1},
		{[]Answer{showDiff, overwrite}, "one\ntwo\nmine\n", "-theirs\n+one\n", 0},
		{nil, "theirs\n", "what you have written is in ", 1},
	} {
		w := editing(t, `echo mine >>"$2"; touch edited; while [ -e edited ]; do sleep 0.01; done`)
		w.cfg.Ask = &asker{answers: c.answers}
		go func() {
			for !exists(filepath.Join(w.dir, "edited")) {
				runtime.Gosched()
			}
			w.server.mu.Lock()
			w.server.file("/notes.txt", "theirs\n")
			w.server.mu.Unlock()
			os.Remove(filepath.Join(w.dir, "edited"))
		}()
		if said := w.prompted("open anna:secret@ftp.test", "edit notes.txt"); !strings.Contains(said, c.said) {
			t.Errorf("%q is missing in %s", c.said, said)
		}
		if got, _ := w.server.content("/notes.txt"); got != c.there || len(w.leftovers()) != c.left {
			t.Errorf("%v: notes.txt is %q; left are %v", c.answers, got, w.leftovers())
		}
	}
}

func TestTree(t *testing.T) {
	w := newWorld(t)
	w.server.file("/a/b/c.txt", "123").file("/a/d.txt", "").file("/e\x1b.txt", "").file("/.hidden", "")
	w.mustIn("tree\ntree -d 1 -a\ntree -h a\n")
	const want = `.
├── a/
│   ├── b/
│   │   └── c.txt
│   └── d.txt
└── e\x1b.txt
.
├── .hidden
├── a/
└── e\x1b.txt
a
├── b/
│   └── c.txt (3)
└── d.txt (0)
`
	if w.out.String() != want {
		t.Errorf("%s", w.out.String())
	}
}

func TestDiffVerb(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("x", maxDiff)
	w.server.file("/a.txt", "one\ntwo\x1b[31m\n").file("/same", "s").file("/bin", "a\x00b").file("/long", long+"1").file("/long2", long+"2").file("/longer", long+"12")
	w.local("a.txt", "one\nzwei\n")
	w.local("same", "s")
	w.local("bin", "a\x00c")
	w.local("long", long+"1")
	w.local("dir/a.txt", "one\n")
	w.mustIn("diff a.txt\ndiff same\ndiff bin\ndiff long\ndiff long2 long\ndiff longer long\ndiff a.txt dir\n")
	const want = `--- server: a.txt
+++ here: a.txt
@ line 1
 one
-two\x1b[31m
+zwei
` + "the files are the same\nthe files differ, first at byte 2; they are not text\nthe files are the same\n" + `the files differ, first at byte 1048576; they are too long to show
the files differ, first at byte 1048577; they are too long to show
--- server: a.txt
+++ here: dir/a.txt
@ line 1
 one
-two\x1b[31m
`
	if got := w.out.String(); got != want {
		t.Errorf("%q\nwant\n%q", got, want)
	}
	for _, line := range []string{"diff nothing same", "diff same nothing", "diff a.txt dir/a.txt/x"} {
		if err := w.in(line); err == nil {
			t.Errorf("%s did not fail", line)
		}
	}
}
