package script

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"ferry/proto/client"
)

func TestListingIntoAFile(t *testing.T) {
	for line, want := range map[string]string{
		"ls . names":      "a\nb\n",
		"nlist . names":   "a\nb\n",
		"ls none names":   "old\n",
		"ls . b*":         "old\n",
		"dir . sub/names": "old\n",
	} {
		w := newWorld(t)
		w.server.file("/a", "1").file("/b", "2")
		w.local("names", "old\n")
		err := w.in(line)
		if got := w.read("names"); got != want || (err != nil) != (want == "old\n") {
			t.Errorf("%s: %q, want %q; %v", line, got, want, err)
		}
		if left, _ := filepath.Glob(filepath.Join(w.dir, ".ferry*")); len(left) > 0 {
			t.Error(left)
		}
	}
}

func TestListingIntoAFileAsksInTheShell(t *testing.T) {
	w := newWorld(t)
	w.server.file("/a", "1")
	w.local("names", "old\n")
	w.cfg.Ask = &asker{answers: []Answer{No}}
	if err := w.run("open anna:secret@ftp.test\nls . names"); err != nil || w.read("names") != "old\n" {
		t.Error(err, w.read("names"))
	}
}

// Two sources must not become one target: the second would replace the first.
func TestOneNameForTwo(t *testing.T) {
	for _, line := range []string{"mget d/x e/x", "get -- d/x e/x", "mput p/x q/x", "put */x", "get {d,e}/x"} {
		w := newWorld(t)
		w.server.file("/d/x", "1").file("/e/x", "2")
		w.local("p/x", "1")
		w.local("q/x", "2")
		err := w.in(line)
		if ExitCode(err) != 2 || exists(filepath.Join(w.dir, "x")) || len(w.server.sent("STOR")) > 0 {
			t.Errorf("%s: %v", line, err)
		}
	}
	w := newWorld(t)
	w.server.file("/d/x", "1")
	w.mustIn("mget d/x d/x")
}

func TestMethods(t *testing.T) {
	for line, want := range map[string]client.Method{
		"":                        client.Passive,
		"active":                  client.Active,
		"port":                    client.Active,
		"set passive off":         client.Active,
		"active\npassive":         client.Passive,
		"passive":                 client.Passive, // in a script it is meant
		"passive off":             client.Active,
		"epsv":                    client.PassiveExtended,
		"eprt":                    client.ActiveExtended,
		"eprt\nopen a:x@ftp.test": client.ActiveExtended,
	} {
		w := newWorld(t)
		w.server.password = "x"
		var got client.Method
		w.cfg.Verbs = []Verb{{Name: "look", Run: func(_ context.Context, st *State, _ Args) error {
			got = st.Client().DataMethod()
			return nil
		}}}
		if err := w.run("open a:x@ftp.test\n" + line + "\nlook"); err != nil || got != want {
			t.Errorf("%s: method %d, want %d; %v", line, got, want, err)
		}
	}
}

func TestModesAreSpelledOut(t *testing.T) {
	for line, want := range map[string]string{
		"mode bl\ntype":          "TYPE I, STRU F, MODE B\n",
		"mode z\ntype":           "TYPE I, STRU F, MODE Z\n",
		"mode deflate\ntype":     "TYPE I, STRU F, MODE Z\n",
		"struct r\ntype":         "TYPE I, STRU R, MODE S\n",
		"form telnet\ntype":      "TYPE A T, STRU F, MODE S\n",
		"type ebcdic c\ntype":    "TYPE E C, STRU F, MODE S\n",
		"tenex\ntype":            "TYPE L 8, STRU F, MODE S\n",
		"ascii\nbinary\ntype":    "TYPE I, STRU F, MODE S\n",
		"mode bizarre":           "",
		"struct tree":            "",
		"verbose on\nverbose 3x": "",
	} {
		w := newWorld(t)
		err := w.run(line)
		if w.out.String() != want || (want == "") != (ExitCode(err) == 2) {
			t.Errorf("%s printed %q, want %q; %v", line, w.out.String(), want, err)
		}
	}
}

func TestSetShowsAll(t *testing.T) {
	w := newWorld(t)
	if err := w.run("set existing skip\nset\nunset existing\nset existing\noption batch continue\nset on-error\n"); err != nil {
		t.Fatal(err)
	}
	for _, row := range SettingRows() {
		if row.Brief == "" || row.Get(&Settings{}) == "" && row.Values != nil {
			t.Errorf("%s explains nothing", row.Name)
		}
	}
	for _, want := range []string{"SETTING\tVALUE\tDEFAULT\tMEANING\n", "existing\tskip\toverwrite\twhat to do when the target's name exists\n", "\noverwrite\ncontinue\n"} {
		if !strings.Contains(w.out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, w.out.String())
		}
	}
}
