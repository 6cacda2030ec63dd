//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestShellAsksUntilThePasswordIsRight(t *testing.T) {
	dir := t.TempDir()
	putFile(t, filepath.Join(dir, "a.txt"), "hello")
	host, port, _ := strings.Cut(ferryServe(t, dir), ":")
	s := shell(t, nil)
	s.expect("help") // the hint of the first run
	s.expect("ferry> ")
	s.send("open " + host + " " + port + "\r")
	s.expect("Name [")
	s.send("demo\r")
	s.expect("Password for demo@" + host + ": ")
	s.send("canary-wrong\r")
	s.expect("530")
	s.expect("Name [demo]: ")
	s.send("\r")
	s.expect("Password for demo@" + host + ": ")
	s.send("secret\r")
	s.expect("demo@127.0.0.1:/ (plain)> ")
	if got := s.line("ls"); !strings.Contains(got, "a.txt") {
		t.Errorf("ls showed %q", got)
	}
	s.send("user demo canary-line\r")
	s.expect("Name [demo]: ")
	s.send("\x03")
	s.expect("interrupted")
	s.prompt()
	// What was typed can't be brought back by any key.
	s.send("\x1b[A\x1b[B\x19")
	s.send("\x04")
	for _, secret := range []string{"canary-wrong", "secret"} {
		if strings.Contains(s.text(), secret) {
			t.Errorf("%q is on the screen", secret)
		}
	}
	b, err := os.ReadFile(filepath.Join(s.state, "ferry", "history"))
	if err != nil || strings.Contains(string(b), "canary") {
		t.Errorf("history: %v\n%s", err, b)
	}
}

func TestShellLeaves(t *testing.T) {
	for keys, want := range map[string]int{"\x04": 0, "bye\r": 0, "exit 3\r": 3} {
		s := shell(t, []string{"--no-state"})
		s.expect("ferry> ")
		s.send(keys)
		if code := s.leaves(); code != want {
			t.Errorf("%q: exit code %d, want %d", keys, code, want)
		}
	}
}

func TestShellAsksBeforeDeletes(t *testing.T) {
	s, remote := sandboxShell(t, map[string]string{"a": "1", "b": "2", "c d": "3"})
	s.send("rm a\r")
	s.expect("delete a? (")
	s.send("no\r")
	s.expect("> ")
	s.send("rm *\r")
	s.expect("delete 3 names")
	s.send("perhaps\r")
	s.expect("please answer one of")
	s.send("\x03") // ^C at a question stops the verb
	s.expect("interrupted")
	s.expect("> ")
	s.send("rm *\r")
	s.expect("delete 3 names")
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil { // the same when it is no key
		t.Fatal(err)
	}
	s.expect("interrupted")
	s.prompt()
	if entries, _ := os.ReadDir(remote); len(entries) != 3 {
		t.Fatalf("%d names are left", len(entries))
	}
	s.send("rm a\r")
	s.expect("delete a? (")
	s.send("y\r")
	s.expect("> ")
	if entries, _ := os.ReadDir(remote); len(entries) != 2 {
		t.Fatalf("%d names are left", len(entries))
	}
}

// What Tab makes of a name is read back as that name.
func TestShellCompletesHardNames(t *testing.T) {
	files := map[string]string{}
	for _, name := range hardNames() {
		files[name] = "content of " + name
		files["sub dir/"+name] = "content of sub " + name
	}
	s, remote := sandboxShell(t, files)
	typed := map[string]string{
		"plain.txt": "pl", "two words.txt": "tw", "  leading blanks.txt": `"  `, "grüße 日本語.txt": "gr", "br[ack]ets.txt": "br",
		"-dash.txt": `"-`, `quo"te.txt`: "quo", "apos'trophe.txt": "'ap", "empty.bin": "em", "#hash.txt": `"#`, "per%20cent.txt": "per",
		"semi;colon.txt": "se", "am&per.txt": "am", "dollar$HOME.txt": "do", "comma,equal=.txt": "co", "~tilde.txt": "~t", "UPPER.TXT": "U",
	}
	for _, name := range hardNames() {
		s.line("get " + typed[name] + "\t")
		// A directory is completed first, with its quote already closed.
		s.line("get su\t" + strings.Trim(typed[name], `"'`) + "\t-o sub.txt")
		got, err := os.ReadFile(s.local(name))
		if err != nil || string(got) != files[name] {
			t.Errorf("get %s<Tab>: %v, %q", typed[name], err, got)
		}
		sub, err := os.ReadFile(s.local("sub.txt"))
		if err != nil || string(sub) != "content of sub "+name {
			t.Errorf("get su<Tab>%s<Tab>: %v, %q", typed[name], err, sub)
		}
		os.Remove(s.local("sub.txt"))
		os.Remove(s.local(name))
		// And a local one, back again.
		os.Rename(filepath.Join(remote, name), s.local(name))
		s.line("put " + typed[name] + "\t")
		if got, err := os.ReadFile(filepath.Join(remote, name)); err != nil || string(got) != files[name] {
			t.Errorf("put %s<Tab>: %v, %q", typed[name], err, got)
		}
		os.Remove(s.local(name))
	}
}

