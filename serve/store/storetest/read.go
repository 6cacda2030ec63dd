package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"
	"testing/iotest"
	"time"

	"ferry/proto"
	"ferry/serve/store"
)

func wantNone(t *testing.T, what string, err error) {
	t.Helper()
	wantErr(t, what, err, fs.ErrNotExist)
}

// badNames may not be used by any client.
var badNames = []string{
	"", "a", "./a", "../a", "/../a", "/a/..", "/a/../b", "/a/", "//a", "/a//b", "/./a", "/.", "/..",
	"/a\x00", "/\x00", "/a\x00/b",
	"/.ferry-0123456789abcdef-0.part", "/d/.ferry-0123456789abcdef-0.part", "/.ferry-x.part/below",
	"/.FERRY-X.PART", "/.ferry-x.part.", "/.ferry-x.part ", "/.ferry-.part",
}

func testNames(t *testing.T, s store.Store) {
	ctx := t.Context()
	put(t, s, "/there", "x")
	for _, name := range badNames {
		calls := map[string]error{}
		_, calls["stat"] = s.Stat(ctx, name)
		_, calls["lstat"] = s.Lstat(ctx, name)
		_, calls["open"] = s.Open(ctx, name)
		_, calls["create"] = s.Create(ctx, name, store.CreateOptions{})
		_, calls["part"] = s.Part(ctx, name, "ann")
		calls["mkdir"] = s.Mkdir(ctx, name)
		calls["remove"] = s.Remove(ctx, name)
		calls["rmdir"] = s.RemoveDir(ctx, name)
		calls["rename from"] = s.Rename(ctx, name, "/b", store.Replace)
		calls["rename to"] = s.Rename(ctx, "/there", name, store.Replace)
		calls["set time"] = s.SetModTime(ctx, name, time.Now())
		calls["set mode"] = s.SetMode(ctx, name, 0o600)
		for _, err := range s.List(ctx, name) {
			calls["list"] = err
		}
		for op, err := range calls {
			wantErr(t, fmt.Sprintf("%s %q", op, name), err, store.ErrName)
		}
	}
	// Names are bytes, and these are only odd.
	for _, name := range []string{"/-rf", "/ a ", "/a\"b", "/\xff\xfe", "/.ferry", "/.ferry-x", "/x.part", "/*?[", "/é", "/~"} {
		put(t, s, name, name)
		wantFile(t, s, name, name)
	}
}

func testRead(t *testing.T, s store.Store) {
	ctx := t.Context()
	put(t, s, "/f", "hello, ferry")
	mkdir(t, s, "/d")
	e, err := s.Stat(ctx, "/f")
	if err != nil || e.Name != "f" || e.Kind != proto.RegularFile || e.Size != 12 || time.Since(e.Modify).Abs() > time.Hour {
		t.Errorf("stat: %+v, %v", e, err)
	}
	if e, err := s.Stat(ctx, "/"); err != nil || e.Kind != proto.Directory || e.Name != "/" {
		t.Errorf("stat /: %+v, %v", e, err)
	}
	f, err := s.Open(ctx, "/f")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := iotest.TestReader(f, []byte("hello, ferry")); err != nil {
		t.Error(err)
	}
	if _, err := f.Seek(7, io.SeekStart); err != nil {
		t.Error(err)
	}
	if b, err := io.ReadAll(f); string(b) != "ferry" || err != nil {
		t.Errorf("from 7: %q, %v", b, err)
	}
	if e, err := f.Stat(); err != nil || e.Name != "f" || e.Size != 12 {
		t.Errorf("stat of the open file: %+v, %v", e, err)
	}
	_, err = s.Open(ctx, "/nothing")
	wantNone(t, "open a missing file", err)
	_, err = s.Open(ctx, "/d")
	wantErr(t, "open a directory", err, store.ErrIsDir)
	_, err = s.Open(ctx, "/f/below")
	wantErr(t, "open below a file", err, store.ErrNotDir)
	_, err = s.Stat(ctx, "/nothing/below")
	wantNone(t, "stat below nothing", err)
}

func testList(t *testing.T, s store.Store) {
	const many = 700 // more than any back end takes at once
	for i := range many {
		put(t, s, fmt.Sprintf("/f%d", i), "x")
	}
	mkdir(t, s, "/d")
	put(t, s, "/d/inner", "abc")
	broken := create(t, s, "/d/broken", store.CreateOptions{Owner: "ann"})
	write(t, broken, "half")
	discard(t, broken)
	running := create(t, s, "/d/running", store.CreateOptions{Owner: "ann"})
	write(t, running, "half")

	all := names(t, s, "/")
	if len(all) != many+1 || all["d"].Kind != proto.Directory || all["f699"].Size != 1 {
		t.Errorf("%d entries, d %+v, f699 %+v", len(all), all["d"], all["f699"])
	}
	if in := names(t, s, "/d"); len(in) != 1 || in["inner"].Size != 3 {
		t.Errorf("temporaries are not hidden: %v", in)
	}
	for _, c := range []struct {
		name string
		want error
	}{{"/f1", store.ErrNotDir}, {"/nothing", fs.ErrNotExist}} {
		n := 0
		for _, err := range s.List(t.Context(), c.name) {
			n++
			wantErr(t, "list "+c.name, err, c.want)
		}
		if n != 1 {
			t.Errorf("list %s yielded %d times", c.name, n)
		}
	}
}

// testListStops: a consumer that has enough, and entries that come and go.
func testListStops(t *testing.T, s store.Store) {
	for i := range 300 {
		put(t, s, fmt.Sprintf("/f%d", i), "x")
	}
	seen := 0
	for e, err := range s.List(t.Context(), "/") {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen == 1 {
			for i := range 300 {
				if name := fmt.Sprintf("/f%d", i); name != "/"+e.Name {
					s.Remove(t.Context(), name)
				}
			}
		}
	}
	if seen == 0 || seen > 300 {
		t.Errorf("%d entries", seen)
	}
	put(t, s, "/a", "")
	put(t, s, "/b", "")
	for range s.List(t.Context(), "/") {
		break
	}
}

func testCanceled(t *testing.T, s store.Store) {
	put(t, s, "/f", "x")
	ctx, cancel := context.WithCancelCause(t.Context())
	u := create(t, s, "/new", store.CreateOptions{Owner: "ann"})
	write(t, u, "abc")
	gone := errors.New("gone")
	cancel(gone)
	_, err := s.Stat(ctx, "/f")
	wantErr(t, "stat", err, gone)
	wantErr(t, "remove", s.Remove(ctx, "/f"), gone)
	for _, err := range s.List(ctx, "/") {
		wantErr(t, "list", err, gone)
	}
	if err := u.Commit(ctx); err == nil {
		t.Error("a canceled commit succeeded")
	}
	_, err = s.Stat(t.Context(), "/new")
	wantNone(t, "stat after a canceled commit", err)
	wantPart(t, s, "/new", "ann", 3)
}
