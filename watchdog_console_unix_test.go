//go:build unix

package main

import (
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"

	"ferry/serve/admin"
)

// The prompt in the server's own terminal is the parent's: it stays, with the log
// above it, when the server is killed, speaks to the next one then, and ends both.
func TestConsoleOutlivesServer(t *testing.T) {
	dir := t.TempDir()
	state := t.TempDir()
	m := startTmux(t, 110, 40, dir, "XDG_STATE_HOME="+state+" FERRY_PASSWORD=secret ferry serve . --listen 127.0.0.1:0 --user demo --tls off --watchdog --console; echo \"ended with $?\"; stty -a; cat")
	up := regexp.MustCompile(`server is up"? pid=(\d+)`)
	m.until("the server is up", up.MatchString)
	m.shows("ctl ")
	addr := regexp.MustCompile(`ftp://(127\.0\.0\.1:\d+)`).FindStringSubmatch(m.screen())
	if addr == nil {
		t.Fatal("it is not said where it listens")
	}
	m.line("drain Back at noon.", "nobody is let in any more")
	m.line("resume", "people are let in")
	first := up.FindStringSubmatch(m.screen())[1]
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	m.types("sta") // what is being typed stays
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	m.shows("signal 9 (killed)")
	m.until("the next server is up", func(s string) bool { return len(up.FindAllString(s, -1)) == 2 })
	second := up.FindAllStringSubmatch(m.screen(), -1)[1][1]
	m.line("ts", "process "+second)
	if err := makeDir(addr[1], "visit"); err != nil {
		t.Error(err)
	}
	m.line("log --event mkdir", "visit")
	m.line("stop", "ended with 0")
	m.shows(" icanon") // and not -icanon: the terminal is as it was
	if left, _ := filepath.Glob(filepath.Join(state, "ferry", "ctl", "*.sock")); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

// However a server with a prompt ends, the terminal is as it was before.
func TestConsoleLeavesTheTerminal(t *testing.T) {
	for name, end := range map[string]func(m *tmux, pid int){
		"stop":    func(m *tmux, _ int) { m.line("stop", "the server ends as soon as") },
		"^C":      func(m *tmux, _ int) { m.keys("C-c") },
		"^D":      func(m *tmux, _ int) { m.keys("C-d") },
		"SIGTERM": func(_ *tmux, pid int) { _ = syscall.Kill(pid, syscall.SIGTERM) },
		"SIGINT":  func(_ *tmux, pid int) { _ = syscall.Kill(pid, syscall.SIGINT) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := t.TempDir()
			m := startTmux(t, 110, 40, t.TempDir(), "XDG_STATE_HOME="+state+" FERRY_PASSWORD=secret ferry serve . --listen 127.0.0.1:0 --user demo --tls off --console; echo \"ended with $?\"; stty -a; cat")
			m.until("the prompt", regexp.MustCompile(`(?m)^ctl \d+>`).MatchString)
			sockets, err := filepath.Glob(filepath.Join(state, "ferry", "ctl", "*.sock"))
			if err != nil || len(sockets) != 1 {
				t.Fatalf("sockets: %q, %v", sockets, err)
			}
			c, err := admin.Dial(sockets[0])
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			end(m, c.About.PID)
			m.shows("ended with")
			m.shows(" icanon")
		})
	}
}
