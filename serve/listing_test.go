package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

func docs(w *world) {
	w.put("/docs/a.txt", "12345")
	w.put("/docs/b.csv", "1")
	w.put("/docs/.hidden", "")
	w.put("/docs/deep/c.txt", "123")
	w.put("/docs/deep/er/d.txt", "")
	w.put("/other/a.txt", "")
	w.put("/docs/-l", "")
}

// names are the last words of listing lines.
func names(listing string) []string {
	var all []string
	for line := range strings.SplitSeq(strings.TrimSuffix(listing, "\r\n"), "\r\n") {
		all = append(all, line[strings.LastIndexByte(line, ' ')+1:])
	}
	return all
}

func TestListAndNlst(t *testing.T) {
	inWorld(t, func(w *world) {
		docs(w)
		p := w.login("anna")
		p.do("CWD docs", 250)
		for _, c := range []struct {
			line string
			want string
		}{
			{"LIST", "-l .hidden a.txt b.csv deep"},
			{"LIST -a", "-l .hidden a.txt b.csv deep"},
			{"LIST -al", "-l .hidden a.txt b.csv deep"},
			{"LIST -la .", "-l .hidden a.txt b.csv deep"},
			{"LIST -a -l /docs/deep/", "c.txt er"},
			{"LIST a.txt", "a.txt"},
			{"LIST -d deep", "deep"},
			{"LIST *.txt", "a.txt"},
			{"LIST ./-l", "-l"},
			{"LIST -- -l", "-l"},
			{"LIST -l", "-l .hidden a.txt b.csv deep"},
			{"LIST -R deep", "c.txt er  deep/er: d.txt"},
			{"NLST", "-l .hidden a.txt b.csv deep"},
			{"NLST deep", "deep/c.txt deep/er"},
			{"NLST deep/", "deep/c.txt deep/er"},
			{"NLST /docs/deep", "/docs/deep/c.txt /docs/deep/er"},
			{"NLST /", "/docs /other"},
			{"NLST ..", "../docs ../other"},
			{"NLST a.txt", "a.txt"},
			{"NLST *", "-l a.txt b.csv deep"},
			{"NLST .*", ".hidden"},
			{"NLST *.[ct]*", "a.txt b.csv"},
			{"NLST *.none", ""},
			{"NLST /*/a.txt", "/docs/a.txt /other/a.txt"},
			{"NLST ../*/a.*", "../docs/a.txt ../other/a.txt"},
			{"NLST */*", "deep/c.txt deep/er"},
			{"NLST -l deep", "c.txt er"},
		} {
			got := strings.Join(names(p.fetch(c.line)), " ")
			if got != c.want {
				t.Errorf("%s: %q, want %q", c.line, got, c.want)
			}
		}
		for line, code := range map[string]proto.Code{
			"LIST none": 550, "NLST none": 550, "MLSD none": 550, "MLSD a.txt": 501, "MLST none": 550,
			"LIST -foo": 550, "LIST a\x01": 553,
		} {
			p.do("EPSV", 229)
			p.do(line, code)
		}
	})
}

func TestListIsLsForm(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "12345")
		_ = w.files.SetModTime(w.t.Context(), "/f", time.Date(1990, 12, 31, 23, 59, 0, 0, time.UTC))
		p := w.login("anna")
		got := p.fetch("LIST")
		if !strings.HasPrefix(got, "-rw") || !strings.HasSuffix(got, " 5 Dec 31  1990 f\r\n") {
			t.Errorf("LIST: %q", got)
		}
		p.do("TYPE I", 200)
		if again := p.fetch("LIST"); again != got {
			t.Errorf("in TYPE I: %q", again)
		}
		p.do("TYPE E", 200)
		if again := p.fetch("NLST"); again != "\x86\x15" {
			t.Errorf("in TYPE E: %q", again)
		}
		p.do("TYPE A", 200)
		p.do("STRU R", 200)
		if again := p.fetch("NLST"); again != "f\xff\x01\xff\x02" {
			t.Errorf("in STRU R: %q", again)
		}
	})
}

