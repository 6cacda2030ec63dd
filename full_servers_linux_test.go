package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A disk that fills at the server in the middle of an upload: whatever the
// server's words for that are, nothing half has a name, what had one keeps its
// content, the code is that of a full server, the message says where, what and
// what next, and when there is room again the same command finishes the work. A third of these
// each day, all with FERRY_FAULTS.
func TestFullServers(t *testing.T) {
	needRoot(t)
	servers := withFerry()
	turn, whole := int(time.Now().Unix()/86400), os.Getenv("FERRY_FAULTS") != ""
	for _, name := range slices.Sorted(maps.Keys(servers)) {
		for _, words := range []string{"put big", "put --segments 4 big", "mput *.bin", "mirror -R . tree"} {
			if name != "ferry" && strings.Contains(words, "segments") {
				continue // they get it in one
			}
			if turn++; turn%3 != 0 && !whole {
				continue
			}
			t.Run(name+" "+words, func(t *testing.T) {
				t.Parallel()
				fullServer(t, servers[name](t), words)
			})
		}
	}
}

// withFerry are servers whose directory is a file system of 8 MiB.
func withFerry() map[string]func(*testing.T) server {
	all := map[string]func(*testing.T) server{"ferry": func(t *testing.T) server {
		dir := t.TempDir()
		small(t, dir)
		return server{url: "ftp://demo@" + ferryServe(t, dir), dir: dir}
	}}
	for name, start := range foreignServers() {
		all[name] = func(t *testing.T) server {
			s := start(t)
			small(t, s.dir)
			return s
		}
	}
	return all
}

// small mounts 8 MiB of memory over a directory.
func small(t *testing.T, dir string) {
	t.Helper()
	if out, err := mounted(t, dir, "8m"); err != nil {
		missing(t, "mount: "+string(out)+":")
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
}

// mounted has a directory be a file system of a size in memory.
func mounted(t *testing.T, dir, size string) ([]byte, error) {
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput()
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	return out, err
}

// smallDisk is a disk for storms, if the system lets us have one.
func smallDisk(t *testing.T) disk {
	dir := t.TempDir()
	if out, err := mounted(t, dir, "24m"); err != nil {
		t.Logf("no disk that could be filled: %v: %s", err, out)
		return ""
	}
	return disk(dir)
}

func fullServer(t *testing.T, s server, words string) {
	here, home := t.TempDir(), t.TempDir()
	if strings.HasPrefix(words, "put") {
		bigFile(t, filepath.Join(here, "big"), 6<<20)
	} else {
		for i := range 30 {
			noisy(t, filepath.Join(here, fmt.Sprintf("f%02d.bin", i)), 200_000)
		}
	}
	script := writeFile(t, filepath.Join(home, "s.ftp"), fmt.Sprintf("open %s\nlcd %q\nset existing overwrite\nset retries 1\nset rate 4M\n%s\n", s.url, here, words))
	sums, to, kept := digests(t, here), "", "f29.bin"
	switch {
	case strings.HasPrefix(words, "put"):
		kept = "big"
	case strings.HasPrefix(words, "mirror"):
		to = "tree"
	}
	if err := os.MkdirAll(filepath.Join(s.dir, to), 0o777); err != nil {
		t.Fatal(err)
	}
	noisy(t, filepath.Join(s.dir, to, kept), 1000)
	old := digest(t, filepath.Join(s.dir, to, kept))
	writable(t, s.dir)
	run := func() (string, int) {
		cmd := command(t, program, "run", script)
		cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "HOME="+home, "XDG_STATE_HOME="+home)
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	filled := make(chan error, 1)
	go func() {
		for begun := held(s.dir); held(s.dir) == begun; {
			select {
			case <-t.Context().Done():
				return
			default:
			}
		}
		f, err := os.Create(filepath.Join(s.dir, "filler"))
		for block := make([]byte, 64<<10); err == nil; {
			_, err = f.Write(block)
		}
		f.Close()
		filled <- nil
	}()
	out, code := run()
	<-filled
	want, says := 7, "hint: the server has no room left"
	if strings.Contains(t.Name(), "pyftpdlib") { // it doesn't say why
		want, says = 1, "hint: the server calls this temporary"
	}
	if code != want || !strings.Contains(out, says) || !strings.Contains(out, "s.ftp:6: ") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	got := digests(t, filepath.Join(s.dir, to))
	for name := range sums {
		if sum, ok := got[name]; ok && sum != sums[name] && sum != old {
			t.Errorf("%s has neither the old content nor the new", name)
		}
	}
	if got[kept] != old {
		t.Errorf("%s is not what it was", kept)
	}
	if err := os.Remove(filepath.Join(s.dir, "filler")); err != nil {
		t.Fatal(err)
	}
	if out, code := run(); code != 0 {
		t.Fatalf("with room: exit code %d\n%s", code, out)
	}
	sameFiles(t, "in the end", digests(t, filepath.Join(s.dir, to)), sums)
}

// writable lets every server's user write below a directory.
func writable(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(path, 0o777)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// held is how many bytes are below a directory, under whatever name.
func held(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}
