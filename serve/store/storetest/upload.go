package storetest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"ferry/proto"
	"ferry/serve/store"
)

func testCreate(t *testing.T, s store.Store) {
	u := create(t, s, "/f", store.CreateOptions{Owner: "ann", Size: 5})
	write(t, u, "hel")
	_, err := s.Stat(t.Context(), "/f")
	wantNone(t, "stat before the commit", err)
	write(t, u, "lo")
	commit(t, u)
	wantFile(t, s, "/f", "hello")
	wantPart(t, s, "/f", "ann", -1)
	commit(t, u) // a second end is without effect
	discard(t, u)
	wantFile(t, s, "/f", "hello")

	empty := create(t, s, "/empty", store.CreateOptions{})
	commit(t, empty)
	wantFile(t, s, "/empty", "")

	private := create(t, s, "/private", store.CreateOptions{Perm: 0o600})
	commit(t, private)
	if e, err := s.Stat(t.Context(), "/private"); err != nil || e.HasMode && e.Mode&0o077 != 0 {
		t.Errorf("mode %v, %v", e.Mode, err)
	}
}

func testCreateRefused(t *testing.T, s store.Store) {
	mkdir(t, s, "/d")
	put(t, s, "/f", "hello")
	for _, c := range []struct {
		what, name string
		o          store.CreateOptions
		want       error
	}{
		{"onto a directory", "/d", store.CreateOptions{}, store.ErrIsDir},
		{"onto the root", "/", store.CreateOptions{}, store.ErrIsDir},
		{"append to a directory", "/d", store.CreateOptions{Append: true}, store.ErrIsDir},
		{"no directory", "/nothing/f", store.CreateOptions{}, fs.ErrNotExist},
		{"below a file", "/f/g", store.CreateOptions{}, store.ErrNotDir},
		{"negative offset", "/g", store.CreateOptions{Offset: -1}, store.ErrOffset},
		{"offset into nothing", "/g", store.CreateOptions{Offset: 1}, store.ErrOffset},
		{"offset beyond the end", "/f", store.CreateOptions{Offset: 6}, store.ErrOffset},
		{"offset of 2^62", "/f", store.CreateOptions{Offset: 1 << 62}, store.ErrOffset},
		{"offset and append", "/f", store.CreateOptions{Offset: 1, Append: true}, store.ErrOffset},
		{"exists", "/f", store.CreateOptions{Overwrite: store.Deny}, fs.ErrExist},
		{"append, exists", "/f", store.CreateOptions{Overwrite: store.Deny, Append: true}, fs.ErrExist},
		{"offset, exists", "/f", store.CreateOptions{Overwrite: store.Deny, Offset: 2}, fs.ErrExist},
	} {
		u, err := s.Create(t.Context(), c.name, c.o)
		wantErr(t, c.what, err, c.want)
		if err == nil {
			u.Discard(t.Context())
		} else if u != nil {
			t.Errorf("%s: an error and an upload", c.what)
		}
	}
	wantFile(t, s, "/f", "hello")
}

func testReplace(t *testing.T, s store.Store) {
	put(t, s, "/f", "the old one")
	if err := s.SetMode(t.Context(), "/f", 0o640); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		t.Fatal(err)
	}
	before, _ := s.Stat(t.Context(), "/f")
	reader, err := s.Open(t.Context(), "/f")
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	u := create(t, s, "/f", store.CreateOptions{})
	write(t, u, "new")
	wantFile(t, s, "/f", "the old one")
	commit(t, u)
	wantFile(t, s, "/f", "new")
	after, _ := s.Stat(t.Context(), "/f")
	if after.Mode != before.Mode || after.Owner != before.Owner {
		t.Errorf("mode %v owner %s, want %v %s", after.Mode, after.Owner, before.Mode, before.Owner)
	}
	// Who was reading goes on reading the old file, whole.
	if b, err := io.ReadAll(reader); string(b) != "the old one" || err != nil {
		t.Errorf("reader got %q, %v", b, err)
	}
}

func testDeny(t *testing.T, s store.Store) {
	u := create(t, s, "/f", store.CreateOptions{Overwrite: store.Deny})
	write(t, u, "mine")
	commit(t, u)
	wantFile(t, s, "/f", "mine")
	if n := len(names(t, s, "/")); n != 1 {
		t.Errorf("%d names", n)
	}
}