func TestMlsdAndMlst(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/d/f", "12345")
		_ = w.files.Mkdir(w.t.Context(), "/d/sub")
		when := time.Date(1999, 12, 31, 23, 59, 58, 0, time.UTC)
		_ = w.files.SetModTime(w.t.Context(), "/d/f", when)
		_ = w.files.SetModTime(w.t.Context(), "/d/sub", when)
		p := w.login("anna")
		p.do("OPTS MLST type;size;modify;perm;", 200)
		want := "type=file;size=5;modify=19991231235958;perm=adfrw; f\r\ntype=dir;modify=19991231235958;perm=cdeflmp; sub\r\n"
		if d := cmp.Diff(want, p.fetch("MLSD d")); d != "" {
			t.Error(d)
		}
		p.do("CWD d", 250)
		if d := cmp.Diff(want, p.fetch("MLSD")); d != "" {
			t.Error(d)
		}
		wantLines := []string{"Listing /d/f", " type=file;size=5;modify=19991231235958;perm=adfrw; /d/f", "End"}
		if d := cmp.Diff(wantLines, p.do("MLST f", 250).Lines); d != "" {
			t.Error(d)
		}
		if got := p.do("MDTM f", 213).Text(); got != "19991231235958" {
			t.Errorf("MDTM: %s", got)
		}
		if got := p.do("MFMT 20200102030405 f", 213).Text(); got != "Modify=20200102030405; /d/f" {
			t.Errorf("MFMT: %s", got)
		}
		p.do("MDTM 20210102030405 f", 213)
		if got := p.do("MDTM f", 213).Text(); got != "20210102030405" {
			t.Errorf("MDTM after MDTM: %s", got)
		}
		w.put("/d/20210102030405 f", "") // a name that only looks like it
		p.do("MDTM 20210102030405 f", 213)
		p.do("SITE CHMOD 640 f", 200)
		p.do("OPTS MLST UNIX.mode", 200)
		if got := p.do("MLST f", 250).Lines[1]; got != " UNIX.mode=0640; /d/f" {
			t.Errorf("mode: %q", got)
		}
		p.do("OPTS MLST", 200)
		if got := p.do("MLST f", 250).Lines[1]; got != "  /d/f" {
			t.Errorf("no facts: %q", got)
		}
	})
}

func TestStat(t *testing.T) {
	inWorld(t, func(w *world) {
		docs(w)
		p := w.login("anna")
		if got := p.do("STAT", 211).String(); !strings.Contains(got, "From 10.0.0.2:") || !strings.Contains(got, "TYPE A, STRU F, MODE S") {
			t.Errorf("STAT: %s", got)
		}
		r := p.do("STAT docs", 212)
		if got := names(strings.Join(r.Lines[1:len(r.Lines)-1], "\r\n")); len(got) != 5 || got[2] != "a.txt" {
			t.Errorf("STAT docs: %s", r)
		}
		p.do("STAT -la docs", 212)
		p.do("STAT docs/a.txt", 213)
		if r := p.do("STAT docs/*.txt", 212); len(r.Lines) != 3 {
			t.Errorf("STAT of a pattern: %s", r)
		}
		p.do("STAT none", 550)
	})
}

func TestSizeCountsWhatIsSent(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "a\nb\nc")
		p := w.login("anna")
		if got := p.do("SIZE f", 213).Text(); got != "7" {
			t.Errorf("TYPE A: %s", got)
		}
		p.do("TYPE I", 200)
		if got := p.do("SIZE f", 213).Text(); got != "5" {
			t.Errorf("TYPE I: %s", got)
		}
		p.do("TYPE A", 200)
		w.put("/big", strings.Repeat("x", maxCount+1))
		p.do("SIZE big", 550)
	})
}

