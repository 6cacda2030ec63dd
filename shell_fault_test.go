//go:build unix

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// faulty is a server that stops answering when it is told to.
type faulty struct {
	ln      net.Listener
	got     chan string // every command
	aborts  bool        // ABOR is answered
	pieces  bool        // REST is
	listing string      // what MLSD sends
	hold    chan struct{}
	size    string // what SIZE answers, "" for a gigabyte

	mu    sync.Mutex
	mute  bool
	conns []net.Conn
}

// newFaulty starts a server. Its files are endless; listings wait for hold
// where that is not nil.
func newFaulty(t *testing.T, f *faulty) (host, port string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.ln, f.got = ln, make(chan string, 1000)
	t.Cleanup(func() { ln.Close(); f.drop() })
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			f.mu.Lock()
			f.conns = append(f.conns, nc)
			f.mu.Unlock()
			go f.session(nc)
		}
	}()
	host, port, _ = net.SplitHostPort(ln.Addr().String())
	return host, port
}

// drop closes all connections.
func (f *faulty) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, nc := range f.conns {
		nc.Close()
	}
	f.conns = nil
}

// silence ends all answers.
func (f *faulty) silence() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mute = true
}

func (f *faulty) silent() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mute
}

func (f *faulty) session(nc net.Conn) {
	say := func(format string, args ...any) {
		if !f.silent() {
			fmt.Fprintf(nc, format+"\r\n", args...)
		}
	}
	say("220 ready")
	dir := "/"
	var data net.Listener
	var open net.Conn
	for in := bufio.NewScanner(nc); in.Scan(); {
		verb, arg, _ := strings.Cut(in.Text(), " ")
		verb = verb[strings.LastIndexByte(verb, 0xf2)+1:] // behind Telnet's Synch
		f.got <- verb
		if f.silent() {
			continue
		}
		switch verb {
		case "USER":
			say("331 password")
		case "PASS":
			say("230 in")
		case "FEAT":
			say("211-Features\r\n MLSD\r\n MLST type*;size*;\r\n EPSV\r\n SIZE\r\n211 End")
		case "PWD":
			say(`257 "%s"`, dir)
		case "CWD":
			dir = path.Join("/", arg)
			say("250 ok")
		case "SIZE":
			say("%s", cmp.Or(f.size, "213 1000000000"))
		case "TYPE", "OPTS", "NOOP":
			say("200 ok")
		case "QUIT":
			say("221 bye")
			nc.Close()
			return
		case "EPSV":
			data, _ = net.Listen("tcp", "127.0.0.1:0")
			say("229 ok (|||%d|)", data.Addr().(*net.TCPAddr).Port)
		case "RETR", "MLSD":
			say("150 here it comes")
			open, _ = data.Accept()
			data.Close()
			if verb == "RETR" {
				_, _ = open.Write(make([]byte, 100_000))
				f.got <- "stalled"
				continue
			}
			if f.hold != nil {
				<-f.hold
			}
			_, _ = open.Write([]byte(f.listing))
			open.Close()
			say("226 done")
		case "REST":
			if f.pieces {
				say("350 ok")
			} else {
				say("502 no")
			}
		case "ABOR":
			if f.aborts {
				open.Close()
				say("426 aborted")
				say("226 ok")
			}
		default:
			say("502 no")
		}
	}
}

// await waits until the server has got a command.
func (f *faulty) await(t *testing.T, verb string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case got := <-f.got:
			if got == verb {
				return
			}
		case <-deadline:
			t.Fatalf("the server never got %s", verb)
		}
	}
}

// faultyShell is a shell that is logged in to a faulty server.
func faultyShell(t *testing.T, f *faulty, first ...string) *terminal {
	t.Helper()
	host, port := newFaulty(t, f)
	s := shell(t, []string{"--no-state"})
	for _, line := range first {
		s.line(line)
	}
	s.line("open anna:x@" + host + " " + port)
	return s
}

// bound is how long the prompt may take to come back.
const bound = 8 * time.Second

func (s *terminal) promptWithin(limit time.Duration) {
	s.t.Helper()
	s.until(limit, "expected the prompt back", func() bool { return s.vt.row > s.row && s.vt.prompted() })
}

// showsWithin waits for a text anywhere on the screen: a line that is typed is
// drawn again below what is said meanwhile.
func (s *terminal) showsWithin(text string, limit time.Duration) {
	s.t.Helper()
	s.until(limit, "expected "+text, func() bool { return strings.Contains(s.vt.text(0, 0), text) })
}

// interruptUntil sends SIGINT until a text is shown: nothing tells from
// outside when a verb has begun.
func (s *terminal) interruptUntil(want string) {
	s.t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(bound); time.Now().Before(end); <-tick.C {
		_ = s.cmd.Process.Signal(syscall.SIGINT)
		if strings.Contains(s.text(), want) {
			return
		}
	}
	s.t.Fatalf("SIGINT did not make it say %q", want)
}

