package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A journal that can't begin costs the run its journal, which is told; one that
// can't go on ends the run before a line is done that nobody would know of, and
// once there is room the run goes on from there and does nothing twice.
func TestJournalOnAFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the small file system is made as Linux makes one")
	}
	needRoot(t)
	state, root := t.TempDir(), t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", state).CombinedOutput(); err != nil {
		missing(t, "mount: "+string(out)+":")
	}
	t.Cleanup(func() { _ = exec.Command("umount", state).Run() })
	const lines = 4000
	text := "open ftp://demo@" + ferryServe(t, root) + "\n"
	for i := range lines {
		text += fmt.Sprintf("@mkdir d%d\n", i) // a second time it fails
	}
	script := writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), text)
	run := func(args ...string) (string, int) {
		t.Helper()
		cmd := command(t, program, append([]string{"run", "-q"}, args...)...)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_STATE_HOME="+state, "FERRY_PASSWORD=secret")
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	made := func() int {
		entries, err := os.ReadDir(root)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}

	out, code := run(script)
	if n := made(); code != 6 || n == 0 || n >= lines || !strings.Contains(out, "no space left on device") {
		t.Fatalf("code %d, %d lines done\n%s", code, n, tail([]byte(out)))
	}
	if out, err := exec.Command("mount", "-o", "remount,size=8m", state).CombinedOutput(); err != nil {
		t.Fatal(string(out), err)
	}
	if out, code = run("--resume", script); code != 0 || made() != lines {
		t.Fatalf("code %d, %d lines done\n%s", code, made(), tail([]byte(out)))
	}

	if err := os.RemoveAll(filepath.Join(state, "ferry")); err != nil {
		t.Fatal(err)
	}
	fill, err := os.Create(filepath.Join(state, "fill"))
	if err != nil {
		t.Fatal(err)
	}
	defer fill.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = fill.Write(block)
	}
	short := writeFile(t, filepath.Join(t.TempDir(), "t.ftp"), "open ftp://demo@"+ferryServe(t, t.TempDir())+"\nmkdir a\n")
	if out, code = run(short); code != 0 || !strings.Contains(out, "journal") {
		t.Errorf("code %d\n%s", code, out)
	}
}
