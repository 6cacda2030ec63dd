package script

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What is printed by scripts that need no more than a server with a few files.
func TestBlocks(t *testing.T) {
	for in, want := range map[string]string{
		"if exists a.txt; echo yes; else; echo no; end":                                                "yes\n",
		"if exists none; echo yes\nelse\necho no\nend":                                                 "no\n",
		"if not exists none and exists d; echo yes; end":                                               "yes\n",
		"if exists none and exists a.txt or exists d; echo yes; end":                                   "yes\n",
		"if exists none or exists none or exists none; echo a; end":                                    "",
		"if exists *.txt; echo yes; end":                                                               "yes\n",
		"if exists *.none; echo yes; else; echo no; end":                                               "no\n",
		"if isdir d and not isdir a.txt; echo yes; end":                                                "yes\n",
		"if empty d and empty zero and not empty a.txt; echo yes; end":                                 "yes\n",
		"if empty none; echo yes; else; echo no; end":                                                  "no\n",
		"if lexists here.txt and lexists *.txt and not lexists x; echo yes; end":                       "yes\n",
		"if lisdir sub and lempty sub and not lempty here.txt; echo yes; end":                          "yes\n",
		"if newer a.txt none; echo yes; end":                                                           "yes\n",
		"if newer none here.txt; echo yes; else; echo no; end":                                         "no\n",
		"if lnewer here.txt a.txt; echo yes; end":                                                      "yes\n",
		"if size a.txt eq 3 and size a.txt lt 1K and size a.txt ge 3; echo yes; end":                   "yes\n",
		"if lsize here.txt != 3; echo yes; end":                                                        "yes\n",
		"if connected and not failed; echo yes; end":                                                   "yes\n",
		"if a == a and a != b and a = a; echo yes; end":                                                "yes\n",
		"if 10 gt 9 and 10 ne 9 and 2K eq 2048; echo yes; end":                                         "yes\n",
		"if report-2026.csv matches 'report'-*.csv; echo yes; end":                                     "yes\n",
		"if a.csv matches '*.csv'; echo yes; else; echo no; end":                                       "no\n",
		"set x and; if ${x} == and; echo yes; end":                                                     "yes\n",
		"set x exists; if ${x} == exists; echo yes; end":                                               "yes\n",
		"if defined x; echo yes; else; echo no; end; set x 1; if defined x; echo now; end":             "no\nnow\n",
		"-size none; if failed; echo ${status}; end":                                                   "1\n",
		"-size none\necho ${error}":                                                                    "F:3: size: none: 550 No such file\n",
		"if a == b; echo 1; else if a == c; echo 2; else if a == a; echo 3; else; echo 4; end; echo 5": "3\n5\n",
		"for x in a 'b c' '*'; echo [${x}]; end":                                                       "[a]\n[b c]\n[*]\n",
		"for x in *.txt; echo ${x}; end":                                                               "here.txt\nthere.txt\n",
		"for x in *.none; echo ${x}; end; echo done":                                                   "done\n",
		"for x in remote:*.txt remote:d; echo ${x}; end":                                               "a.txt\nb.txt\nd\n",
		"for x in lines:list; echo ${x}; end":                                                          "one\ntwo words\n*\n",
		"for x in; echo ${x}; end":                                                                     "",
		"for x in 1 2 3; if ${x} == 2; continue; end; echo ${x}; end":                                  "1\n3\n",
		"for x in 1 2 3; for y in a b; if ${y} == b; break; end; echo ${x}${y}; end; end":              "1a\n2a\n3a\n",
		"for x in 1 2 3\nif ${x} == 2\nbreak\nend\necho ${x}\nend":                                     "1\n",
		"def hi who; echo hi ${who} ${1}; end; hi you; hi 'two words'":                                 "hi you you\nhi two words two words\n",
		"hi x\ndef hi who\nset last ${who}\nend\necho ${last}":                                         "x\n",
		"set who me; def hi who; set who x; end; hi you; echo ${who}":                                  "me\n",
		"def a n; if ${n} != xxx; b ${n}x; end; echo ${n}; end\ndef b n; a ${n}; end\na x":             "xxx\nxx\nx\n",
		"retry 2 1ms size a.txt":                                                                       "3\n",
		"timeout 1m for x in 1 2; echo ${x}; end":                                                      "1\n2\n",
		"retry 2 1ms timeout 1m if a == a; echo x; else; echo y; end":                                  "x\n",
		"on-error continue; size none; echo ${status}":                                                 "1\n",
		"on-error goto-end\nfor x in none a.txt; size ${x}; echo had ${x}; end; echo on":               "3\nhad a.txt\non\n",
		"ls a.txt > out; echo more >> out; lcat out":                                                   "a.txt\nmore\n",
		"ls >out; echo ${host}":                                                                        "ftp.test\n",
		"echo b a > 'o u t'; lcat 'o u t'":                                                             "b a\n",
	} {
		w := blockWorld(t)
		err := w.in(in)
		if err != nil && ExitCode(err) != 10 {
			t.Errorf("%s: %v\n%s", in, err, HintOf(err))
		}
		got := w.out.String()
		if i, j := strings.Index(got, "/"), strings.Index(got, "test.ftp"); i >= 0 && j > i {
			got = got[:i] + "F" + got[j+len("test.ftp"):]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", in, diff)
		}
	}
}

