package serve

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/store"
)

// RFC 959 §4.1.1, §4.1.3 and appendix II.
func TestDirectoryCommands(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "x")
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.replies([][2]string{
			{"MKD d", `257 "/d" created.`},
			{"MKD /d", `521 *`},
			{"MKD d/e", `257 "/d/e" created.`},
			{"CWD d/e", "250 *"},
			{"MKD ../g", `257 "/d/g" created.`},
			{"CWD /d/g", "250 *"}, // as told, from anywhere
			{"CDUP", `250 "/d" *`},
			{"PWD", `257 "/d" *`},
			{"CDUP", `250 "/" *`},
			{"CDUP", `250 "/" *`},
			{"CWD f", "550 *"},
			{"RMD f", "550 *"},
			{"RMD d", "550 *"}, // not empty
			{"RMD d/g/", "250 *"},
			{"RMD /d/e", "250 *"},
			{"DELE d", "550 *"},
			{"RMD d", "250 *"},
		}...)
		if got := p.do("STAT", 211).Lines; !slices.Contains(got, "TYPE I, STRU F, MODE S") {
			t.Errorf("the parameters have changed: %q", got)
		}
	})
}

// Names are bytes: blanks at both ends, quotes, what is not UTF-8, what looks
// like an option or a pattern. RFC 2640 §2.2 and RFC 3659 §2.2.
func TestNamesAreBytes(t *testing.T) {
	for _, name := range []string{" a", "a ", "a  b", `q"uo""te`, "-l", "*", "[x]", "ä\u0301 œ 漢 🙂", "\xe4\xff\xfe", "\xff\xf4", "\\", "a\tb", "C:", "~", "%n", "a;b=c; d"} {
		t.Run(fmt.Sprintf("%q", name), func(t *testing.T) {
			inWorld(t, func(w *world) {
				if strings.Contains(name, "\t") {
					p := w.login("anna")
					p.do("MKD "+name, 553) // control characters stop at the door
					return
				}
				wire := strings.ReplaceAll(name, "\xff", "\xff\xff") // RFC 854
				p := w.login("anna")
				p.do("TYPE I", 200)
				p.do("MKD "+wire, 257)
				p.do("CWD "+wire, 250)
				if got, ok := proto.Unquote(p.do("PWD", 257).Text()); !ok || got != "/"+name {
					t.Errorf("PWD: %q", got)
				}
				p.store("STOR "+wire, "content")
				if got := w.get("/" + name + "/" + name); got != "content" {
					t.Errorf("stored %q", got)
				}
				if got := p.fetch("MLSD"); !strings.HasSuffix(got, "; "+name+"\r\n") {
					t.Errorf("MLSD: %q", got)
				}
				if got := p.fetch("NLST"); got != name+"\r\n" {
					t.Errorf("NLST: %q", got)
				}
				p.do("DELE "+wire, 250)
				p.do("RMD /"+wire, 250)
			})
		})
	}
}

// RFC 1123 §4.1.2.7: each line of NLST is an argument for RETR.
func TestNlstNamesCanBeUsed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/d/a", "a")
		w.put("/d/e/b", "b")
		w.put("/c", "c")
		p := w.login("anna")
		for _, arg := range []string{"", " d", " /d", " d/", " d/*", " /d/e", " *", " c", " d/a", " /d/e/b"} {
			lines := strings.Fields(p.fetch("NLST" + arg))
			if len(lines) == 0 {
				t.Errorf("NLST%s: nothing", arg)
			}
			for _, name := range lines {
				p.do("MLST "+name, 250)
			}
		}
	})
}

// RFC 3659 §6: the words of a TVFS path, and . and .. in it.
func TestTVFS(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/a/b/c", "x")
		p := w.login("anna")
		p.do("TYPE I", 200)
		for _, path := range []string{"/a/b/c", "a/b/c", "./a/b/c", "a/../a/b/c", "//a//b/c", "/../a/b/c"} {
			if got := p.do("SIZE "+path, 213).Text(); got != "1" {
				t.Errorf("SIZE %s: %s", path, got)
			}
		}
		p.do("CWD a", 250)
		p.do("SIZE b/c", 213)
		p.do("SIZE /b/c", 550)
	})
}

// RFC 3659 §7.5.2: files are told apart by it, under whatever name.
func TestUniqueFact(t *testing.T) {
	disk, err := store.NewDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	inWorld(t, func(w *world) {
		w.files = disk
		w.put("/a", "x")
		w.put("/d/b", "x")
		p := w.login("anna")
		fact := func(name string) string {
			e, err := proto.ParseFacts(p.do("MLST "+name, 250).Lines[1])
			if err != nil {
				t.Fatal(err)
			}
			return e.Unique
		}
		if a, b := fact("a"), fact("d/b"); a == b && (a != "" || runtime.GOOS == "linux") {
			t.Errorf("two files, one fact %q", a)
		}
		if a, b := fact("a"), fact("/d/../a"); a != b {
			t.Errorf("one file, two facts %q and %q", a, b)
		}
		before := fact("a")
		p.do("RNFR a", 350)
		p.do("RNTO z", 250)
		if got := fact("z"); got != before {
			t.Errorf("%q became %q by a new name", before, got)
		}
	})
}

// RFC 3659 §7.5.5: the letters are what the user may do.
func TestPermFact(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/docs/f", "x")
		for user, want := range map[string][2]string{"anna": {"adfrw", "cdeflmp"}, "reader": {"r", "el"}} {
			p := w.login(user)
			for i, path := range []string{"/docs/f", "/docs"} {
				e, err := proto.ParseFacts(p.do("MLST "+path, 250).Lines[1])
				if err != nil || e.Perm != want[i] {
					t.Errorf("%s, %s: perm=%s, %v; want %s", user, path, e.Perm, err, want[i])
				}
			}
		}
	})
}

// RFC 3659 §7.3: TYPE changes the line ends of MLSD and nothing else.
func TestMlsdInEveryType(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/d/a", "x")
		w.put("/d/b", "x")
		p := w.login("anna")
		want := p.fetch("MLSD d")
		if strings.Count(want, "\r\n") != 2 {
			t.Fatalf("MLSD: %q", want)
		}
		for _, typ := range []string{"I", "L 8", "A T", "E"} {
			p.do("TYPE "+typ, 200)
			got := p.fetch("MLSD d")
			if typ == "E" {
				file := w.decoded(got, proto.TypeE)
				got = strings.ReplaceAll(file, "\n", "\r\n")
			}
			if got != want {
				t.Errorf("TYPE %s: %q, want %q", typ, got, want)
			}
		}
	})
}

// decoded is what a peer makes of a text that came in TYPE A or E.
func (w *world) decoded(text string, typ proto.Type) string {
	w.t.Helper()
	near, far := net.Pipe()
	go func() {
		_, _ = io.WriteString(far, text)
		far.Close()
	}()
	var b strings.Builder
	o := data.Options{Params: proto.Params{Type: typ, Stru: proto.File, Mode: proto.Stream}}
	if _, err := data.Receive(w.t.Context(), &b, data.NewConn(near), o); err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}