// discard takes a listing that nobody reads.
type discard struct{ io.Writer }

func (discard) Flush() error { return nil }

// endless is a store with one directory that never ends, and one that fails.
type endless struct{ store.Store }

func (endless) Stat(_ context.Context, name string) (proto.Entry, error) {
	if strings.Contains(name, "*") {
		return proto.Entry{}, fs.ErrNotExist
	}
	return proto.Entry{Name: name, Kind: proto.Directory}, nil
}

func (endless) List(_ context.Context, name string) iter.Seq2[proto.Entry, error] {
	return func(yield func(proto.Entry, error) bool) {
		for i := 0; ; i++ {
			if i == 3 && strings.HasPrefix(name, "/bad") {
				yield(proto.Entry{}, errors.New("disk on fire"))
				return
			}
			if !yield(proto.Entry{Name: fmt.Sprint("n", i), Kind: proto.Directory}, nil) {
				return
			}
		}
	}
}

// A listing that was cut or failed never says 226.
func TestListingBounds(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.passive()
		p.do("LIST /bad", 150)
		p.expect(451)
		p.do("STAT /", 550)
	}, endlessStore)
	for _, a := range []listArg{{path: "/", recursive: true}, {path: "/n*"}, {path: "/*/*"}} {
		for _, left := range []int{0, 1, 10, 1000} {
			l := &listing{store: endless{}, cwd: "/", arg: a, line: nameLine, left: left, out: discard{io.Discard}}
			if err := l.run(t.Context()); err != nil || l.cut == nil {
				t.Errorf("%v with %d entries: %v, cut: %v", a, left, err, l.cut)
			}
		}
	}
}

func endlessStore(c *Config) {
	inner := c.Open
	c.Open = func(ctx context.Context, who users.Record) (store.Store, error) {
		st, err := inner(ctx, who)
		return endless{st}, err
	}
}

// LIST -R ends at a depth, and says that it did.
func TestListingDepth(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put(strings.Repeat("/d", maxDepth+2)+"/f", "")
		p := w.login("anna")
		nc := p.passive()
		p.do("LIST -R", 150)
		p.expect(426)
		b, err := io.ReadAll(nc)
		if n := strings.Count(string(b), ":\r\n"); n != maxDepth || err != nil {
			t.Errorf("%d directories deep, %v", n, err)
		}
	})
}

// The first entries of a long listing are on their way at once.
func TestListingStreams(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		nc := p.passive()
		p.do("LIST", 150)
		synctest.Wait()
		buf := make([]byte, 1000)
		if _, err := io.ReadFull(nc, buf); err != nil {
			t.Fatal(err)
		}
		p.send("ABOR")
		p.expect(426)
		p.expect(226)
	}, endlessStore)
}

func FuzzListArg(f *testing.F) {
	for _, s := range []string{"", "-la", "-la x", "-- -x", "-R -a  y z", "-", "--", "-foo", "a -l", "-l\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		a := parseListArg(arg)
		if !strings.HasSuffix(arg, a.path) {
			t.Fatalf("parseListArg(%q) found path %q", arg, a.path)
		}
	})
}

func FuzzGlob(f *testing.F) {
	for _, s := range []string{"*", "/*/*", "a*a*a*a*b", "[", "[a-", "../*/../*", "{a,b}*", "**", `\`, "*/"} {
		f.Add(s)
	}
	w := store.NewMem()
	for _, d := range []string{"/a", "/a/b", "/a/b/c", "/" + strings.Repeat("a", 100)} {
		_ = w.Mkdir(context.Background(), d)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		l := &listing{store: w, cwd: "/a", arg: listArg{path: pattern}, line: nameLine, left: maxWalk, out: discard{io.Discard}}
		_ = l.run(context.Background())
		if l.left < maxWalk-100 {
			t.Fatalf("%q looked at %d entries", pattern, maxWalk-l.left)
		}
	})
}
