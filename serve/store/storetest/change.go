package storetest

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/store"
)

func testMkdir(t *testing.T, s store.Store) {
	ctx := t.Context()
	mkdir(t, s, "/d")
	put(t, s, "/f", "")
	for name, want := range map[string]error{
		"/d": fs.ErrExist, "/f": fs.ErrExist, "/": fs.ErrExist,
		"/no/d": fs.ErrNotExist, "/f/d": store.ErrNotDir,
	} {
		wantErr(t, "mkdir "+name, s.Mkdir(ctx, name), want)
	}
}

func testRemove(t *testing.T, s store.Store) {
	ctx := t.Context()
	mkdir(t, s, "/d")
	put(t, s, "/f", "")
	wantNone(t, "remove nothing", s.Remove(ctx, "/nothing"))
	wantErr(t, "remove a directory", s.Remove(ctx, "/d"), store.ErrIsDir)
	wantErr(t, "remove the root", s.Remove(ctx, "/"), store.ErrIsDir)
	if err := s.Remove(ctx, "/f"); err != nil {
		t.Error(err)
	}
	wantNone(t, "remove twice", s.Remove(ctx, "/f"))
}

func testRemoveDir(t *testing.T, s store.Store) {
	ctx := t.Context()
	mkdir(t, s, "/d")
	put(t, s, "/d/f", "")
	u := create(t, s, "/d/g", store.CreateOptions{Owner: "ann"})
	write(t, u, "half")
	wantErr(t, "not empty", s.RemoveDir(ctx, "/d"), store.ErrNotEmpty)
	wantErr(t, "a file", s.RemoveDir(ctx, "/d/f"), store.ErrNotDir)
	wantErr(t, "the root", s.RemoveDir(ctx, "/"), fs.ErrPermission)
	wantNone(t, "nothing", s.RemoveDir(ctx, "/nothing"))
	s.Remove(ctx, "/d/f")
	wantErr(t, "an upload is in it", s.RemoveDir(ctx, "/d"), store.ErrBusy)
	discard(t, u)
	wantPart(t, s, "/d/g", "ann", 4)
	if err := s.RemoveDir(ctx, "/d"); err != nil {
		t.Errorf("with a part in it: %v", err)
	}
	mkdir(t, s, "/d")
	wantPart(t, s, "/d/g", "ann", -1)
}

func testRename(t *testing.T, s store.Store) {
	ctx := t.Context()
	put(t, s, "/a", "A")
	put(t, s, "/b", "B")
	mkdir(t, s, "/d")
	mkdir(t, s, "/e")
	put(t, s, "/d/in", "in")
	for _, c := range []struct {
		from, to string
		want     error
	}{
		{"/nothing", "/x", fs.ErrNotExist},
		{"/a", "/nothing/x", fs.ErrNotExist},
		{"/a", "/b/x", store.ErrNotDir},
		{"/a", "/d", fs.ErrExist},
		{"/d", "/e", fs.ErrExist},
		{"/", "/x", fs.ErrPermission},
		{"/a", "/", fs.ErrPermission},
		{"/d", "/d/below", store.ErrName},
	} {
		wantErr(t, c.from+" to "+c.to, s.Rename(ctx, c.from, c.to, store.Replace), c.want)
	}
	if err := s.Rename(ctx, "/d", "/a", store.Replace); err == nil {
		t.Error("a directory replaced a file")
	}
	for _, c := range [][2]string{{"/a", "/b"}, {"/b", "/b"}, {"/b", "/d/b"}, {"/d", "/moved"}} {
		if err := s.Rename(ctx, c[0], c[1], store.Replace); err != nil {
			t.Error(err)
		}
	}
	wantFile(t, s, "/moved/b", "A")
	wantFile(t, s, "/moved/in", "in")
	if left := names(t, s, "/"); len(left) != 2 {
		t.Errorf("left: %v", left)
	}
}

func testRenameDeny(t *testing.T, s store.Store) {
	ctx := t.Context()
	put(t, s, "/a", "A")
	put(t, s, "/b", "B")
	mkdir(t, s, "/d")
	mkdir(t, s, "/e")
	for _, c := range [][2]string{{"/a", "/b"}, {"/a", "/d"}, {"/d", "/e"}, {"/d", "/a"}} {
		wantErr(t, c[0]+" to "+c[1], s.Rename(ctx, c[0], c[1], store.Deny), fs.ErrExist)
	}
	wantFile(t, s, "/a", "A")
	wantFile(t, s, "/b", "B")
	for _, c := range [][2]string{{"/a", "/d/a"}, {"/d", "/x"}} {
		if err := s.Rename(ctx, c[0], c[1], store.Deny); err != nil {
			t.Error(err)
		}
	}
	wantFile(t, s, "/x/a", "A")
	wantNone(t, "missing", s.Rename(ctx, "/nothing", "/y", store.Deny))
}

