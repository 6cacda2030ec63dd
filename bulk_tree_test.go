package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/script/bulk"
)

// Whole trees, compared and made alike.

// plant writes files below a directory: name, content, name, content.
func (r *rig) plant(dir string, files ...string) {
	r.t.Helper()
	for i := 0; i < len(files); i += 2 {
		name := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			r.t.Fatal(err)
		}
		r.write(name, files[i+1])
	}
}

// tree is what is below a directory, names and contents.
func (r *rig) tree(dir string) string {
	var b strings.Builder
	_ = filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, name)
		switch {
		case err != nil:
			r.t.Error(err)
		case rel == ".":
		case d.IsDir():
			b.WriteString(rel + "/ ")
		default:
			b.WriteString(rel + "=" + r.read(name) + " ")
		}
		return nil
	})
	return strings.TrimSpace(b.String())
}

func mirrored(o bulk.Options) bulk.Options {
	o.Recursive, o.Existing, o.Extra = bulk.Trees, bulk.NewerOrSize, bulk.DeleteExtra
	return o
}

func TestMirrorMakesTreesAlike(t *testing.T) {
	for _, up := range []bool{false, true} {
		r := newRig(t)
		src, dst := r.there("t"), r.here("t")
		do := r.get
		if up {
			src, dst, do = dst, src, r.put
		}
		r.plant(src, "a", "1", "d/b", "2", "d/e/c", "3", "f/same", "4")
		r.plant(dst, "a", "old and longer", "gone", "x", "d/gone/deep", "y", "f/same", "4")
		now := time.Now()
		_ = os.Chtimes(filepath.Join(src, "f/same"), now, now.Add(-time.Hour))
		report, err := do(mirrored(bulk.Options{}), "t")
		if err != nil {
			t.Fatal(err)
		}
		if want := "a=1 d/ d/b=2 d/e/ d/e/c=3 f/ f/same=4"; r.tree(dst) != want {
			t.Errorf("up %v: %s\nwant %s", up, r.tree(dst), want)
		}
		if report.Done != 3 || report.Deleted != 3 || report.Skipped != 1 {
			t.Errorf("up %v: %+v", up, report)
		}
		report, err = do(mirrored(bulk.Options{}), "t")
		if err != nil || report.Done+report.Deleted != 0 {
			t.Errorf("up %v: a second time something was done: %v %+v", up, err, report)
		}
	}
}

// What a filter leaves out of the source stays at the target.
func TestFiltersProtectFromDeletion(t *testing.T) {
	r := newRig(t)
	r.plant(r.here("t"), "a.txt", "1", "b.tmp", "2", "cache/x", "3", "d/keep.txt", "4", ".hidden", "5")
	r.plant(r.there("t"), "old.tmp", "o", "cache/y", "o", "old.txt", "o", "gone/z.tmp", "o", "gone/z.txt", "o")
	o := mirrored(bulk.Options{Filter: bulk.Filter{Exclude: []string{"*.tmp", "cache/"}, NoHidden: true}})
	o.MaxDelete.Count = 100
	if _, err := r.put(o, "t"); err != nil {
		t.Fatal(err)
	}
	if want := "a.txt=1 cache/ cache/y=o d/ d/keep.txt=4 gone/ gone/z.tmp=o old.tmp=o"; r.tree(r.there("t")) != want {
		t.Errorf("%s\nwant %s", r.tree(r.there("t")), want)
	}
}

