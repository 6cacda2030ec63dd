package script

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// prompted runs lines as they are typed at a prompt, and returns what was said.
func (w *world) prompted(lines ...string) string {
	w.t.Helper()
	if w.cfg.Ask == nil {
		w.cfg.Ask = &asker{}
	}
	e, err := New(w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	defer e.Close(context.Background())
	e.Configure(context.Background())
	for _, line := range lines {
		if err := e.ExecText(context.Background(), line); err != nil {
			PrintError(&w.err, err)
		}
	}
	return w.out.String() + w.err.String()
}

func TestAliases(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"alias say echo well", "say done"}, "well done\n"},
		{[]string{"alias say echo well", "alias", "alias say"}, "say\techo well\necho well\n"},
		{[]string{"alias echo echo well", "echo done"}, "well done\n"}, // no loop
		{[]string{"alias a echo a", "alias b a b", "b c"}, "a b c\n"},
		{[]string{"alias say echo well", "echo 1 ; say 2; echo 3"}, "1\nwell 2\n3\n"},
		{[]string{"alias say echo well", "-say 'a  b'"}, "well a  b\n"},
		{[]string{"alias say echo well", "unalias say", "say x"}, "ferry: there is no verb \"say\"\nhint: `help` lists the verbs\n"},
		{[]string{"alias up nonsense"}, "ferry: alias: there is no verb \"nonsense\"\nhint: `help` lists the verbs\n"},
		{[]string{"alias -x echo"}, "ferry: alias: \"-x\" can't be an alias\nhint: usage: alias [-k] [NAME] [COMMAND]\n"},
		{[]string{"unalias x"}, "ferry: unalias: there is no alias \"x\"\nhint: `alias` lists them\n"},
		{[]string{"alias ll ls -l", "help ll"}, "ll is your alias for: ls -l\n"},
	} {
		w := newWorld(t)
		if got := w.prompted(c.lines...); got != c.want {
			t.Errorf("%q: %s", c.lines, cmp.Diff(c.want, got))
		}
	}
	err := newWorld(t).run("alias a echo\n")
	if err == nil || !strings.Contains(HintOf(err), "macdef") {
		t.Errorf("in a script: %v", err)
	}
}

// An alias with a password in it is shown with stars, and never kept.
func TestAliasesKeepNoSecret(t *testing.T) {
	w := newWorld(t)
	w.cfg.Personal = filepath.Join(w.dir, "personal")
	got := w.prompted("alias -k me user anna canary", "alias", "help me")
	if strings.Contains(got, "canary") || !strings.Contains(got, "user anna ****") {
		t.Error(got)
	}
	if _, err := os.Stat(filepath.Join(w.cfg.Personal, "config")); err == nil {
		t.Error("it was kept")
	}
	if _, secret := NewTable(Verbs()).ShownText("alias me user anna canary"); !secret {
		t.Error("the history would keep it")
	}
}

func TestCompletionOfAliases(t *testing.T) {
	table := NewTable(Verbs())
	if err := table.setAlias("up", "put -r site"); err != nil {
		t.Fatal(err)
	}
	c := table.At("up ww", 5)
	if c.Verb == nil || c.Verb.Name != "put" || c.Kind != RemoteAny || c.Word != "ww" || c.Start != 3 {
		t.Errorf("%+v", c)
	}
}

func TestSettingsAreKept(t *testing.T) {
	w := newWorld(t)
	w.cfg.Personal = filepath.Join(w.dir, "personal")
	config := filepath.Join(w.cfg.Personal, "config")
	w.local("personal/config", "# mine\nset existing newer\nset bell on # loud\nnonsense\n")
	said := w.prompted("set existing", "set -k existing skip", "set -k verify size", "alias -k ll ls -l", "unset -k bell")
	if want := "newer\nferry: " + config + ":4:1: there is no verb \"nonsense\"\n"; !strings.HasPrefix(said, want) {
		t.Errorf("%q", said)
	}
	want := "# mine\nnonsense\nset existing skip\nset verify size\nalias ll ls -l\n"
	if diff := cmp.Diff(want, w.read("personal/config")); diff != "" {
		t.Error(diff)
	}
	info, err := os.Stat(config)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	w.out.Reset()
	w.err.Reset()
	said = w.prompted("set existing", "alias ll", "unalias -k ll", "set -k ftp-proxy anna:canary@host", "set -k mine x")
	for _, want := range []string{"skip\n", "ls -l\n", "a secret is not kept", "there is no setting \"mine\""} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in %q", want, said)
		}
	}
	if got := w.read("personal/config"); strings.Contains(got, "alias") || strings.Contains(got, "host") {
		t.Error(got)
	}
	// A script runs the same whoever runs it.
	w.out.Reset()
	w.cfg.Ask = nil
	if err := w.run("set existing"); err != nil || w.out.String() != "overwrite\n" {
		t.Errorf("%v, %q", err, w.out.String())
	}
}

// A link to a directory of such files stays a link.
func TestConfigFileMayBeALink(t *testing.T) {
	w := newWorld(t)
	w.cfg.Personal = filepath.Join(w.dir, "personal")
	w.local("dotfiles/ferry", "")
	w.local("personal/x", "")
	if err := os.Symlink(filepath.Join(w.dir, "dotfiles/ferry"), filepath.Join(w.cfg.Personal, "config")); err != nil {
		t.Skip(err)
	}
	w.prompted("set -k bell on")
	if got := w.read("dotfiles/ferry"); got != "set bell on\n" {
		t.Errorf("%q", got)
	}
}

// Whoever comes from cmd.exe finds its verbs, or what is meant by them here.
func TestVerbsOfWindows(t *testing.T) {
	table := NewTable(Verbs())
	for _, name := range strings.Fields("cd cd.. chdir cls comp copy del dir echo edit erase exit fc find help if md mkdir more move rd ren rename rmdir set tree type") {
		if v, err := table.Lookup(name); err != nil || !slices.Contains(v.Names(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]string{"xcopy": "get -r", "robocopy": "put -r", "deltree": "rm -r", "attrib": "chmod", "where": "find", "MDD": "md", "dirr": "dir"} {
		if _, err := table.Lookup(name); err == nil || !strings.Contains(hint(err), want) {
			t.Errorf("%s: %v, %s", name, err, hint(err))
		}
	}
}

func TestHelpFitsTheScreen(t *testing.T) {
	table := NewTable(Verbs())
	for _, v := range table.Verbs() {
		var b strings.Builder
		if err := table.Help(&b, v.Name); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(hung(b.String(), 80)) {
			if n := utf8.RuneCountInString(line); n > 81 { // with its end
				t.Errorf("help %s: %d columns: %s", v.Name, n-1, line)
			}
		}
	}
	const want = "  -x, --long  one two three\n              four five\nfour five six seven eight\nnine ten\nshort\n"
	if diff := cmp.Diff(want, hung("  -x, --long  one two three four five\nfour five six seven eight nine ten\nshort\n", 30)); diff != "" {
		t.Error(diff)
	}
}

func TestTablesFitTheScreen(t *testing.T) {
	rows := [][]string{{"a", "one two three four five six seven eight"}, {"longer", "x"}, {strings.Repeat("w", 40), "behind"}, {"日本", "wide"}}
	const want = "a                         one two three four\n" +
		"                          five six seven eight\n" +
		"longer                    x\n" +
		"wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww  behind\n" +
		"日本                      wide\n"
	if diff := cmp.Diff(want, aligned(rows, 47)); diff != "" {
		t.Error(diff)
	}
}
