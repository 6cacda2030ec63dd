package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The tests of this package run the built program as a stranger does, and let
// it talk to clients and servers that no one here wrote. A peer that is not
// installed skips its test; with FERRY_NEED_PEERS=1, as in CI, it fails it.
// FERRY_PEERS names a directory below which ProFTPD and Pure-FTPd are unpacked.

// program is the ferry binary under test, built once by TestMain.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ferry-test")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "ferry")
	build := exec.Command("go", "build", "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// needPeers says that a missing peer is a failure.
func needPeers() bool { return os.Getenv("FERRY_NEED_PEERS") != "" }

// peer finds another project's program.
func peer(t *testing.T, name string) string {
	t.Helper()
	if root := os.Getenv("FERRY_PEERS"); root != "" {
		for _, dir := range []string{"usr/sbin", "usr/bin"} {
			if path := filepath.Join(root, dir, name); executable(path) {
				return path
			}
		}
	}
	for _, dir := range []string{"/usr/bin", "/usr/sbin", "/usr/local/bin"} {
		if path := filepath.Join(dir, name); executable(path) {
			return path
		}
	}
	missing(t, name)
	return ""
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

func missing(t *testing.T, what string) {
	t.Helper()
	if needPeers() {
		t.Fatalf("%s is needed and not installed: .ci/peers installs it", what)
	}
	t.Skipf("%s is not installed", what)
}

// scale is n in CI, where the peers must be there, and a fraction elsewhere.
func scale(n, small int) int {
	if needPeers() {
		return n
	}
	return small
}

// hardNames are names that have broken FTP programs.
func hardNames() []string {
	return []string{
		"plain.txt", "two words.txt", "  leading blanks.txt", "grüße 日本語.txt", "br[ack]ets.txt",
		"-dash.txt", `quo"te.txt`, "apos'trophe.txt", "empty.bin", "#hash.txt", "per%20cent.txt",
		"semi;colon.txt", "am&per.txt", "dollar$HOME.txt", "comma,equal=.txt", "~tilde.txt", "UPPER.TXT",
	}
}

// tree writes files of many sizes under hardNames, some in directories, and n
// small ones, and returns their digests by relative path.
func tree(t *testing.T, dir string, names []string, small int) map[string]string {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	write := func(name string, size int) {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sizes := []int{1, 511, 4096, 65536, 65537, 300_000}
	for i, name := range names {
		size := sizes[i%len(sizes)]
		if strings.HasPrefix(name, "empty") {
			size = 0
		}
		write(name, size)
		write("sub dir/"+name, size/2)
	}
	for i := range small {
		write(fmt.Sprintf("small/%03d/%04d.dat", i/500, i), 100+i%1000)
	}
	return digests(t, dir)
}

// digests are the SHA-256 of all files below dir.
func digests(t *testing.T, dir string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		sums[filepath.ToSlash(rel)] = digest(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

func digest(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sameFiles compares digests and names what differs.
func sameFiles(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch sum, ok := got[name]; {
		case !ok:
			t.Errorf("%s: %q is missing", what, name)
		case sum != want[name]:
			t.Errorf("%s: %q differs", what, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %q should not be there", what, name)
		}
	}
}

// bigFile writes size bytes that do not repeat.
func bigFile(t *testing.T, path string, size int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	if _, err := io.CopyN(w, rand.NewChaCha8([32]byte{1}), size); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

// output runs a program to its end and fails the test when it fails.
func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, tail(out))
	}
	return string(out)
}

func tail(out []byte) []byte {
	if len(out) > 4000 {
		out = out[len(out)-4000:]
	}
	return out
}

// command is exec.Command that ends with the test.
func command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return exec.CommandContext(ctx, name, args...)
}

// daemon starts a server process that ends with the test.
func daemon(t *testing.T, cmd *exec.Cmd) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(cmd.Path), tail(out.Bytes()))
		}
	})
	return &out
}

// greets waits until a server answers on addr.
func greets(t *testing.T, addr string) {
	t.Helper()
	for range 200 {
		nc, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			_ = nc.SetReadDeadline(time.Now().Add(5 * time.Second))
			line, _ := bufio.NewReader(nc).ReadString('\n')
			nc.Close()
			if strings.HasPrefix(line, "220") {
				return
			}
		}
		time.Sleep(25 * time.Millisecond) // another process starts: nothing of ours to wait on
	}
	t.Fatalf("no server answers on %s", addr)
}

// freePort is a port that was free a moment ago, for servers that can't choose.
// It lies below those that systems give out themselves, so that no connection of
// a test that runs beside takes it before the server does.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 10_000 + rand.IntN(20_000)
		if ln, err := net.Listen("tcp4", ":"+strconv.Itoa(port)); err == nil { // everywhere: ProFTPD binds so
			ln.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// localhost is where all servers of the tests listen that need no address of
// their own.
const localhost = "127.0.0.1"

// ferryServe starts `ferry serve` on a free port and returns host:port. The
// user is demo, the password secret.
func ferryServe(t *testing.T, dir string, flags ...string) string {
	t.Helper()
	return ferryServeAt(t, localhost, dir, flags...)
}

func ferryServeAt(t *testing.T, host, dir string, flags ...string) string {
	t.Helper()
	addr, _ := ferryProcess(t, host, dir, flags...)
	return addr
}

// ferryProcess starts `ferry serve` and tells where it listens, and its process.
func ferryProcess(t *testing.T, host, dir string, flags ...string) (addr string, pid int) {
	t.Helper()
	listening := regexp.MustCompile(`ftps?://(` + regexp.QuoteMeta(host) + `:\d+)`) // the page is at http://
	args := append([]string{"serve", dir, "--listen", host + ":0", "--user", "demo"}, flags...)
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "XDG_STATE_HOME="+t.TempDir())
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
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
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(pipe)
		for lines.Scan() {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				select {
				case found <- m[1]:
				default:
				}
			}
		}
	}()
	select {
	case addr := <-found:
		return addr, cmd.Process.Pid
	case <-time.After(time.Minute):
		t.Fatalf("ferry serve did not say where it listens\n%s", errs.Bytes())
		return "", 0
	}
}

// waitFor waits until another process has done something that can only be seen.
func waitFor(t *testing.T, what string, seen func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if seen() {
			return
		}
	}
	t.Fatalf("%s: not seen within half a minute", what)
}

// partBytes is how much lies in ferry's own temporaries below dir.
func partBytes(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), ".ferry-") {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// ferryRun runs a script and returns what it printed and its exit code.
func ferryRun(t *testing.T, script string, args ...string) (string, int) {
	t.Helper()
	file := writeFile(t, filepath.Join(t.TempDir(), "script.ftp"), script)
	cmd := command(t, program, append([]string{"run", file}, args...)...)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// mustRun is ferryRun for a script that has to succeed.
func mustRun(t *testing.T, script string, args ...string) string {
	t.Helper()
	out, code := ferryRun(t, script, args...)
	if code != 0 {
		t.Fatalf("exit code %d\n%s\n%s", code, script, tail([]byte(out)))
	}
	return out
}