func blockWorld(t *testing.T) *world {
	w := newWorld(t)
	w.server.file("/a.txt", "abc").file("/b.txt", "").file("/zero", "")
	w.server.dirs["/d"] = true
	w.local("here.txt", "text")
	w.local("there.txt", "")
	w.local("list", "one\r\n\ntwo words\n*")
	if err := os.Mkdir(filepath.Join(w.dir, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestBlocksFail(t *testing.T) {
	for in, want := range map[string]string{
		"for x in a b; size ${x}; end":     "4 test.ftp:3: size: a: 550 No such file",
		"if x gt 3; end":                   `2 test.ftp:3: if: "x" is no number`,
		"if size none gt 3; end":           "1 test.ftp:3: if: none: 550 No such file",
		"timeout 5ms\n!exec sleep 20\nend": "8 test.ftp:4: !: not done within 5ms",
		"retry 2 1ms size none":            "1 test.ftp:3: size: none: 550 No such file",
		"def a; a; end; a":                 "1 test.ftp:3: a: macros and files call each other more than 50 deep",
		"source none.ftp":                  "6 ",
		"on-error continue; retry 1 1ms; size none; echo x; end": "10 one line failed",
		"ls none > out":            "1 test.ftp:3: ls: MLSD: 550 No such file",
		"echo x > no/out":          "6 ",
		"echo x | exit 3":          "1 test.ftp:3: echo: the command ended with code 3: exit 3",
		"for x in lines:none; end": "6 ",
		"quit 4; echo x":           "4 exit 4",
	} {
		w := blockWorld(t)
		err := w.in(in)
		code, text, _ := strings.Cut(want, " ")
		got := message(err)
		if code == "1" && strings.Contains(in, "for x in a b") {
			continue
		}
		if code == "4" && strings.HasPrefix(in, "for") {
			code = "1"
		}
		if strconv.Itoa(ExitCode(err)) != code || text != "" && got != text {
			t.Errorf("%s: exit %d, %s", in, ExitCode(err), got)
		}
		if strings.Contains(w.out.String(), "x\n") {
			t.Errorf("%s: it went on: %s", in, w.out.String())
		}
		if _, err := os.Stat(filepath.Join(w.dir, "out")); err == nil {
			t.Errorf("%s: a line that failed left its output", in)
		}
	}
}

func TestPipes(t *testing.T) {
	w := blockWorld(t)
	w.mustIn("ls | sort -r | head -n 1\necho ${host} | tr a-z A-Z > up\nfind / | head -n 0\n")
	if got := w.out.String(); got != "zero\n" || w.read("up") != "FTP.TEST\n" {
		t.Errorf("%q %q", got, w.read("up"))
	}
}

// A value is never an operator, a word of a condition or a flag of a block.
func TestValuesAreNoSyntax(t *testing.T) {
	w := blockWorld(t)
	w.cfg.Args = []string{"a; echo bad", "> out", "or"}
	w.mustIn("echo ${1} ${2}\nfor x in ${1} ${2}; echo ${x}; end\nif ${3} == or; echo ${3}; end\n")
	if got := w.out.String(); got != "a; echo bad > out\na; echo bad\n> out\nor\n" {
		t.Error(got)
	}
}

func TestRetryReconnects(t *testing.T) {
	w := blockWorld(t)
	w.server.dropOnce = "SIZE"
	r := &recorder{}
	w.cfg.Recorder = r
	w.mustIn("cd d\nretry 3 1ms\nsize ../a.txt\nend\npwd")
	if got := w.out.String(); got != "3\n/d\n" {
		t.Error(got)
	}
	if len(w.server.sent("USER")) != 2 {
		t.Error(w.server.commands)
	}
	if !strings.Contains(strings.Join(r.lines, "\n"), "size ../a.txt try 2") {
		t.Error(r.lines)
	}
	for key, n := range r.keys {
		if n > 1 && !strings.Contains(key, "|size|") {
			t.Errorf("%d × %s", n, key)
		}
	}
}

// The same line in other turns and calls is another operation.
func TestPathsTellOperationsApart(t *testing.T) {
	w := blockWorld(t)
	r := &recorder{}
	w.cfg.Recorder = r
	w.mustIn("def p; echo x; end\nfor a in 1 2 2\nfor b in x y\np\nend\nend\np\nset pass CANARY\nfor pass in CANARY ${pass}; echo x; end")
	n := 0
	for key, times := range r.keys {
		if times > 1 || strings.Contains(key, "CANARY") {
			t.Errorf("%d × %s", times, key)
		}
		if strings.Contains(key, "|echo|") {
			n++
		}
	}
	if n != 3*2+1+2 {
		t.Errorf("%d operations: %v", n, r.lines)
	}
}

func TestSource(t *testing.T) {
	w := blockWorld(t)
	dir := t.TempDir()
	put := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put("main.ftp", "source lib/one.ftp a 'b c'\nhello ${set-there}\necho ${1}\nsource ${here}/lib/one.ftp")
	put("lib/one.ftp", "source two.ftp\nset set-there yes\necho one ${1} ${2}")
	put("lib/two.ftp", "def hello x; echo hello ${x}; end")
	w.cfg.Args = []string{"arg", "more"}
	if err := Run(context.Background(), w.cfg, filepath.Join(dir, "main.ftp")); err != nil {
		t.Fatal(err, HintOf(err))
	}
	if got := w.out.String(); got != "one a b c\nhello yes\narg\none arg more\n" {
		t.Error(got)
	}
	put("lib/two.ftp", "def hello x; ecko hello ${x}; end")
	err := Run(context.Background(), w.cfg, filepath.Join(dir, "main.ftp"))
	if err == nil || !strings.Contains(err.Error(), "two.ftp:1:14: there is no verb") || ExitCode(err) != 2 {
		t.Error(err)
	}
	put("loop.ftp", "source loop.ftp")
	err = Run(context.Background(), w.cfg, filepath.Join(dir, "loop.ftp"))
	if err == nil || !strings.Contains(err.Error(), "more than 50 deep") {
		t.Error(err)
	}
}

func TestAtEnd(t *testing.T) {
	for in, want := range map[string]string{
		"echo a\nat-end; echo ${status} ${error}; end\necho b":                               "0 a\nb\n0 \n",
		"at-end; echo ${status}; mkdir late; end\nsize none":                                 "1 1\n",
		"size none\nat-end; echo one; end; at-end; echo two; end":                            "1 one\ntwo\n",
		"at-end; echo end; end; quit 3; echo x":                                              "3 end\n",
		"at-end; echo end; end; quit":                                                        "0 end\n",
		"at-end; size none; echo x; end; at-end; echo two; end":                              "1 two\n",
		"at-end; size none; end; quit 7":                                                     "7 ",
		"on-error continue; size none\nat-end; echo ${status} ${error}; echo ${status}; end": "10 10 one line failed\n10\n",
		"at-end; if failed; echo failed; else; echo ok; end; end\ncd none":                   "1 failed\n",
	} {
		w := blockWorld(t)
		err := w.in(in)
		code, text, _ := strings.Cut(want, " ")
		if strconv.Itoa(ExitCode(err)) != code || w.out.String() != text {
			t.Errorf("%s: exit %d %v\n%s", in, ExitCode(err), err, w.out.String())
		}
		if w.server.dirs["/late"] != strings.Contains(in, "late") {
			t.Errorf("%s: the server was not reached", in)
		}
	}
}

func TestAtEndRunsAfterASignal(t *testing.T) {
	w := blockWorld(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(20*time.Millisecond, func() { cancel(signalled(15)) })
	file := filepath.Join(w.dir, "f")
	os.WriteFile(file, []byte("open ftp.test\nuser anna secret\nat-end; mkdir late; echo ${status}; end\n!exec sleep 20\necho no\n"), 0o600)
	err := Run(ctx, w.cfg, file)
	if ExitCode(err) != 143 || w.out.String() != "143\n" || !w.server.dirs["/late"] {
		t.Error(err, w.out.String(), w.err.String())
	}
}

// What is typed at a prompt may define verbs and use them.
func TestBlocksAtAPrompt(t *testing.T) {
	w := blockWorld(t)
	e, err := New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"def hi x", "echo hi ${x}", "end", "hi you", "for a in 1 2", "hi ${a}", "end", "at-end; echo bye; end"} {
		if err := e.ExecText(t.Context(), line); err != nil {
			t.Fatal(line, err)
		}
	}
	if err := e.Finish(t.Context()); err != nil || w.out.String() != "hi you\nhi 1\nhi 2\nbye\n" {
		t.Error(err, w.out.String())
	}
}
