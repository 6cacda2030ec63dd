package serve

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"ferry/serve/store"
	"ferry/serve/users"
)

func TestRoots(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	for _, f := range []string{filepath.Join(dir, "top"), filepath.Join(dir, "ann", "hers"), filepath.Join(elsewhere, "far")} {
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	open := Roots(dir)
	for _, c := range []struct {
		root, sees string // "" when it can't be opened
	}{
		{"", "/top"},
		{"ann", "/hers"},
		{"./ann/../ann", "/hers"},
		{elsewhere, "/far"},
		{"nobody", ""},
		{"top", ""}, // a file
		{"..", ""},
		{"ann/../..", ""},
	} {
		st, err := open(t.Context(), users.Record{Name: "x", Root: c.root})
		if c.sees == "" {
			if err == nil {
				t.Errorf("root %q was opened", c.root)
			}
			continue
		}
		if err != nil {
			t.Errorf("root %q: %v", c.root, err)
			continue
		}
		if _, err := st.Stat(t.Context(), c.sees); err != nil {
			t.Errorf("root %q: %v", c.root, err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Sessions share a store; one that ends does not take it from the others, and
// the last one gives it back.
func TestRootsShare(t *testing.T) {
	r := newRoots(t.TempDir(), store.DiskOptions{})
	one, err := r.Open(t.Context(), users.Record{})
	if err != nil {
		t.Fatal(err)
	}
	two, err := r.Open(t.Context(), users.Record{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.open) != 1 {
		t.Errorf("%d stores are open, want 1", len(r.open))
	}
	for range 2 { // twice is once
		_ = one.Close()
	}
	if _, err := two.Stat(t.Context(), "/"); err != nil {
		t.Error(err)
	}
	_ = two.Close()
	if len(r.open) != 0 {
		t.Errorf("%d stores are open, want none", len(r.open))
	}
}

// A directory that was put in place of the old one is what new sessions see.
func TestRootsReplaced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	put := func(name string) {
		if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, name), nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	put("old")
	r := newRoots(dir, store.DiskOptions{})
	before, err := r.Open(t.Context(), users.Record{})
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Skipf("a directory in use can't be renamed here: %v", err)
	}
	put("new")
	after, err := r.Open(t.Context(), users.Record{})
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	if _, err := after.Stat(t.Context(), "/new"); err != nil {
		t.Error(err)
	}
	if _, err := after.Stat(t.Context(), "/old"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old directory is still served: %v", err)
	}
}
