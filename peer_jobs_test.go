//go:build unix

package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// What runs beside, at servers that no one here wrote: files go both ways at once,
// from a queue, held and let go, each with a rate of its own; and a directory that
// is watched is kept like it, change by change, until somebody interrupts. One
// server each day, all with FERRY_FAULTS.
func TestJobsAtServers(t *testing.T) {
	servers := foreignServers()
	servers["ferry"] = func(t *testing.T) server {
		dir := t.TempDir()
		return server{url: "ftp://demo@" + ferryServe(t, dir), dir: dir}
	}
	today, whole := int(time.Now().Unix()/86400)%len(servers), os.Getenv("FERRY_FAULTS") != ""
	for i, name := range slices.Sorted(maps.Keys(servers)) {
		if i == today || whole {
			t.Run(name, func(t *testing.T) { t.Parallel(); jobsAt(t, servers[name](t)) })
		}
	}
}

func jobsAt(t *testing.T, s server) {
	here := t.TempDir()
	for _, name := range []string{"q1", "q2", "q3"} {
		noisy(t, filepath.Join(here, name), 100_000)
	}
	noisy(t, filepath.Join(s.dir, "there"), 300_000)
	makeReadable(t, s.dir)
	mustRun(t, fmt.Sprintf("open %s\nlcd %q\nget --rate 1M there &\nqueue put --rate 1M q1\nqueue put q2\nqueue put q3\npause 4\nresume 4\nwait\n", s.url, here))
	sameFiles(t, s.url, digests(t, here), digests(t, s.dir))
	watchAt(t, s)
}

func watchAt(t *testing.T, s server) {
	home := t.TempDir()
	site, www := filepath.Join(home, "site"), filepath.Join(s.dir, "www")
	put := func(name, text string) {
		at := filepath.Join(site, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put("a", "1")
	script := writeFile(t, filepath.Join(home, "s.ftp"), fmt.Sprintf("open %s\nlcd %q\nmkdir www\nwatch site www --delay 50ms --delete --max-delete 100%%\n", s.url, home))
	cmd := command(t, program, "run", script)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "HOME="+home, "XDG_STATE_HOME="+home)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	until := func(name, want string) {
		t.Helper()
		for deadline := time.Now().Add(4 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
			got, err := os.ReadFile(filepath.Join(www, name))
			if string(got) == want && (err == nil) == (want != "") {
				return
			}
			if time.Now().After(deadline) {
				_ = cmd.Process.Kill()
				<-ended
				t.Fatalf("%s never had %q\n%s", name, want, tail(out.Bytes()))
			}
		}
	}
	until("a", "1")
	put("d/deep/b", "2")
	until("d/deep/b", "2")
	put("d/deep/b", "longer")
	until("d/deep/b", "longer")
	if err := os.Remove(filepath.Join(site, "a")); err != nil {
		t.Fatal(err)
	}
	until("a", "")
	_ = cmd.Process.Signal(syscall.SIGINT)
	if <-ended; cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("exit code %d\n%s", cmd.ProcessState.ExitCode(), tail(out.Bytes()))
	}
}
