package script

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestReadList(t *testing.T) {
	got, err := readList(strings.NewReader("\ufeffa b \r\n\n# no\n./#yes\tx y\n-z\t\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]listed{{"a b ", ""}, {"./#yes", "x y"}, {"-z", ""}}, got, cmp.AllowUnexported(listed{})); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"\tx\n", "a\x00b\n", strings.Repeat("x", MaxLine+1)} {
		if _, err := readList(strings.NewReader(bad)); ExitCode(err) != 2 {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	broken := errors.New("broken")
	if _, err := readList(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestFilesFrom(t *testing.T) {
	w := newWorld(t)
	w.server.file("/x y", "X").file("/d/z", "Z")
	w.local("a", "A")
	w.local("b", "B")
	w.local("up", "a\nb\tnew name\n")
	w.local("down", "x y\nd/z\tother\n")
	w.local("none", "# nothing\n")
	r, err := w.reported("put --files-from up\nget --files-from down\nmput --files-from none\nlmkdir in\nget --files-from down -O in\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"/a": "A", "/new name": "B"} {
		if got, _ := w.server.content(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if w.read("x y")+w.read("other")+w.read("in/x y") != "XZX" {
		t.Error("downloads")
	}
	if n := len(r.Operations[2].Files); n != 2 {
		t.Errorf("%d files are reported", n)
	}
	for text, code := range map[string]int{"put --files-from up a": 2, "get --files-from missing": 6, "get --files-from urls": 2, "put --files-from twice": 2} {
		w.local("urls", "ftp://host/x\n")
		w.local("twice", "a\tx\nb\tx\n")
		if err := w.in(text + "\n"); ExitCode(err) != code {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestListsOfURLs(t *testing.T) {
	w := newWorld(t)
	w.server.file("/x y", "X").file("/d/z", "Z").file("/*", "S")
	w.local("a", "A")
	w.local("gets", "ftp://anna:secret@ftp.test/x%20y\nftp://anna:secret@ftp.test/d/z\tother\nftp://anna:secret@ftp.test/*\tstar\n")
	w.local("puts", "a\tftp://anna:secret@ftp.test/new\na\tftp://anna:secret@ftp.test/newer\n")
	if err := w.command("get --files-from gets"); err != nil {
		t.Fatal(err)
	}
	if err := w.command("put --files-from puts"); err != nil {
		t.Fatal(err)
	}
	new, _ := w.server.content("/new")
	newer, _ := w.server.content("/newer")
	if got := w.read("x y") + w.read("other") + w.read("star") + new + newer; got != "XZSAA" {
		t.Error(got)
	}
	if n := len(w.server.sent("USER")); n != 2 {
		t.Errorf("%d logins for two commands", n)
	}
	w.local("bad", "nourl\n")
	if err := w.command("get --files-from bad"); ExitCode(err) != 2 {
		t.Error(err)
	}
}
