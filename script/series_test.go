package script

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ferry/script/report"
)

func TestSeries(t *testing.T) {
	for script, want := range map[string]int{
		"put a\nput b\nput c d\n":      3,
		"get x\nget y z\nls\n":         2,
		"put a\n":                      0,
		"put a\nget x\n":               0,
		"put a\n-put b\n":              0,
		"put a\nput b > out\n":         0,
		"put a\nput *\n":               0,
		"put a\nput '*'\n":             0, // no such file: it tells so by itself
		"put a\nput none\n":            0,
		"put a\nput -r b\n":            0,
		"put a\nput -- b c\n":          0,
		"put a x\nput b x\n":           0, // the order matters
		"put a x\nput b y\nput c x\n":  2,
		"put a\nput b --verify size\n": 0,
		"put a --verify size\nput b --verify size\nput c\n": 2,
		"get x\nget y ${file:x}\n":                          0,
		"get x -\nget y -\n":                                0,
		"put - a\nput - b\n":                                0,
		"get x\nget y x\n":                                  0,
		"put a &\nput b &\n":                                0,
		"put a; put b\n":                                    2,
		"@put a\n@put b\n":                                  2,
		"put ${status}\nput a\n":                            0,
		"send a\nsend b\n":                                  0,
	} {
		w := newWorld(t)
		for _, name := range []string{"a", "b", "c"} {
			w.local(name, name)
		}
		e, err := New(w.cfg)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := e.table.Parse("test.ftp", script)
		if err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		n := 0
		if s := e.state.series(lines); s != nil {
			n = len(s.members)
		}
		if n != want {
			t.Errorf("%q: %d go together, not %d", script, n, want)
		}
	}
}

// Lines that go together look, to everybody, as if they had gone alone.
func TestSeriesLooksAsAlone(t *testing.T) {
	lines := "put a\nput b dir\n@put c there/\nput d e\nget x\nget y z\nget q dir/\n"
	outcome := func(between string) (string, *report.Report) {
		w := newWorld(t)
		w.server.file("/dir/old", "o").file("/there/old", "o").file("/x", "X").file("/y", "YY").file("/q", "Q")
		for _, name := range []string{"a", "b", "c", "d", "dir/o"} {
			w.local(name, strings.Repeat(name, 3))
		}
		r, err := w.reported(strings.ReplaceAll(lines, "\n", "\n"+between))
		if err != nil {
			t.Fatal(err, w.err.String())
		}
		for name, want := range map[string]string{"/a": "aaa", "/dir/b": "bbb", "/there/c": "ccc", "/e": "ddd"} {
			if got, _ := w.server.content(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		if got := w.read("x") + w.read("z") + w.read("dir/q"); got != "XYYQ" {
			t.Error(got)
		}
		return strings.ReplaceAll(w.err.String(), "> lpwd\n", ""), r
	}
	together, r := outcome("")
	alone, _ := outcome("lpwd\n")
	if diff := cmp.Diff(alone, together); diff != "" {
		t.Error(diff)
	}
	for i, o := range r.Operations[2:] {
		if o.Line != 3+i || o.Status != report.Done || len(o.Files) != 1 || o.Bytes == 0 {
			t.Errorf("%+v", o)
		}
	}
}

// The first failure ends the lines, and is told of the line that it is.
func TestSeriesStops(t *testing.T) {
	for _, c := range []struct{ refused, want string }{
		{"STOR b", "test.ftp:4: put: b -> b: 553 No"},
		{"RNTO b", "test.ftp:4: put: b -> b: 550 No"},
	} {
		w := newWorld(t)
		for _, name := range []string{"a", "b", "c"} {
			w.local(name, name)
		}
		verb, _, _ := strings.Cut(c.refused, " ")
		w.server.refuse[verb] = ""
		w.server.refuse[c.refused] = map[string]string{"STOR": "553 No", "RNTO": "550 No"}[verb]
		r, err := w.reported("put a --atomic " + map[string]string{"STOR": "off", "RNTO": "on"}[verb] + "\nput b --atomic " + map[string]string{"STOR": "off", "RNTO": "on"}[verb] + "\nmkdir d\n")
		if got := message(err); got != c.want && !strings.HasPrefix(got, "test.ftp:4: put: b -> b") {
			t.Errorf("%s: %s", c.refused, got)
		}
		if w.server.dirs["/d"] || ExitCode(err) != 1 {
			t.Error("it went on")
		}
		if o := r.Operations[3]; o.Line != 4 || o.Status != report.Failed || o.Exit != 1 || o.Error == "" || r.Operations[2].Status != report.Done {
			t.Errorf("%+v", o)
		}
	}
}

func TestSeriesGoesOn(t *testing.T) {
	w := newWorld(t)
	w.server.file("/x", "X").file("/z", "Z")
	r, err := w.reported("on-error continue\nget x\nget none\nget z\nget none2\nmkdir d\n")
	if ExitCode(err) != 10 || err.Error() != "2 lines failed" || !w.server.dirs["/d"] {
		t.Error(err)
	}
	var got []string
	for _, o := range r.Operations[3:] {
		got = append(got, fmt.Sprint(o.Line, o.Status))
	}
	if diff := cmp.Diff([]string{"4done", "5failed", "6done", "7failed", "8done"}, got); diff != "" {
		t.Error(diff)
	}
	w2 := newWorld(t)
	w2.server.file("/x", "X").file("/z", "Z")
	if err := w2.in("get x\nget none\nget z\n"); message(err) != "test.ftp:4: get: none: 550 No such file" {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(w2.dir, "z")); len(left) > 0 || w2.read("x") != "X" {
		t.Error("a line behind the failure ran")
	}
}

// A run that dies in a series goes on with the files that are left.
func TestSeriesResume(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c"} {
		w.local(name, name)
	}
	d := w.dies("put a\nput b\nput c\nmkdir d\n", behind(4))
	if err := d.resume(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/a", "/b", "/c"} {
		if got, _ := w.server.content(name); got != name[1:] {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := w.server.sent("STOR"); len(got) > 1 {
		t.Error("sent again:", got)
	}
}
