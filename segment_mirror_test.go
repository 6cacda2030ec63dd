package main

import (
	"bytes"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"ferry/script/bulk"
)

// TestSegmentMirror: a big file among small ones comes in segments within a
// mirror, from a server that has two sessions for us and no more; the tree is
// whole, and nothing else is left.
func TestSegmentMirror(t *testing.T) {
	dir, local := t.TempDir(), t.TempDir()
	want := map[string][]byte{"big": noisy(t, filepath.Join(dir, "big"), 20<<20)}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		name := filepath.Join("sub", "small-"+strconv.Itoa(i))
		want[name] = noisy(t, filepath.Join(dir, name), 4<<10+i)
	}
	log := filepath.Join(t.TempDir(), "log")
	u := url.URL{Scheme: "ftp", User: url.UserPassword("demo", "secret"), Host: ferryServe(t, dir, "--max-per-address", "2", "--log", log), Path: "/"}
	cmd := exec.Command(program, "mirror", "--segments", "6", u.String(), local)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, text := range want {
		if got, err := os.ReadFile(filepath.Join(local, name)); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s: %d of %d bytes, or others, %v", name, len(got), len(text), err)
		}
	}
	entries := 0
	_ = filepath.WalkDir(local, func(string, os.DirEntry, error) error { entries++; return nil })
	if entries != len(want)+2 {
		t.Errorf("%d entries for %d files", entries, len(want))
	}
	said, err := os.ReadFile(log)
	if n := bytes.Count(said, []byte("path=/big")); err != nil || n < 2 {
		t.Errorf("the big file came in %d downloads, %v", n, err)
	}
}

// TestSegmentsOnAFullDisk: a disk that fills while the segments come ends the
// download, not the part; what came is there for the next one.
func TestSegmentsOnAFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the small file system is made as Linux makes one")
	}
	needRoot(t)
	small := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=14m", "tmpfs", small).CombinedOutput(); err != nil {
		missing(t, "mount: "+string(out)+":")
	}
	t.Cleanup(func() { _ = exec.Command("umount", small).Run() })
	calm(t, func(h *harbour) {
		want := h.big(12<<20, 14)
		h.local = small
		filler := filepath.Join(small, "filler")
		var filled sync.WaitGroup
		filled.Go(func() {
			time.Sleep(2 * time.Second)
			_ = os.WriteFile(filler, make([]byte, 14<<20), 0o600)
		})
		_, err := h.fetch(h.t.Context(), bulk.Options{Segments: 4, Rates: []*bulk.Rate{bulk.NewRate(2 << 20)}})
		filled.Wait()
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%v", err)
		}
		if _, err := os.Stat(filepath.Join(small, "big")); err == nil {
			t.Fatal("half a file has the name of a whole one")
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		report, err := h.fetch(h.t.Context(), bulk.Options{Segments: 4})
		if err != nil {
			t.Fatal(err)
		}
		h.arrived(want)
		if report.Results[0].Resumed == 0 {
			t.Error("nothing of it was left")
		}
	})
}
