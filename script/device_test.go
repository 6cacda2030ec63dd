//go:build unix

package script

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe, as any device, is written to and never replaced: not by listings,
// output, reports or downloads, and not by a tree that has its name.
func TestDevicesAreNotReplaced(t *testing.T) {
	for text, want := range map[string]string{
		"ls . pipe\n":           "x\n",
		"ls > pipe\n":           "x\n",
		"get x pipe\n":          "content",
		"get x -o pipe\n":       "content",
		"get x pipe\nget x y\n": "content",
		"size x\n":              "sandbox", // the report
	} {
		w := newWorld(t)
		w.server.file("/x", "content").file("/d/pipe", "from a tree")
		pipe := filepath.Join(w.dir, "pipe")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip(err)
		}
		f, err := os.OpenFile(pipe, os.O_RDWR, 0) // so that nobody waits for the other end
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(text, "size") {
			w.cfg.Books.Report, want = pipe, `"ferry": "run"`
		}
		err = w.in(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if info, err := os.Lstat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
			t.Errorf("%s: the pipe is gone", text)
		}
		got := make([]byte, 4096)
		n, _ := io.ReadAtLeast(f, got, len(want))
		if !strings.Contains(string(got[:n]), want) {
			t.Errorf("%s: %q", text, got[:n])
		}
		if strings.Count(string(got[:n]), `"ferry"`) > 1 {
			t.Errorf("two reports in one: %s", got[:n])
		}
		f.Close()
	}
	// What stands in the way of a tree is told.
	w := newWorld(t)
	w.server.file("/d/pipe", "from a tree")
	if err := os.Mkdir(filepath.Join(w.dir, "d"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(w.dir, "d", "pipe"), 0o600); err != nil {
		t.Skip(err)
	}
	if err := w.in("get -r d\n"); err == nil || !strings.Contains(err.Error(), "is not replaced") {
		t.Error(err)
	}
}

// A pipe that is named is read to its end; one that stands in a tree is not.
func TestPipesAreSent(t *testing.T) {
	for text, want := range map[string]string{
		"put pipe n\n":        "written\n",
		"put a b\nput pipe n": "written\n", // not one with the line before
		"put -r . t\n":        "",
		"mput *\n":            "",
	} {
		w := newWorld(t)
		w.local("a", "1")
		pipe := filepath.Join(w.dir, "pipe")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip(err)
		}
		written := make(chan error, 1)
		if want != "" {
			go func() { written <- os.WriteFile(pipe, []byte(want), 0) }()
		} else {
			written <- nil
		}
		w.mustIn(text)
		if err := <-written; err != nil {
			t.Error(err)
		}
		if got := w.server.files["/n"]; got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// Nobody writes into the pipe: the line can be interrupted.
func TestPipesThatNobodyWrites(t *testing.T) {
	w := newWorld(t)
	pipe := filepath.Join(w.dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { // lets go of who waits for it
		if f, err := os.OpenFile(pipe, os.O_RDWR|syscall.O_NONBLOCK, 0); err == nil {
			f.Close()
		}
	})
	if err := w.in("timeout 100ms\nput pipe n\nend\n"); ExitCode(err) != exitTimeout {
		t.Error(err)
	}
}

// A line's output takes the place of what stands behind a link, and keeps its
// permissions.
func TestOutputKeepsLinksAndModes(t *testing.T) {
	w := newWorld(t)
	w.local("kept", "old")
	kept, link := filepath.Join(w.dir, "kept"), filepath.Join(w.dir, "link")
	if err := errors.Join(os.Chmod(kept, 0o600), os.Symlink("kept", link)); err != nil {
		t.Fatal(err)
	}
	w.mustIn("echo new > link\n")
	info, err := os.Stat(kept)
	if err != nil || info.Mode().Perm() != 0o600 || w.read("kept") != "new\n" {
		t.Errorf("%v, %v, %q", info.Mode(), err, w.read("kept"))
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is gone")
	}
}
