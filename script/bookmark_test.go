package script

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// personal is a world that keeps things, and has somebody at its prompt.
func personal(t *testing.T) *world {
	w := newWorld(t)
	w.cfg.Personal = filepath.Join(w.dir, "personal")
	w.cfg.Network = named{w.cfg.Network}
	w.cfg.Ask = &asker{}
	return w
}

func TestBookmarks(t *testing.T) {
	w := personal(t)
	w.server.file("/pub/x", "hello")
	w.cfg.Ask = &asker{secrets: []string{"secret"}}
	said := w.prompted(
		"bookmark",
		"bookmark add work ftp://anna:canary@ftp.example.com/%2Fpub",
		"bookmark add odd ftps://h", "bookmark rm odd",
		"open work", "pwd", "cat x",
		"cd /", "bookmark add top", "cd pub", "bookmark add here",
		"bookmark list",
	)
	w.local("personal/bookmarks", w.read("personal/bookmarks")+"fz-pro\tftp://anna@ftp.example.com/%2Fpub\n")
	w.cfg.Ask = &asker{secrets: []string{"secret"}}
	if said := w.prompted(`open "fz pro"`, "pwd", "open fz pro"); !strings.Contains(said, "/pub\n") || !strings.Contains(said, "did you mean `open fz-pro`?") {
		t.Errorf("a name as it was where it came from: %s", said)
	}
	for _, want := range []string{
		"there are none", "the password is left out", "/pub\nhello",
		"here\tftp://anna@ftp.example.com/%2Fpub\ntop\tftp://anna@ftp.example.com\nwork\tftp://anna@ftp.example.com/%2Fpub\n",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in %s", want, said)
		}
	}
	if got := w.read("personal/bookmarks"); strings.Contains(got+said, "canary") || strings.Contains(got, "odd") {
		t.Error(got)
	}
	info, err := os.Stat(filepath.Join(w.cfg.Personal, "bookmarks"))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	// In a script too, where nobody is asked.
	w.cfg.Ask = nil
	w.out.Reset()
	w.local("pass", "secret\n")
	_ = os.Chmod(filepath.Join(w.dir, "pass"), 0o600)
	if err := w.run("set password-file pass\nopen work\npwd\n"); err != nil || w.out.String() != "/pub\n" {
		t.Errorf("%v, %q", err, w.out.String())
	}
}

// A password is kept only when that is asked for, and not used where others
// could have read it.
func TestBookmarksWithPasswords(t *testing.T) {
	w := personal(t)
	w.server.file("/x", "hello")
	said := w.prompted("bookmark -p add work ftp://anna:secret@ftp.example.com", "bookmark", "open work", "cat x")
	if !strings.HasSuffix(w.out.String(), "work\tftp://anna:****@ftp.example.com\nhello") {
		t.Errorf("%q\n%s", w.out.String(), said)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(filepath.Join(w.cfg.Personal, "bookmarks"), 0o644); err != nil {
		t.Fatal(err)
	}
	if said := w.prompted("open work"); !strings.Contains(said, "can be read by others") || !strings.Contains(said, errNoAnswer.Error()) {
		t.Error(said)
	}
	if _, secret := NewTable(Verbs()).ShownText("bookmark -p add work ftp://anna:secret@h"); !secret {
		t.Error("the history would keep the password")
	}
}

func TestBookmarkImport(t *testing.T) {
	w := personal(t)
	w.local("home/.local/share/lftp/bookmarks", "work\tftp://anna:canary@ftp.example.com/pub/\nmine\tftp://h/\n")
	w.local("home/.netrc", "machine ftp.test login anna password secret\n")
	w.local("personal/bookmarks", "mine ftp://other\n")
	w.cfg.Netrc = filepath.Join(w.dir, "home", ".netrc")
	w.cfg.Env = func(name string) (string, bool) { return filepath.Join(w.dir, "home"), name == "HOME" }
	said := w.prompted("bookmark import")
	for _, want := range []string{"lftp: 1 added, 1 have names that were there, 1 had a password, which is left out", "netrc: 1 added\n"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in %s", want, said)
		}
	}
	want := "# bookmarks of ferry: a name and a URL a line\nftp.test\tftp://anna@ftp.test\nmine\tftp://other\nwork\tftp://anna@ftp.example.com/pub\n"
	if diff := cmp.Diff(want, w.read("personal/bookmarks")); diff != "" {
		t.Error(diff)
	}
	w.out.Reset()
	said = w.prompted("bookmark -p import home/.local/share/lftp/bookmarks", "bookmark import pass", "bookmark rm nobody", "bookmark add x y z", "bookmark add 'a b' ftp://h", "bookmark add x")
	for _, want := range []string{"lftp: 0 added, 2 have names", "no such file", "there is no bookmark \"nobody\"", "no name for a bookmark", "needs a URL"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in %s", want, said)
		}
	}
}
