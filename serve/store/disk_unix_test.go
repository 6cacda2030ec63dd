//go:build linux || darwin || freebsd

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// open makes a disk store and returns its directory, too. Beside it lies a
// directory that nothing may reach.
func open(t *testing.T, o DiskOptions) (d *Disk, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "root")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return reopen(t, dir, o), dir
}

func reopen(t *testing.T, dir string, o DiskOptions) *Disk {
	t.Helper()
	s, err := OpenDisk(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.(*Disk)
}

func save(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// upload writes text and leaves the end to the caller.
func begin(t *testing.T, s Store, name, text string, o CreateOptions) Upload {
	t.Helper()
	u, err := s.Create(t.Context(), name, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { u.Discard(t.Context()) })
	if _, err := u.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return u
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func temporaries(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, partPrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestOddNames: one bad name does not break a listing.
func TestOddNames(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	for _, name := range []string{"good", "\xff\xfe", "esc\x1b[31m", "a\nb", "c\rd", "e\r\n226 Done"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Skipf("no such names here: %v", err)
		}
	}
	seen := map[string]bool{}
	for e, err := range d.List(t.Context(), "/") {
		if err != nil {
			t.Fatal(err)
		}
		seen[e.Name] = true
	}
	if len(seen) != 3 || !seen["good"] || !seen["\xff\xfe"] || !seen["esc\x1b[31m"] {
		t.Errorf("%v", seen)
	}
	_, err := d.Create(t.Context(), "/"+strings.Repeat("x", 300), CreateOptions{})
	wantErr(t, "a name of 300 bytes", err, ErrName)
}

// TestReplacedMode: mode and owner of the replaced file stay; setuid does not.
func TestReplacedMode(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	file := filepath.Join(dir, "f")
	save(t, file, "old")
	root := os.Getuid() == 0
	if root {
		if err := os.Chown(file, 12345, 54321); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(file, 0o620|fs.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	u := begin(t, d, "/f", "new", CreateOptions{})
	info, err := os.Stat(temporaries(t, dir)[0])
	if err != nil || info.Mode().Perm()&0o006 != 0 {
		t.Errorf("the temporary is open to others: %v, %v", info.Mode(), err)
	}
	if err := u.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err = os.Stat(file); err != nil || info.Mode() != 0o620 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if st := info.Sys().(*syscall.Stat_t); root && (st.Uid != 12345 || st.Gid != 54321) {
		t.Errorf("owner %d.%d", st.Uid, st.Gid)
	}
	if load(t, file) != "new" {
		t.Error("the old text")
	}
}

// TestDirectoryMoves: an upload goes on in the directory where it began.
func TestDirectoryMoves(t *testing.T) {
	d, dir := open(t, DiskOptions{Sync: SyncDisk})
	ctx := t.Context()
	d.Mkdir(ctx, "/a")
	u := begin(t, d, "/a/f", "text", CreateOptions{})
	if err := d.Rename(ctx, "/a", "/b", Replace); err != nil {
		t.Fatal(err)
	}
	if err := u.Commit(ctx); err != nil || load(t, filepath.Join(dir, "b", "f")) != "text" {
		t.Error(err)
	}
	// And when its directory goes, it fails, whatever comes to stand there.
	u = begin(t, d, "/b/g", "text", CreateOptions{})
	os.RemoveAll(filepath.Join(dir, "b"))
	d.Mkdir(ctx, "/b")
	if err := u.Commit(ctx); err == nil {
		t.Error("committed into a directory that is gone")
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "b")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// TestOverlap: stores whose roots overlap, on one registry, see each other's
// transfers; a hard link is the same file.
func TestOverlap(t *testing.T) {
	var shared InUse
	outer, dir := open(t, DiskOptions{InUse: &shared})
	ctx := t.Context()
	outer.Mkdir(ctx, "/sub")
	inner := reopen(t, filepath.Join(dir, "sub"), DiskOptions{InUse: &shared})
	save(t, filepath.Join(dir, "sub", "f"), "x")
	os.Link(filepath.Join(dir, "sub", "f"), filepath.Join(dir, "other"))
	f, err := inner.Open(ctx, "/f")
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, "remove", outer.Remove(ctx, "/sub/f"), ErrBusy)
	wantErr(t, "remove by another name", outer.Remove(ctx, "/other"), ErrBusy)
	f.Close()
	u := begin(t, inner, "/g", "half", CreateOptions{Owner: "ann"})
	wantErr(t, "rmdir", outer.RemoveDir(ctx, "/sub"), ErrNotEmpty)
	outer.Remove(ctx, "/sub/f")
	wantErr(t, "rmdir", outer.RemoveDir(ctx, "/sub"), ErrBusy)
	if err := u.Commit(ctx); err != nil {
		t.Error(err)
	}
}

// TestNoLinks: the ways to a denied name where one system call can't do it.
func TestNoLinks(t *testing.T) {
	for name, move := range map[string]func(*os.Root, string, string) error{"one step": moveExclusive, "reserved": moveReserved} {
		d, dir := open(t, DiskOptions{})
		save(t, filepath.Join(dir, "a"), "A")
		save(t, filepath.Join(dir, "b"), "B")
		if err := move(d.root, "a", "b"); !errors.Is(Classify(err), fs.ErrExist) {
			t.Errorf("%s: %v", name, err)
		}
		if err := move(d.root, "a", "c"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := move(d.root, "nothing", "d"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
		left, _ := filepath.Glob(dir + "/*")
		if len(left) != 2 || load(t, filepath.Join(dir, "b")) != "B" || load(t, filepath.Join(dir, "c")) != "A" {
			t.Errorf("%s: %v", name, left)
		}
	}
}

func TestClassify(t *testing.T) {
	for errno, want := range map[syscall.Errno]error{
		syscall.ENOSPC: ErrNoSpace, syscall.EDQUOT: ErrNoSpace, syscall.EFBIG: ErrQuota, syscall.EXDEV: ErrCrossDevice,
		syscall.ENOENT: fs.ErrNotExist, syscall.EEXIST: fs.ErrExist, syscall.EACCES: fs.ErrPermission,
		syscall.EPERM: fs.ErrPermission, syscall.EROFS: fs.ErrPermission, syscall.ENOTEMPTY: ErrNotEmpty,
		syscall.EISDIR: ErrIsDir, syscall.ENOTDIR: ErrNotDir, syscall.ETXTBSY: ErrBusy, syscall.ENAMETOOLONG: ErrName,
		syscall.EIO: syscall.EIO,
	} {
		wrapped := fmt.Errorf("copy: %w", &fs.PathError{Op: "write", Path: "/srv/secret", Err: errno})
		got := Classify(wrapped)
		if got != want {
			t.Errorf("%v: %v, want %v", errno, got, want)
		}
		if want == ErrNotEmpty && errors.Is(got, fs.ErrExist) {
			t.Error("not empty is not the same as exists")
		}
	}
	other := errors.New("other")
	if Classify(other) != other || Classify(nil) != nil {
		t.Error("an error of no system was changed")
	}
}

// TestFull: a write into a full file system is ErrNoSpace, and the old file stays.
func TestFull(t *testing.T) {
	dir := t.TempDir()
	if err := mountSmall(dir); err != nil {
		t.Skipf("no small file system: %v", err)
	}
	t.Cleanup(func() { unmount(dir) })
	d := reopen(t, dir, DiskOptions{})
	ctx := t.Context()
	save(t, filepath.Join(dir, "f"), "old")
	u, err := d.Create(ctx, "/f", CreateOptions{Owner: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 64<<10)
	for err == nil {
		_, err = u.Write(block)
	}
	wantErr(t, "write", err, ErrNoSpace)
	u.Discard(ctx)
	if load(t, filepath.Join(dir, "f")) != "old" {
		t.Error("the old file is harmed")
	}
	free, err := d.Free(ctx)
	if err != nil || free > 1<<20 {
		t.Errorf("free %d, %v", free, err)
	}
	_, err = d.Create(ctx, "/g", CreateOptions{Size: free + 1})
	wantErr(t, "too large", err, ErrNoSpace)
}
