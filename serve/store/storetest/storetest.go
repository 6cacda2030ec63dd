// Package storetest is the store contract as tests. Every back end runs it.
//
//	func TestDisk(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { … an empty store … })
//	}
package storetest

import (
	"errors"
	"io"
	"testing"

	"ferry/proto"
	"ferry/serve/store"
)

// Run checks a back end against the contract. open makes an empty store.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	groups := []struct {
		name string
		run  func(t *testing.T, s store.Store)
	}{
		{"names", testNames},
		{"read", testRead},
		{"list", testList},
		{"list stops", testListStops},
		{"canceled", testCanceled},
		{"create", testCreate},
		{"create refused", testCreateRefused},
		{"replace", testReplace},
		{"deny", testDeny},
		{"deny at commit", testDenyLate},
		{"discard", testDiscard},
		{"resume", testResume},
		{"append", testAppend},
		{"in place", testInPlace},
		{"in place, beside each other", testBeside},
		{"two resumes", testTwoResumes},
		{"writers of one name", testWriters},
		{"holes", testHoles},
		{"in use", testInUse},
		{"mkdir", testMkdir},
		{"remove", testRemove},
		{"rmdir", testRemoveDir},
		{"rename", testRename},
		{"rename denied", testRenameDeny},
		{"rename race", testRenameRace},
		{"times and modes", testTimes},
		{"links", testLinks},
		{"free", testFree},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() { s.Close() })
			g.run(t, s)
		})
	}
}

// put makes a file.
func put(t *testing.T, s store.Store, name, text string) {
	t.Helper()
	u, err := s.Create(t.Context(), name, store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	write(t, u, text)
	if err := u.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// create begins an upload.
func create(t *testing.T, s store.Store, name string, o store.CreateOptions) store.Upload {
	t.Helper()
	u, err := s.Create(t.Context(), name, o)
	if err != nil {
		t.Fatalf("create %s: %v", name, err)
	}
	t.Cleanup(func() { u.Discard(t.Context()) })
	return u
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, u store.Upload) {
	t.Helper()
	if err := u.Commit(t.Context()); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

func discard(t *testing.T, u store.Upload) {
	t.Helper()
	if err := u.Discard(t.Context()); err != nil {
		t.Fatalf("discard: %v", err)
	}
}

func mkdir(t *testing.T, s store.Store, name string) {
	t.Helper()
	if err := s.Mkdir(t.Context(), name); err != nil {
		t.Fatal(err)
	}
}

// get reads a whole file.
func get(t *testing.T, s store.Store, name string) string {
	t.Helper()
	f, err := s.Open(t.Context(), name)
	if err != nil {
		t.Fatalf("open %s: %v", name, err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func wantFile(t *testing.T, s store.Store, name, text string) {
	t.Helper()
	if got := get(t, s, name); got != text {
		t.Errorf("%s holds %.60q, want %.60q", name, got, text)
	}
}

// wantPart checks the size of a part; -1: there must be none.
func wantPart(t *testing.T, s store.Store, name, owner string, size int64) {
	t.Helper()
	got, err := s.Part(t.Context(), name, owner)
	if size < 0 {
		wantNone(t, "part of "+name, err)
		return
	}
	if err != nil || got != size {
		t.Errorf("part of %s by %s: %d, %v; want %d", name, owner, got, err, size)
	}
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// names are what a listing yields.
func names(t *testing.T, s store.Store, dir string) map[string]proto.Entry {
	t.Helper()
	m := make(map[string]proto.Entry)
	for e, err := range s.List(t.Context(), dir) {
		if err != nil {
			t.Fatalf("list %s: %v", dir, err)
		}
		if _, twice := m[e.Name]; twice {
			t.Errorf("%q is listed twice", e.Name)
		}
		m[e.Name] = e
	}
	return m
}
