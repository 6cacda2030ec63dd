//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is kept in one shell is so in the next one; aliases complete and run.
func TestShellKeepsSettingsAndAliases(t *testing.T) {
	state := t.TempDir()
	s := shell(t, nil, withState(state))
	s.expect("ferry> ")
	s.line("set -k bell on")
	s.line("alias -k say echo well,")
	s.send("say done\r")
	s.expect("well, done\n")
	if b, err := os.ReadFile(filepath.Join(state, ".config", "ferry", "config")); err != nil || string(b) != "set bell on\nalias say echo well,\n" {
		t.Errorf("%v, %q", err, b)
	}
	s = shell(t, nil, withState(state))
	s.expect("ferry> ")
	if got := s.line("set bell"); !strings.HasPrefix(got, "on\n") {
		t.Errorf("bell is %q", got)
	}
	s.send("sa\tdone\r")
	s.expect("well, done\n")
	s.send("help ke\t\r")
	s.expect("^R searches them")
	s = shell(t, []string{"--no-config"}, withState(state))
	s.expect("ferry> ")
	if got := s.line("set bell"); !strings.HasPrefix(got, "off\n") {
		t.Errorf("without the file bell is %q", got)
	}
}

// Settings are listed with value, default and meaning, and fit on the screen.
func TestShellListsSettings(t *testing.T) {
	s := shell(t, []string{"--no-state"})
	s.expect("ferry> ")
	s.line("set existing skip")
	got := s.line("set")
	for _, want := range []string{"SETTING ", "existing          skip", "ask ", "what to do when the target's name exists"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	for line := range strings.Lines(got) {
		if len(line) > screenWidth {
			t.Errorf("a line is too long: %s", line)
		}
	}
}

// The dialogue has a colour for each direction, and no secret.
func TestShellDebugColours(t *testing.T) {
	s, _ := sandboxShell(t, nil)
	s.line("debug on")
	s.line("pwd")
	s.line("user anna canary")
	raw := s.raw()
	for _, want := range []string{"\x1b[36mC: PWD\x1b[0m", "\x1b[32mS: 257 ", "\x1b[36mC: PASS ****\x1b[0m"} {
		if !strings.Contains(raw, want) {
			t.Errorf("%q is missing in %q", want, raw)
		}
	}
	if strings.Contains(raw, "PASS canary") {
		t.Error("the password is shown")
	}
}

// Bookmarks are made, completed, opened, and taken over from lftp itself.
func TestShellBookmarks(t *testing.T) {
	remote := t.TempDir()
	putFile(t, filepath.Join(remote, "pub/a.txt"), "hello")
	s := shell(t, []string{"--sandbox", remote})
	s.expect("ferry> ")
	s.line("bookmark add workplace ftp://anna@box.example/pub")
	s.send("open wor\t\r")
	s.expect("Password for anna@box.example: ")
	s.send("x\r")
	s.expect("anna@box.example:/pub (plain)> ")
	if got := s.line("ls"); !strings.HasPrefix(got, "a.txt") {
		t.Errorf("ls: %q", got)
	}
	s.line("bookmark add again")
	s.send("bookmark rm ag\t")
	s.expect("bookmark rm again")
	s.send("\r")
	if got := s.line("bookmark"); !strings.Contains(got, "workplace  ftp://anna@box.example/pub") || strings.Contains(got, "again") {
		t.Errorf("bookmark: %q", got)
	}
}

func TestShellImportsBookmarksOfLFTP(t *testing.T) {
	lftp := peer(t, "lftp")
	s := shell(t, nil)
	cmd := command(t, lftp, "-c", "bookmark add work ftp://anna:canary@ftp.example.com/pub/; bookmark add gnu ftp.gnu.org")
	cmd.Env = unset(unset(append(os.Environ(), "HOME="+s.state), "LFTP_HOME"), "XDG_DATA_HOME")
	output(t, cmd)
	s.expect("ferry> ")
	if got := strings.ReplaceAll(s.line("bookmark import"), "\n      ", " "); !strings.Contains(got, "lftp: 2 added, 1 had a password") {
		t.Errorf("import: %q", got)
	}
	got := s.line("bookmark")
	for _, want := range []string{"gnu   ftp://ftp.gnu.org\n", "work  ftp://anna@ftp.example.com/pub\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
	b, err := os.ReadFile(filepath.Join(s.state, ".config", "ferry", "bookmarks"))
	if err != nil || strings.Contains(string(b)+s.text(), "canary") {
		t.Errorf("%v\n%s", err, b)
	}
}

// edit goes through the terminal and back, and comparisons have colours.
func TestShellEditsAndCompares(t *testing.T) {
	editor := filepath.Join(t.TempDir(), "editor")
	putFile(t, editor, "#!/bin/sh\nprintf 'your word: '\nread word\necho \"$word\" >>\"$1\"\n")
	if err := os.Chmod(editor, 0o755); err != nil {
		t.Fatal(err)
	}
	s, remote := sandboxShell(t, map[string]string{"notes.txt": "one\n", "dir/sub/x": ""}, withEnv("VISUAL="+editor))
	s.send("edit no\t\r")
	s.expect("your word: ")
	s.send("two\r")
	s.expect("\nnotes.txt -> notes.txt (8 bytes)\n")
	s.prompt()
	if b, err := os.ReadFile(filepath.Join(remote, "notes.txt")); err != nil || string(b) != "one\ntwo\n" {
		t.Errorf("%v, %q", err, b)
	}
	putFile(t, s.local("notes.txt"), "one\nzwei\n")
	s.line("diff notes.txt")
	if raw := s.raw(); !strings.Contains(raw, "\x1b[31m-two\x1b[0m") || !strings.Contains(raw, "\x1b[32m+zwei\x1b[0m") {
		t.Errorf("no colours: %q", raw)
	}
	if got := s.line("tree"); !strings.Contains(got, "├── dir/\n│   └── sub/\n│       └── x\n└── notes.txt\n2 directories, 2 files\n") {
		t.Errorf("tree: %q", got)
	}
}

// The prompt tells what the trust in a server rests on.
func TestShellPromptTellsOfTrust(t *testing.T) {
	host, port, _ := strings.Cut(ferryServe(t, t.TempDir()), ":")
	s := shell(t, nil)
	s.expect("ferry> ")
	s.line("set tls on")
	open := func(answer, prompt string) {
		t.Helper()
		s.send("open demo:secret@" + host + " " + port + "\r")
		if answer != "" {
			s.expect("trust it? (")
			s.send(answer + "\r")
		}
		s.expect(prompt)
	}
	open("once", "demo@127.0.0.1:/ (TLS once)> ")
	open("yes", "demo@127.0.0.1:/ (TLS pinned)> ")
	open("", "demo@127.0.0.1:/ (TLS pinned)> ")
	if raw := s.raw(); !strings.Contains(raw, "\x1b[33m (TLS once)") || !strings.Contains(raw, "\x1b[32m (TLS pinned)") {
		t.Errorf("colours: %q", raw)
	}
}

// The same at a server of somebody else.
func TestShellComfortsAtVsftpd(t *testing.T) {
	srv := vsftpd(t)
	putFile(t, filepath.Join(srv.dir, "sub/notes.txt"), "one\n")
	_ = os.Chmod(filepath.Join(srv.dir, "sub"), 0o777)
	_ = os.Chmod(filepath.Join(srv.dir, "sub/notes.txt"), 0o666)
	editor := filepath.Join(t.TempDir(), "editor")
	putFile(t, editor, "#!/bin/sh\necho two >>\"$1\"\n")
	if err := os.Chmod(editor, 0o755); err != nil {
		t.Fatal(err)
	}
	s := shell(t, []string{"--no-state", strings.Replace(srv.url, "anonymous@", "", 1)}, withEnv("VISUAL="+editor))
	s.expect("(plain)> ")
	// All names are below the directory of the login: this vsftpd's root is the machine's.
	s.send("edit sub/no\t\r")
	s.expect("notes.txt (8 bytes)")
	s.prompt()
	putFile(t, s.local("notes.txt"), "one\nzwei\n")
	if got := s.line("diff sub/notes.txt"); !strings.Contains(got, "-two\n+zwei\n") {
		t.Errorf("diff: %q", got)
	}
	if got := s.line("tree sub"); !strings.Contains(got, "sub\n└── notes.txt\n0 directories, 1 file\n") {
		t.Errorf("tree: %q", got)
	}
	s.send("rm -r sub\r")
	s.expect("delete sub and all that is in it: 1 file, 0 directories? (no/yes) [no] ")
	s.send("yes\r")
	s.prompt()
	if got := s.line("cd sub"); !strings.Contains(got, "550") {
		t.Errorf("cd: %q", got)
	}
}
