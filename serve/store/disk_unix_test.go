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
	"time"

	"golang.org/x/sys/unix"

	"ferry/proto"
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

// TestLinksOut: links that lead out are shown as links, without a target, and
// no operation follows them.
func TestLinksOut(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	outside := filepath.Join(filepath.Dir(dir), "outside")
	os.Mkdir(outside, 0o755)
	canary := filepath.Join(outside, "canary")
	save(t, canary, "alive")
	save(t, filepath.Join(dir, "inside"), "in")
	for name, target := range map[string]string{
		"file": "../outside/canary", "abs": canary, "dir": "../outside", "absdir": outside,
		"absinside": filepath.Join(dir, "inside"), "up": "..", "new": "../outside/new",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	for e, err := range d.List(ctx, "/") {
		if err != nil {
			t.Fatal(err)
		}
		if e.Name != "inside" && (e.Kind != proto.Symlink || e.Target != "" || e.LinkKind != proto.UnknownKind) {
			t.Errorf("listed: %+v", e)
		}
	}
	for _, name := range []string{"/file", "/abs", "/dir", "/absdir", "/absinside", "/up", "/new", "/dir/canary", "/absdir/canary", "/up/outside/canary"} {
		calls := map[string]error{}
		_, calls["stat"] = d.Stat(ctx, name)
		_, calls["open"] = d.Open(ctx, name)
		_, calls["create"] = d.Create(ctx, name, CreateOptions{})
		_, calls["append"] = d.Create(ctx, name, CreateOptions{Append: true})
		_, calls["part"] = d.Part(ctx, name, "ann")
		calls["time"] = d.SetModTime(ctx, name, time.Unix(0, 0))
		calls["mode"] = d.SetMode(ctx, name, 0)
		calls["mkdir"] = d.Mkdir(ctx, name+"/below")
		calls["rename"] = d.Rename(ctx, "/inside", name+"/below", Replace)
		calls["rename, deny"] = d.Rename(ctx, "/inside", name+"/below", Deny)
		calls["link"] = d.Symlink(ctx, "x", name+"/below")
		for _, err := range d.List(ctx, name) {
			calls["list"] = err
		}
		for op, err := range calls {
			if err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s %s: %v", op, name, err)
			}
			if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, ErrNotDir) {
				t.Errorf("%s %s: %v is not a refusal", op, name, err)
			}
		}
	}
	// A rename onto a link replaces the link.
	if err := d.Rename(ctx, "/inside", "/file", Replace); err != nil {
		t.Error(err)
	}
	if got := load(t, canary); got != "alive" {
		t.Errorf("canary: %q", got)
	}
	if left, _ := os.ReadDir(outside); len(left) != 1 {
		t.Errorf("outside: %v", left)
	}
}

