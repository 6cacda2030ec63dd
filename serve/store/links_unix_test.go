//go:build linux || darwin || freebsd

package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ferry/proto"
)

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

// TestLinkFromBelow: a new link is judged from where it really lies.
func TestLinkFromBelow(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	os.MkdirAll(filepath.Join(dir, "p", "q"), 0o755)
	os.Mkdir(filepath.Join(dir, "top"), 0o755)
	os.Symlink("../../top", filepath.Join(dir, "p", "q", "r"))
	wantErr(t, "link", d.Symlink(t.Context(), "../../x", "/p/q/r/new"), ErrEscape)
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
