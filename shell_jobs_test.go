//go:build unix

package main

import (
	"strings"
	"testing"
)

// Jobs are completed by number, ended by name, and not left alone unasked.
func TestShellJobs(t *testing.T) {
	f := &faulty{aborts: true}
	s := faultyShell(t, f)
	s.send("get big &\r")
	s.expect("[1] get big")
	f.await(t, "stalled")
	s.prompt()
	s.send("jobs\r") // the job may still say things above the line
	s.expect("running")
	s.expect("get big")
	s.prompt()
	s.send("\x04")
	s.expect("jobs that are not done: 1; end them? (no/yes) [no] ")
	s.send("\r")
	s.prompt()
	s.send("quit\r")
	s.expect("jobs that are not done: 1; end them? (no/yes) [no] ")
	s.send("\x03")
	s.prompt()
	s.send("kill \t")
	s.expect("kill 1 ")
	s.send("\r")
	s.expect("[1] killed: get big")
	s.prompt()
	s.send("get big &\r")
	s.expect("[2] get big")
	f.await(t, "stalled")
	s.prompt()
	s.send("\x04")
	s.expect("end them?")
	s.send("yes\r")
	if code := s.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A job that ends while a line is typed says so above it.
func TestShellTellsOfJobsThatEnd(t *testing.T) {
	f := &faulty{listing: "type=file;size=1; alpha\r\n", hold: make(chan struct{})}
	s := faultyShell(t, f)
	s.line("ls > names &")
	f.await(t, "MLSD")
	s.send("echo half")
	s.expect("echo half")
	close(f.hold)
	s.until(bound, "expected the end of the job", func() bool {
		text := s.vt.text(0, 0)
		return strings.Contains(text, "[1] done: ls > names") && strings.HasSuffix(text, "echo half")
	})
}

// What a job says to the server is shown above the line that is typed, with
// the session that says it.
func TestShellShowsTheDialogueOfJobs(t *testing.T) {
	f := &faulty{listing: "type=file;size=1; alpha\r\n", hold: make(chan struct{})}
	s := faultyShell(t, f)
	s.line("debug on")
	s.line("ls > names &")
	f.await(t, "MLSD")
	s.send("echo half")
	s.expect("echo half")
	close(f.hold)
	s.until(bound, "expected the job's last reply", func() bool {
		text := s.vt.text(0, 0)
		return strings.Contains(text, "\n[1] #2 S: 226 done\n") && strings.HasSuffix(text, "(plain)> echo half")
	})
}

// A block is typed over several lines; nothing runs before it is whole, and ^C
// forgets it.
func TestShellTypesBlocks(t *testing.T) {
	s := shell(t, []string{"--no-state"})
	s.expect("ferry> ")
	s.send("for x in a b\r")
	s.expect("...> ")
	s.send("echo turn ${x}\r")
	s.expect("...> ")
	s.send("end\r")
	s.expect("turn a\nturn b\nferry> ")
	s.send("for x in a b\r")
	s.expect("...> ")
	s.send("\x03")
	s.expect("ferry> ")
	s.send("if exists x\r")
	s.expect("...> ")
	s.send("\x04")
	s.expect("ferry> ")
	if got := s.line("echo well"); !strings.HasPrefix(got, "well\n") {
		t.Errorf("%q", got)
	}
}
