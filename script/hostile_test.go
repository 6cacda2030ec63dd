package script

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A server's names never leave the directory that the user chose, and never
// reach the terminal as they are.
func TestHostileNames(t *testing.T) {
	for _, name := range []string{"../evil", "..", "/etc/evil", "a/../../evil", "nul\x01", "esc\x1b[2J"} {
		for _, line := range []string{"mget *", "get *", "get -r .", "get *e* x", "ls", "dir", "nlist", "stat *"} {
			w := newWorld(t)
			w.server.file("/evil", "evil")
			w.server.listing = "type=file;size=4; " + name + "\r\n"
			w.dir = filepath.Join(w.dir, "deep", "down")
			if err := os.MkdirAll(w.dir, 0o777); err != nil {
				t.Fatal(err)
			}
			w.cfg.Dir = w.dir
			err := w.in(line)
			for dir := filepath.Dir(w.dir); len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
				if exists(filepath.Join(dir, "evil")) {
					t.Errorf("%s with %q wrote outside: %s", line, name, dir)
				}
			}
			all := w.out.String() + w.err.String()
			if err != nil {
				var b strings.Builder
				PrintError(&b, err)
				all += b.String()
			}
			if strings.ContainsAny(all, "\x1b\x01") {
				t.Errorf("%s with %q: control characters reach the output: %q", line, name, all)
			}
		}
	}
}

func TestHostileReplies(t *testing.T) {
	w := newWorld(t)
	w.server.refuse["SIZE"] = "550 \x1b]0;owned\x07 \u202egpj.exe"
	w.server.refuse["SYST"] = "215 \x1b[2J"
	err := w.in("system\nsize x")
	var b strings.Builder
	PrintError(&b, err)
	if all := b.String() + w.out.String() + w.err.String(); strings.ContainsAny(all, "\x1b\x07\u202e") {
		t.Errorf("%q", all)
	}
}

func TestCatAtATerminal(t *testing.T) {
	w := newWorld(t)
	w.server.file("/a", "tab\there\r\n\x1b[2Jcls\nno end")
	w.cfg.Show = quietShower{}
	w.mustIn("cat a")
	if got := w.out.String(); got != "tab\there\n\\x1b[2Jcls\nno end\n" {
		t.Errorf("%q", got)
	}
}

type quietShower struct{ Shower }

// A name with a line end can't become a second command.
func TestNamesWithLineEnds(t *testing.T) {
	w := newWorld(t)
	w.local("value", "x\nDELE y")
	err := w.in("mkdir ${file:value}")
	if err == nil || len(w.server.sent("DELE")) > 0 || len(w.server.sent("MKD")) > 0 {
		t.Error(err, w.server.commands)
	}
}
