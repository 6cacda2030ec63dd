//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tmux is a terminal that nobody here wrote, with ferry in it. What it shows
// is held in testdata/screens: go test . -run Screen -update writes it anew.
type tmux struct {
	t      *testing.T
	socket string
	root   string // of what is named in commands
	hide   []*regexp.Regexp
}

// screenPatience is how long a screen may take to show what it must. Only a
// test that fails waits for its end.
const screenPatience = time.Minute

// startTmux runs a command line of sh in a terminal of that size. Its
// environment is the same on each machine; its directory is dir.
func startTmux(t *testing.T, columns, rows int, dir, commandLine string) *tmux {
	t.Helper()
	path := peer(t, "tmux")
	home := t.TempDir()
	sockets, err := os.MkdirTemp("", "tmux") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	m := &tmux{t: t, socket: filepath.Join(sockets, "s"), root: dir}
	config := filepath.Join(sockets, "conf")
	writeFile(t, config, "set -g status off\nset -g default-terminal screen-256color\nset -g remain-on-exit on\nset -g history-limit 5000\nset -s escape-time 0\n")
	cmd := exec.Command(path, "-f", config, "-S", m.socket, "-u", "new-session", "-d", "-x", strconv.Itoa(columns), "-y", strconv.Itoa(rows), commandLine)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + filepath.Dir(program) + ":" + os.Getenv("PATH"), "HOME=" + home, "TERM=xterm-256color", "LC_ALL=C.UTF-8", "TZ=UTC",
		"SHELL=/bin/sh", "USER=anna", "PAGER=more", "EDITOR=true",
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the screen:\n%s", m.screen())
		}
		_ = exec.Command(path, "-S", m.socket, "kill-server").Run()
		os.RemoveAll(sockets)
	})
	return m
}

func (m *tmux) run(args ...string) string {
	m.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", m.socket}, args...)...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// keys presses keys by tmux's names: Enter, Tab, C-c, Up, F1.
func (m *tmux) keys(names ...string) {
	m.t.Helper()
	m.run(append([]string{"send-keys"}, names...)...)
}

// types types a text as it is.
func (m *tmux) types(text string) {
	m.t.Helper()
	m.run("send-keys", "-l", "--", text)
}

// line types a line and waits until a text is on the screen.
func (m *tmux) line(text, shows string) {
	m.t.Helper()
	m.types(text)
	m.keys("Enter")
	m.shows(shows)
}

// obeys types a line at the prompt and waits until the next prompt is there: an
// earlier one on the screen tells nothing.
func (m *tmux) obeys(text string) {
	m.t.Helper()
	m.types(text)
	m.until("what is typed", func(screen string) bool { return strings.HasSuffix(screen, "> "+text+"\n") })
	m.keys("Enter")
	m.until("the next prompt", func(screen string) bool { return strings.HasSuffix(screen, ">\n") })
}

// resize gives the terminal another size.
func (m *tmux) resize(columns, rows int) {
	m.t.Helper()
	m.run("resize-window", "-x", strconv.Itoa(columns), "-y", strconv.Itoa(rows))
}

// screen is what the terminal shows, without blanks at the ends.
func (m *tmux) screen() string {
	out, err := exec.Command("tmux", "-S", m.socket, "capture-pane", "-p").CombinedOutput()
	if err != nil {
		return err.Error() + string(out)
	}
	var b strings.Builder
	for line := range strings.Lines(string(out)) {
		line = strings.TrimRight(line, " \n")
		for _, re := range m.hide {
			line = re.ReplaceAllStringFunc(line, func(s string) string { return strings.Repeat("~", len([]rune(s))) })
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// hides covers what differs from run to run, such as rates, with as many ~.
func (m *tmux) hides(pattern string) { m.hide = append(m.hide, regexp.MustCompile(pattern)) }

// shows waits until a text is on the screen.
func (m *tmux) shows(text string) {
	m.t.Helper()
	m.until(strconv.Quote(text), func(screen string) bool { return strings.Contains(screen, text) })
}

func (m *tmux) until(what string, holds func(screen string) bool) {
	m.t.Helper()
	for end := time.Now().Add(screenPatience); ; time.Sleep(20 * time.Millisecond) {
		if holds(m.screen()) {
			return
		}
		if time.Now().After(end) {
			m.t.Fatalf("the screen never shows %s:\n%s", what, m.screen())
		}
	}
}

// golden holds the screen against testdata/screens/NAME.txt, and waits until
// it is so. With -update it waits until nothing changes any more.
func (m *tmux) golden(name string) {
	m.t.Helper()
	path := filepath.Join("testdata", "screens", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(m.settled()), 0o644); err != nil {
			m.t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		m.t.Fatal(err)
	}
	for end := time.Now().Add(screenPatience); m.screen() != string(b); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Errorf("%s; go test . -run Screen -update\n%s", path, cmp.Diff(string(b), m.screen()))
			return
		}
	}
}

// settled is a screen that has stayed the same for a moment.
func (m *tmux) settled() string {
	last, since := m.screen(), time.Now()
	for time.Since(since) < 700*time.Millisecond {
		time.Sleep(50 * time.Millisecond)
		if now := m.screen(); now != last {
			last, since = now, time.Now()
		}
	}
	return last
}

// screenFiles is a directory whose listing looks the same each time.
func screenFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		putFile(t, filepath.Join(dir, name), text)
	}
	when := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, _ error) error { return os.Chtimes(path, when, when) })
	return dir
}