// ^C stops the transfer with ABOR. The connection stays, and what came is kept.
func TestShellInterruptsATransfer(t *testing.T) {
	f := &faulty{aborts: true}
	s := faultyShell(t, f)
	s.send("get big\r")
	f.await(t, "stalled")
	arrived := func() bool {
		info, err := os.Stat(s.local(".ferry-big.part"))
		return err == nil && info.Size() > 0
	}
	waitFor(t, "the first bytes", arrived)
	s.send("\x03")
	f.await(t, "ABOR")
	s.expectWithin("interrupted", bound)
	s.promptWithin(bound)
	if got := s.line("pwd"); !strings.HasPrefix(got, "/\n") {
		t.Errorf("pwd: %q", got)
	}
	if !arrived() {
		t.Error("nothing is kept for a resume")
	}
}

// ^C ends all segments of a file, and what each has brought is kept.
func TestShellInterruptsSegments(t *testing.T) {
	f := &faulty{aborts: true, pieces: true}
	s := faultyShell(t, f)
	s.send("get --segments 4 big\r")
	for range 4 {
		f.await(t, "stalled")
	}
	record := func() (text string) {
		b, _ := os.ReadFile(s.local(".ferry-big.part.json"))
		return string(b)
	}
	pieces := func() int { return strings.Count(record(), "],[") + 1 }
	waitFor(t, "the first bytes of each", func() bool { return pieces() == 4 })
	s.send("\x03")
	s.expectWithin("interrupted", bound)
	s.promptWithin(bound)
	if pieces() != 4 {
		t.Errorf("kept for a resume: %s", record())
	}
	if got := s.line("pwd"); !strings.HasPrefix(got, "/\n") {
		t.Errorf("pwd: %q", got)
	}
}

// ^C ends all segments of an upload, too: nothing has the file's name, and the
// next run sends the rest.
func TestShellInterruptsSegmentsUp(t *testing.T) {
	s, remote := sandboxShell(t, nil)
	want := make([]byte, 12<<20)
	rand.NewChaCha8([32]byte{1}).Read(want)
	putFile(t, s.local("big"), string(want))
	here := func(pattern string) []string {
		found, _ := filepath.Glob(filepath.Join(remote, pattern))
		return found
	}
	s.send("put --segments 4 --rate 2M big\r")
	waitFor(t, "the temporary file", func() bool { return len(here(".ferry-*.tmp")) == 1 })
	s.send("\x03")
	s.expectWithin("interrupted", bound)
	s.promptWithin(bound)
	if left := here(".ferry-*.tmp"); len(here("big")) > 0 || len(left) != 1 {
		t.Fatalf("left: %v, %v", here("big"), left)
	}
	part, err := os.Stat(here(".ferry-*.tmp")[0])
	if err != nil {
		t.Fatal(err)
	}
	s.line("put -c --segments 4 big")
	if whole, err := os.Stat(filepath.Join(remote, "big")); err != nil || !os.SameFile(part, whole) {
		t.Errorf("what was kept was not used: %v", err)
	}
	if got, _ := os.ReadFile(filepath.Join(remote, "big")); !bytes.Equal(got, want) || len(here(".ferry-*")) > 0 {
		t.Errorf("%d of %d bytes, left: %v", len(got), len(want), here(".ferry-*"))
	}
}

// The second ^C does not wait for a server that is dead, in one stream or in
// several.
func TestShellInterruptsTwice(t *testing.T) {
	for _, segments := range []string{"auto", "1", "4"} {
		f := &faulty{pieces: true}
		s := faultyShell(t, f)
		s.send("get --segments " + segments + " big\r")
		f.await(t, "stalled")
		s.send("\x03")
		f.await(t, "ABOR")
		s.send("\x03")
		s.expectWithin("(connection lost)> ", bound)
		s.line("echo still here")
	}
}

// A server that hung up while nobody typed is connected to again by the verb
// that finds out, where one was; nothing is sent in vain.
func TestShellReconnects(t *testing.T) {
	f := &faulty{}
	s := faultyShell(t, f)
	s.line("cd /sub")
	f.drop()
	got := s.line("size x")
	if !strings.Contains(got, "is gone; connecting again") || !strings.Contains(got, "1000000000") || !strings.Contains(got, ":/sub (plain)") {
		t.Errorf("the next verb: %q", got)
	}
}