func TestShellCompletesWords(t *testing.T) {
	s, _ := sandboxShell(t, map[string]string{"alpha.txt": "", "alphabet.txt": "", "beta/x": "", ".hidden": "", "esc\x1b[31m.txt": ""})
	for keys, want := range map[string]string{
		"featu\t":           "features ",
		"set existing ov\t": "set existing overwrite ",
		"passive of\t":      "passive off ",
		"ls al\t":           "ls alpha",
		"ls alphab\t":       "ls alphabet.txt ",
		"cd \t":             "cd beta/",
		"ls .\t":            "ls .hidden ",
		"get --rec\t":       "get --recursive ",
	} {
		s.send(keys)
		s.expect(want)
		s.send("\x03")
		s.expect("^C")
	}
	s.send("ls \t") // nothing in common: a menu
	s.expect("alpha.txt")
	s.expect("alphabet.txt  beta/")
	if strings.Contains(s.raw(), "\x1b[31m.txt") {
		t.Error("a name has driven the terminal")
	}
}

// ^C at the prompt clears the line, whether it comes as a key or a signal.
func TestShellInterruptAtThePrompt(t *testing.T) {
	s := shell(t, []string{"--no-state"})
	s.expect("ferry> ")
	s.send("no such thing\x03")
	s.expect("^C")
	s.expect("ferry> ")
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if got := s.line("echo still here"); !strings.Contains(got, "still here") {
		t.Errorf("got %q", got)
	}
	if strings.Contains(s.text(), "no verb") {
		t.Error("the cleared line was run")
	}
}

// A signal ends the shell, and the terminal is as it was before.
func TestShellGivesTheTerminalBack(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		s := shell(t, []string{"--no-state"})
		before := modes(t, s.pty)
		s.expect("ferry> ")
		s.send("half a line")
		s.expect("half a line")
		if cmp.Equal(before, modes(t, s.pty)) {
			t.Fatal("the terminal is not in raw mode")
		}
		if err := s.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if code := s.leaves(); code != 128+int(sig) {
			t.Errorf("%v: exit code %d", sig, code)
		}
		if diff := cmp.Diff(before, modes(t, s.pty)); diff != "" {
			t.Errorf("%v: %s", sig, diff)
		}
	}
}

