//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// However the panes end, the terminal is as it was: what stood on it is back,
// it echoes, and no mouse is reported. SIGQUIT ends a Go program as a panic in
// any goroutine does, and its trace can be read.
func TestScreenPanesEndByASignal(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGTERM, 143}, {syscall.SIGHUP, 129}, {syscall.SIGKILL, 137}, {syscall.SIGQUIT, 2}} {
		t.Run(c.signal.String(), func(t *testing.T) {
			m := startTmux(t, 80, 24, t.TempDir(), "echo before; sh -c 'echo $$ >pid; exec ferry shell --panes --sandbox . ftp://anna:x@box'; "+
				"code=$?; sleep 1; echo left: $code; stty -a | grep -ow -e '-*icanon' -e '-*echo' -e '-*opost'; echo what; sleep 1000")
			m.shows("257 ")
			m.ends(c.signal)
			m.shows("\nwhat\n")
			screen := m.run("capture-pane", "-p", "-S", "-") // all that has scrolled away too
			wants := []string{"before\n", "left: " + strconv.Itoa(c.code) + "\n", " opost\n", "\nicanon\n", "\necho\n"}
			if c.signal == syscall.SIGQUIT {
				wants = append(wants, "\ngoroutine ")
			}
			for _, want := range wants {
				if !strings.Contains(strings.ReplaceAll(screen, "\nopost", "\n opost"), want) {
					t.Errorf("not %q", want)
				}
			}
			if flags := m.run("display-message", "-p", "#{alternate_on}#{mouse_any_flag}#{cursor_flag}"); flags != "001\n" {
				t.Errorf("alternate screen, mouse, cursor: %s", flags)
			}
		})
	}
}

// A shell that leaves the terminal as it finds it, such as dash, finds it as
// it was before, also after a kill.
func TestScreenPanesEndBeneathAShell(t *testing.T) {
	m := startTmux(t, 80, 24, t.TempDir(), "PS1='ready> ' sh -i")
	m.shows("ready>")
	m.line("sh -c 'echo $$ >pid; exec ferry shell --panes --sandbox . ftp://anna:x@box'", "257 ")
	tty := strings.TrimSpace(m.run("display-message", "-p", "#{pane_tty}"))
	m.ends(syscall.SIGKILL)
	m.until("a terminal that is sane", func(string) bool {
		out, _ := exec.Command("sh", "-c", "stty -a <"+tty).Output()
		modes := strings.Fields(string(out))
		return slices.Contains(modes, "icanon") && slices.Contains(modes, "opost") && slices.Contains(modes, "echo")
	})
	m.line("echo sa''ne", "\nsane\n")
}

// ends sends a signal to the process whose number is in the file pid.
func (m *tmux) ends(signal syscall.Signal) {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join(m.root, "pid"))
	if err != nil {
		m.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		m.t.Fatal(err)
	}
	if err := syscall.Kill(pid, signal); err != nil {
		m.t.Fatal(err)
	}
}

// A signal ends the panes while a command has the terminal too.
func TestScreenPanesEndBeneathACommand(t *testing.T) {
	for _, line := range []string{"!echo here; sleep 1000", "!echo here"} {
		m := startTmux(t, 80, 24, t.TempDir(), "sh -c 'echo $$ >pid; exec ferry shell --panes --sandbox . ftp://anna:x@box'; echo left: $?; sleep 1000")
		m.shows("257 ")
		m.line(line, "here\n")
		m.ends(syscall.SIGHUP)
		m.shows("left: 129\n")
	}
}

// A terminal that goes away takes the panes with it, whatever they are doing,
// also where nobody tells them (SIGHUP is ignored): they end by themselves, and
// don't read a terminal that is gone for ever.
func TestPanesEndWithTheirTerminal(t *testing.T) {
	f := &faulty{aborts: true}
	host, port := newFaulty(t, f)
	for _, c := range []struct{ typed, await string }{
		{"half a line", "PWD"}, {"get big\r", "stalled"}, {"get big &\r", "stalled"}, {"!sleep 1000\r", "PWD"},
	} {
		t.Run(c.typed, func(t *testing.T) {
			cmd := exec.Command("sh", "-c", `trap '' HUP; exec "$0" "$@"`, program, "shell", "--panes", "--no-state", "--no-config", "ftp://anna:x@"+host+":"+port)
			cmd.Env, cmd.Dir = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "HOME="+t.TempDir()), t.TempDir()
			tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			go func() { _, _ = io.Copy(io.Discard, tty) }()
			f.await(t, "PWD")
			_, _ = io.WriteString(tty, c.typed)
			if c.await != "PWD" {
				f.await(t, c.await)
			}
			tty.Close()
			select {
			case <-ended:
			case <-time.After(screenPatience):
				_ = cmd.Process.Kill()
				t.Error("the panes live on without a terminal")
			}
		})
	}
}

// A command has the terminal for itself, a stopped shell too.
func TestScreenPanesLendTheTerminal(t *testing.T) {
	m := panes(t, 80, 24, someFiles())
	m.line("!stty -a | grep -ow -e '-*icanon' -e '-*echo'; read x; echo got $x", "icanon\necho\n")
	m.types("something")
	m.keys("Enter")
	m.shows("got something\n\n[Enter goes back to ferry]")
	m.keys("Enter")
	m.shows("3 Responses")
	m.line("more notes.txt", "hello\n")
	m.keys("q")
	m.shows("3 Responses")
	m.line("!exit 3", "[Enter goes back to ferry]")
	m.keys("Enter")
	m.shows("the command ended with code 3")
}

// ^C reaches a command that has the terminal, and the shell is back.
func TestScreenPanesStopACommand(t *testing.T) {
	m := panes(t, 80, 24, someFiles())
	m.line("!echo here; sleep 1000", "here\n")
	m.keys("C-c")
	m.shows("[Enter goes back to ferry]")
	m.keys("Enter")
	m.shows("ferry: !: interrupted")
	m.line("pwd", "/")
}

func TestPanesRefuse(t *testing.T) {
	says(t, 2, "--panes needs a terminal, and the input or the output is none", "shell", "--panes")
	says(t, 2, "--panes is for somebody who types", "shell", "--panes", "-c", "ls")
}

func TestPanesRefuseADumbTerminal(t *testing.T) {
	s := shell(t, []string{"--panes"}, withEnv("TERM=dumb"))
	s.expect(`TERM is "dumb"`)
	s.expect("leave out --panes")
	if code := s.leaves(); code != 2 {
		t.Error(code)
	}
	s = shell(t, []string{"--panes"}, withEnv("TERM=no-such-terminal"))
	s.expect("can't be used for --panes")
}