// testRenameRace: of many that take one free name, one gets it.
func testRenameRace(t *testing.T, s store.Store) {
	for round := range 10 {
		to := fmt.Sprintf("/to%d", round)
		var wins atomic.Int32
		var wg sync.WaitGroup
		for i := range 4 {
			from := fmt.Sprintf("/from%d-%d", round, i)
			put(t, s, from, from)
			wg.Go(func() {
				switch err := s.Rename(t.Context(), from, to, store.Deny); {
				case err == nil:
					wins.Add(1)
				case !errors.Is(err, fs.ErrExist):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%d renames won", wins.Load())
		}
	}
	if n := len(names(t, s, "/")); n != 40 {
		t.Errorf("%d files left of 40", n)
	}
}

func testTimes(t *testing.T, s store.Store) {
	ctx := t.Context()
	put(t, s, "/f", "")
	when := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	err := s.SetModTime(ctx, "/f", when)
	if e, serr := s.Stat(ctx, "/f"); !errors.Is(err, errors.ErrUnsupported) && (err != nil || serr != nil || !e.Modify.Equal(when)) {
		t.Errorf("time %v, %v, %v", e.Modify, err, serr)
	}
	err = s.SetMode(ctx, "/f", 0o444|fs.ModeSetuid)
	if e, serr := s.Stat(ctx, "/f"); !errors.Is(err, errors.ErrUnsupported) && (err != nil || serr != nil || e.Mode != 0o444) {
		t.Errorf("mode %v, %v, %v", e.Mode, err, serr)
	}
	err = s.SetCreateTime(ctx, "/f", when)
	e, serr := s.Stat(ctx, "/f")
	switch can := s.Can(store.CreateTimes); {
	case can && (err != nil || serr != nil || !e.Create.Equal(when)):
		t.Errorf("create time %v, %v, %v", e.Create, err, serr)
	case !can && !errors.Is(err, errors.ErrUnsupported):
		t.Errorf("create time that can't be set: %v", err)
	}
	wantNone(t, "time of nothing", s.SetModTime(ctx, "/nothing", when))
	wantNone(t, "mode of nothing", s.SetMode(ctx, "/nothing", 0o600))
}

func testLinks(t *testing.T, s store.Store) {
	ctx := t.Context()
	put(t, s, "/f", "text")
	mkdir(t, s, "/d")
	err := s.Symlink(ctx, "../f", "/d/link")
	if errors.Is(err, errors.ErrUnsupported) {
		return // this back end has none, and says so
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"/f", "..", "../x", "d/../../x", "../../etc/passwd"} {
		wantErr(t, "link to "+target, s.Symlink(ctx, target, "/bad"), store.ErrEscape)
	}
	for _, target := range []string{"", "a\nb", ".ferry-x.part", "a\x00"} {
		wantErr(t, "link to "+target, s.Symlink(ctx, target, "/bad"), store.ErrName)
	}
	wantErr(t, "a name that is taken", s.Symlink(ctx, "d", "/f"), fs.ErrExist)
	wantFile(t, s, "/d/link", "text")
	e, err := s.Lstat(ctx, "/d/link")
	if err != nil || e.Kind != proto.Symlink || e.Target != "../f" || e.LinkKind != proto.RegularFile {
		t.Errorf("lstat %+v, %v", e, err)
	}
	if in := names(t, s, "/d")["link"]; in != e {
		t.Errorf("listed as %+v, want %+v", in, e)
	}
	if e, err := s.Stat(ctx, "/d/link"); err != nil || e.Kind != proto.RegularFile || e.Size != 4 {
		t.Errorf("stat %+v, %v", e, err)
	}
	// An upload onto a link replaces what it leads to.
	put(t, s, "/d/link", "new")
	wantFile(t, s, "/f", "new")
	if e, _ := s.Lstat(ctx, "/d/link"); e.Kind != proto.Symlink {
		t.Error("the link was replaced")
	}
	_, err = s.Create(ctx, "/d/link", store.CreateOptions{Overwrite: store.Deny})
	wantErr(t, "deny onto a link", err, fs.ErrExist)
	// A dangling link: shown, not there, and a way to a new file.
	if err := s.Symlink(ctx, "to-come", "/dangling"); err != nil {
		t.Fatal(err)
	}
	_, err = s.Stat(ctx, "/dangling")
	wantNone(t, "stat", err)
	if e, err := s.Lstat(ctx, "/dangling"); err != nil || e.LinkKind != proto.UnknownKind || e.Target != "to-come" {
		t.Errorf("lstat %+v, %v", e, err)
	}
	put(t, s, "/dangling", "came")
	wantFile(t, s, "/to-come", "came")
	// Links that go in a circle.
	s.Symlink(ctx, "two", "/one")
	s.Symlink(ctx, "one", "/two")
	_, err = s.Create(ctx, "/one", store.CreateOptions{})
	wantNone(t, "create in a circle", err)
	_, err = s.Open(ctx, "/one")
	wantNone(t, "open in a circle", err)
	// Removing takes the link only.
	if err := s.Remove(ctx, "/d/link"); err != nil {
		t.Error(err)
	}
	wantFile(t, s, "/f", "new")
}

func testFree(t *testing.T, s store.Store) {
	n, err := s.Free(t.Context())
	if errors.Is(err, errors.ErrUnsupported) {
		return // this back end does not know, and says so
	}
	if err != nil || n <= 0 {
		t.Fatalf("%d, %v", n, err)
	}
	if n < 1<<62 {
		_, err = s.Create(t.Context(), "/f", store.CreateOptions{Size: 1 << 62})
		wantErr(t, "more than there is", err, store.ErrNoSpace)
	}
}