func modes(t *testing.T, f *os.File) unix.Termios {
	t.Helper()
	m, err := termios(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return *m
}

// Running shells share their history, and nobody else can read it.
func TestShellSharesItsHistory(t *testing.T) {
	state := t.TempDir()
	one := shell(t, nil, withState(state))
	one.expect("ferry> ")
	two := shell(t, nil, withState(state))
	two.expect("ferry> ")
	one.line("echo typed in one")
	two.line("") // the next prompt reads what others added
	two.send("\x1b[A")
	two.expect("echo typed in one")
	two.send("\x03")
	two.expect("^C")
	two.send("echo ty")
	two.expect("ped in one") // the dim rest
	two.send("\x1b[C\r")
	two.expect("\n")
	two.expect("typed in one\n")
	info, err := os.Stat(filepath.Join(state, "ferry", "history"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", err, info.Mode())
	}
}

func TestShellWithoutState(t *testing.T) {
	s := shell(t, []string{"--no-state"})
	s.expect("ferry> ")
	s.line("echo one")
	s.send("\x1b[A\r") // kept in memory all the same
	s.expect("one\n")
	if entries, _ := os.ReadDir(s.state); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestShellPiped(t *testing.T) {
	dir := t.TempDir()
	putFile(t, filepath.Join(dir, "a.txt"), "hello\n")
	run := func(in string, args ...string) (string, int) {
		cmd := command(t, program, append([]string{"shell", "--sandbox", dir}, args...)...)
		cmd.Stdin, cmd.Dir = strings.NewReader(in), t.TempDir()
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
		out, _ := cmd.Output()
		return string(out), cmd.ProcessState.ExitCode()
	}
	for _, c := range []struct {
		in   string
		args []string
		out  string
		code int
	}{
		{"open anna:x@box\nls\ncat a.txt\n", nil, "a.txt\nhello\n", 0},
		{"ls\n", []string{"ftp://box"}, "a.txt\n", 0},
		{"get nothing\nls\n", []string{"ftp://box"}, "", 1},
		{"", []string{"-c", "ls; cat a.txt", "ftp://box"}, "a.txt\nhello\n", 0},
		{"", []string{"-c", "get nothing; ls", "ftp://box"}, "", 1},
		{"", []string{"-c", "quit 7"}, "", 7},
	} {
		out, code := run(c.in, c.args...)
		if out != c.out || code != c.code {
			t.Errorf("%q %q: %q, %d; want %q, %d", c.in, c.args, out, code, c.out, c.code)
		}
	}
}

func TestShellColours(t *testing.T) {
	files := map[string]string{"dir/x": "", "a": ""}
	s, _ := sandboxShell(t, files)
	s.line("ls")
	s.line("cd nowhere")
	if raw := s.raw(); !strings.Contains(raw, "\x1b[1;34mdir/\x1b[0m") || !strings.Contains(raw, "\x1b[31mferry: cd: ") {
		t.Errorf("no colours: %q", raw)
	}
	for _, env := range []string{"NO_COLOR=1", "TERM=dumb"} {
		s, _ := sandboxShell(t, files, withEnv(env))
		s.line("ls")
		s.line("cd nowhere")
		if raw := s.raw(); strings.Contains(raw, "\x1b[3") || strings.Contains(raw, "\x1b[1") || env == "TERM=dumb" && strings.Contains(raw, "\x1b") {
			t.Errorf("%s: colours: %q", env, raw)
		}
	}
	s, _ = sandboxShell(t, files, withEnv("LS_COLORS=di=01;35:bad=\x1b]0;x\a"))
	s.line("ls")
	if raw := s.raw(); !strings.Contains(raw, "\x1b[01;35mdir/") || strings.Contains(raw, "]0;x") {
		t.Errorf("LS_COLORS: %q", raw)
	}
}

func TestShellOnADumbTerminal(t *testing.T) {
	s, _ := sandboxShell(t, map[string]string{"a": "1"}, withEnv("TERM=dumb"))
	if got := s.line("ls"); !strings.Contains(got, "a") {
		t.Errorf("ls: %q", got)
	}
	s.send("half\x03")
	s.expect("(plain)> ")
	s.send("user bert\n")
	s.expect("Password for bert@box: ")
	s.send("canary\n")
	s.expect("logged in as bert")
	if strings.Contains(s.text(), "canary") {
		t.Error("the password is on the screen")
	}
	s.send("\x04")
	if code := s.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestShellConflict(t *testing.T) {
	s, _ := sandboxShell(t, map[string]string{"a.txt": "one\ntwo\nthree\n", "b.txt": "b"})
	putFile(t, s.local("a.txt"), "one\nzwei\nthree\n")
	putFile(t, s.local("b.txt"), "other")
	s.send("get a.txt\r")
	s.expect("a.txt exists")
	s.expect(" (all)? ")
	s.send("d\r")
	s.expect("-zwei")
	s.expect("+two")
	s.send("ren\r")
	s.expect("new name [a-1.txt]: ")
	s.send("b.txt\r") // is there too
	s.expect("a.txt exists")
	s.send("ren\r")
	s.expect("new name [a-1.txt]: ")
	s.send("other.txt\r")
	s.expect("a.txt -> other.txt")
	s.send("get a.txt\r")
	s.expect("a.txt exists")
	s.send("ren a\r")
	s.expect("a.txt -> a-1.txt")
	s.send("mget -- *.txt\r")
	s.expect("mget a.txt (1 of 2)?")
	s.send("all\r")
	s.expect("a.txt exists")
	s.send("o a\r")
	s.expect("a.txt -> a.txt")
	s.expect("b.txt -> b.txt")
	s.expect("> ")
	got := digests(t, s.dir)
	if len(got) != 4 {
		t.Errorf("%v", got)
	}
	if b, _ := os.ReadFile(s.local("a.txt")); string(b) != "one\ntwo\nthree\n" {
		t.Errorf("a.txt: %q", b)
	}
}

func TestShellOutputToAFile(t *testing.T) {
	remote := t.TempDir()
	putFile(t, filepath.Join(remote, "dir/x"), "")
	out := filepath.Join(t.TempDir(), "out")
	s := shellIn(t, "exec "+program+" shell --sandbox "+remote+" ftp://anna:x@box > "+out)
	s.expect("(plain)> ")
	s.line("ls -l")
	s.send("\x04")
	s.leaves()
	b, err := os.ReadFile(out)
	if err != nil || !strings.HasPrefix(string(b), "dir\t-\t") || strings.Contains(string(b), "\x1b") {
		t.Errorf("%v, %q", err, b)
	}
}

// shellIn starts a command of sh in the terminal.
func shellIn(t *testing.T, script string) *terminal {
	return shell(t, nil, func(s *terminal) {
		env := s.cmd.Env
		s.cmd = exec.Command("/bin/sh", "-c", script)
		s.cmd.Env = env
	})
}
