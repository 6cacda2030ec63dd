//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is a pseudo-terminal with `ferry shell` in it.
type terminal struct {
	t     *testing.T
	cmd   *exec.Cmd
	pty   *os.File
	dir   string // local directory of the shell
	state string // XDG_STATE_HOME

	mu   sync.Mutex
	out  bytes.Buffer // all that was written to the terminal
	vt   screen       // what it looks like
	news chan struct{}
	gone chan struct{}

	row, col int // behind what was expected last
}

type shellOption func(*terminal)

func withEnv(env ...string) shellOption {
	return func(s *terminal) { s.cmd.Env = append(s.cmd.Env, env...) }
}

func withState(dir string) shellOption { return func(s *terminal) { s.state = dir } }

// shell starts `ferry shell ARGS` in a terminal of 100 columns.
func shell(t *testing.T, args []string, options ...shellOption) *terminal {
	t.Helper()
	s := &terminal{
		t: t, cmd: exec.Command(program, append([]string{"shell"}, args...)...),
		dir: t.TempDir(), state: t.TempDir(), news: make(chan struct{}, 1), gone: make(chan struct{}),
	}
	s.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR=", "FERRY_PASSWORD=")
	for _, o := range options {
		o(s)
	}
	s.cmd.Env = unset(append(s.cmd.Env, "XDG_STATE_HOME="+s.state, "XDG_CONFIG_HOME=", "HOME="+s.state), "FERRY_PASSWORD")
	s.cmd.Dir = s.dir
	f, err := pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 40, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	s.pty = f
	go s.read()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		f.Close()
		if strings.Contains(s.raw(), "DATA RACE") { // of a binary that was built to look for them
			t.Error("a data race")
		}
		if t.Failed() {
			t.Logf("the screen:\n%s", s.text())
		}
	})
	return s
}

func unset(env []string, name string) []string {
	var kept []string
	for _, e := range env {
		if !strings.HasPrefix(e, name+"=") {
			kept = append(kept, e)
		}
	}
	return kept
}

func (s *terminal) read() {
	defer close(s.gone)
	b := make([]byte, 32<<10)
	for {
		n, err := s.pty.Read(b)
		s.mu.Lock()
		s.out.Write(b[:n])
		s.vt.write(b[:n])
		s.mu.Unlock()
		select {
		case s.news <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// text is what the terminal shows, all that has scrolled away included.
func (s *terminal) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.vt.text(0, 0)
}

// raw is what was written, as it was.
func (s *terminal) raw() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

func (s *terminal) send(keys string) {
	s.t.Helper()
	if _, err := s.pty.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// expect waits for a text behind the last one that was expected, and returns
// what stands between them.
func (s *terminal) expect(want string) string {
	s.t.Helper()
	return s.expectWithin(want, screenPatience)
}

func (s *terminal) expectWithin(want string, limit time.Duration) (between string) {
	s.t.Helper()
	s.until(limit, "expected "+strconv.Quote(want), func() bool {
		text := s.vt.text(s.row, s.col)
		before, _, found := strings.Cut(text, want)
		if !found {
			return false
		}
		between = before
		for _, r := range before + want {
			s.col++
			if r == '\n' {
				s.row, s.col = s.row+1, 0
			}
		}
		return true
	})
	return between
}

// until waits until a condition holds that only output can make true.
func (s *terminal) until(limit time.Duration, what string, holds func() bool) {
	s.t.Helper()
	deadline := time.After(limit)
	for {
		s.mu.Lock()
		ok, text := holds(), s.vt.text(s.row, s.col)
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-s.news:
		case <-s.gone:
			s.mu.Lock()
			ok := holds()
			s.mu.Unlock()
			if !ok {
				s.t.Fatalf("the shell has ended; %s", what)
			}
			return
		case <-deadline:
			s.t.Fatalf("%s, got %q", what, text)
		}
	}
}

// line sends a line and waits for the next prompt. It returns what came in
// between.
func (s *terminal) line(text string) string {
	s.t.Helper()
	s.prompt()
	row := s.row
	s.send(text + "\r")
	s.until(screenPatience, "expected a prompt behind "+strconv.Quote(text), func() bool {
		return s.vt.row > row && s.vt.prompted()
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.row, s.col = s.vt.row, s.vt.col
	_, out, _ := strings.Cut(s.vt.text(row, 0), "\n")
	return out
}

// prompt waits until the shell waits.
func (s *terminal) prompt() {
	s.t.Helper()
	s.until(screenPatience, "expected a prompt", func() bool { return s.vt.row >= s.row && s.vt.prompted() })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.row, s.col = s.vt.row, s.vt.col
}

// leaves waits for the end of the process and returns its exit code.
func (s *terminal) leaves() int {
	s.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	select {
	case err := <-ended:
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode()
		}
		return 0
	case <-time.After(screenPatience):
		s.t.Fatal("the shell does not leave")
		return -1
	}
}

func (s *terminal) local(name string) string { return filepath.Join(s.dir, name) }

// sandboxShell is a shell that is logged in to a sandbox with these files.
func sandboxShell(t *testing.T, files map[string]string, options ...shellOption) (s *terminal, remote string) {
	t.Helper()
	remote = t.TempDir()
	for name, text := range files {
		putFile(t, filepath.Join(remote, name), text)
	}
	s = shell(t, []string{"--sandbox", remote, "ftp://anna:x@box"}, options...)
	s.expect("anna@box:/ (plain)> ")
	return s, remote
}

func putFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
