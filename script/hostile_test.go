package script

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// A server's names never leave the directory that the user chose, and never
// reach the terminal as they are.
func TestHostileNames(t *testing.T) {
	for _, name := range []string{"../evil", "..", "/etc/evil", "a/../../evil", "nul\x01", "esc\x1b[2J"} {
		for _, line := range []string{"mget *", "get *", "get -r .", "get *e* x", "ls", "dir", "nlist", "stat *"} {
			w := newWorld(t)
			w.server.file("/evil", "evil")
			w.server.listing = "type=file;size=4; " + name + "\r\n"
			w.dir = filepath.Join(w.dir, "deep", "down")
			if err := os.MkdirAll(w.dir, 0o777); err != nil {
				t.Fatal(err)
			}
			w.cfg.Dir = w.dir
			err := w.in(line)
			for dir := filepath.Dir(w.dir); len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
				if exists(filepath.Join(dir, "evil")) {
					t.Errorf("%s with %q wrote outside: %s", line, name, dir)
				}
			}
			all := w.out.String() + w.err.String()
			if err != nil {
				var b strings.Builder
				PrintError(&b, err)
				all += b.String()
			}
			if strings.ContainsAny(all, "\x1b\x01") {
				t.Errorf("%s with %q: control characters reach the output: %q", line, name, all)
			}
		}
	}
}

func TestHostileReplies(t *testing.T) {
	w := newWorld(t)
	w.server.refuse["SIZE"] = "550 \x1b]0;owned\x07 \u202egpj.exe"
	w.server.refuse["SYST"] = "215 \x1b[2J"
	err := w.in("system\nsize x")
	var b strings.Builder
	PrintError(&b, err)
	if all := b.String() + w.out.String() + w.err.String(); strings.ContainsAny(all, "\x1b\x07\u202e") {
		t.Errorf("%q", all)
	}
}

func TestCatAtATerminal(t *testing.T) {
	w := newWorld(t)
	w.server.file("/a", "tab\there\r\n\x1b[2Jcls\nno end")
	w.cfg.Show = quietShower{}
	w.mustIn("cat a")
	if got := w.out.String(); got != "tab\there\n\\x1b[2Jcls\nno end\n" {
		t.Errorf("%q", got)
	}
}

type quietShower struct{ Shower }

// A name with a line end can't become a second command.
func TestNamesWithLineEnds(t *testing.T) {
	w := newWorld(t)
	w.local("value", "x\nDELE y")
	err := w.in("mkdir ${file:value}")
	if err == nil || len(w.server.sent("DELE")) > 0 || len(w.server.sent("MKD")) > 0 {
		t.Error(err, w.server.commands)
	}
}

// driving is text that would drive a terminal, in each of the ways there are.
const driving = "a\x1b]0;owned\a\x1b[2J\u009b2J\x00\x07\b\x7f\u202egpj\u2066\u200b\ufeff\u2028\xff\xfe\r\nDELE z"

// drives is the first thing in a text that could drive a terminal, "" for
// none.
func drives(text string) string {
	if !utf8.ValidString(text) {
		return "invalid UTF-8"
	}
	i := strings.IndexFunc(text, func(r rune) bool {
		return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
	})
	if i < 0 {
		return ""
	}
	return text[i:]
}

func TestHostileTextOfJobs(t *testing.T) {
	j := &job{Job: Job{ID: 1, Status: Broken, Text: "get " + driving, Err: errors.New(driving)}}
	for where, show := range map[string]func(w io.Writer, st *State) error{
		"the line when one ends":  func(w io.Writer, _ *State) error { newJobs(w, true).tell(j); return nil },
		"the line when it begins": func(_ io.Writer, st *State) error { st.sayJob(j); return nil },
		"jobs":                    func(_ io.Writer, st *State) error { return jobs(t.Context(), st, Args{}) },
		"jobs at a terminal": func(_ io.Writer, st *State) error {
			st.cfg.Show, st.cfg.Width = quietShower{}, func() int { return 60 }
			return jobs(t.Context(), st, Args{})
		},
	} {
		var out bytes.Buffer
		st := &State{cfg: Config{Ask: &asker{}}, Jobs: newJobs(&out, true), Out: &out, Err: &out}
		st.Jobs.jobs = []*job{j}
		if err := show(&out, st); err != nil {
			t.Error(err)
		}
		if text := out.String(); !strings.Contains(text, "gpj") || drives(text) != "" || strings.Count(text, "\n") > 8 {
			t.Errorf("%s: %q", where, text)
		}
	}
}

// What a server says gets into a recording as one comment, and its names as
// what they are: neither can become a line that is run.
func TestHostileTextInARecording(t *testing.T) {
	p := newTypist(t)
	p.server.refuse["SIZE"] = "550 " + strings.ReplaceAll(driving, "\r\n", "\x85\r")
	p.server.refuse["DELE"] = "550-" + driving + "\r\n550 no"
	text := p.types(asAnna, "size a.txt", "rm -f a.txt")
	if !strings.Contains(text, "# failed: ") || drives(text) != "" {
		t.Errorf("%q", text)
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "open ") && line != "\n" {
			t.Errorf("a line that is run: %q", line)
		}
	}
}
