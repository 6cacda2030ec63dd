package script

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
)

func TestWaysToLogIn(t *testing.T) {
	for script, want := range map[string]string{
		"open ftp.test\nuser anna secret":             "USER anna, PASS ****",
		"open ftp.test 21\nuser anna 'secret'":        "USER anna, PASS ****",
		"open ftp.test:21\nuser 'anna' secret":        "USER anna, PASS ****",
		"open anna:secret@ftp.test":                   "USER anna, PASS ****",
		"open ftp://anna:secret@ftp.test/d":           "USER anna, PASS ****, CWD d",
		"open ftp://an%6ea:s%65cret@ftp.test/%2Fd":    "USER anna, PASS ****, CWD /d",
		"open -u anna,secret ftp.test":                "USER anna, PASS ****",
		"open -u anna,secret -p 21 ftp.test":          "USER anna, PASS ****",
		"open ftp://ftp.test":                         "USER anonymous, PASS ****",
		"open ftp.test\nuser anonymous":               "USER anonymous, PASS ****",
		"set p secret\nopen ftp.test\nuser anna ${p}": "USER anna, PASS ****",
		"open anna@ftp.test\nuser bob secret":         "USER anna, PASS ****, USER bob, PASS ****",
	} {
		t.Run(script, func(t *testing.T) {
			w := newWorld(t)
			w.server.file("/d/x", "")
			if strings.Contains(script, "anna@") {
				w.cfg.Env = func(name string) (string, bool) { return "secret", name == "FERRY_PASSWORD" }
			}
			if err := w.run(script + "\npwd\n"); err != nil {
				t.Fatal(err, HintOf(err))
			}
			got := strings.Join(w.server.shown("USER", "PASS", "CWD"), ", ")
			if got != want {
				t.Errorf("sent %s, want %s", got, want)
			}
		})
	}
}

// shown is sent with its secrets starred.
func (f *fake) shown(verbs ...string) []string {
	var all []string
	for _, line := range f.sent(verbs...) {
		cmd, _ := proto.ParseCommand(line)
		all = append(all, cmd.String())
	}
	return all
}

