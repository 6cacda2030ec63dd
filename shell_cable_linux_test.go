package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is what a shell is told, so that its bounds come while one waits.
const patience = "set retries 0 ; set stall-timeout 2s ; set reply-timeout 2s ; set connect-timeout 2s ; set keep-alive off"

// hugeFile makes a file that takes longer than what is to happen, and no room.
func hugeFile(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "big"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(2 << 30); err != nil {
		t.Fatal(err)
	}
}

// arriving waits for the first bytes of the big file.
func (s *terminal) arriving() {
	s.t.Helper()
	waitFor(s.t, "the first bytes", func() bool {
		info, err := os.Stat(s.local(".ferry-big.part"))
		return err == nil && info.Size() > 0
	})
}

// kill -9 of the server, in a transfer and at rest.
func TestShellServerIsKilled(t *testing.T) {
	dir := t.TempDir()
	hugeFile(t, dir)
	addr, pid := ferryProcess(t, localhost, dir, "--tls", "off")
	s := shell(t, []string{"--no-state"})
	s.line(patience)
	s.line("open ftp://demo:secret@" + addr)
	s.send("get big\r")
	s.arriving()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.showsWithin("ferry: get: big: ", bound)
	s.showsWithin("hint: ", bound)
	s.showsWithin("demo@127.0.0.1:/ (connection lost)> ", bound)
	got := s.line("ls")
	if !strings.Contains(got, "connecting again") || !strings.Contains(got, "connection refused") || !strings.Contains(got, "hint: nothing answers at that port") {
		t.Errorf("the next verb: %q", got)
	}
	if info, err := os.Stat(s.local(".ferry-big.part")); err != nil || info.Size() == 0 {
		t.Error("nothing is kept for a resume")
	}
}

func TestShellServerIsKilledAtRest(t *testing.T) {
	addr, pid := ferryProcess(t, localhost, t.TempDir(), "--tls", "off")
	s := shell(t, []string{"--no-state"})
	s.line(patience)
	s.line("open ftp://demo:secret@" + addr)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if got := s.line("ls"); !strings.Contains(got, "(connection lost)> ") || !strings.Contains(got, "hint: ") {
		t.Errorf("ls: %q", got)
	}
}

// stopped waits until a process has taken its SIGSTOP.
func stopped(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(screenPatience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil || strings.Contains(string(status), "State:\tT") {
			return
		}
	}
	t.Fatal("it never stops")
}

// kill -9 of a server in all its processes, at the prompt, in a listing and in
// a transfer: vsftpd has a process for each session, ferry one for all.
func TestShellServersAreKilled(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) (url, big string, pids func() []int){
		"vsftpd": func(t *testing.T) (string, string, func() []int) {
			srv := vsftpd(t)
			hugeFile(t, srv.dir)
			return strings.Replace(srv.url, "anonymous@", "", 1), "big", func() []int { return processesWith(t, filepath.Join(filepath.Dir(srv.dir), "vsftpd.conf")) }
		},
		"ferry": func(t *testing.T) (string, string, func() []int) {
			dir := t.TempDir()
			hugeFile(t, dir)
			addr, pid := ferryProcess(t, localhost, dir, "--tls", "off")
			return "ftp://demo:secret@" + addr, "big", func() []int { return []int{pid} }
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, moment := range []string{"prompt", "listing", "transfer"} {
				t.Run(moment, func(t *testing.T) {
					url, big, pids := start(t)
					s := shell(t, []string{"--no-state"})
					s.line(patience)
					s.line("open " + url)
					kill := func(signal syscall.Signal) {
						t.Helper()
						all := pids()
						if len(all) == 0 {
							t.Fatal("there is nobody to kill")
						}
						for _, pid := range all {
							_ = syscall.Kill(pid, signal)
						}
					}
					verb := "ls"
					switch moment {
					case "prompt":
						kill(syscall.SIGKILL)
						s.send("ls\r")
					case "listing":
						kill(syscall.SIGSTOP) // the listing is asked for, and is never there
						for _, pid := range pids() {
							stopped(t, pid)
						}
						s.send("ls\r")
						s.expect("ls\n")
						time.Sleep(300 * time.Millisecond)
						kill(syscall.SIGKILL)
					case "transfer":
						verb = "get"
						s.send("get " + big + "\r")
						s.arriving()
						kill(syscall.SIGKILL)
					}
					s.showsWithin("ferry: "+verb+": ", bound)
					s.showsWithin("hint: ", bound)
					s.showsWithin("(connection lost)> ", bound)
					s.promptWithin(bound)
					if got := s.line("echo here"); !strings.HasPrefix(got, "here\n") {
						t.Errorf("%q", got)
					}
				})
			}
		})
	}
}

