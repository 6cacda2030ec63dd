//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ferry/script/bulk"
)

// halfName is the name under which the rig's upload of t/a arrives.
func (r *rig) halfName() string {
	r.t.Helper()
	name := ""
	o := bulk.Options{Recursive: bulk.Trees, Atomic: bulk.AtomicOn, Publish: bulk.Together, OnError: bulk.Continue}
	r.plant(r.here("t"), "b", "in the way")
	if err := os.MkdirAll(filepath.Join(r.there("t"), "b"), 0o777); err != nil {
		r.t.Fatal(err)
	}
	_, _ = r.put(o, "t")
	found, _ := filepath.Glob(filepath.Join(r.there("t"), ".ferry-*.tmp"))
	if len(found) > 0 {
		name = filepath.Base(found[0])
	}
	_ = os.RemoveAll(r.there("t"))
	_ = os.Remove(filepath.Join(r.here("t"), "b"))
	return name
}

// What a killed upload of this very source has left goes with the next run, if
// nobody is at it; what is another's stays for three days.
func TestLeftoversOfKilledUploads(t *testing.T) {
	r := newRig(t)
	r.plant(r.here("t"), "a", "1")
	half := r.halfName()
	if half == "" {
		t.Fatal("nothing has arrived under a temporary name")
	}
	left := func() string {
		t.Helper()
		r.plant(r.there("t"), "a", "1", half, "half", ".ferry-0123456789abcdef.tmp", "another's")
		info, err := os.Stat(filepath.Join(r.here("t"), "a"))
		if err != nil {
			t.Fatal(err)
		}
		_ = os.Chtimes(filepath.Join(r.there("t"), "a"), info.ModTime(), info.ModTime())
		if _, err := r.put(bulk.Options{Recursive: bulk.Trees}, "t"); err != nil {
			t.Fatal(err)
		}
		return r.tree(r.there("t"))
	}
	if got := left(); got != ".ferry-0123456789abcdef.tmp=another's a=1" {
		t.Error(got)
	}
	f, err := os.Open(filepath.Join(r.here("t"), "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if got := left(); !strings.Contains(got, half+"=half") {
		t.Errorf("taken from somebody who is at it: %s", got)
	}
}

// A sync sweeps as every upload of a tree does.
func TestSyncSweeps(t *testing.T) {
	r := newRig(t)
	r.plant(r.here("t"), "a", "1")
	half := r.halfName()
	r.plant(r.there("t"), half, "half", ".ferry-0123456789abcdef.tmp", "another's", ".ferry-fedcba9876543210.tmp", "an old one")
	old := time.Now().Add(-100 * time.Hour)
	_ = os.Chtimes(filepath.Join(r.there("t"), ".ferry-fedcba9876543210.tmp"), old, old)
	_, report, base := r.sync(nil, bulk.PreferNeither)
	if got := r.tree(r.there("t")); got != ".ferry-0123456789abcdef.tmp=another's a=1" {
		t.Errorf("%s; %+v", got, report.Results)
	}
	if len(base) != 1 || base["a"].Size != 1 {
		t.Errorf("remembered: %v", base)
	}
}

// Uploads that are published together are marked until they have their names.
func TestPublishTogetherKeepsItsMarks(t *testing.T) {
	r := newRig(t)
	r.plant(r.here("t"), "a", "1", "b", "2", "c", noise(600_000))
	looked := false
	o := bulk.Options{Recursive: bulk.Trees, Atomic: bulk.AtomicOn, Publish: bulk.Together}
	o.Events = func(e bulk.Event) {
		if e.Kind != bulk.Done || looked {
			return
		}
		looked = true
		for _, name := range []string{"a", "b", "c"} {
			f, err := os.Open(filepath.Join(r.here("t"), name))
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
				t.Errorf("another run could take %s's temporary name", name)
			}
		}
	}
	if _, err := r.put(o, "t"); err != nil || !looked {
		t.Errorf("%v, looked: %v", err, looked)
	}
}
