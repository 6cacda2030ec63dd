package main

import (
	"net"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// account runs `ferry users ARGS` on a file.
func account(t *testing.T, file, verb string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, append([]string{"users", verb, "--file", file}, args...)...)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("ferry users %s %q: %v\n%s", verb, args, err, out)
	}
	return string(out)
}

// What `ferry users` does to the file holds in a server that runs, from the next
// command on; and a user who is removed or disabled is out soon, whatever the
// session does.
func TestUsersOfARunningServer(t *testing.T) {
	dir := t.TempDir()
	root, file := filepath.Join(dir, "root"), filepath.Join(dir, "etc", "users.json")
	for _, d := range []string{root, filepath.Dir(file), filepath.Join(root, "inbox"), filepath.Join(root, "ann")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	bigFile(t, filepath.Join(root, "f"), 64<<20) // more than sockets hold
	account(t, file, "add", "ann")
	for _, name := range []string{"bob", "carl", "dora", "eve"} { // each is refused once: that takes a second, twice three
		account(t, file, "add", name)
	}
	addr := ferryServe(t, root, "--users", file)

	ann := enter(t, addr, "ann", 230)
	ann.say("MKD one", 257)
	for _, c := range []struct {
		args []string
		line string
		code int
	}{
		{[]string{"--perm", "list read"}, "MKD two", 550},
		{[]string{"--dir", "/inbox=write mkdir list"}, "MKD inbox/three", 257},
		{[]string{"--dir", ""}, "MKD inbox/four", 550},
		{[]string{"--perm", "all"}, "MKD four", 257},
		{[]string{"--quota-files", "1"}, "MKD five", 552},
		{[]string{"--quota-files", ""}, "MKD five", 257},
		{[]string{"--quota", "1K"}, "ALLO 100000", 552},
		{[]string{"--quota", ""}, "ALLO 100000", 200},
		{[]string{"--largest", "1K"}, "ALLO 100000", 552},
		{[]string{"--largest", ""}, "PWD", 257},
	} {
		account(t, file, "change", append(c.args, "ann")...)
		ann.say(c.line, c.code)
	}

	account(t, file, "change", "--sessions", "1", "ann")
	enter(t, addr, "ann", 530)
	account(t, file, "change", "--sessions", "", "ann")
	busy := enter(t, addr, "ann", 230)
	stuck := busy.stuck("RETR f")
	defer stuck.Close()
	account(t, file, "change", "--account", "books", "ann")
	enter(t, addr, "ann", 332).say("ACCT books", 230)

	start := time.Now()
	account(t, file, "remove", "ann")
	ann.ends(421)
	busy.ends(426)
	t.Logf("the sessions of a removed user ended after %v", time.Since(start))
	enter(t, addr, "ann", 530)

	bob := enter(t, addr, "bob", 230)
	account(t, file, "change", "--disable", "bob")
	bob.ends(421)
	enter(t, addr, "bob", 530)
	account(t, file, "change", "--enable", "bob")
	enter(t, addr, "bob", 230)
	for name, rule := range map[string][2]string{"carl": {"--expires", "2020-01-01"}, "dora": {"--tls", "required"}, "eve": {"--from", "192.0.2.0/24"}} {
		account(t, file, "change", rule[0], rule[1], name)
		enter(t, addr, name, 530)
		account(t, file, "change", rule[0], "", name)
		enter(t, addr, name, 230)
	}
	account(t, file, "change", "--root", "ann", "--home", "/", "bob")
	enter(t, addr, "bob", 230).say("SIZE f", 550)
}

// guest is a session by hand.
type guest struct {
	t    *testing.T
	addr string
	c    *textproto.Conn
}

func enter(t *testing.T, addr, name string, code int) *guest {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(time.Minute))
	g := &guest{t, addr, textproto.NewConn(nc)}
	g.heard("greeting", 220)
	g.say("USER "+name, 331)
	g.say("PASS secret", code)
	if code == 230 {
		g.say("TYPE I", 200)
	}
	return g
}

func (g *guest) say(line string, code int) string {
	g.t.Helper()
	if err := g.c.PrintfLine("%s", line); err != nil {
		g.t.Fatalf("%s: %v", line, err)
	}
	return g.heard(line, code)
}

func (g *guest) heard(line string, code int) string {
	g.t.Helper()
	got, text, err := g.c.ReadResponse(0)
	if got != code {
		g.t.Fatalf("%s: want %d, got %d %s %v", line, code, got, text, err)
	}
	return text
}

// ends waits for a reply, and for the end of the session behind it.
func (g *guest) ends(code int) {
	g.t.Helper()
	g.heard("the end", code)
	for {
		if _, err := g.c.ReadLine(); err != nil {
			return
		}
	}
}

// stuck begins a download and reads nothing of it.
func (g *guest) stuck(line string) net.Conn {
	g.t.Helper()
	m := regexp.MustCompile(`\|(\d+)\|`).FindStringSubmatch(g.say("EPSV", 229))
	host, _, _ := net.SplitHostPort(g.addr)
	nc, err := net.Dial("tcp", net.JoinHostPort(host, m[1]))
	if err != nil {
		g.t.Fatal(err)
	}
	_ = nc.(*net.TCPConn).SetReadBuffer(4096)
	g.say(line, 150)
	return nc
}
