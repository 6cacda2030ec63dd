package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// hookTool writes a program of shell lines; it is never the server that needs a
// shell.
func hookTool(t *testing.T, lines string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs of this test are shell scripts")
	}
	path := writeFile(t, filepath.Join(t.TempDir(), "tool"), "#!/bin/sh\n"+lines)
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// A scanner runs outside of the walls that the server is within: it reads the
// upload, and its own files; what it rejects was never there. Many uploads at
// once all get their answer.
func TestScanner(t *testing.T) {
	dir, notes := t.TempDir(), t.TempDir()
	scan := hookTool(t, fmt.Sprintf("cat >/dev/null; echo \"$1 $2\" >>%s/seen\nfor f; do :; done\ngrep -q EICAR \"$f\" && exit 1\nexit 0\n", notes))
	addr := ferryServe(t, dir, "--hook", "upload-reject="+scan)
	src := t.TempDir()
	for i := range 12 {
		text := "harmless"
		if i%4 == 0 {
			text = "this is EICAR"
		}
		writeFile(t, filepath.Join(src, fmt.Sprintf("f%d", i)), text)
	}
	var work sync.WaitGroup
	for i := range 12 {
		work.Go(func() {
			name := fmt.Sprintf("f%d", i)
			cmd := exec.Command(program, "put", "--set", "atomic=off", filepath.Join(src, name), "ftp://demo@"+addr+"/"+name)
			cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "HOME="+src, "XDG_STATE_HOME="+src)
			out, err := cmd.CombinedOutput()
			if bad := i%4 == 0; bad != (err != nil) || bad && !strings.Contains(string(out), "Rejected") {
				t.Errorf("%s: %v: %s", name, err, out)
			}
		})
	}
	work.Wait()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 9 {
		t.Errorf("%v, %v", entries, err)
	}
	if seen, err := os.ReadFile(filepath.Join(notes, "seen")); err != nil || strings.Count(string(seen), "upload-reject /f") < 12 {
		t.Errorf("%s, %v", seen, err)
	}
}

// Every upload that a client was told of is told to the web server, though the
// server is killed in the middle again and again: at least once.
func TestWebhooksSurviveKills(t *testing.T) {
	var mu sync.Mutex
	heard, refuse := map[string]string{}, true
	hears := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		var e struct{ Path, SHA256, User, Outcome string }
		if err := json.Unmarshal(text, &e); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if refuse = !refuse; refuse { // every second try fails
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		heard[e.Path] = e.SHA256 + e.User + e.Outcome
	}))
	defer hears.Close()
	dir, state := t.TempDir(), t.TempDir()
	secret := writeFile(t, filepath.Join(state, "secret"), "key\n")
	var put []string
	for life := range scale(20, 4) {
		addr, cmd := ferryIn(t, state, dir, "--webhook", "upload="+hears.URL, "--webhook-secret", secret)
		for i := range 3 {
			name := fmt.Sprintf("/f%d-%d", life, i)
			up := exec.Command(program, "put", "--set", "atomic=off", writeFile(t, filepath.Join(state, "src"), name), "ftp://demo@"+addr+name)
			up.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "XDG_STATE_HOME="+t.TempDir())
			if out, err := up.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			put = append(put, name)
		}
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait()
	}
	ferryIn(t, state, dir, "--webhook", "upload="+hears.URL, "--webhook-secret", secret)
	missing := func() (names []string) {
		mu.Lock()
		defer mu.Unlock()
		for _, name := range put {
			if !strings.HasSuffix(heard[name], "demodone") || len(heard[name]) < 64 {
				names = append(names, name)
			}
		}
		return names
	}
	for end := time.Now().Add(90 * time.Second); len(missing()) > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never told: %v of %v; heard %v", missing(), put, heard)
		}
	}
}

// ferryIn is `ferry serve` with a state directory that outlives it.
func ferryIn(t *testing.T, state, dir string, flags ...string) (addr string, cmd *exec.Cmd) {
	t.Helper()
	cmd = exec.Command(program, append([]string{"serve", dir, "--listen", "127.0.0.1:0", "--user", "demo"}, flags...)...)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "XDG_STATE_HOME="+state)
	var out, errs bytes.Buffer
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("ferry serve said:\n%s", tail(errs.Bytes()))
		}
	})
	b := make([]byte, 4096)
	for {
		n, err := said.Read(b)
		out.Write(b[:n])
		if _, rest, ok := strings.Cut(out.String(), "ftp://"); ok && strings.Contains(rest, "/\n") {
			addr, _, _ = strings.Cut(rest, "/")
			break
		}
		if err != nil {
			t.Fatalf("%v: %s%s", err, out.String(), errs.String())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	return addr, cmd
}
