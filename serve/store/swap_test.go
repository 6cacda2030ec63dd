//go:build linux || darwin || freebsd

package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestSwap: while somebody on the host exchanges a directory for a link that
// leads out, and back, as fast as he can, no operation ever reads or changes
// anything outside. (servers.md T10)
func TestSwap(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	outside := filepath.Join(filepath.Dir(dir), "outside")
	os.Mkdir(outside, 0o755)
	save(t, filepath.Join(outside, "f"), "canary")
	os.Mkdir(filepath.Join(dir, "d"), 0o755)
	os.Symlink("../outside", filepath.Join(dir, "link"))
	os.Symlink(outside, filepath.Join(dir, "abs"))
	save(t, filepath.Join(dir, "d", "f"), "inside")

	before, err := os.Stat(filepath.Join(outside, "f"))
	if err != nil {
		t.Fatal(err)
	}
	lasting := 2 * time.Second
	if testing.Short() {
		lasting = 200 * time.Millisecond
	}
	stop := make(chan struct{})
	time.AfterFunc(lasting, func() { close(stop) })
	var wg sync.WaitGroup
	wg.Go(func() { swap(t, dir, stop) })
	for _, attack := range attacks(d) {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := attack(t); err != nil && !refusal(err) {
					t.Errorf("%v", err)
				}
			}
		})
	}
	wg.Wait()
	after, err := os.Stat(filepath.Join(outside, "f"))
	if err != nil || load(t, filepath.Join(outside, "f")) != "canary" {
		t.Fatalf("the canary is dead: %v", err)
	}
	if after.Mode() != before.Mode() || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the canary was touched: %v", after)
	}
	if left, _ := os.ReadDir(outside); len(left) != 1 {
		t.Errorf("outside: %v", left)
	}
}

// swap exchanges "d" for links and puts it back.
func swap(t *testing.T, dir string, stop chan struct{}) {
	at := func(name string) string { return filepath.Join(dir, name) }
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		link := []string{"link", "abs"}[i%2]
		os.Rename(at("d"), at("away"))
		os.Rename(at(link), at("d"))
		os.Rename(at("d"), at(link))
		os.Rename(at("away"), at("d"))
	}
}

// refusal: what an operation that came at a bad moment may say.
func refusal(err error) bool {
	for _, ok := range []error{fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, ErrNotDir, ErrIsDir, ErrBusy, ErrOffset, ErrNotEmpty} {
		if errors.Is(err, ok) {
			return true
		}
	}
	return false
}

// attacks are all that a client can do below "/d". None may hit the canary.
func attacks(d *Disk) []func(*testing.T) error {
	return []func(*testing.T) error{
		func(t *testing.T) error {
			f, err := d.Open(t.Context(), "/d/f")
			if err != nil {
				return err
			}
			defer f.Close()
			if b, _ := io.ReadAll(f); string(b) == "canary" {
				t.Error("the canary was read")
			}
			return nil
		},
		func(t *testing.T) error { return swapUpload(t, d, CreateOptions{}) },
		func(t *testing.T) error { return swapUpload(t, d, CreateOptions{Append: true}) },
		func(t *testing.T) error {
			for e, err := range d.List(t.Context(), "/d") {
				if err != nil {
					return err
				}
				if e.Size == int64(len("canary")) && e.Name == "f" && e.Kind != 1 {
					t.Errorf("%+v", e)
				}
			}
			return d.SetMode(t.Context(), "/d/f", 0o666)
		},
		func(t *testing.T) error {
			d.Mkdir(t.Context(), "/d/made")
			d.Rename(t.Context(), "/d/made", "/d/renamed", Deny)
			d.RemoveDir(t.Context(), "/d/renamed")
			return d.SetModTime(t.Context(), "/d/f", time.Unix(1e9, 0))
		},
	}
}

func swapUpload(t *testing.T, d *Disk, o CreateOptions) error {
	u, err := d.Create(t.Context(), "/d/f", o)
	if err != nil {
		return err
	}
	io.WriteString(u, "x")
	return u.Commit(t.Context())
}
