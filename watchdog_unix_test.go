//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jlaffaye/ftp"
)

// watched is `ferry serve --watchdog` at work.
type watched struct {
	t      *testing.T
	addr   string
	parent int
	root   string
	log    string

	read  int64  // of the log, so far
	tail  string // the line that was not whole then
	lives string // what was told of the server's lives, without what its sessions do
}

// newWatched starts one, with a file of 1 MiB to download.
func newWatched(t *testing.T, flags ...string) *watched {
	t.Helper()
	w := &watched{t: t, root: t.TempDir(), log: filepath.Join(t.TempDir(), "log")}
	writeFile(t, filepath.Join(w.root, "known"), string(pattern(1, 1<<20)))
	w.addr, w.parent = ferryProcess(t, localhost, w.root, append([]string{"--watchdog", "--log", w.log}, flags...)...)
	return w
}

func (w *watched) logged() string {
	text, err := os.ReadFile(w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// told is what the log tells of the server's lives. Each line is read once: with
// a crowd there are so many that reading takes the time that is measured.
func (w *watched) told() string {
	w.t.Helper()
	f, err := os.Open(w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, w.read, 1<<40))
	if err != nil {
		w.t.Fatal(err)
	}
	w.read += int64(len(text))
	for line := range strings.Lines(w.tail + string(text)) {
		if w.tail = line; !strings.HasSuffix(line, "\n") {
			break
		}
		w.tail = ""
		if !strings.Contains(line, " msg=command ") && !strings.Contains(line, " msg=transfer ") {
			w.lives += line
		}
	}
	return w.lives
}

// ups is how often a server has become ready.
func (w *watched) ups() int { return strings.Count(w.told(), `msg="server is up"`) }

// child is the process that serves.
func (w *watched) child() int {
	w.t.Helper()
	lines := strings.Split(w.told(), "\n")
	for _, line := range slices.Backward(lines) {
		if _, rest, ok := strings.Cut(line, `msg="server is up" pid=`); ok {
			pid, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				w.t.Fatal(err)
			}
			return pid
		}
	}
	w.t.Fatal("no server is up")
	return 0
}

func pattern(seed uint64, size int) []byte {
	b := make([]byte, size)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)})
	_, _ = r.Read(b)
	return b
}

// crowd are clients that upload and download without a pause until they are
// told to stop.
type crowd struct {
	addr  string
	over  atomic.Bool
	group sync.WaitGroup

	mu        sync.Mutex
	committed map[string][32]byte // what was answered with 226
	refused   []error             // connections that were not even accepted
	failed    []error             // other failures
	downloads int
}

func (w *watched) crowd(clients int) *crowd {
	c := &crowd{addr: w.addr, committed: map[string][32]byte{}}
	for i := range clients {
		c.group.Go(func() { c.client(i) })
	}
	return c
}

// client begins anew whenever something fails: that is its retry.
func (c *crowd) client(id int) {
	for n := 0; !c.over.Load(); {
		conn, err := ftp.Dial(c.addr, ftp.DialWithTimeout(20*time.Second))
		if err != nil {
			c.unmet(err)
			continue
		}
		if err = conn.Login("demo", "secret"); err != nil {
			c.note(err)
		}
		for err == nil && !c.over.Load() {
			if err = c.one(conn, id, n); err != nil {
				c.note(err)
			}
			n++
		}
		_ = conn.Quit()
	}
}

// one is an upload under a new name, or a download.
func (c *crowd) one(conn *ftp.ServerConn, id, n int) error {
	if n%3 == 2 {
		r, err := conn.Retr("known")
		if err != nil {
			return err
		}
		got, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err == nil && !bytes.Equal(got, pattern(1, 1<<20)) {
			err = errors.New("a download that was said to be complete is not")
		}
		if err == nil {
			c.mu.Lock()
			c.downloads++
			c.mu.Unlock()
		}
		return err
	}
	name, body := fmt.Sprintf("up-%d-%d", id, n), pattern(uint64(id<<8+n), 1000+n%7*20_000)
	if err := conn.Stor(name, bytes.NewReader(body)); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.committed[name] = sha256.Sum256(body)
	return nil
}

// unmet notes a session that did not begin. Data connections of one that has
// ended are refused, and have to be.
func (c *crowd) unmet(err error) {
	c.note(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	if errors.Is(err, syscall.ECONNREFUSED) {
		c.refused = append(c.refused, err)
	}
}

func (c *crowd) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = append(c.failed, err)
}