// A reply of a megabyte, with all that could drive a terminal in it, is neither
// shown as it is nor waited for.
func TestShellHostileReplies(t *testing.T) {
	wild := "\x1b]0;owned\a\x1b[2J\u202e\xff\xfe\u009b31m"
	for name, reply := range map[string]string{
		"short":         "550 " + wild,
		"of many lines": "550-" + wild + "\r\n" + wild + "\r\n550 " + wild,
		"a megabyte":    "550 " + strings.Repeat(wild, 50_000),
	} {
		t.Run(name, func(t *testing.T) {
			f := &faulty{size: reply}
			s := faultyShell(t, f, "debug on", "set reply-timeout 3s")
			s.line("size x")
			s.line("echo well")
			raw := s.raw()
			for _, bad := range []string{"\x1b]0;", "\x1b[2J", "\u202e", "\xff", "\u009b"} {
				if strings.Contains(raw, bad) {
					t.Errorf("%q reached the terminal", bad)
				}
			}
			if len(raw) > 200_000 {
				t.Errorf("%d bytes were shown", len(raw))
			}
		})
	}
}

func TestShellServerThatNeverAnswers(t *testing.T) {
	f := &faulty{}
	s := faultyShell(t, f, "set reply-timeout 1s")
	f.silence()
	s.send("size x\r")
	s.expectWithin("ferry: size: ", bound)
	s.expectWithin("hint: ", bound)
	s.expectWithin("(connection lost)> ", bound)
}

// Who waits is told for whom, and how to stop: for an answer, for bytes, and
// for a host that does not even take the call.
func TestShellTellsOfSilence(t *testing.T) {
	const telling = 25 * time.Second
	f := &faulty{aborts: true}
	s := faultyShell(t, f)
	s.send("get big\r")
	s.showsWithin("still for 0:0", telling)
	s.send("\x03")
	s.promptWithin(bound)
	f.silence()
	s.send("size x\r")
	s.showsWithin("waiting for 127.0.0.1, which has said nothing for ", telling)
	s.send("\x03")
	s.send("\x03")
	s.promptWithin(bound)
}

// Tab comes back from a dead server, and so does the verb behind it.
func TestShellCompletionOfADeadServer(t *testing.T) {
	f := &faulty{}
	s := faultyShell(t, f)
	f.silence()
	s.send("get a\tb")
	s.expectWithin("get ab", bound)
	s.send("\x03")
	s.expect("^C")
	s.prompt()
	s.send("pwd\r")
	s.expect("\n")
	s.interruptUntil("interrupted")
	s.promptWithin(bound)
	s.send("\x04")
	if code := s.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A listing that is slow is there for the next Tab, and no verb gets into it.
func TestShellCompletionOfASlowServer(t *testing.T) {
	f := &faulty{listing: "type=file;size=1; alpha\r\ntype=dir; beta\r\n", hold: make(chan struct{}), aborts: true}
	s := faultyShell(t, f)
	s.send("get al\t")
	f.await(t, "MLSD")
	s.send("!")
	s.expectWithin("get al!", bound)
	close(f.hold)
	s.send("\x7f\t")
	s.until(bound, "expected alpha", func() bool { return strings.HasSuffix(string(s.vt.rows[s.vt.row]), "get alpha ") })
	s.send("\x15")
	if got := s.line("pwd"); !strings.HasPrefix(got, "/\n") {
		t.Errorf("pwd: %q", got)
	}
}

// A shell that nobody uses keeps its connection, and tells when it is lost;
// the next verb leads back to where one was.
func TestShellStaysAlive(t *testing.T) {
	f := &faulty{}
	s := faultyShell(t, f, "set keep-alive 1s")
	s.line("cd /sub")
	s.send("half a li")
	f.await(t, "NOOP")
	f.await(t, "NOOP")
	f.drop()
	s.showsWithin("connection lost at NOOP: the server closed the connection\nhint: the next verb connects again, to where you were\nanna@127.0.0.1:/sub (connection lost)> half a li", bound)
	s.send("\x15")
	if got := s.line("size x"); !strings.Contains(got, "1000000000") || !strings.Contains(got, ":/sub (plain)") {
		t.Errorf("the next verb: %q", got)
	}
}

// A sign of life that nobody answers stands in nobody's way.
func TestShellStaysAliveBesideADeadServer(t *testing.T) {
	f := &faulty{}
	s := faultyShell(t, f, "set keep-alive 1s", "set connect-timeout 2s")
	f.silence()
	f.await(t, "NOOP")
	s.send("get a\tb")
	s.expectWithin("get ab", bound)
	s.send("\x15pwd\r")
	f.ln.Close()
	s.expectWithin("connecting again", bound)
	s.expectWithin("hint: ", bound)
	s.promptWithin(bound)
	s.send("\x04")
	if code := s.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestShellStaysAliveOnlyIfAsked(t *testing.T) {
	f := &faulty{}
	s := faultyShell(t, f, "set keep-alive off")
	if got := s.line("set keep-alive"); !strings.HasPrefix(got, "off\n") {
		t.Errorf("keep-alive is %q", got)
	}
	s.line("set keep-alive 90")
	if got := s.line("set keep-alive"); !strings.HasPrefix(got, "1m30s\n") {
		t.Errorf("keep-alive is %q", got)
	}
}
