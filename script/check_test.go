package script

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// checked is what Check says of a text, a line a mistake.
func checked(t *testing.T, w *world, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	err := Check(t.Context(), w.cfg, file)
	if err == nil {
		return ""
	}
	if ExitCode(err) != exitUsage {
		t.Errorf("exit %d: %v", ExitCode(err), err)
	}
	var lines []string
	for _, err := range split(err) {
		text := strings.ReplaceAll(err.Error(), filepath.Dir(file)+string(filepath.Separator), "")
		lines = append(lines, fmt.Sprintf("%s (%s)", text, HintOf(err)))
	}
	return strings.Join(lines, "\n")
}

const secretHint = "leave it out: FERRY_PASSWORD, password-file, password-command and ~/.netrc are asked, or write ${env:NAME}"

func TestCheck(t *testing.T) {
	for in, want := range map[string]string{
		"open h\nset x 1\nget ${x}\n": "",
		"#\xff\n":                     "",
		"open h\nget ${x}\n":          "f:2:5: get: ${x} is never set (set x VALUE sets it)",
		"open h\nget ${x}\nset x 1":   "f:2:5: get: ${x} is not set before this line (set it further up)",
		"set name 1; echo ${nmae}":    "f:1:18: echo: ${nmae} is never set (did you mean ${name}?)",
		"echo ${1} ${7} ${here} ${temp} ${status} ${error} ${host} ${verify}": "",
		"if defined x; echo ${x}; end":                                        "",
		"if ok; set x 1; end; echo ${x}":                                      "",
		"for x in a; end; echo ${x}":                                          "",
		"def p x; echo ${x} ${y}; end; set y 1; p a":                          "",
		"def p x; echo ${x} ${z}; end; p a":                                   "f:1:20: echo: ${z} is never set (set z VALUE sets it)",
		"at-end; echo ${late}; end; set late 1":                               "",
		"echo x > ${out}":                                                     "f:1:10: echo: ${out} is never set (set out VALUE sets it)",
		"open h\nuser ${who} ${env:P}":                                        "f:2:1: user: ${who} is never set (set who VALUE sets it)",
		"!echo ${x} $y":                                                       "",
		"echo $x '$y' \\$z $":                                                 "f:1:6: echo: $x is no variable here (${x} is what set has set, or an argument, ${env:x} the environment's; in single quotes it is only itself)",
		"quit\necho a\necho b":                                                "f:2:1: echo: this line is never reached (`quit` stands before it)",
		"if ok; quit; end; echo a":                                            "",
		"if ok\nbye\npwd\nend":                                                "f:3:1: pwd: this line is never reached (`bye` stands before it)\nf:3:1: pwd: nothing is open here (open HOST connects; it stands before this line)",
		"for x in a; break; echo x; end":                                      "f:1:20: echo: this line is never reached (`break` stands before it)",
		"quit\nat-end; echo a; end\ndef x; end":                               "",
		"pwd\nls":                                                             "f:1:1: pwd: nothing is open here (open HOST connects; it stands before this line)",
		"def go; open h; end; go; pwd":                                        "",
		"open h\nuser anna secret":                                            "f:2:1: user: a secret stands in the script (" + secretHint + ")",
		"open h\nuser anna ${env:P}\nuser anonymous me@example.com\nuser ftp x": "",
		"open ftp://anna:pw@h/x": "f:1:6: open: a secret stands in the script (" + secretHint + ")",
		"open ftp://anna@h/x\nopen ftp://anonymous:me@h\nopen -u anna h\nopen ftp://a:${env:P}@h": "",
		"open -u anna,pw h":             "f:1:9: open: a secret stands in the script (" + secretHint + ")",
		"open -uanna,pw h":              "f:1:6: open: a secret stands in the script (" + secretHint + ")",
		"open h\nquote PASS pw":         "f:2:1: quote: a secret stands in the script (" + secretHint + ")",
		"open h\nget ftp://h/x":         "f:2:5: get: ftp://h/x is a URL, and REMOTE a name (open the server before it, or `fxp URL URL` from one to another)",
		"open h\naccount pw":            "f:2:1: account: a secret stands in the script (" + secretHint + ")",
		"set my-password pw":            "f:1:17: set: a secret stands in the script (" + secretHint + ")",
		"set my-password ${env:P}":      "",
		"open h\nanna\npw":              "f:2:1: user: a secret stands in the script (" + secretHint + ")",
		"open h\nmget *.[z-a] ok*":      "f:2:6: mget: the pattern *.[z-a] can match nothing (a name that holds * ? [ or { stands in single quotes: '*.[z-a]')",
		"open h\nget {a/b,c}*":          "f:2:5: get: the pattern {a/b,c}* can match nothing (a name that holds * ? [ or { stands in single quotes: '{a/b,c}*')",
		"open h\nget 'x[1'\nget x[1":    "f:3:5: get: the pattern x[1 can match nothing (a name that holds * ? [ or { stands in single quotes: 'x[1')",
		"set verify sizes":              "f:1:12: set: verify can't be \"sizes\": one of auto, size, hash, none is wanted (`set verify` shows what it is)",
		"set verfy size":                "f:1:5: set: there is no setting \"verfy\" (did you mean verify? `set` lists them all)",
		"set ssl:verify-certificate no": "f:1:5: set: there is no setting \"ssl:verify-certificate\" (there is no switching it off: `set pin sha256:…` trusts one certificate, `set ca FILE` an authority)",
		"set ftp:ssl-allow no; set net:max-retries 3; set ftp:sync-mode off": "",
		"open h\nget --existing never x":                                     "f:2:1: get: existing can't be \"never\": one of overwrite",
		"gett x\nopen h\nputt y\nget ${z}":                                   "f:1:1: there is no verb \"gett\" (did you mean get? `help get` explains it)\nf:3:1: there is no verb \"putt\" (did you mean put? `help put` explains it)\nf:4:5: get: ${z} is never set (set z VALUE sets it)",
		"if ok\nopen h\nfor x in a\nget ${z}\nuser anna secret\nbye\npwd":    "f:3:1: for: this block has no end (a line with the word end closes it)\nf:4:5: get: ${z} is never set (set z VALUE sets it)\nf:5:1: user: a secret stands in the script (" + secretHint + ")\nf:7:1: pwd: this line is never reached (`bye` stands before it)",
		"def\nget ${z}\nend":                                                 "f:1: def: needs NAME (usage: def NAME [PARAMETER…])\nf:2:5: get: ${z} is never set (set z VALUE sets it)",
		"if ok\nopen h\nget":                                                 "f:1:1: if: this block has no end (a line with the word end closes it)\nf:3: get: needs REMOTE (usage: get",
		"open h\nmacdef up\nputt $1\nput $1\n\n$ up x":                       "f:3:1: there is no verb \"putt\" (did you mean put? `help put` explains it)",
		"source none.ftp":                                                    "f:1:8: source: none.ftp: no such file or directory",
		"source ${1}\nwhatever ${x}\npwd":                                    "",
		"assert size x":                                                      "f:1: assert: size wants REMOTE BYTES",
		"option transfer binary\noption bath on":                             "f:2: option: there is no option \"bath\"",
	} {
		w := newWorld(t)
		got := checked(t, w, in)
		if strings.HasSuffix(want, "get") || strings.HasSuffix(want, "overwrite") || strings.HasSuffix(want, "directory") || strings.HasSuffix(want, "BYTES") || strings.HasSuffix(want, "\"bath\"") {
			got = got[:min(len(got), len(want))]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", in, diff)
		}
		if len(w.server.commands) > 0 {
			t.Errorf("%s: it connected", in)
		}
	}
}

