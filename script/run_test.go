package script

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// message is what a person reads: the error without the script's directory.
func message(err error) string {
	if err == nil {
		return ""
	}
	s := err.Error()
	if i := strings.Index(s, "test.ftp:"); i >= 0 {
		s = s[i:]
	}
	return s
}

func TestFirstFailureStops(t *testing.T) {
	w := newWorld(t)
	err := w.in("mkdir a\nsize nothing\nmkdir b\n")
	if got := message(err); got != "test.ftp:4: size: nothing: 550 No such file" {
		t.Error(got)
	}
	if ExitCode(err) != 1 || HintOf(err) != "`ls` shows what is there" {
		t.Error(ExitCode(err), HintOf(err))
	}
	if !w.server.dirs["/a"] || w.server.dirs["/b"] {
		t.Error("it did not stop where it failed")
	}
	if got := w.server.sent("QUIT"); len(got) != 1 {
		t.Error("no farewell")
	}
}

func TestMistakesAreFoundBeforeTheFirstLine(t *testing.T) {
	w := newWorld(t)
	err := w.in("mkdir a\nmkdri b\n")
	if ExitCode(err) != 2 || len(w.server.sent("USER")) != 0 {
		t.Error(err, w.server.commands)
	}
}

func TestPrefixes(t *testing.T) {
	w := newWorld(t)
	w.mustIn("-size nothing\n@pwd\n")
	want := `> open ftp.test
connected to ftp.test
> user anna ****
logged in as anna
> -size nothing
ferry: F:3: size: nothing: 550 No such file (ignored)
`
	got := w.err.String()
	if i, j := strings.Index(got, "ferry: "), strings.Index(got, "test.ftp"); i >= 0 && j > i {
		got = got[:i] + "ferry: F" + got[j+len("test.ftp"):]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOnErrorContinue(t *testing.T) {
	w := newWorld(t)
	err := w.in("set on-error continue\nsize x\nmkdir a\nsize y\n")
	if ExitCode(err) != 10 || err.Error() != "2 lines failed" || !w.server.dirs["/a"] {
		t.Error(err)
	}
	if strings.Count(w.err.String(), "550 No such file") != 2 {
		t.Error(w.err.String())
	}
}

func TestQuitEndsTheRun(t *testing.T) {
	for line, want := range map[string]int{"quit": 0, "bye": 0, "exit 7": 7} {
		w := newWorld(t)
		err := w.in(line + "\nmkdir a\n")
		if ExitCode(err) != want || w.server.dirs["/a"] {
			t.Error(line, err)
		}
	}
}

func TestArgumentsAndVariables(t *testing.T) {
	w := newWorld(t)
	w.cfg.Args = []string{"a b", "*.c"}
	w.cfg.Env = func(name string) (string, bool) { return "from " + name, name == "HOME" }
	w.cfg.Now = func() time.Time { return fakeTime }
	w.local("value", "one line\n")
	if err := w.run(`set x "${1}!"
echo ${1} '${1}' "${2}" ${x} ${date:2006 01} ${env:HOME} ${file:value} \${x}
set
`); err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(w.out.String(), "\n")
	if first != "a b ${1} *.c a b! 2026 03 from HOME one line ${x}" {
		t.Error(first)
	}
	if !strings.Contains(rest, "${x} = a b!\n") {
		t.Error(rest)
	}
}

func TestUnknownVariables(t *testing.T) {
	for line, want := range map[string]string{
		"echo ${1}":                 `test.ftp:1: echo: there is no argument "1"; the script was called with 0: ferry run FILE ARG…`,
		"echo ${name}":              `test.ftp:1: echo: there is no variable "name"; set name VALUE sets it`,
		"set names 1; echo ${name}": `test.ftp:1: echo: there is no variable "name"; did you mean ${names}?`,
		"echo ${env:X}":             `test.ftp:1: echo: there is no environment variable "X"; export it, or give the value as an argument: ${1}`,
		"set verfy size":            `test.ftp:1: set: there is no setting "verfy"; did you mean verify? ` + "`set` lists them all",
		"set verify sizes":          `test.ftp:1: set: verify can't be "sizes": one of auto, size, hash, none is wanted; `,
		"set a/b x":                 `test.ftp:1: set: "a/b" can't be a variable's name; letters, digits, _, - and . make a name`,
	} {
		err := newWorld(t).run(line)
		if got := message(err) + "; " + HintOf(err); got != want || ExitCode(err) != 2 {
			t.Errorf("%s:\n got %s\nwant %s", line, got, want)
		}
	}
}

// A value is one word and no code, whatever is in it.
func TestValuesAreNeverRead(t *testing.T) {
	w := newWorld(t)
	w.server.file("/-r", "dash").file("/a b; rm x", "odd")
	w.cfg.Args = []string{"-r", "a b; rm x", "x\r\nDELE -r"}
	w.mustIn("get ${1}\nget ${2}\n-mkdir ${3}\n")
	if w.read("-r") != "dash" || w.read("a b; rm x") != "odd" || len(w.server.sent("DELE")) != 0 {
		t.Error(w.server.commands)
	}
}

func TestStandardInput(t *testing.T) {
	w := newWorld(t)
	in, out := io.Pipe()
	w.cfg.In = in
	done := make(chan error)
	go func() { done <- Run(context.Background(), w.cfg, "-") }()
	io.WriteString(out, "\ufeffopen ftp.test\nuser anna secret\n")
	io.WriteString(out, "mkdir a\n") // runs while the writer holds the pipe
	io.WriteString(out, "mkdri b\nmkdir c\n")
	err := <-done
	if got := message(err); got != `-:4:1: there is no verb "mkdri"` || !w.server.dirs["/a"] || w.server.dirs["/c"] {
		t.Error(got)
	}
}

func TestStandardInputIsLeftWhenInterrupted(t *testing.T) {
	w := newWorld(t)
	in, _ := io.Pipe()
	w.cfg.In = in
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(signalled(2))
	if err := Run(ctx, w.cfg, "-"); ExitCode(err) != 130 {
		t.Error(err)
	}
}

func TestInterrupted(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(signalled(15))
	file := filepath.Join(w.dir, "f")
	os.WriteFile(file, []byte("-echo a\necho b\n"), 0o600)
	err := Run(ctx, w.cfg, file)
	if ExitCode(err) != 143 || w.out.Len() > 0 {
		t.Error(err, w.out.String())
	}
}

func TestScriptFiles(t *testing.T) {
	w := newWorld(t)
	err := Run(context.Background(), w.cfg, filepath.Join(w.dir, "none.ftp"))
	if ExitCode(err) != 6 || !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := w.run("\x7fELF\x00\x00"); ExitCode(err) != 2 {
		t.Error(err)
	}
	if err := w.run(strings.Repeat("x", 1<<20)); ExitCode(err) != 2 {
		t.Error(err)
	}
}

func TestStreamedLineThatIsTooLong(t *testing.T) {
	w := newWorld(t)
	w.cfg.In = strings.NewReader("echo a\n" + strings.Repeat("x", MaxLine+10) + "\necho b\n")
	err := Run(t.Context(), w.cfg, "-")
	if err == nil || err.Error() != "-:2: this is not a line of text" || ExitCode(err) != exitUsage {
		t.Errorf("exit %d: %v", ExitCode(err), err)
	}
}
