//go:build linux || darwin || freebsd

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

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

// TestLater: what an upload leaves behind may wait; nobody else has to.
func TestLater(t *testing.T) {
	d, dir := open(t, DiskOptions{})
	if err := begin(t, d, "/f", "old", CreateOptions{Owner: "ann"}).Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
	var later []func()
	u := begin(t, d, "/f", "new", CreateOptions{Owner: "ann", Later: func(f func()) { later = append(later, f) }})
	if err := u.Commit(t.Context()); err != nil || load(t, filepath.Join(dir, "f")) != "new" {
		t.Fatal(err)
	}
	if left := temporaries(t, dir); len(left) != 1 || len(later) != 1 {
		t.Fatalf("left: %v, and %d pieces of work", left, len(later))
	}
	if err := d.Remove(t.Context(), "/f"); err != nil {
		t.Errorf("it is in use: %v", err)
	}
	for _, f := range later {
		f()
	}
	if left := temporaries(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if err := errors.Join(u.Commit(t.Context()), u.Discard(t.Context())); err != nil {
		t.Error(err)
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
