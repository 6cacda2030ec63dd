package list

import (
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"ferry/proto"

	"github.com/google/go-cmp/cmp"
)

func TestAppendUnix(t *testing.T) {
	type test struct {
		e    proto.Entry
		want string
	}
	mode := func(k proto.Kind, m fs.FileMode) proto.Entry {
		return proto.Entry{Name: "x", Kind: k, Mode: m, HasMode: true, Modify: noon}
	}
	for _, tt := range []test{
		{proto.Entry{Name: "a.txt", Kind: proto.RegularFile, Size: 1234, Modify: at(2026, 11, 2, 9, 5), Mode: 0o640, HasMode: true, Owner: "anna", Group: "staff", Links: 2},
			"-rw-r-----    2 anna     staff            1234 Nov  2 09:05 a.txt"},
		{proto.Entry{Name: " a  b ", Kind: proto.Directory, Size: proto.NoSize, Modify: at(2025, 11, 22, 9, 5)},
			"drwxr-xr-x    1 ftp      ftp                 0 Nov 22  2025  a  b "},
		{proto.Entry{Name: "cur", Kind: proto.Symlink, Target: "v 1", Size: 3, Mode: 0o777, HasMode: true, Owner: "Domain Users", Group: "\n", Modify: noon.In(time.FixedZone("", 7200))},
			"lrwxrwxrwx    1 Domain_Users _                   3 Nov 22 13:00 cur -> v 1"},
		{proto.Entry{Name: "x"}, "-rw-r--r--    1 ftp      ftp                 0 Jan  1  1970 x"},
		{mode(proto.RegularFile, 0o755|fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky), "-rwsr-sr-t    1 ftp      ftp                 0 Nov 22 13:00 x"},
		{mode(proto.RegularFile, fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky), "---S--S--T    1 ftp      ftp                 0 Nov 22 13:00 x"},
		{mode(proto.Special, fs.ModeDevice|0o600), "brw-------    1 ftp      ftp                 0 Nov 22 13:00 x"},
		{mode(proto.Special, fs.ModeDevice|fs.ModeCharDevice|0o600), "crw-------    1 ftp      ftp                 0 Nov 22 13:00 x"},
		{mode(proto.Special, fs.ModeSocket|0o600), "srw-------    1 ftp      ftp                 0 Nov 22 13:00 x"},
		{mode(proto.Special, fs.ModeNamedPipe|0o600), "prw-------    1 ftp      ftp                 0 Nov 22 13:00 x"},
	} {
		if got := string(AppendUnix(nil, tt.e, noon)); got != tt.want {
			t.Errorf("\n got %q\nwant %q", got, tt.want)
		}
	}
}

func TestYearOrHour(t *testing.T) {
	for _, tt := range []struct {
		modify time.Time
		want   string
	}{
		{noon, "Nov 22 13:00"},
		{noon.Add(time.Minute), "Nov 22 13:01"},
		{noon.Add(time.Minute + 1), "Nov 22  2026"},
		{noon.Add(-15778476 * time.Second), "May 23 22:05"},
		{noon.Add(-15778477 * time.Second), "May 23  2026"},
		{time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC), "Jan  1  1970"},
		{time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), "Jan  1  1970"},
		{time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC), "Jan  1  1601"},
		{time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), "Dec 31  9999"},
	} {
		if got := string(appendDate(nil, tt.modify, noon)); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.modify, got, tt.want)
		}
	}
}

func TestNamesThatBreakLines(t *testing.T) {
	for name, want := range map[string]string{
		"a\r\n-rw-r--r-- 1 x x 1 Nov 22 13:00 b": "a??-rw-r--r-- 1 x x 1 Nov 22 13:00 b",
		"a\x00b":                                 "a?b", "\x1b[2J": "?[2J", "a\x7f": "a?",
	} {
		e := proto.Entry{Name: name, Target: name, Kind: proto.Symlink, Owner: name, Group: name}
		lines := []string{
			string(AppendUnix(nil, e, noon)), string(AppendName(nil, name)), string(AppendHeading(nil, name)),
			string(AppendFacts(nil, e, proto.Facts())),
		}
		for _, line := range lines {
			if strings.ContainsAny(line, "\r\n\x00\x1b\x7f") || !strings.Contains(line, want) {
				t.Errorf("%q became %q", name, line)
			}
		}
		if Exact(name) {
			t.Errorf("Exact(%q)", name)
		}
	}
	for _, name := range []string{"a", "tab\there", "\xff\xfe", " ", "ä", "-", `a"b`} {
		if got := string(AppendName([]byte("x"), name)); !Exact(name) || got != "x"+name {
			t.Errorf("%q is not exact: %q", name, got)
		}
	}
	if Exact("") {
		t.Error(`Exact("")`)
	}
}