// check ends the crowd and compares what it was told with what is there.
func (c *crowd) check(t *testing.T, root string) {
	t.Helper()
	c.over.Store(true)
	c.group.Wait()
	if len(c.refused) > 0 {
		t.Errorf("%d connections were refused: %v", len(c.refused), c.refused[0])
	}
	if len(c.committed) == 0 || c.downloads == 0 {
		t.Errorf("%d uploads and %d downloads: there was no load", len(c.committed), c.downloads)
	}
	for name, want := range c.committed {
		if got, err := os.ReadFile(filepath.Join(root, name)); err != nil || sha256.Sum256(got) != want {
			t.Errorf("%s was committed, and is lost or torn: %d bytes, %v", name, len(got), err)
		}
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries { // an upload whose reply was lost has its name whole, or not at all
		var id, n int
		if _, err := fmt.Sscanf(e.Name(), "up-%d-%d", &id, &n); err != nil {
			continue
		}
		if got, err := os.ReadFile(filepath.Join(root, e.Name())); err != nil || !bytes.Equal(got, pattern(uint64(id<<8+n), 1000+n%7*20_000)) {
			t.Errorf("%s is torn: %d bytes, %v", e.Name(), len(got), err)
		}
	}
	t.Logf("%d uploads, %d downloads, %d failures that were retried", len(c.committed), c.downloads, len(c.failed))
}

// atScale is n here and all where everything is to be shown.
func atScale(t *testing.T, n, all int) int {
	t.Helper()
	if os.Getenv("FERRY_WATCHDOG") != "" {
		return all
	}
	return n
}

// The server is killed again and again under load: no connection is refused,
// and no file that was committed is lost or torn. FERRY_WATCHDOG=1 kills 100
// times, with 50 clients; another number is that of the kills.
func TestWatchdogKilled(t *testing.T) {
	kills := atScale(t, 5, 100)
	if n, _ := strconv.Atoi(os.Getenv("FERRY_WATCHDOG")); n > 1 {
		kills = n
	}
	w := newWatched(t)
	c := w.crowd(atScale(t, 8, 50))
	var greeted, back []time.Duration
	for i := range kills {
		waitFor(t, "the server is up", func() bool { return w.ups() > i })
		// Kills hit anywhere, but not five lives in a row that last less than a
		// second: those are what the delay between restarts is for.
		time.Sleep(time.Duration(1050+rand.IntN(500)) * time.Millisecond)
		if err := syscall.Kill(w.child(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed := time.Now()
		var greeting time.Duration
		waitFor(t, "somebody logs in again", func() bool {
			conn, err := ftp.Dial(w.addr, ftp.DialWithTimeout(20*time.Second))
			if err != nil {
				return false
			}
			defer conn.Quit()
			greeting = time.Since(killed)
			return conn.Login("demo", "secret") == nil && w.ups() > i+1
		})
		greeted, back = append(greeted, greeting), append(back, time.Since(killed))
	}
	for what, times := range map[string][]time.Duration{"greeted": greeted, "logged in": back} {
		slices.Sort(times)
		t.Logf("%s after %v (median), %v at most", what, times[len(times)/2], times[len(times)-1])
	}
	c.check(t, w.root)
	if n := strings.Count(w.told(), `why="signal 9 (killed)"`); n != kills {
		t.Errorf("%d deaths are told with their reason, not %d", n, kills)
	}
}

// A server that is stopped answers no probe: it is replaced, and those who have
// connected meanwhile are served.
func TestWatchdogStopped(t *testing.T) {
	w := newWatched(t, "--watchdog-patience", "2s")
	waitFor(t, "the server is up", func() bool { return w.ups() == 1 })
	child := w.child()
	if err := syscall.Kill(child, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "it has stopped", func() bool {
		state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(child)).Output()
		return err == nil && strings.HasPrefix(string(state), "T")
	})
	stopped := time.Now()
	conn, err := ftp.Dial(w.addr, ftp.DialWithTimeout(time.Minute)) // waits in the backlog
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("served again %v after SIGSTOP", time.Since(stopped))
	if err := conn.Login("demo", "secret"); err != nil {
		t.Error(err)
	}
	waitFor(t, "another server is up", func() bool { return w.ups() == 2 && w.child() != child })
	if text := w.told(); !strings.Contains(text, `why="no answer to a probe`) {
		t.Errorf("the reason is not told:\n%s", tail([]byte(text)))
	}
}

// SIGUSR2 under load: no transfer fails, old sessions run to their end, also
// where all of them share two passive ports.
func TestUpgradeUnderLoad(t *testing.T) {
	low := freePort(t)
	for _, flags := range [][]string{nil, {"--passive-ports", fmt.Sprintf("%d-%d", low, low+5)}} {
		w := newWatched(t, flags...)
		waitFor(t, "the server is up", func() bool { return w.ups() == 1 })
		old, err := ftp.Dial(w.addr)
		if err == nil {
			err = old.Login("demo", "secret")
		}
		if err != nil {
			t.Fatal(err)
		}
		c := w.crowd(atScale(t, 5, 30))
		upgrades := atScale(t, 2, 3)
		for i := range upgrades {
			first := w.child()
			if err := syscall.Kill(w.parent, syscall.SIGUSR2); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "the next server is up", func() bool { return w.ups() == i+2 })
			if w.child() == first {
				t.Error("it is the same process")
			}
			time.Sleep(300 * time.Millisecond) // transfers in both
		}
		if err := old.Stor("old", strings.NewReader("in the first process")); err != nil {
			t.Errorf("a session from before: %v", err)
		}
		_ = old.Quit()
		c.check(t, w.root)
		if len(c.failed) > 0 {
			t.Errorf("%v: %d transfers failed: %v", flags, len(c.failed), c.failed)
		}
		waitFor(t, "replaced servers end with their sessions", func() bool { return strings.Count(w.told(), `"replaced server has ended"`) == upgrades })
	}
}

// A server ends with its parent, however that ends.
func TestServerEndsWithParent(t *testing.T) {
	w := newWatched(t)
	waitFor(t, "the server is up", func() bool { return w.ups() == 1 })
	child := w.child()
	if err := syscall.Kill(w.parent, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the child is gone", func() bool {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", child))
		return err != nil && syscall.Kill(child, 0) != nil || strings.Contains(string(text), ") Z ")
	})
}