// processesWith are the processes that have a word on their command line.
func processesWith(t *testing.T, word string) (pids []int) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		line, _ := os.ReadFile(path) // it may have ended
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && pid != os.Getpid() && strings.Contains(string(line), word) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// cable is a link between two namespaces of the network that can be pulled.
type cable struct {
	t              *testing.T
	client, server string
}

const cableServer, cableClient = "10.213.77.1", "10.213.77.2"

// newCable is nil where the system allows no namespaces, as in most
// containers.
func newCable(t *testing.T) *cable {
	t.Helper()
	needRoot(t)
	path := peer(t, "ip")
	c := &cable{t: t, client: fmt.Sprintf("ferryc%d", os.Getpid()), server: fmt.Sprintf("ferrys%d", os.Getpid())}
	for _, name := range []string{c.client, c.server} {
		if out, err := exec.Command(path, "netns", "add", name).CombinedOutput(); err != nil {
			t.Logf("no cable to pull, TestShellServerThatNeverAnswers has to do: ip netns: %s", out)
			return nil
		}
		t.Cleanup(func() { _ = exec.Command(path, "netns", "del", name).Run() })
	}
	c.ip("link", "add", "end", "netns", c.client, "type", "veth", "peer", "name", "end", "netns", c.server)
	for name, address := range map[string]string{c.client: cableClient, c.server: cableServer} {
		c.ip("-n", name, "addr", "add", address+"/24", "dev", "end")
		c.ip("-n", name, "link", "set", "end", "up")
		c.ip("-n", name, "link", "set", "lo", "up")
	}
	return c
}

func (c *cable) ip(args ...string) {
	c.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		c.t.Fatalf("ip %v: %v\n%s", args, err, out)
	}
}

func (c *cable) pull() { c.ip("-n", c.server, "link", "set", "end", "down") }
func (c *cable) plug() { c.ip("-n", c.server, "link", "set", "end", "up") }

// Where the cable is pulled nobody hears anything any more, neither data nor a
// farewell.
func TestShellCableIsPulled(t *testing.T) {
	c := newCable(t)
	if c == nil {
		return
	}
	dir := t.TempDir()
	hugeFile(t, dir)
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	serve := command(t, "ip", "netns", "exec", c.server, program, "serve", dir, "--listen", cableServer+":2121", "--user", "demo", "--tls", "off", "--no-state")
	serve.Env = append(os.Environ(), "FERRY_PASSWORD=secret")
	daemon(t, serve)
	s := shellIn(t, "exec ip netns exec "+c.client+" "+program+" shell --no-state")
	s.line(patience)
	open := "open ftp://demo:secret@" + cableServer + ":2121"
	for end := time.Now().Add(bound); !strings.Contains(s.line(open), "(plain)> "); {
		if time.Now().After(end) {
			t.Fatal("the server is not there")
		}
	}
	s.line("cd sub")
	s.send("get /big\r")
	s.arriving()
	c.pull()
	s.showsWithin("ferry: get: /big: ", 3*bound) // the stall, and ten seconds for an answer to ABOR
	s.showsWithin("hint: ", bound)
	s.showsWithin(":/sub (connection lost)> ", bound)
	s.prompt()
	if got := s.line("pwd"); !strings.Contains(got, "connecting again") || !strings.Contains(got, "hint: nobody answers there") && !strings.Contains(got, "hint: no way leads") || !strings.Contains(got, "demo@"+cableServer+" (connection lost)> ") {
		t.Errorf("pwd without a cable: %q", got)
	}
	c.plug()
	got := ""
	for end := time.Now().Add(bound); !strings.Contains(got, ":/sub (plain)> ") && time.Now().Before(end); {
		got = s.line("pwd") // the next verb leads back; routes need a moment
	}
	if !strings.Contains(got, "/sub\n") {
		t.Errorf("pwd with the cable: %q", got)
	}
	// At rest, and while a name is completed.
	c.pull()
	s.send("get a\tb")
	s.showsWithin("get ab", bound)
	s.send("\x15size x\r")
	s.showsWithin("ferry: size: ", bound)
	s.promptWithin(bound)
}
