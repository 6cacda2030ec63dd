package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Floods of `ferry serve` over real TCP, from many addresses of the loopback
// network. FERRY_FLOOD=1 makes them as large and long as servers.md and the
// figures have them; else they are a part of that.

// flooded are connections that strangers hold.
type flooded struct {
	t      *testing.T
	addr   string
	pid    int
	quiet  []net.Conn
	drips  []net.Conn
	before int64
}

// flood opens silent connections, and such that send a byte a second, a hundred
// from each address.
func flood(t *testing.T, silent, dripping int) *flooded {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < uint64(silent+dripping+200) {
		t.Skipf("%d files may be open, %d connections are wanted", limit.Cur, silent+dripping)
	}
	f := &flooded{t: t}
	f.addr, f.pid = ferryProcess(t, localhost, t.TempDir())
	f.session() // what is built once is there
	f.before = resident(t, f.pid)
	for i := range silent + dripping {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(i/100), 1)}, Timeout: 10 * time.Second}
		nc, err := d.Dial("tcp", f.addr)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		t.Cleanup(func() { nc.Close() })
		if i < silent {
			f.quiet = append(f.quiet, nc)
		} else {
			f.drips = append(f.drips, nc)
		}
	}
	return f
}

// last keeps the flood up for some seconds; each second somebody else comes and
// does what people do.
func (f *flooded) last(seconds int) {
	f.t.Helper()
	var worst time.Duration
	for range seconds {
		start := time.Now()
		for i, nc := range f.drips {
			_ = nc.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if _, err := nc.Write([]byte("x")); err != nil {
				f.t.Fatalf("dripping connection %d: %v", i, err)
			}
		}
		worst = max(worst, f.session())
		time.Sleep(time.Until(start.Add(time.Second)))
	}
	f.t.Logf("the slowest session of somebody else took %v", worst)
}

// session is a whole visit; how long it took.
func (f *flooded) session() time.Duration {
	f.t.Helper()
	start := time.Now()
	dir := f.t.TempDir()
	file := writeFile(f.t, filepath.Join(dir, "up"), strings.Repeat("text", 10_000))
	mustRun(f.t, fmt.Sprintf("open ftp://demo@%s\nput %q here\nget here %q\nls\n", f.addr, file, filepath.Join(dir, "down")))
	if digest(f.t, filepath.Join(dir, "down")) != digest(f.t, file) {
		f.t.Error("not what was sent")
	}
	return time.Since(start)
}

// bounded checks what each connection costs the server.
func (f *flooded) bounded(bytes int64) {
	f.t.Helper()
	n := int64(len(f.quiet) + len(f.drips))
	if held, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", f.pid)); err != nil || int64(len(held)) < n {
		f.t.Fatalf("the server holds %d files, %v: it does not bear %d connections", len(held), err, n)
	}
	grown := resident(f.t, f.pid) - f.before
	f.t.Logf("%d connections, %d KiB each", n, grown/n>>10)
	if grown > n*bytes {
		f.t.Errorf("%d bytes for a connection, want %d at most", grown/n, bytes)
	}
}

// resident is how much memory a process has.
func resident(t *testing.T, pid int) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n << 10
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

func floodScale(full, part int) int {
	if os.Getenv("FERRY_FLOOD") != "" {
		return full
	}
	return part
}

// 2,000 silent connections and 200 that send a byte a second leave the server
// answering others.
func TestSilentFlood(t *testing.T) {
	f := flood(t, floodScale(2000, 1000), floodScale(200, 100))
	f.last(floodScale(50, 3))
	f.bounded(24 << 10)
}

// servers.md T18: 10,000 connections whose lines never end.
func TestUnfinishedLines(t *testing.T) {
	f := flood(t, 0, floodScale(10_000, 1500))
	f.last(floodScale(30, 3))
	f.bounded(24 << 10)
}
