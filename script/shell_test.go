//go:build unix

package script

import (
	"os"
	"path/filepath"
	"testing"
)

func TestShellCommands(t *testing.T) {
	t.Setenv("FERRY_PASSWORD", "CANARY")
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"!echo a b | tr a-z A-Z":             "A B\n",
		"! echo 'x  y' # z":                  "x  y\n",
		"!pwd":                               dir + "\n",
		`!printf '%s\n' "$1" "${1}"`:         "a b; rm *\na b; rm *\n",
		"set v 'a;b'\n!echo \"$v\"":          "a;b\n",
		"!echo \"[$FERRY_PASSWORD]\"":        "[]\n",
		"set a.b 1\nshell echo done; true":   "done\n",
		"lmkdir x\nlcd x\n!basename `pwd`":   "x\n",
		"lmkdir -p p/q\nlcd p/q\nlcdup\n!ls": "q\n",
		"lls":                                "one\n",
		"lls -l nothing*\n":                  "",
		"lcat one":                           "1\n",
	} {
		w := newWorld(t)
		w.cfg.Dir, w.cfg.Args = dir, []string{"a b; rm *"}
		os.WriteFile(filepath.Join(dir, "one"), []byte("1\n"), 0o666)
		err := w.run(line)
		if (err != nil) != (want == "") || w.out.String() != want {
			t.Errorf("%s: printed %q, want %q; %v", line, w.out.String(), want, err)
		}
		os.RemoveAll(filepath.Join(dir, "x"))
		os.RemoveAll(filepath.Join(dir, "p"))
	}
}

func TestShellCommandThatFails(t *testing.T) {
	err := newWorld(t).run("!exit 3")
	if got := message(err); got != "test.ftp:1: !: the command ended with code 3" || ExitCode(err) != 1 {
		t.Error(got, ExitCode(err))
	}
	if err := newWorld(t).run("!"); ExitCode(err) != 2 {
		t.Error(err)
	}
}

func TestLocalMistakes(t *testing.T) {
	for _, line := range []string{"lcd nothing", "lcat nothing", "lmkdir /dev/null/x", "lcd /dev/null"} {
		if err := newWorld(t).run(line); ExitCode(err) != 6 {
			t.Errorf("%s: %v", line, err)
		}
	}
}