func TestFilterBounds(t *testing.T) {
	r := newRig(t)
	r.plant(r.there("t"), "small", "1", "large", strings.Repeat("x", 100), "old", "12345", "d/in.csv", "12345", "in.csv", "12345")
	past := time.Now().Add(-48 * time.Hour)
	_ = os.Chtimes(filepath.Join(r.there("t"), "old"), past, past)
	for name, c := range map[string]struct {
		f    bulk.Filter
		want string
	}{
		"size":    {bulk.Filter{MinSize: 2, MaxSize: 50}, "d/ d/in.csv=12345 in.csv=12345 old=12345"},
		"age":     {bulk.Filter{Before: time.Now().Add(-time.Hour)}, "d/ old=12345"},
		"youth":   {bulk.Filter{After: time.Now().Add(-time.Hour), MinSize: 2, MaxSize: 50}, "d/ d/in.csv=12345 in.csv=12345"},
		"include": {bulk.Filter{Include: []string{"*.csv"}}, "d/ d/in.csv=12345 in.csv=12345"},
		"path":    {bulk.Filter{Include: []string{"d/*.csv"}}, "d/ d/in.csv=12345"},
	} {
		_ = os.RemoveAll(r.here("t"))
		if _, err := r.get(mirrored(bulk.Options{Filter: c.f}), "t"); err != nil {
			t.Fatal(name, err)
		}
		if got := r.tree(r.here("t")); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
	for _, bad := range []string{"", "/", "[", "a[b"} {
		_, err := r.get(mirrored(bulk.Options{Filter: bulk.Filter{Exclude: []string{bad}}}), "t")
		var wrong *bulk.PatternError
		if !errors.As(err, &wrong) {
			t.Errorf("pattern %q was taken: %v", bad, err)
		}
	}
}

// More deletions than allowed: nothing at all is done.
func TestDeletionsHaveACeiling(t *testing.T) {
	r := newRig(t)
	r.plant(r.here("t"), "new", "1")
	for i := range 20 {
		r.plant(r.there("t"), "f"+string(rune('a'+i)), "x")
	}
	for name, c := range map[string]bulk.Ceiling{"half by default": {}, "a number": {Count: 19}, "a part": {Percent: 90}} {
		if name == "a part" {
			r.plant(r.there("t"), "new", "2")
		}
		_, err := r.put(mirrored(bulk.Options{MaxDelete: c}), "t")
		var many *bulk.DeleteError
		if !errors.As(err, &many) {
			t.Errorf("%s: %v", name, err)
		}
		if name != "a part" && strings.Contains(r.tree(r.there("t")), "new") {
			t.Errorf("%s: something was done all the same", name)
		}
		_ = os.Remove(filepath.Join(r.there("t"), "new"))
	}
	if _, err := r.put(mirrored(bulk.Options{MaxDelete: bulk.Ceiling{Count: 20}}), "t"); err != nil || r.tree(r.there("t")) != "new=1" {
		t.Errorf("%v: %s", err, r.tree(r.there("t")))
	}
}

// A small tree may lose more than half by default, and never more than was asked.
func TestDeletionsInASmallTree(t *testing.T) {
	for _, c := range []struct {
		most    bulk.Ceiling
		refused bool
	}{{bulk.Ceiling{Percent: 20}, true}, {bulk.Ceiling{Percent: 80}, false}, {bulk.Ceiling{}, false}} {
		r := newRig(t)
		r.plant(r.here("t"), "a", "1")
		for _, name := range []string{"a", "b", "c", "d"} {
			r.plant(r.there("t"), name, "1")
		}
		_, err := r.put(mirrored(bulk.Options{MaxDelete: c.most}), "t")
		if kept := strings.Contains(r.tree(r.there("t")), "b=1"); kept != c.refused || (err != nil) != c.refused {
			t.Errorf("%+v: %s, %v", c.most, r.tree(r.there("t")), err)
		}
	}
}

// Nothing is deleted when not all of the source could be read.
func TestUnreadableSourceDeletesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("paths there have no such bound")
	}
	r := newRig(t)
	r.plant(r.here("t"), "a", "1", "secret/b", "2")
	r.plant(r.there("t"), "extra", "x", "secret/b", "2")
	tooDeep(t, filepath.Join(r.here("t"), "secret"))
	o := mirrored(bulk.Options{})
	o.OnError = bulk.Continue
	if _, err := r.put(o, "t"); err == nil {
		t.Error("no failure")
	}
	for name, want := range map[string]string{"extra": "x", "secret/b": "2", "a": "1"} {
		if got, err := os.ReadFile(filepath.Join(r.there("t"), name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if len(r.notices) == 0 || !strings.Contains(r.notices[0], "nothing is deleted") {
		t.Errorf("not told: %q", r.notices)
	}
}

// A name that no server can be told is refused before its bytes are sent under
// another one; what stands beside it arrives.
func TestUnsendableNames(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no file there has such a name")
	}
	r := newRig(t)
	r.plant(r.here("t"), "a", "1", "line\nend", "22", "dir\rend/x", "333")
	o := mirrored(bulk.Options{})
	o.OnError = bulk.Continue
	report, err := r.put(o, "t")
	var syntax *proto.SyntaxError
	if !errors.As(err, &syntax) || report.Done != 1 || report.Failed != 2 || report.Bytes != 1 {
		t.Errorf("%v, %+v", err, report)
	}
	if got := r.tree(r.there("t")); got != "a=1" {
		t.Errorf("%q", got)
	}
	if _, err := r.put(bulk.Options{}, "t/line\nend"); !errors.As(err, &syntax) {
		t.Error(err)
	}
}

// tooDeep makes directories below dir whose path is longer than the system
// takes, so that not even root can read them by name.
func tooDeep(t *testing.T, dir string) {
	t.Helper()
	const name, longest = 250, 4096
	at, err := os.OpenRoot(dir)
	for length := len(dir); err == nil && length < longest; length += name + 1 {
		below := strings.Repeat("d", min(name, longest-length))
		var next *os.Root
		if err = at.Mkdir(below, 0o700); err == nil {
			next, err = at.OpenRoot(below)
		}
		_ = at.Close()
		at = next
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = at.Close()
}

func TestChecksumComparesContents(t *testing.T) {
	r := newRig(t)
	r.plant(r.here("t"), "a", "12345", "b", "12345")
	r.plant(r.there("t"), "a", "54321", "b", "12345")
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	_ = os.Chtimes(filepath.Join(r.here("t"), "a"), old, old)
	_ = os.Chtimes(filepath.Join(r.here("t"), "b"), old, old)
	o := mirrored(bulk.Options{})
	o.Existing = bulk.Checksum
	report, err := r.put(o, "t")
	if err != nil || report.Done != 1 || report.Skipped != 1 {
		t.Errorf("%v: %+v", err, report)
	}
	if got := r.tree(r.there("t")); got != "a=12345 b=12345" {
		t.Error(got)
	}
	if info, _ := os.Stat(filepath.Join(r.there("t"), "b")); !info.ModTime().Equal(old) {
		t.Errorf("the time was not set: %v, want %v", info.ModTime(), old)
	}
}

// A directory where a file should be, and the other way round.
func TestMirrorReplacesOtherKinds(t *testing.T) {
	for _, up := range []bool{false, true} {
		r := newRig(t)
		src, dst, do := r.there("t"), r.here("t"), r.get
		if up {
			src, dst, do = dst, src, r.put
		}
		r.plant(src, "x", "file", "y/in", "dir")
		r.plant(dst, "x/in", "dir", "y", "file")
		if _, err := do(mirrored(bulk.Options{}), "t"); err != nil {
			t.Fatal(err)
		}
		if got := r.tree(dst); got != "x=file y/ y/in=dir" {
			t.Errorf("up %v: %s", up, got)
		}
	}
}

func TestPlanTellsWhatItWillDo(t *testing.T) {
	r := newRig(t)
	r.plant(r.there("t"), "a", "1", "d/b", "22", "same", "3")
	r.plant(r.here("t"), "a", "other", "extra", "x", "same", "3")
	e := r.engine(mirrored(bulk.Options{}))
	p, err := e.PlanDownload(t.Context(), []bulk.Item{{Local: r.here("t"), Remote: "/t"}})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := p.Text(&text); err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(`replace  /t/a -> HERE/a (1 byte)
mkdir    HERE/d
send     /t/d/b -> HERE/d/b (2 bytes)
delete   HERE/extra
2 files, 3 bytes, 1 directory, 1 deletion, 1 skipped
`, "HERE", r.here("t"))
	if text.String() != want {
		t.Errorf("%s\nwant\n%s", text.String(), want)
	}
	if got := r.tree(r.here("t")); got != "a=other extra=x same=3" {
		t.Errorf("a plan has done something: %s", got)
	}
}

// All names at once, or none.
func TestPublishTogether(t *testing.T) {
	r := newRig(t)
	r.plant(r.here("t"), "a", "1", "b", "2", "c", "3")
	r.plant(r.there("t"), "a", "old")
	o := bulk.Options{Recursive: bulk.Trees, Publish: bulk.Together}
	if _, err := r.put(o, "t"); err != nil {
		t.Fatal(err)
	}
	if got := r.tree(r.there("t")); got != "a=1 b=2 c=3" {
		t.Error(got)
	}
	r.plant(r.here("t"), "a", "new", "b", "new")
	_ = os.Remove(filepath.Join(r.there("t"), "c"))
	if err := os.Mkdir(filepath.Join(r.there("t"), "c"), 0o777); err != nil { // c can't be
		t.Fatal(err)
	}
	o.OnError = bulk.Continue
	report, err := r.put(o, "t")
	if err == nil || report.Done != 0 || report.Failed != 3 {
		t.Errorf("%v: %+v", err, report)
	}
	if got := r.tree(r.there("t")); !strings.HasSuffix(got, " a=1 b=2 c/") {
		t.Errorf("some were published: %s", got)
	}
}

// What an upload left behind days ago goes when its directory is next looked at.
func TestStaleTemporariesAreSwept(t *testing.T) {
	r := newRig(t)
	r.plant(r.here("t"), "a", "1")
	r.plant(r.there("t"), ".ferry-0123456789abcdef.tmp", "half", ".ferry-fedcba9876543210.tmp", "half of today")
	old := time.Now().Add(-100 * time.Hour)
	_ = os.Chtimes(filepath.Join(r.there("t"), ".ferry-0123456789abcdef.tmp"), old, old)
	if _, err := r.put(bulk.Options{Recursive: bulk.Trees}, "t"); err != nil {
		t.Fatal(err)
	}
	if got := r.tree(r.there("t")); got != ".ferry-fedcba9876543210.tmp=half of today a=1" {
		t.Error(got)
	}
	_ = os.RemoveAll(r.here("t"))
	if _, err := r.get(mirrored(bulk.Options{}), "t"); err != nil || r.tree(r.here("t")) != "a=1" {
		t.Errorf("%v: %s", err, r.tree(r.here("t")))
	}
}
