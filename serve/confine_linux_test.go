package serve

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"

	"ferry/proto"
	"ferry/serve/users"
)

// TestConfinedChild is no test, but the other process of those below.
func TestConfinedChild(t *testing.T) {
	dir := os.Getenv("FERRY_TEST_CONFINED")
	if dir == "" {
		return
	}
	d := Daemon{Dir: dir, Listen: []string{"127.0.0.1:0"}, User: "ann", Password: Password{Env: "secret"}, NoState: true,
		UsersFile: os.Getenv("FERRY_TEST_USERS"), Umask: "027", Confine: Confined, Out: os.Stdout, Err: os.Stdout}
	if program := os.Getenv("FERRY_TEST_ASK"); program != "" {
		d.AuthCommand = strings.Fields(program)
	}
	if os.Getenv("FERRY_TEST_NO_LANDLOCK") != "" {
		d.Confine = NoLandlock
	}
	if err := d.Run(t.Context()); err != nil {
		fmt.Println("Run:", err)
	}
}

// confined starts a daemon in a process of its own and returns where it is,
// its process, and what it said until it was ready.
func confined(t *testing.T, dir string, env ...string) (at string, pid int, said string) {
	t.Helper()
	return confinedTo(t, io.Discard, dir, env...)
}

// confinedTo is confined, and what the daemon says later goes to w.
func confinedTo(t *testing.T, w io.Writer, dir string, env ...string) (at string, pid int, said string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestConfinedChild$")
	cmd.Env = append(append(os.Environ(), "FERRY_TEST_CONFINED="+dir), env...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said += lines.Text() + "\n"
		if m := regexp.MustCompile(`address +ftp://(\S+)/`).FindStringSubmatch(lines.Text()); m != nil {
			at = m[1]
		}
		if strings.Contains(lines.Text(), "ferry shell") {
			go func() {
				for lines.Scan() {
					fmt.Fprintln(w, lines.Text())
				}
			}()
			return at, cmd.Process.Pid, said
		}
	}
	t.Fatalf("the daemon did not start:\n%s", said)
	return
}

// statusOf is what /proc tells of every thread of a process.
func statusOf(t *testing.T, pid int, field string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	seen := map[string]bool{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // a thread that has ended
		}
		for line := range bytes.Lines(text) {
			if value, ok := strings.CutPrefix(string(line), field+":"); ok {
				seen[strings.Join(strings.Fields(value), " ")] = true
			}
		}
	}
	return seen
}

func isOnly(seen map[string]bool, want string) bool { return len(seen) == 1 && seen[want] }

// servers.md T29, CVE-2024-48651: a server that was started by root has no
// groups and no capabilities once it runs, in no thread, and is the owner of
// its directory.
func TestPrivilegesAreGone(t *testing.T) {
	const nobody = 65534
	for _, owner := range []int{0, nobody} {
		dir := t.TempDir()
		if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
			t.Fatal(err)
		}
		uid := os.Geteuid()
		if uid == 0 {
			uid = owner
			if err := os.Chown(dir, owner, owner); err != nil {
				t.Fatal(err)
			}
		}
		at, pid, said := confined(t, dir)
		for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapAmb"} {
			if seen := statusOf(t, pid, set); !isOnly(seen, "0000000000000000") {
				t.Errorf("owner %d: %s: %v", owner, set, seen)
			}
		}
		if os.Geteuid() == 0 {
			if seen := statusOf(t, pid, "Groups"); !isOnly(seen, "") {
				t.Errorf("owner %d: groups %v", owner, seen)
			}
			want := map[int]string{0: "still root", nobody: "root is given up"}[owner]
			if !strings.Contains(said, want) {
				t.Errorf("owner %d: %q is not in\n%s", owner, want, said)
			}
		}
		id := strconv.Itoa(uid)
		if seen := statusOf(t, pid, "Uid"); !isOnly(seen, strings.Join([]string{id, id, id, id}, " ")) {
			t.Errorf("owner %d: uid %v", owner, seen)
		}
		if seen := statusOf(t, pid, "NoNewPrivs"); !isOnly(seen, "1") {
			t.Errorf("owner %d: NoNewPrivs %v", owner, seen)
		}
		p := visit(t, at, "ann", "secret")
		p.do("MKD a", 257)
		p.do("MKD b", 257)
		p.do("MKD a/x", 257)
		p.do("RNFR a/x", 350)
		p.do("RNTO b/x", 250) // Landlock's REFER
		if info, err := os.Stat(filepath.Join(dir, "a")); err != nil || info.Mode().Perm() != 0o750 {
			t.Errorf("--umask 027: %v, %v", info, err)
		}
	}
}

// TestRootlessChild is no test, but the other process of the one below.
func TestRootlessChild(t *testing.T) {
	if os.Getenv("FERRY_TEST_ROOTLESS") == "" {
		return
	}
	if err := dropRoot(); err != nil {
		fmt.Println(err)
	}
	before, berr := os.ReadFile("/proc/thread-self/status")
	out, err := exec.Command("cat", "/proc/self/status").CombinedOutput()
	fmt.Printf("self\n%s\n%v\nprogram\n%s\n%v\n", before, berr, out, err)
}