// TestPipes: what is neither file nor directory is refused, and nobody waits.
func TestPipes(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, err := d.Open(ctx, "/pipe")
	wantErr(t, "open", err, ErrNotRegular)
	for _, o := range []CreateOptions{{}, {Append: true}, {Offset: 1}} {
		_, err = d.Create(ctx, "/pipe", o)
		wantErr(t, "create", err, ErrNotRegular)
	}
	_, err = d.Create(ctx, "/pipe/f", CreateOptions{})
	wantErr(t, "create below", err, ErrNotDir)
	_, err = d.place("pipe/f") // what Create does when the pipe comes late
	wantErr(t, "place below", Classify(err), ErrNotDir)
	for _, err := range d.List(ctx, "/pipe") {
		wantErr(t, "list", err, ErrNotDir)
	}
	if e, err := d.Stat(ctx, "/pipe"); err != nil || e.Kind != proto.Special {
		t.Errorf("%+v, %v", e, err)
	}
	if err := d.Remove(ctx, "/pipe"); err != nil {
		t.Error(err)
	}
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

// TestExpiry: parts vanish after a day, when somebody looks.
func TestExpiry(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	ctx := t.Context()
	age := func(by time.Duration) {
		t.Helper()
		then := time.Now().Add(-by)
		for _, name := range temporaries(t, dir) {
			if err := os.Chtimes(name, then, then); err != nil {
				t.Fatal(err)
			}
		}
	}
	begin(t, d, "/f", "half", CreateOptions{Owner: "ann"}).Discard(ctx)
	age(23 * time.Hour)
	if n, err := d.Part(ctx, "/f", "ann"); n != 4 || err != nil {
		t.Errorf("after 23 hours: %d, %v", n, err)
	}
	age(25 * time.Hour)
	_, err := d.Part(ctx, "/f", "ann")
	wantErr(t, "after 25 hours", err, fs.ErrNotExist)
	if left := temporaries(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}

	begin(t, d, "/f", "half", CreateOptions{Owner: "ann"}).Discard(ctx)
	live := begin(t, d, "/g", "half", CreateOptions{Owner: "ann"})
	age(25 * time.Hour)
	for range ReadOnly(d).List(ctx, "/") {
	}
	if left := temporaries(t, dir); len(left) != 2 {
		t.Errorf("a read-only listing swept: %v", left)
	}
	for range d.List(ctx, "/") {
	}
	if left := temporaries(t, dir); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
	if err := live.Commit(ctx); err != nil || load(t, filepath.Join(dir, "g")) != "half" {
		t.Errorf("the live one was swept: %v", err)
	}
}

// TestLinkedPart: a death between link and remove leaves a committed file with
// a second name. To resume it would be to change that file.
func TestLinkedPart(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	ctx := t.Context()
	begin(t, d, "/f", "whole", CreateOptions{Owner: "ann"}).Discard(ctx)
	if err := os.Link(temporaries(t, dir)[0], filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	_, err := d.Create(ctx, "/f", CreateOptions{Owner: "ann", Offset: 1})
	wantErr(t, "resume", err, ErrOffset)
	if load(t, filepath.Join(dir, "moved")) != "whole" || len(temporaries(t, dir)) != 0 {
		t.Errorf("%q, %v", load(t, filepath.Join(dir, "moved")), temporaries(t, dir))
	}
}

// TestPlantedPart: a temporary's name that is no file of ours is not used.
func TestPlantedPart(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	ctx := t.Context()
	save(t, filepath.Join(dir, "victim"), "alive")
	key := partKey("ann", "f")
	os.Symlink("victim", filepath.Join(dir, partName(key, 0)))
	os.Mkdir(filepath.Join(dir, partName(key, 1)), 0o755)
	unix.Mkfifo(filepath.Join(dir, partName(key, 2)), 0o666)
	_, err := d.Create(ctx, "/f", CreateOptions{Owner: "ann", Offset: 1})
	wantErr(t, "resume", err, ErrOffset)
	if err := begin(t, d, "/f", "text", CreateOptions{Owner: "ann"}).Commit(ctx); err != nil {
		t.Error(err)
	}
	if load(t, filepath.Join(dir, "victim")) != "alive" || load(t, filepath.Join(dir, "f")) != "text" {
		t.Error("the planted link was followed")
	}
	if left := temporaries(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// TestOneStale: of several broken uploads the last one's part is kept.
func TestOneStale(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	var all []Upload
	for _, text := range []string{"one", "three", "seven"} {
		all = append(all, begin(t, d, "/f", text, CreateOptions{Owner: "ann"}))
	}
	for _, u := range all {
		if err := u.Discard(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n, err := d.Part(t.Context(), "/f", "ann"); n != 5 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if left := temporaries(t, dir); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}

// TestLateAdoption: a temporary that was committed, by another process, after
// it was opened here is not ours to write.
func TestLateAdoption(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	p, err := d.place("f")
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	temp := partName(partKey("ann", "f"), 0)
	save(t, filepath.Join(dir, temp), "x")
	f, err := p.dir.OpenFile(temp, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := d.mine(p, temp, f); err != nil {
		t.Errorf("before: %v", err)
	}
	os.Rename(filepath.Join(dir, temp), filepath.Join(dir, "f"))
	wantErr(t, "after", d.mine(p, temp, f), fs.ErrNotExist)
	save(t, filepath.Join(dir, temp), "another")
	wantErr(t, "with another", d.mine(p, temp, f), fs.ErrNotExist)
}

// TestLinkFromBelow: a new link is judged from where it really lies.
func TestLinkFromBelow(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	os.MkdirAll(filepath.Join(dir, "p", "q"), 0o755)
	os.Mkdir(filepath.Join(dir, "top"), 0o755)
	os.Symlink("../../top", filepath.Join(dir, "p", "q", "r"))
	wantErr(t, "link", d.Symlink(t.Context(), "../../x", "/p/q/r/new"), ErrEscape)
}

// TestManyLive: more uploads of one name than there are slots.
func TestManyLive(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	var all []Upload
	for i := range 3 * partSlots {
		all = append(all, begin(t, d, "/f", fmt.Sprint(i), CreateOptions{}))
	}
	for i, u := range all {
		if err := u.Commit(t.Context()); err != nil || load(t, filepath.Join(dir, "f")) != fmt.Sprint(i) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if left := temporaries(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
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

// TestErrorsTellNoHostPath: what a client may see names no directory of the host.
func TestErrorsTellNoHostPath(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	ctx := t.Context()
	os.Symlink("/etc", filepath.Join(dir, "out"))
	for _, name := range []string{"/nothing", "/out/passwd", "/out", "/" + strings.Repeat("x", 300)} {
		_, e1 := d.Open(ctx, name)
		_, e2 := d.Create(ctx, name+"/f", CreateOptions{})
		for _, err := range []error{e1, e2, d.Remove(ctx, name+"/x"), d.Rename(ctx, name+"/x", "/y", Deny)} {
			if err == nil || strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), "/etc") {
				t.Errorf("%v", err)
			}
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