// SECURITY: what the parent knows (passwords, its own channel) is neither in the
// arguments nor in the environment of the process that strangers speak to, and
// only sockets for FTP are open there beside that channel.
func TestWatchedServerHasNoSecrets(t *testing.T) {
	w := newWatched(t)
	waitFor(t, "the server is up", func() bool { return w.ups() == 1 })
	conn, err := ftp.Dial(w.addr)
	if err == nil {
		err = conn.Login("demo", "secret") // the password of FERRY_PASSWORD
	}
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Quit()
	if runtime.GOOS != "linux" {
		return // no /proc
	}
	for _, file := range []string{"environ", "cmdline"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", w.child(), file))
		if err != nil && !os.IsPermission(err) {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("secret")) {
			t.Errorf("%s tells the password: %q", file, text)
		}
	}
	if bytes.Contains([]byte(w.logged()), []byte("secret")) || strings.Contains(w.logged(), "probe") {
		t.Errorf("the log has\n%s", w.logged())
	}
}

// What keeps a server from starting is told once, by the parent, with the same
// exit code as without one; a server that starts is greeted once.
func TestWatchdogTells(t *testing.T) {
	out, err := command(t, program, "serve", "--watchdog", "--listen", "127.0.0.1:0", "--users", "nowhere.json", t.TempDir()).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || strings.Count(string(out), "nowhere.json") != 1 || !strings.Contains(string(out), "hint:") {
		t.Errorf("%v\n%s", err, out)
	}
	plain := command(t, program, "serve", "--listen", "127.0.0.1:0", "--users", "nowhere.json", t.TempDir()).Run()
	if fmt.Sprint(plain) != fmt.Sprint(err) {
		t.Errorf("%v with a parent, %v without", err, plain)
	}
}

// Page and metrics stay where they are when the server is replaced, and its
// successor answers there.
func TestPageOutlivesServer(t *testing.T) {
	page, metrics := fmt.Sprint("127.0.0.1:", freePort(t)), fmt.Sprint("127.0.0.1:", freePort(t))
	w := newWatched(t, "--web", page, "--metrics", metrics)
	waitFor(t, "the server is up", func() bool { return w.ups() == 1 })
	old, err := ftp.Dial(w.addr) // keeps the first server alive
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = old.Quit() }()
	if err := syscall.Kill(w.parent, syscall.SIGUSR2); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the next server is up", func() bool { return w.ups() == 2 })
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 20 {
		for _, at := range []string{page + "/", metrics + "/metrics"} {
			resp, err := client.Get("http://" + at)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK || strings.Contains(string(text), "ferry_sessions 1") {
				t.Fatalf("%s: %s; the one that is to end answers:\n%s", at, resp.Status, text)
			}
		}
	}
}

// What the administrator has said holds in the server that takes over, which is
// confined: bans, limits, and that nobody is let in.
func TestOrdersOutliveServer(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	w := newWatched(t, "--control", socket)
	waitFor(t, "the server is up", func() bool { return w.ups() == 1 })
	ctl := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(program, append([]string{"ctl", "--socket", socket}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("ctl %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	ctl("ban", "user:eve")
	ctl("limit", "dan", "down", "1M")
	ctl("drain", "--for", "10m", "Back at noon.")
	for ups, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGUSR2} {
		whom := w.parent
		if sig == syscall.SIGKILL {
			whom = w.child()
		}
		if err := syscall.Kill(whom, sig); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the next server is up", func() bool { return w.ups() == ups+2 })
		if _, err := ftp.Dial(w.addr); err == nil || !strings.Contains(err.Error(), "Back at noon.") {
			t.Errorf("%v: a drained server answers %v", sig, err)
		}
		if bans, limits := ctl("bans"), ctl("limit"); !strings.Contains(bans, "eve") || !strings.Contains(limits, "dan") {
			t.Errorf("%v: bans:\n%slimits:\n%s", sig, bans, limits)
		}
	}
	ctl("resume")
	if c, err := ftp.Dial(w.addr); err != nil {
		t.Error(err)
	} else {
		_ = c.Quit()
	}
}
