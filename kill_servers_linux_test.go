package main

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// kill -9 of real servers, in all their processes or in those of one session,
// again and again while files move: at no moment has a name less than its file,
// the run finishes its work when the server is back, and says 0 for that. All
// verbs with all servers, in clear and over TLS, where the peers are needed and
// FERRY_KILLS is set; else every ninth of these, others each day.
func TestKilledServers(t *testing.T) {
	seed := uint64(time.Now().Unix() / 86400)
	whole := os.Getenv("FERRY_KILLS") != ""
	verbs := []string{"mput", "mget", "mirror -R", "mirror"}
	servers := append(slices.Sorted(maps.Keys(foreignServers())), "ferry")
	for i := range len(servers) * len(verbs) * 2 {
		name, verb, secure := servers[i%len(servers)], verbs[i/len(servers)%len(verbs)], i/len(servers)/len(verbs) == 1
		if !whole && (i+int(seed))%9 != 0 {
			continue
		}
		t.Run(fmt.Sprintf("%s %s TLS %t", name, verb, secure), func(t *testing.T) {
			t.Parallel()
			newHunt(t, name, verb, secure, rand.New(rand.NewPCG(seed, uint64(i)))).run()
		})
	}
}

// hunt is one run and the server under it, which is killed.
type hunt struct {
	t             *testing.T
	s             server
	first, verb   string // lines of the script
	here, src, to string
	want          map[string]string
	r             *rand.Rand
}

func newHunt(t *testing.T, name, verb string, secure bool, r *rand.Rand) *hunt {
	h := &hunt{t: t, verb: verb, here: t.TempDir(), r: r}
	switch id := newIdentity(t); {
	case name == "ferry":
		h.s = lasting(t, "--cert", id.file)
		h.first = "set ca " + id.cert + "\n"
	case secure:
		h.s = tlsServers()[name](t, id)
		h.first = "set ca " + id.cert + "\n"
	default:
		h.s = foreignServers()[name](t)
	}
	if secure {
		h.s.url = explicit(h.s.url)
	} else {
		h.first += "set tls off\n"
	}
	h.src, h.to = h.here, h.s.dir
	if verb == "mget" || verb == "mirror" {
		h.src, h.to = h.to, h.here
	}
	for i := range 60 {
		name, size := fmt.Sprintf("f%02d.bin", i), r.IntN(300_000)
		if i%20 == 7 {
			size = 4 << 20
		}
		if strings.HasPrefix(verb, "mirror") {
			name = fmt.Sprintf("d%d/%s", i%3, name)
		}
		path := filepath.Join(h.src, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		noisy(t, path, size)
	}
	makeReadable(t, h.src)
	h.want = digests(t, h.src)
	return h
}

// lasting is ferry at an address that it has again when it is started again.
func lasting(t *testing.T, flags ...string) server {
	dir, addr := t.TempDir(), fmt.Sprintf("%s:%d", localhost, freePort(t))
	cmd := command(t, program, append([]string{"serve", dir, "--listen", addr, "--user", "demo"}, flags...)...)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "XDG_STATE_HOME="+t.TempDir())
	daemon(t, cmd)
	greets(t, addr)
	return server{url: "ftp://demo@" + addr, dir: dir, cmd: cmd}
}

func (h *hunt) run() {
	words := map[string]string{"mput": "mput *", "mget": "mget *", "mirror": "mirror . .", "mirror -R": "mirror -R . ."}[h.verb]
	script := writeFile(h.t, filepath.Join(h.t.TempDir(), "s.ftp"), fmt.Sprintf("%sopen %s\nlcd %q\nset rate 12M\n%s\n", h.first, h.s.url, h.here, words))
	cmd := command(h.t, program, "run", script)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "HOME="+h.t.TempDir(), "XDG_STATE_HOME="+h.t.TempDir())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	kills := 0
	for i := range 3 {
		if !h.moves(ended) {
			break
		}
		h.kill(i)
		kills++
		h.torn()
	}
	<-ended
	if code := cmd.ProcessState.ExitCode(); code != 0 || kills == 0 {
		h.t.Fatalf("exit code %d after %d kills\n%s", code, kills, tail(out.Bytes()))
	}
	got := digests(h.t, h.to)
	maps.DeleteFunc(got, func(name, _ string) bool { // what Pure-FTPd leaves when it is killed
		return strings.HasPrefix(filepath.Base(name), ".pureftpd-upload.")
	})
	sameFiles(h.t, "in the end", got, h.want)
	h.t.Logf("%d kills: %d times again", kills, strings.Count(out.String(), "again"))
}

// moves waits until something more has come, and a moment.
func (h *hunt) moves(ended <-chan struct{}) bool {
	was := held(h.to)
	for end := time.Now().Add(time.Minute); held(h.to) == was && time.Now().Before(end); {
		select {
		case <-ended:
			return false
		case <-time.After(5 * time.Millisecond):
		}
	}
	time.Sleep(time.Duration(h.r.IntN(250)) * time.Millisecond)
	return true
}

// kill ends the server and starts it again, or, every other time and where
// sessions have processes, ends those only.
func (h *hunt) kill(turn int) {
	pid := h.s.cmd.Process.Pid
	_ = syscall.Kill(pid, syscall.SIGSTOP) // it begins no further session
	family := descendants(pid)
	if turn%2 == 1 && len(family) > 0 {
		killAll(family)
		_ = syscall.Kill(pid, syscall.SIGCONT)
		return
	}
	killAll(append(family, pid))
	_ = h.s.cmd.Wait()
	time.Sleep(time.Duration(h.r.IntN(400)) * time.Millisecond)
	again := command(h.t, h.s.cmd.Path, h.s.cmd.Args[1:]...)
	again.Env = h.s.cmd.Env
	daemon(h.t, again)
	h.s.cmd = again
}

func killAll(pids []int) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// torn looks for names that have less than their file, while nobody writes.
func (h *hunt) torn() {
	for name, want := range h.want {
		path := filepath.Join(h.to, name)
		if _, err := os.Stat(path); err == nil && digest(h.t, path) != want {
			h.t.Errorf("half a file is called %s", name)
		}
	}
}

// descendants are the processes below one.
func descendants(pid int) (all []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	children := map[int][]int{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		var state string
		var parent int
		_, _ = fmt.Sscan(string(text[bytes.LastIndexByte(text, ')')+1:]), &state, &parent)
		if child, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	for next := children[pid]; len(next) > 0; {
		all = append(all, next...)
		var below []int
		for _, child := range next {
			below = append(below, children[child]...)
		}
		next = below
	}
	slices.Sort(all)
	return all
}
