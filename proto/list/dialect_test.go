package list

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/proto"

	"github.com/google/go-cmp/cmp"
)

func TestMLSx(t *testing.T) {
	when := time.Date(2026, 11, 22, 13, 0, 15, 0, time.UTC)
	runEntries(t, Options{}, []entryTest{
		{"type=file;size=12;modify=20261122130015; a b ", plain(proto.RegularFile, "a b ", 12, when, time.Second)},
		{"Type=cdir;Modify=20261122130015; /pub", plain(proto.CurrentDir, "/pub", proto.NoSize, when, time.Second)},
		{"Type=pdir;Modify=20261122130015; ..", plain(proto.ParentDir, "..", proto.NoSize, when, time.Second)},
	})
	refused(t, Options{Format: MLSx}, "type=file;size=12; a/b", "type=file;size=-1; a", "type=file;size=12; ..", "type=file;modify=2026; a", "a b", "type=file a", "type=file;size=1;")
}

func TestNames(t *testing.T) {
	o := Options{Format: Names}
	runEntries(t, o, []entryTest{
		{"a.txt", proto.Entry{Name: "a.txt", Size: proto.NoSize}},
		{" two  words ", proto.Entry{Name: " two  words ", Size: proto.NoSize}},
		{"./a.txt", proto.Entry{Name: "a.txt", Size: proto.NoSize}},
	})
	refused(t, o, "..", ".", "/etc/passwd", "sub/x", "a\x00b")
}

// A format is only left by the end of the listing.
func TestMixture(t *testing.T) {
	const (
		unix = "-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 a.txt"
		dos  = "11-22-26  01:00PM                 1234 a b.txt"
		mlsx = "type=file;size=12;modify=20261122130015; a"
		vms  = "A.B;1  2  22-NOV-2026 13:00"
		eplf = "+r,s1,\ta"
	)
	all := []string{unix, dos, mlsx, vms, eplf}
	for i, first := range all {
		p := NewParser(Options{Now: noon})
		if p.Line("Welcome to our server!"); p.Format() != Auto {
			t.Errorf("a banner decided: %v", p.Format())
		}
		if l, _ := p.Line(first); l.Verdict != Understood {
			t.Errorf("%q: %+v", first, l)
		}
		if want := []Format{Unix, DOS, MLSx, VMS, EPLF}[i]; p.Format() != want {
			t.Errorf("%q: format %v, want %v", first, p.Format(), want)
		}
		for j, text := range all {
			want := Unknown
			if i == j {
				want = Understood
			}
			if l, _ := p.Line(text); l.Verdict != want {
				t.Errorf("%q after %q: %+v", text, first, l)
			}
		}
	}
}

func TestHints(t *testing.T) {
	for system, want := range map[string]Format{
		"UNIX Type: L8": MLSx, "": MLSx, "Windows_NT": DOS, "VMS OpenVMS V8.4": VMS, "OS/2": OS2,
		"MVS is the operating system of this server. FTP Server is running on z/OS.": MVS,
		"OS/400 is the remote operating system.":                                     AS400,
	} {
		p := NewParser(Options{System: system})
		if want == MLSx {
			want = Unix
		}
		if got := p.order[0].format; got != want {
			t.Errorf("%q: %v first, want %v", system, got, want)
		}
		if len(p.order) != len(dialects()) {
			t.Errorf("%q: %d formats", system, len(p.order))
		}
		seen := map[Format]bool{}
		for _, d := range p.order {
			seen[d.format] = true
		}
		if len(seen) != len(p.order) {
			t.Errorf("%q: a format was lost", system)
		}
	}
}

func TestKnownFormat(t *testing.T) {
	for _, d := range dialects() {
		if got := NewParser(Options{Format: d.format}).Format(); got != d.format {
			t.Errorf("told %v, got %v", d.format, got)
		}
	}
	if got := NewParser(Options{}).Format(); got != Auto {
		t.Errorf("told nothing, got %v", got)
	}
}

// Whole listings, as files: lines of the listing, then "---", then what each
// line must become.
func TestListings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.listing")
	if err != nil || len(files) == 0 {
		t.Fatal("no listings", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in, want, _ := strings.Cut(string(b), "---\n")
			var got strings.Builder
			o := Options{Now: noon, Recursive: strings.HasPrefix(filepath.Base(file), "recursive")}
			for l, err := range Read(strings.NewReader(in), o) {
				if err != nil {
					t.Fatal(err)
				}
				got.WriteString(summary(l))
			}
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func summary(l Line) string {
	if l.Verdict != Understood {
		return l.Verdict.String() + "\n"
	}
	kind := [...]string{"unknown", "file", "dir", "link", "cdir", "pdir", "special"}[l.Entry.Kind]
	line := string(proto.AppendFacts([]byte(kind+" "), l.Entry, []proto.Fact{proto.FactSize, proto.FactModify, proto.FactMode}))
	if l.Entry.Target != "" {
		line += " -> " + l.Entry.Target
	}
	if l.Dir != "" {
		line += " in " + l.Dir
	}
	return line + "\n"
}