// A program that root's server runs gets no capabilities for being root's, even
// before the server has given up its own.
func TestProgramsAreNotRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not root")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestRootlessChild$")
	cmd.Env = append(os.Environ(), "FERRY_TEST_ROOTLESS=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err, string(out))
	}
	self, program, _ := strings.Cut(string(out), "\nprogram\n")
	none := regexp.MustCompile(`CapEff:\s+0{16}\n`)
	if none.MatchString(self) || !strings.Contains(self, "CapEff:") {
		t.Errorf("the server has none itself, so that nothing is shown:\n%s", self)
	}
	if !none.MatchString(program) || !regexp.MustCompile(`CapPrm:\s+0{16}\n`).MatchString(program) {
		t.Errorf("a program has root's capabilities:\n%s", program)
	}
}

// Where the kernel has Landlock, a root outside that nobody named at the start
// is out of reach, and one that was named is not; where it has none, that is
// said.
func TestLandlockConfines(t *testing.T) {
	t.Setenv("FERRY_PASSWORD", "secret")
	dir, named, other := t.TempDir(), t.TempDir(), t.TempDir()
	file := filepath.Join(t.TempDir(), "users.json")
	add := func(args ...string) {
		t.Helper()
		if out, err := ferry(t, append([]string{"users", "add", "--file", file}, args...)...); err != nil {
			t.Fatal(out, err)
		}
	}
	add("--root", named, "bea")
	abi, err := ll.LandlockGetABIVersion()
	has := err == nil && abi >= 2
	for _, off := range []string{"", "1"} {
		at, _, said := confined(t, dir, "FERRY_TEST_USERS="+file, "FERRY_TEST_NO_LANDLOCK="+off)
		_, _ = ferry(t, "users", "remove", "--file", file, "cid")
		add("--root", other, "cid")
		visit(t, at, "bea", "secret").do("MKD d"+off, 257)
		code := proto.LoggedIn
		if has && off == "" {
			code = proto.LocalError
		}
		nc, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		p := &peer{w: &world{t: t}, nc: nc, Conn: proto.NewConn(nc, nil)}
		p.expect(proto.Ready)
		p.do("USER cid", proto.NeedPassword)
		p.do("PASS secret", code)
		switch want := "out of reach"; {
		case off != "" && strings.Contains(said, want):
			t.Errorf("--no-landlock, yet\n%s", said)
		case off == "" && !strings.Contains(said, want):
			t.Errorf("nothing is said:\n%s", said)
		}
	}
}

// A program that is asked about logins can be run from within the walls.
func TestAskedWithinWalls(t *testing.T) {
	script := filepath.Join(t.TempDir(), "ask")
	text := "#!/bin/sh\nread -r q; case $q in *'\"password\":\"secret\"'*) echo '{\"permissions\": \"read-only\"}';; *) exit 1;; esac\n"
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	at, _, _ := confined(t, t.TempDir(), "FERRY_TEST_ASK="+script)
	p := visit(t, at, "zoe", "secret")
	p.do("PWD", 257)
	p.do("MKD d", 550)
}

// A root that is added while a confined server runs, and lies elsewhere, can't
// be had without a new start: the log says so at once, and only then.
func TestRootOutOfReach(t *testing.T) {
	if abi, err := ll.LandlockGetABIVersion(); err != nil || abi < 2 {
		t.Skip("no Landlock here")
	}
	base := t.TempDir()
	dir, elsewhere, file := filepath.Join(base, "srv"), filepath.Join(base, "elsewhere"), filepath.Join(base, "etc", "users.json")
	for _, d := range []string{dir, filepath.Join(dir, "in"), elsewhere, filepath.Dir(file)} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := users.Create(file); err != nil {
		t.Fatal(err)
	}
	f, err := users.Open(file, users.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var log logText
	at, _, _ := confinedTo(t, &log, dir, "FERRY_TEST_USERS="+file)
	add := func(name, root string) {
		if err := f.Add(users.Record{Name: name, Home: "/", Root: root, Perm: users.All}, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	add("inside", filepath.Join(dir, "in"))
	visit(t, at, "inside", "secret").do("PWD", 257)
	time.Sleep(2 * watchPause)
	if strings.Contains(log.String(), "out of reach") {
		t.Errorf("a root within reach is told:\n%s", log.String())
	}
	add("outside", elsewhere)
	deadline := time.Now().Add(20 * time.Second)
	for !strings.Contains(log.String(), "root is out of reach until the server is started again") {
		if time.Now().After(deadline) {
			t.Fatalf("the log has\n%s", log.String())
		}
		time.Sleep(10 * time.Millisecond)
	}
	if text := log.String(); !strings.Contains(text, "user=outside root="+elsewhere) || !strings.Contains(text, "--no-landlock") {
		t.Errorf("the log has\n%s", text)
	}
	p := reach(t, at)
	p.do("USER outside", 331)
	if r := p.do("PASS secret", 451); strings.Contains(r.String(), base) {
		t.Errorf("the host's paths are told: %s", r)
	}
}
