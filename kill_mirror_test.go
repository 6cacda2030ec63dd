//go:build unix

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Mirrors whose client, or whose server, is killed in the middle: nothing that
// has a name is half a file, and the work is finished, by the next run or by
// this one. FERRY_KILLS=200 kills that often.
func TestKilledMirrors(t *testing.T) {
	kills := 4
	if s := os.Getenv("FERRY_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		kills = n
	}
	seed := uint64(time.Now().Unix() / 86400)
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 5))
	hits := 0
	for i := range kills {
		m := newKilled(t, r, i%2 == 1)
		if i/2%2 == 0 {
			hits += m.client(r)
		} else {
			hits += m.server(r)
		}
		if t.Failed() {
			t.Fatalf("kill %d", i)
		}
	}
	if t.Logf("%d of %d kills hit", hits, kills); hits == 0 {
		t.Error("no kill hit anything")
	}
}

type killed struct {
	t           *testing.T
	root, local string
	src, dst    string
	up          bool
	want        map[string]string
}

func newKilled(t *testing.T, r *rand.Rand, up bool) *killed {
	m := &killed{t: t, root: t.TempDir(), local: t.TempDir(), up: up, want: map[string]string{}}
	m.src, m.dst = filepath.Join(m.root, "t"), filepath.Join(m.local, "t")
	if up {
		m.src, m.dst = m.dst, m.src
	}
	for i := range 40 {
		size := r.IntN(600_000)
		name := fmt.Sprintf("d%d/f%02d", i%4, i)
		m.want[name] = strconv.Itoa(i) + noise(size)[:size]
		if err := os.MkdirAll(filepath.Dir(filepath.Join(m.src, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(m.src, name), m.want[name])
	}
	return m
}

func (m *killed) mirror(addr string) *exec.Cmd {
	from, to := "ftp://demo@"+addr+"/t", m.dst
	if m.up {
		from, to = m.src, from
	}
	cmd := command(m.t, program, "mirror", "--no-state", "--rate", "20M", from, to)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "HOME="+m.local)
	return cmd
}

// client kills the client at a random moment and mirrors again.
func (m *killed) client(r *rand.Rand) (hit int) {
	addr := ferryServe(m.t, m.root)
	cmd := m.mirror(addr)
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	time.AfterFunc(time.Duration(50+r.IntN(600))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	if cmd.Wait() != nil {
		hit = 1
	}
	m.torn()
	if out, err := m.mirror(addr).CombinedOutput(); err != nil {
		m.t.Errorf("the second run: %v\n%s", err, tail(out))
	}
	m.whole()
	m.clean()
	return hit
}

// server kills the server, and starts it again: the client finishes its work.
func (m *killed) server(r *rand.Rand) (hit int) {
	addr, pid := ferryProcess(m.t, localhost, m.root)
	cmd := m.mirror(addr)
	out := &heard{first: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	<-out.first // it has logged in, and the first file is there
	time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
	_ = syscall.Kill(pid, syscall.SIGKILL)
	m.torn()
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		for ctx.Err() == nil { // somebody else may have the port for a moment
			again := exec.CommandContext(ctx, program, "serve", m.root, "--listen", addr, "--user", "demo")
			again.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "XDG_STATE_HOME="+m.local)
			_ = again.Run()
			time.Sleep(100 * time.Millisecond)
		}
	})
	m.t.Cleanup(func() { stop(); serving.Wait() })
	if err := cmd.Wait(); err != nil {
		m.t.Errorf("the client did not survive: %v\n%s", err, tail([]byte(out.String())))
	}
	if strings.Contains(out.String(), "again:") || strings.Contains(out.String(), "connection lost") {
		hit = 1
	}
	m.whole()
	return hit
}

// heard is output that tells when it begins.
type heard struct {
	strings.Builder
	once  sync.Once
	first chan struct{}
}

func (h *heard) Write(p []byte) (int, error) {
	h.once.Do(func() { close(h.first) })
	return h.Builder.Write(p)
}

// torn looks for names that have less than their file.
func (m *killed) torn() {
	for name, text := range m.want {
		if got, err := os.ReadFile(filepath.Join(m.dst, name)); err == nil && string(got) != text {
			m.t.Errorf("%s has %d of %d bytes", name, len(got), len(text))
		}
	}
}

// clean looks for what the killed run had begun.
func (m *killed) clean() {
	_ = filepath.WalkDir(m.dst, func(name string, d os.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), ".") {
			m.t.Errorf("%s is left", name)
		}
		return nil
	})
}

func (m *killed) whole() {
	for name, text := range m.want {
		if got, _ := os.ReadFile(filepath.Join(m.dst, name)); string(got) != text {
			m.t.Errorf("in the end %s has %d of %d bytes", name, len(got), len(text))
		}
	}
}
