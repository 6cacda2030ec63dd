//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// At the prompt an unknown certificate is shown and asked about, the answer is
// remembered, and another certificate at the same place is shouted about. A
// script asks nothing: it fails, and tells the line that would pin it, which
// works.
func TestShellTrust(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a.txt"), "hello")
	port := freePort(t)
	host := fmt.Sprintf("127.0.0.1:%d", port)
	first, second := newIdentity(t), newIdentity(t)
	state := t.TempDir()
	serving := func(id identity) (stop func()) {
		cmd := exec.Command(program, "serve", dir, "--listen", host, "--user", "demo", "--cert", id.file)
		cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "XDG_STATE_HOME="+t.TempDir())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		greets(t, host)
		stop = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
		t.Cleanup(stop)
		return stop
	}
	visit := func() *terminal { return shell(t, []string{"ftpes://demo@" + host}, withState(state)) }

	stop := serving(first)
	s := visit()
	s.expect("fingerprint  " + first.pin)
	s.expect("trust it?")
	s.send("n\r")
	s.expect("not trusted")
	s.send("exit\r")
	if code := s.leaves(); code == 0 && !strings.Contains(s.text(), "not trusted") {
		t.Errorf("exit code %d", code)
	}
	if strings.Contains(s.text(), "Password for") {
		t.Error("the password was asked for before the server was trusted")
	}

	s = visit()
	s.expect("trust it?")
	s.send("y\r")
	s.expect("Password for demo@")
	s.send("secret\r")
	s.expect("demo@127.0.0.1:/")
	if got := s.line("ls"); !strings.Contains(got, "a.txt") {
		t.Errorf("ls showed %q", got)
	}
	known, err := os.ReadFile(filepath.Join(state, "ferry", "known_hosts"))
	if err != nil || !strings.Contains(string(known), first.pin) || strings.Contains(string(known), "secret") {
		t.Errorf("remembered: %v\n%s", err, known)
	}

	s = visit() // it is known now
	s.expect("Password for demo@")
	if strings.Contains(s.text(), "trust it?") {
		t.Error("asked again")
	}
	s.send("secret\r")
	s.expect("demo@127.0.0.1:/")

	stop()
	serving(second)
	s = visit()
	s.expect("THE CERTIFICATE OF THIS SERVER HAS CHANGED.")
	s.expect("fingerprint  " + second.pin)
	s.expect("before       " + first.pin)
	s.expect("trust it?")
	s.send("\r") // no is what comes of it
	s.expect("not trusted")
	if strings.Contains(s.text(), "Password for") {
		t.Error("the password was asked for")
	}

	script := fmt.Sprintf("open ftpes://demo@%s\nls", host)
	out, code := ferryRun(t, script)
	_, line, found := strings.Cut(out, "set pin ")
	pin, _, _ := strings.Cut(line, "\n")
	if code != 4 || !found || !strings.Contains(pin, second.pin) {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	if out := mustRun(t, "set pin "+pin+"\n"+script); !strings.Contains(out, "a.txt") {
		t.Errorf("the line does not work:\n%s", out)
	}
}
