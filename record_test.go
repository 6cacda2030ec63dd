//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorder makes `ferry record` of a terminal that would have been a shell.
func recorder(file string) shellOption {
	return func(s *terminal) {
		s.cmd.Args = append([]string{s.cmd.Args[0], "record", file}, s.cmd.Args[2:]...)
	}
}

// A session that somebody has typed, with all it was asked, is a script that
// --check accepts, that another user can run who has never met the server, and
// that leads to the same files. The password is nowhere in it.
func TestRecordedSession(t *testing.T) {
	id := newIdentity(t)
	password := writeFile(t, filepath.Join(t.TempDir(), "password"), canary+"\n")
	root := t.TempDir()
	addr := ferryServe(t, root, "--cert", id.file, "--password-file", password)
	fresh := func() {
		writeFile(t, filepath.Join(root, "old.txt"), "at the server")
		writeFile(t, filepath.Join(root, "news.txt"), "news")
	}
	fresh()
	file := filepath.Join(t.TempDir(), "rec.ftp")
	s := shell(t, []string{"ftpes://demo@" + addr}, recorder(file))
	writeFile(t, filepath.Join(s.dir, "old.txt"), "here, and longer")
	writeFile(t, filepath.Join(s.dir, "news.txt"), "yesterday's")
	s.expect("trust it?")
	s.send("y\r")
	s.expect("Password for demo@")
	s.send(canary + "\r")
	s.expect("demo@127.0.0.1:/")
	s.line("get nothing.txt")
	s.send("put old.txt\r")
	s.expect("(all)?")
	s.send("overwrite\r")
	s.prompt()
	s.send("get news.txt\r")
	s.expect("(all)?")
	s.send("rename\r")
	s.expect("new name")
	s.send("\x15today.txt\r")
	s.prompt()
	s.line("mkdir archive")
	s.line("rename news.txt archive/news.txt")
	s.line("put old.txt archive/")
	s.send("quit\r")
	if code := s.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if noCanary(t, "the script", string(text)); !strings.Contains(string(text), "set pin "+id.pin) || !strings.Contains(string(text), "# get nothing.txt\n# failed: ") {
		t.Errorf("%s", text)
	}
	here, there := digests(t, s.dir), digests(t, root)

	for _, dir := range []string{root, s.dir} {
		for _, name := range []string{"archive", "old.txt", "news.txt", "today.txt"} {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	fresh()
	writeFile(t, filepath.Join(s.dir, "old.txt"), "here, and longer")
	writeFile(t, filepath.Join(s.dir, "news.txt"), "yesterday's")
	for _, args := range [][]string{{"run", "--check", file}, {"run", file}} {
		cmd := exec.Command(program, args...)
		cmd.Env = append(unset(os.Environ(), "FERRY_PASSWORD"), "FERRY_PASSWORD="+canary, "HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir(), "XDG_CONFIG_HOME=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s\n%s", args, err, out, text)
		}
	}
	if d := cmp.Diff(here, digests(t, s.dir)); d != "" {
		t.Errorf("here: %s\n%s", d, text)
	}
	if d := cmp.Diff(there, digests(t, root)); d != "" {
		t.Errorf("at the server: %s\n%s", d, text)
	}
}