func TestPasswordsOfAllKinds(t *testing.T) {
	for line, password := range map[string]string{
		"user anna p#a;s&s|w>o": "p#a;s&s|w>o",
		`user anna it's\n`:      `it's\n`,
		`user anna "a b"`:       "a b",
		"user anna '${x}'":      "${x}",
		"user anna 'a\"b'":      `a"b`,
		"user anna ${x}":        "of x; #",
		`user anna "${x}!"`:     "of x; #!",
		"user anna $x":          "$x",
		"user anna \"":          `"`,
		"  user\tanna   p  ":    "p",
		"user anna p\xe9":       "p\xe9",
	} {
		w := newWorld(t)
		w.server.password = password
		if err := w.run("set x 'of x; #'\nopen ftp.test\n" + line + "\npwd"); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestCredentialsOrder(t *testing.T) {
	const netrc = "machine ftp.test login anna password secret\nmachine other login x password y\n"
	for name, c := range map[string]struct {
		open, env, netrc string
		want             string
		code             int
	}{
		"url before environment":   {"open anna:secret@ftp.test", "wrong", netrc, "USER anna,PASS secret", 0},
		"environment before netrc": {"open anna@ftp.test", "wrong", netrc, "USER anna,PASS wrong", 5},
		"netrc for a named user":   {"open anna@ftp.test", "", netrc, "USER anna,PASS secret", 0},
		"netrc for a host alone":   {"open ftp.test", "", netrc, "USER anna,PASS secret", 0},
		"another user's netrc":     {"open bob@ftp.test", "", netrc, "", 5},
		"default entry":            {"open ftp.test", "", "default login anna password secret", "USER anna,PASS secret", 0},
		"user names another":       {"open ftp.test\nuser bob secret", "", netrc, "USER bob,PASS secret", 0},
		"user without password":    {"open ftp.test\nuser anna", "", netrc, "USER anna,PASS secret", 0},
		"nothing known":            {"open ftp.test", "", "", "USER anonymous,PASS ferry@", 0},
		"cut netrc":                {"open ftp.test", "", "machine", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.cfg.Env = func(name string) (string, bool) { return c.env, name == "FERRY_PASSWORD" && c.env != "" }
			w.cfg.Netrc = filepath.Join(w.dir, ".netrc")
			if err := os.WriteFile(w.cfg.Netrc, []byte(c.netrc), 0o600); err != nil {
				t.Fatal(err)
			}
			err := w.run(c.open + "\npwd\n")
			if got := strings.Join(w.server.sent("USER", "PASS"), ","); got != c.want || ExitCode(err) != c.code {
				t.Errorf("sent %q, want %q; %v, code %d, want %d", got, c.want, err, ExitCode(err), c.code)
			}
		})
	}
}

func TestNetrcThatOthersCanRead(t *testing.T) {
	if os.PathSeparator == '\\' {
		t.Skip("no permissions here")
	}
	w := newWorld(t)
	w.cfg.Netrc = filepath.Join(w.dir, ".netrc")
	os.WriteFile(w.cfg.Netrc, []byte("machine ftp.test login anna password secret"), 0o644)
	err := w.run("open ftp.test\npwd")
	if ExitCode(err) != 5 || !strings.HasPrefix(HintOf(err), "chmod 600") || len(w.server.sent("PASS")) > 0 {
		t.Error(err, HintOf(err))
	}
}

func TestWrongPasswordInAScript(t *testing.T) {
	w := newWorld(t)
	err := w.run("open ftp.test\nuser anna CANARY\nmkdir a\n")
	if ExitCode(err) != 5 || len(w.server.sent("PASS")) != 1 || len(w.server.sent("MKD")) != 0 {
		t.Error(err, w.server.commands)
	}
	if all := err.Error() + HintOf(err) + w.err.String() + w.out.String(); strings.Contains(all, "CANARY") {
		t.Error("the password is shown: " + all)
	}
}

func TestScriptNeverAsks(t *testing.T) {
	w := newWorld(t)
	err := w.run("open anna@ftp.test")
	if ExitCode(err) != 5 || !strings.Contains(HintOf(err), "FERRY_PASSWORD") {
		t.Error(err, HintOf(err))
	}
}

func TestShellAsksAgain(t *testing.T) {
	for _, hangUp := range []bool{false, true} {
		w := newWorld(t)
		w.server.hangUp = hangUp
		a := &asker{lines: []string{"anna", "anna", "bob"}, secrets: []string{"x", "y", "secret"}}
		w.cfg.Ask = a
		if err := w.run("open ftp.test\npwd"); err != nil {
			t.Fatal(err)
		}
		want := []string{"Name", "Password for anna@ftp.test", "Name", "Password for anna@ftp.test", "Name", "Password for bob@ftp.test"}
		if diff := cmp.Diff(want, a.asked); diff != "" {
			t.Error(diff)
		}
		if w.out.String() != "/\n" {
			t.Error(w.out.String())
		}
	}
}

func TestAccount(t *testing.T) {
	w := newWorld(t)
	w.server.account = "acct"
	if err := w.run("open ftp.test\nuser anna secret acct\npwd"); err != nil {
		t.Fatal(err)
	}
	w = newWorld(t)
	w.server.account = "acct"
	err := w.run("open ftp.test\nuser anna secret\npwd")
	if ExitCode(err) != 5 || !strings.Contains(HintOf(err), "ACCOUNT") {
		t.Error(err, HintOf(err))
	}
	w = newWorld(t)
	w.server.account = "acct"
	w.cfg.Ask = &asker{secrets: []string{"acct"}}
	if err := w.run("open anna:secret@ftp.test\npwd"); err != nil {
		t.Error(err)
	}
}

func TestConnectionMistakes(t *testing.T) {
	for line, want := range map[string]struct {
		code int
		hint string
	}{
		"pwd":                         {3, "open HOST connects"},
		"reopen":                      {3, "open HOST connects"},
		"open nowhere.test":           {3, "is the name spelled right? Does this machine reach its name server?"},
		"open ftp.test 2121":          {3, "nothing answers at that port: FTP's is 21, and 2121 where `ferry serve` may not have that"},
		"open bob@ftp.test":           {5, "a script doesn't ask: set FERRY_PASSWORD, password-file or password-command, or add the host to ~/.netrc"},
		"open ftp.test 0":             {2, "21 is FTP's; in a URL's password / is written %2F, @ %40 and : %3A"},
		"open http://x":               {2, "ftp://HOST/PATH is"},
		"open ftp://h/%zz":            {2, "%25 is a percent sign"},
		"open ''":                     {2, "usage: open [-u USER[,PASSWORD]] [-p PORT] HOST [PORT]"},
		"open [::1":                   {2, "[::1]:21"},
		"open ftp.test\nuser":         {2, "usage: user NAME [PASSWORD] [ACCOUNT]"},
		"open ftp.test\nuser a b c d": {2, `a password with blanks goes in quotes: user NAME "PASS WORD"`},
	} {
		err := newWorld(t).run(line)
		if ExitCode(err) != want.code || HintOf(err) != want.hint {
			t.Errorf("%s: %v, code %d, hint %q", line, err, ExitCode(err), HintOf(err))
		}
	}
}

func TestReopenReturnsToThePlace(t *testing.T) {
	w := newWorld(t)
	w.server.file("/d/x", "")
	w.mustIn("ascii\ncd d\npwd\nreopen\npwd\ntype\n")
	if w.out.String() != "/d\n/d\nTYPE A, STRU F, MODE S\n" {
		t.Error(w.out.String())
	}
}

func TestReopenRepeatsTheWay(t *testing.T) {
	w := newWorld(t)
	w.server.file("/d/e/x", "").file("/d/f/x", "")
	w.mustIn("cd d\ncd e\ncd ..\n-cd nothing\ncd f\nreopen\npwd\nreopen\npwd\n")
	if w.out.String() != "/d/f\n/d/f\n" {
		t.Error(w.out.String())
	}
}

func TestTypeBeforeOpen(t *testing.T) {
	w := newWorld(t)
	w.server.file("/a", "x")
	if err := w.run("ascii\nopen anna:secret@ftp.test\ncat a\n"); err != nil {
		t.Fatal(err)
	}
	types := w.server.sent("TYPE")
	if !slices.Contains(types, "TYPE A") || types[len(types)-1] != "TYPE A" {
		t.Error(types)
	}
}

func TestDebugShowsTheDialogueWithoutSecrets(t *testing.T) {
	w := newWorld(t)
	if err := w.run("debug\nopen anna:secret@ftp.test\nquote NOOP\n"); err != nil {
		t.Fatal(err)
	}
	got := w.err.String()
	for _, want := range []string{"C: USER anna\n", "C: PASS ****\n", "S: 230 In\n", "C: NOOP\n", "> open anna:****@ftp.test\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "secret") {
		t.Error(got)
	}
}

func TestEngineInTheShell(t *testing.T) {
	w := newWorld(t)
	w.cfg.Ask = &asker{}
	e, err := New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := e.ExecText(ctx, "open anna:secret@ftp.test; mkdir a"); err != nil {
		t.Fatal(err)
	}
	if err := e.ExecText(ctx, "size x"); err == nil || err.Error() != "size: x: 550 No such file" {
		t.Error(err)
	}
	st := e.State()
	if where, err := st.Where(ctx); where != "/" || err != nil || !st.LoggedIn() || st.Site().User != "anna" {
		t.Error(where, err, st.Site())
	}
	if strings.Contains(w.err.String(), "> ") {
		t.Error("a prompt's line was echoed: " + w.err.String())
	}
	if err := e.Close(ctx); err != nil || st.LoggedIn() {
		t.Error(err)
	}
}

func TestNoConnection(t *testing.T) {
	for line, want := range map[string]string{
		"open ftp.test 2121": "test.ftp:1: open: ftp.test:2121: connection refused",
		"open nowhere.test":  "test.ftp:1: open: nowhere.test:21: no such host",
	} {
		if got := message(newWorld(t).run(line)); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}