// Whatever the writer is given, the parser reads what the line could tell.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		e := randomEntry(r)
		line := string(AppendUnix(nil, e, noon))
		if diff := cmp.Diff(told(e), one(t, line)); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", line, diff)
		}
	}
}

func TestRoundTripFacts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		e := randomEntry(r)
		line := string(AppendFacts(nil, e, proto.Facts()))
		got := one(t, line)
		want := e
		want.Links, want.Target, want.Precision, want.Mode = 0, "", time.Second, e.Mode.Perm()
		want.Modify = e.Modify.UTC().Truncate(time.Second)
		if e.Kind == proto.Directory {
			want.Size = proto.NoSize
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", line, diff)
		}
	}
}

func randomEntry(r *rand.Rand) proto.Entry {
	word := func() string { return []string{"ftp", "0", "anna", "1000", "www-data", "verylongname"}[r.IntN(6)] }
	kinds := []proto.Kind{proto.RegularFile, proto.Directory, proto.Symlink, proto.Special}
	e := proto.Entry{
		Name: randomName(r), Kind: kinds[r.IntN(len(kinds))], Size: r.Int64N(1 << r.IntN(62)), HasMode: true,
		Mode: fs.FileMode(r.IntN(0o1000)), Owner: word(), Group: word(), Links: 1 + r.IntN(300),
		Modify: time.Unix(r.Int64N(5e9), 0).UTC(),
	}
	if r.IntN(2) == 0 {
		e.Modify = noon.Add(-time.Duration(r.Int64N(int64(recent))))
	}
	for _, bit := range []fs.FileMode{fs.ModeSetuid, fs.ModeSetgid, fs.ModeSticky} {
		if r.IntN(8) == 0 {
			e.Mode |= bit
		}
	}
	if e.Kind == proto.Symlink {
		e.Target = "to/" + randomName(r)
		e.Size = int64(len(e.Target))
	}
	return e
}

func randomName(r *rand.Rand) string {
	parts := []string{" ", "a", "B", "1", ".", "-", "ä", "\xff", "->", " -> ", "\t", ";", "=", "[", "*", `"`, `\`, "Nov 22 13:00", "  "}
	name := ""
	for range 1 + r.IntN(8) {
		name += parts[r.IntN(len(parts))]
	}
	if name == "." || name == ".." {
		return "x"
	}
	return name
}

// told is what a Unix line can say of an entry.
func told(e proto.Entry) proto.Entry {
	if e.Kind == proto.Directory || e.Kind == proto.Special {
		e.Size = proto.NoSize
	}
	e.Modify, e.Precision = e.Modify.Truncate(time.Minute), time.Minute
	if age := noon.Sub(e.Modify); age > recent || age < -ahead {
		e.Modify, e.Precision = e.Modify.Truncate(24*time.Hour), 24*time.Hour
	}
	return e
}

func TestAppendAllocates(t *testing.T) {
	e := benchEntry()
	b := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { b = AppendUnix(b[:0], e, noon) }); n != 0 {
		t.Errorf("AppendUnix: %v allocations a line", n)
	}
}

func benchEntry() proto.Entry {
	return proto.Entry{Name: "report-2026-11-22.csv", Kind: proto.RegularFile, Size: 1234567, Modify: noon.Add(-time.Hour),
		Mode: 0o644, HasMode: true, Owner: "anna", Group: "staff", Links: 1}
}

func BenchmarkAppendUnix(b *testing.B) {
	e, line := benchEntry(), make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		line = AppendUnix(line[:0], e, noon)
	}
	b.SetBytes(int64(len(line)))
}

func BenchmarkAppendFacts(b *testing.B) {
	e, line, want := benchEntry(), make([]byte, 0, 4096), proto.Facts()
	b.ReportAllocs()
	for b.Loop() {
		line = AppendFacts(line[:0], e, want)
	}
	b.SetBytes(int64(len(line)))
}

func BenchmarkParseUnix(b *testing.B) {
	line := string(AppendUnix(nil, benchEntry(), noon))
	p := NewParser(Options{Now: noon})
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		p.Line(line)
	}
}