func TestCheckKnowsArguments(t *testing.T) {
	w := newWorld(t)
	w.cfg.Args = []string{"a"}
	if got := checked(t, w, "echo ${1} ${2}"); got != "f:1:11: echo: there is no argument 2 (the script was given 1)" {
		t.Error(got)
	}
	w.cfg.In = strings.NewReader("open h\nputt x\n")
	if err := Check(t.Context(), w.cfg, "-"); err == nil || err.Error() != `-:2:1: there is no verb "putt"` {
		t.Error(err)
	}
}

func TestCheckLooksIntoSources(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"main.ftp":  "source login.ftp\nget ${day}\nsource lib.ftp\nfetch x\nget ${dya}",
		"login.ftp": "open h\nset day 1",
		"lib.ftp":   "def fetch name\nget ${nmae}\nend\nsource lib.ftp",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	err := Check(t.Context(), newWorld(t).cfg, filepath.Join(dir, "main.ftp"))
	var got []string
	for _, err := range split(err) {
		got = append(got, strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""))
	}
	want := []string{"lib.ftp:2:5: get: ${nmae} is never set", "main.ftp:5:5: get: ${dya} is never set"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever Check is given, it comes to an end, and what it says is about the text.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{"open a:CANARY@h\nquit\npwd", "def x; x; end; x", "for x in ${y}; end", "macdef a\n$1\n\n", "source f\n", "set password CANARY", "user a CANARY ${x}", "if a == b; else if ok; else; end", "retry 3 timeout 1s put *[z-a]", "echo a > ${b} & ls | x"} {
		f.Add(s)
	}
	cfg := Config{Netrc: "none", Env: func(string) (string, bool) { return "", false }}
	f.Fuzz(func(t *testing.T, s string) {
		c := cfg
		c.In = strings.NewReader(s)
		if err := Check(t.Context(), c, "-"); err != nil && ExitCode(err) != exitUsage {
			t.Errorf("%q: %v", s, err)
		}
	})
}

func TestLocalDelete(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a.x", "b.x", "c"} {
		w.local(name, "")
	}
	w.local("dir/keep", "")
	if err := w.run("lrm *.x\n"); err != nil {
		t.Fatal(err)
	}
	if err := w.run("lrm dir\n"); ExitCode(err) == 0 {
		t.Error("a directory was deleted")
	}
	left, _ := filepath.Glob(filepath.Join(w.dir, "*"))
	if len(left) != 2 {
		t.Error(left)
	}
	if err := w.run("lrm a.x\n"); ExitCode(err) != exitLocal {
		t.Error(err)
	}
}
