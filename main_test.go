package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestHelp holds what --help says of every command. It changes only on
// purpose: go test . -run Help -update
func TestHelp(t *testing.T) {
	pages := [][]string{{}}
	for _, c := range commands() {
		pages = append(pages, []string{c.Name})
		for _, sub := range c.Subcommands {
			pages = append(pages, []string{c.Name, sub.Name})
		}
	}
	for _, page := range pages {
		name := strings.Join(append([]string{"ferry"}, page...), "-")
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if code := run(t.Context(), append(append([]string{"ferry"}, page...), "--help"), &out, &out); code != 0 {
				t.Errorf("exit code %d", code)
			}
			file := filepath.Join("testdata", "help", name+".txt")
			if *update {
				if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFlagsFirst(t *testing.T) {
	for line, want := range map[string]string{
		"ferry serve DIR --listen :2121 --read-only": "ferry serve --listen :2121 --read-only -- DIR",
		"ferry serve DIR --listen=:2121":             "ferry serve --listen=:2121 -- DIR",
		"ferry get URL -o - URL2":                    "ferry get -o - -- URL URL2",
		"ferry put -- -dash URL":                     "ferry put -- -dash URL",
		"ferry run -q FILE -q --debug":               "ferry run -q FILE -q --debug",
		"ferry users add NAME --file F":              "ferry users add --file F -- NAME",
		"ferry version":                              "ferry version",
		"ferry":                                      "ferry",
		"ferry nonsense -x":                          "ferry -x nonsense",
	} {
		if got := strings.Join(flagsFirst(newApp(io.Discard, io.Discard), strings.Fields(line)), " "); got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
}

func TestApplet(t *testing.T) {
	for line, want := range map[string]string{
		"/usr/bin/ftp host":  "ferry shell host",
		"ftpd DIR":           "ferry serve DIR",
		"FTP.EXE host":       "ferry shell host",
		"/opt/ferry version": "/opt/ferry version",
		"ferry-1.2 version":  "ferry-1.2 version",
	} {
		if got := strings.Join(applet(strings.Fields(line)), " "); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

// TestLinks makes the links and calls one.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	output(t, command(t, program, "links", dir))
	suffix := ""
	if runtime.GOOS == "windows" {
		suffix = ".exe"
	}
	if out := output(t, command(t, filepath.Join(dir, "ftpd"+suffix), "--help")); !strings.Contains(out, "--passive-ports") {
		t.Errorf("ftpd is not the server:\n%s", out)
	}
	shell := command(t, filepath.Join(dir, "ftp"+suffix), "-n", "--sandbox", filepath.Join(dir, "box"))
	shell.Stdin = strings.NewReader("open host\nuser anna secret\nmkdir made\nls\nbye\n")
	if out := output(t, shell); !strings.Contains(out, "made\n") {
		t.Errorf("ftp is not the shell:\n%s", out)
	}
}

func TestVersion(t *testing.T) {
	for _, how := range []string{"version", "--version"} {
		if out := output(t, command(t, program, how)); !strings.HasPrefix(out, "ferry ") || !strings.Contains(out, runtime.Version()) {
			t.Error(out)
		}
	}
	if out := output(t, command(t, program, "version", "--sbom")); !strings.Contains(out, `"purl": "pkg:golang/github.com/urfave/cli/v2@v2.`) || !strings.Contains(out, "h1:") {
		t.Error("the bill of materials lacks a module:\n" + out)
	}
}

// says runs ferry and compares its exit code and what it prints.
func says(t *testing.T, code int, want string, args ...string) {
	t.Helper()
	cmd := command(t, program, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir(), "FERRY_PASSWORD=secret")
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(string(out), want) {
		t.Errorf("ferry %.200s: exit code %d, want %d and %q\n%s", strings.Join(args, " "), got, code, want, tail(out))
	}
	if lines := strings.Count(string(out), "\n"); lines > 8 {
		t.Errorf("ferry %.200s: %d lines for one mistake\n%s", strings.Join(args, " "), lines, tail(out))
	}
}

// TestMistakes makes the mistakes that people make. Each is refused with one
// clear line that says where, and one that says what next.
func TestMistakes(t *testing.T) {
	root, local := t.TempDir(), t.TempDir()
	addr := ferryServe(t, root)
	url := "ftp://demo@" + addr
	writeFile(t, filepath.Join(local, "f"), "text")
	writeFile(t, filepath.Join(root, "file"), "text")
	if err := os.Mkdir(filepath.Join(root, "dir"), 0o755); err != nil {
		t.Fatal(err)
	}
	script := func(text string) string { return writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), text) }

	says(t, 2, `did you mean run?`, "rnu")
	says(t, 2, `did you mean --listen?`, "serve", "--lisen", "x")
	says(t, 2, `did you mean put?`, "run", script("open x\nptu a"))
	says(t, 2, "URL", "get")
	says(t, 6, "no such file", "run", "/nothing/here.ftp")
	says(t, 6, "no such file", "put", "/nothing/here", url)
	says(t, 1, "No such file", "get", url+"/nothing", "-o", filepath.Join(local, "x"))
	says(t, 1, "directory", "get", url+"/dir", "-o", filepath.Join(local, "x"))
	says(t, 1, "directory", "put", local, url)
	if err := os.MkdirAll(filepath.Join(local, "taken", "file"), 0o755); err != nil {
		t.Fatal(err)
	}
	says(t, 1, "is a directory", "run", script(fmt.Sprintf("open %s\nlcd %q\nget file", url, filepath.Join(local, "taken"))))
	says(t, 3, "no such host", "get", "ftp://no.such.host.invalid/x")
	says(t, 3, "refused", "get", fmt.Sprintf("ftp://127.0.0.1:%d/x", freePort(t)))
	says(t, 3, "not FTP", "get", "ftp://"+talker(t, "HTTP/1.1 400 Bad Request\r\n\r\n")+"/x")
	says(t, 5, "password", "get", "ftp://demo:wrong@"+addr+"/file", "-o", filepath.Join(local, "x"))
	says(t, 6, "control character", "run", script("open "+url+"\nget \"${1}\""), "a\nDELE file")
	if left, err := os.ReadDir(local); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestLongLine is a line of a megabyte, from a file and at the server.
func TestLongLine(t *testing.T) {
	file := writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), "open x\n"+strings.Repeat("a", 1<<20)+"\n")
	says(t, 2, "s.ftp:2", "run", file)

	nc, err := net.Dial("tcp", ferryServe(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(nc, strings.Repeat("A", 1<<20)+"\r\nNOOP\r\nQUIT\r\n"); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(nc)
	if got := codes(string(text)); err != nil || got != "220 500 200 221" {
		t.Errorf("%q, %v, want 220 500 200 221", got, err)
	}
}

func codes(text string) string {
	var all []string
	for line := range strings.Lines(text) {
		all = append(all, line[:min(3, len(line))])
	}
	return strings.Join(all, " ")
}

// talker says one thing to everybody who connects.
func talker(t *testing.T, text string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(nc, text)
			nc.Close()
		}
	}()
	return ln.Addr().String()
}

// TestFullDisk fills the disk on either side, with a file system of its own.
func TestFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the small file system is made as Linux makes one")
	}
	needRoot(t)
	small := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small).CombinedOutput(); err != nil {
		missing(t, "mount: "+string(out)+":")
	}
	t.Cleanup(func() { _ = exec.Command("umount", small).Run() })
	local, root := t.TempDir(), t.TempDir()
	bigFile(t, filepath.Join(local, "big"), 3<<20)
	bigFile(t, filepath.Join(root, "big"), 3<<20)

	says(t, 6, "1.0M free, 3.0M needed", "get", "ftp://demo@"+ferryServe(t, root)+"/big", "-o", filepath.Join(small, "big"))
	if left, _ := os.ReadDir(small); len(left) != 0 {
		t.Errorf("left on the full disk: %v", left)
	}
	says(t, 7, "1.0M free, 3.0M needed", "put", filepath.Join(local, "big"), "ftp://demo@"+ferryServe(t, small)+"/")
	if _, err := os.Stat(filepath.Join(small, "big")); err == nil {
		t.Error("a file that did not fit has its name")
	}
}

// TestNoPermission uploads into a directory that the server may not write.
func TestNoPermission(t *testing.T) {
	root := t.TempDir()
	writeFile(t, filepath.Join(root, "f"), "text")
	addr := ferryServe(t, root, "--read-only")
	says(t, 1, "Permission denied", "run", writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), "open ftp://demo@"+addr+"\ndelete f"))
}

// TestSignals interrupts a download: the code says so, the part stays.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such signals")
	}
	root := t.TempDir()
	bigFile(t, filepath.Join(root, "big"), 512<<20)
	url := "ftp://demo@" + ferryServe(t, root) + "/big"
	for sig, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		local := t.TempDir()
		cmd := command(t, program, "get", url, "-o", filepath.Join(local, "big"))
		cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "HOME="+t.TempDir())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "a download under way", func() bool { return partBytes(local) > 1<<20 })
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Errorf("%v: exit code %d, want %d", sig, got, code)
		}
		if _, err := os.Stat(filepath.Join(local, "big")); err == nil {
			t.Errorf("%v: half a download has its name", sig)
		}
		if partBytes(local) == 0 {
			t.Errorf("%v: nothing was kept for a resume", sig)
		}
	}
}