// testDenyLate: two begin while the name is free, and only one may have it.
func testDenyLate(t *testing.T, s store.Store) {
	one := create(t, s, "/f", store.CreateOptions{Owner: "ann", Overwrite: store.Deny})
	two := create(t, s, "/f", store.CreateOptions{Owner: "ann", Overwrite: store.Deny})
	write(t, one, "first")
	write(t, two, "second")
	commit(t, one)
	wantErr(t, "second commit", two.Commit(t.Context()), fs.ErrExist)
	wantFile(t, s, "/f", "first")
	if err := s.Remove(t.Context(), "/f"); err != nil {
		t.Fatal(err)
	}
	wantPart(t, s, "/f", "ann", -1) // what was refused is no part

	// Of many that commit at once, one wins.
	var wg sync.WaitGroup
	wins := make(chan string, 8)
	var uploads []store.Upload
	for i := range 8 {
		uploads = append(uploads, create(t, s, "/race", store.CreateOptions{Overwrite: store.Deny}))
		write(t, uploads[i], fmt.Sprint(i))
	}
	for i, u := range uploads {
		wg.Go(func() {
			switch err := u.Commit(t.Context()); {
			case err == nil:
				wins <- fmt.Sprint(i)
			case !errors.Is(err, fs.ErrExist):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(wins)
	if len(wins) != 1 {
		t.Fatalf("%d commits won", len(wins))
	}
	wantFile(t, s, "/race", <-wins)
}

func testDiscard(t *testing.T, s store.Store) {
	put(t, s, "/old", "old")
	for _, name := range []string{"/old", "/new"} {
		u := create(t, s, name, store.CreateOptions{Owner: "ann"})
		write(t, u, "part")
		wantPart(t, s, name, "ann", -1) // it is in use
		discard(t, u)
		if err := u.Commit(t.Context()); err != nil {
			t.Errorf("commit after discard: %v", err)
		}
	}
	wantFile(t, s, "/old", "old")
	wantPart(t, s, "/old", "ann", -1) // hidden by the file
	_, err := s.Stat(t.Context(), "/new")
	wantNone(t, "stat of a part", err)
	_, err = s.Open(t.Context(), "/new")
	wantNone(t, "open of a part", err)
	wantPart(t, s, "/new", "ann", 4)
	wantPart(t, s, "/new", "bob", -1)

	// An upload into which nothing came leaves the part that was there.
	discard(t, create(t, s, "/new", store.CreateOptions{Owner: "ann"}))
	wantPart(t, s, "/new", "ann", 4)
	// One that got further takes its place.
	u := create(t, s, "/new", store.CreateOptions{Owner: "ann"})
	write(t, u, "xy")
	discard(t, u)
	wantPart(t, s, "/new", "ann", 2)
	// A whole one makes it go.
	put2 := create(t, s, "/new", store.CreateOptions{Owner: "ann"})
	write(t, put2, "whole")
	commit(t, put2)
	if err := s.Remove(t.Context(), "/new"); err != nil {
		t.Fatal(err)
	}
	wantPart(t, s, "/new", "ann", -1)
	u = create(t, s, "/whole", store.CreateOptions{Owner: "ann", Whole: true})
	write(t, u, "half")
	discard(t, u)
	wantPart(t, s, "/whole", "ann", -1)
}

func testResume(t *testing.T, s store.Store) {
	leave := func(text string) {
		u := create(t, s, "/f", store.CreateOptions{Owner: "ann"})
		write(t, u, text)
		discard(t, u)
	}
	leave("0123456789")
	_, err := s.Create(t.Context(), "/f", store.CreateOptions{Owner: "ann", Offset: 11})
	wantErr(t, "beyond the part", err, store.ErrOffset)
	_, err = s.Create(t.Context(), "/f", store.CreateOptions{Owner: "bob", Offset: 5})
	wantErr(t, "another's part", err, store.ErrOffset)

	u := create(t, s, "/f", store.CreateOptions{Owner: "ann", Offset: 10})
	wantPart(t, s, "/f", "ann", -1) // adopted
	write(t, u, "ab")
	discard(t, u)
	wantPart(t, s, "/f", "ann", 12)
	u = create(t, s, "/f", store.CreateOptions{Owner: "ann", Offset: 3})
	write(t, u, "XY")
	commit(t, u)
	wantFile(t, s, "/f", "012XY") // cut at the offset
}

func testAppend(t *testing.T, s store.Store) {
	u := create(t, s, "/f", store.CreateOptions{Owner: "ann", Append: true})
	write(t, u, "abc") // a new file
	discard(t, u)
	u = create(t, s, "/f", store.CreateOptions{Owner: "ann", Append: true})
	write(t, u, "def") // behind the part
	commit(t, u)
	wantFile(t, s, "/f", "abcdef")
	u = create(t, s, "/f", store.CreateOptions{Owner: "bob", Append: true})
	write(t, u, "ghi") // behind the file, in place
	commit(t, u)
	wantFile(t, s, "/f", "abcdefghi")
}

func testInPlace(t *testing.T, s store.Store) {
	put(t, s, "/f", "0123456789")
	u := create(t, s, "/f", store.CreateOptions{Offset: 4})
	write(t, u, "XY")
	_, err := s.Create(t.Context(), "/f", store.CreateOptions{Append: true})
	wantErr(t, "two in place", err, store.ErrBusy)
	discard(t, u)
	wantFile(t, s, "/f", "0123XY6789") // Discard can't take it back; what lies behind stays
	u = create(t, s, "/f", store.CreateOptions{Offset: 10})
	write(t, u, "ab")
	commit(t, u)
	wantFile(t, s, "/f", "0123XY6789ab")
	u = create(t, s, "/f", store.CreateOptions{InPlace: true})
	write(t, u, "--")
	commit(t, u)
	wantFile(t, s, "/f", "--23XY6789ab")
	u = create(t, s, "/new", store.CreateOptions{InPlace: true})
	write(t, u, "new")
	wantNone(t, "in place of nothing", ignoreEntry(s.Stat(t.Context(), "/new")))
	commit(t, u)
	wantFile(t, s, "/new", "new")
	wantPart(t, s, "/f", "", -1)
}

// testBeside: uploads in place that say where they end write at once what is
// not each other's.
func testBeside(t *testing.T, s store.Store) {
	put(t, s, "/f", "0123456789")
	by := func(who string, from, until int64) (store.Upload, error) {
		return s.Create(t.Context(), "/f", store.CreateOptions{InPlace: true, Owner: who, Offset: from, Until: until})
	}
	in := func(from, until int64) (store.Upload, error) { return by("ann", from, until) }
	must := func(u store.Upload, err error) store.Upload {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	a, b := must(in(2, 4)), must(in(4, 7))
	for _, o := range [][2]int64{{0, 3}, {3, 5}, {2, 4}, {6, 10}, {0, 10}} {
		for _, who := range []string{"bob", ""} {
			_, err := by(who, o[0], o[1])
			wantErr(t, fmt.Sprint("of another: ", o), err, store.ErrBusy)
		}
		discard(t, must(in(o[0], o[1]))) // who owns both knows
	}
	for _, o := range [][2]int64{{8, 11}, {9, 0}} { // they may make it longer
		_, err := in(o[0], o[1])
		wantErr(t, fmt.Sprint("beside others: ", o), err, store.ErrBusy)
	}
	discard(t, must(by("bob", 7, 10)))
	_, err := s.Create(t.Context(), "/f", store.CreateOptions{Append: true})
	wantErr(t, "append beside others", err, store.ErrBusy)
	c := must(in(0, 2))
	write(t, b, "BBB")
	write(t, a, "AA")
	discard(t, a)
	d := must(in(2, 4))
	write(t, c, "CC")
	write(t, d, "DD")
	wantErr(t, "remove while it is written", s.Remove(t.Context(), "/f"), store.ErrBusy)
	commit(t, b)
	commit(t, c)
	commit(t, d)
	wantFile(t, s, "/f", "CCDDBBB789")
	commit(t, must(in(8, 12)))
	if err := s.Remove(t.Context(), "/f"); err != nil {
		t.Error(err)
	}
}

func ignoreEntry(_ proto.Entry, err error) error { return err }

// testTwoResumes: a part is adopted by one upload only.
func testTwoResumes(t *testing.T, s store.Store) {
	u := create(t, s, "/f", store.CreateOptions{Owner: "ann"})
	write(t, u, "0123456789")
	discard(t, u)
	one := create(t, s, "/f", store.CreateOptions{Owner: "ann", Offset: 10})
	_, err := s.Create(t.Context(), "/f", store.CreateOptions{Owner: "ann", Offset: 10})
	wantErr(t, "second resume", err, store.ErrOffset)
	two := create(t, s, "/f", store.CreateOptions{Owner: "ann", Append: true}) // begins anew
	three := create(t, s, "/f", store.CreateOptions{Owner: "ann"})
	write(t, one, "one")
	write(t, two, "two")
	write(t, three, "three")
	commit(t, three)
	wantFile(t, s, "/f", "three")
	commit(t, one)
	wantFile(t, s, "/f", "0123456789one")
	commit(t, two)
	wantFile(t, s, "/f", "two")
}

// testWriters: many write one name at once, some break; the file is always
// one writer's whole text. (servers.md T25)
func testWriters(t *testing.T, s store.Store) {
	const size, writers, rounds = 3000, 8, 6
	put(t, s, "/f", strings.Repeat("z", size))
	whole := func(text string) bool {
		return len(text) == size && strings.Count(text, text[:1]) == size
	}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for r := range rounds {
				u, err := s.Create(t.Context(), "/f", store.CreateOptions{Owner: "ann"})
				if err != nil {
					t.Error(err)
					return
				}
				text := strings.Repeat(string(rune('a'+w)), size)
				io.WriteString(u, text[:1000])
				if got := get(t, s, "/f"); !whole(got) {
					t.Errorf("torn: %d bytes", len(got))
				}
				if (w+r)%3 == 0 {
					err = u.Discard(t.Context())
				} else {
					io.WriteString(u, text[1000:])
					err = u.Commit(t.Context())
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := get(t, s, "/f"); !whole(got) {
		t.Errorf("torn: %d bytes", len(got))
	}
	if n := len(names(t, s, "/")); n != 1 {
		t.Errorf("%d names", n)
	}
}

func testHoles(t *testing.T, s store.Store) {
	const at = 1 << 20
	u := create(t, s, "/f", store.CreateOptions{})
	write(t, u, "head")
	if _, err := u.Seek(at, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	write(t, u, "tail")
	commit(t, u)
	f, err := s.Open(t.Context(), "/f")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.Seek(2, io.SeekStart)
	// However coarse the extents are, all that is not in one is zero.
	var extents [][2]int64
	for off := int64(0); ; {
		start, end, err := f.Extent(off)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || start < off || end <= start {
			t.Fatalf("extent(%d): %d, %d, %v", off, start, end, err)
		}
		extents = append(extents, [2]int64{start, end})
		off = end
	}
	if pos, err := f.Seek(0, io.SeekCurrent); pos != 2 || err != nil {
		t.Errorf("position moved to %d, %v", pos, err)
	}
	in := func(at int64) bool {
		for _, e := range extents {
			if at >= e[0] && at < e[1] {
				return true
			}
		}
		return false
	}
	for i, c := range []byte(get(t, s, "/f")) {
		if c != 0 && !in(int64(i)) {
			t.Fatalf("byte %d is in no extent of %v", i, extents)
		}
	}
}

func testInUse(t *testing.T, s store.Store) {
	ctx := t.Context()
	put(t, s, "/f", "x")
	f, err := s.Open(ctx, "/f")
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, "remove while it is read", s.Remove(ctx, "/f"), store.ErrBusy)
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	f.Close() // a second time must not count
	for _, o := range []store.CreateOptions{{}, {Append: true}, {Offset: 1}} {
		u := create(t, s, "/f", o)
		wantErr(t, "remove while it is written", s.Remove(ctx, "/f"), store.ErrBusy)
		discard(t, u)
	}
	u := create(t, s, "/f", store.CreateOptions{})
	put(t, s, "/f", "another's")
	wantErr(t, "remove of the name", s.Remove(ctx, "/f"), store.ErrBusy)
	discard(t, u)
	if err := s.Remove(ctx, "/f"); err != nil {
		t.Error(err)
	}
}
