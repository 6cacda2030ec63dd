package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"ferry/script/bulk"
)

// Directories keep their times, both ways, and get them again when what is in
// them has changed; that alone is no work.
func TestTimesOfDirectories(t *testing.T) {
	r := newRig(t)
	then := time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
	age := func(base string) {
		for _, dir := range []string{"a/b", "a/empty", "a"} {
			if err := os.Chtimes(filepath.Join(base, "t", dir), then, then.Add(time.Duration(len(dir))*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	alike := func(what string) {
		t.Helper()
		for _, dir := range []string{"a", "a/b", "a/empty"} {
			for _, base := range []string{r.local, r.root} {
				info, err := os.Stat(filepath.Join(base, "t", dir))
				if err != nil || !info.ModTime().Equal(then.Add(time.Duration(len(dir))*time.Hour)) {
					t.Errorf("%s: %s in %s: %v %v", what, dir, base, info.ModTime().UTC(), err)
				}
			}
		}
	}
	r.plant(r.local, "t/a/f", "one", "t/a/b/g", "two")
	if err := os.Mkdir(r.here("t/a/empty"), 0o777); err != nil {
		t.Fatal(err)
	}
	o := mirrored(bulk.Options{Existing: bulk.NewerOrSize})
	age(r.local)
	if _, err := r.put(o, "t"); err != nil {
		t.Fatal(err)
	}
	alike("up")
	if err := os.Remove(r.here("t/a/b/g")); err != nil {
		t.Fatal(err)
	}
	r.plant(r.local, "t/a/new", "three")
	age(r.local)
	if _, err := r.put(o, "t"); err != nil {
		t.Fatal(err)
	}
	alike("up again")
	if err := os.RemoveAll(r.here("t")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.get(o, "t"); err != nil {
			t.Fatal(err)
		}
		alike("down")
		r.plant(r.root, "t/a/b/late", "four")
		age(r.root)
	}
	p, err := r.engine(o).PlanUpload(t.Context(), []bulk.Item{{Local: r.here("t/a/empty"), Remote: "/t/a/empty"}})
	if err == nil {
		now := time.Now()
		err = os.Chtimes(r.here("t/a/empty"), now, now)
	}
	if err != nil || len(p.Steps) > 0 {
		t.Errorf("%v, %v", p.Steps, err)
	}
}
