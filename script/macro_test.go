package script

import (
	"context"
	"strings"
	"testing"
)

func TestMacros(t *testing.T) {
	for in, want := range map[string]string{
		"macdef hi\necho hello\necho again\n\n$ hi":                 "hello\nagain\n",
		"macdef two\necho $2 $1\n\n$two a 'b  c'":                   "b  c a\n",
		"macdef each\necho [$i]\n\n$each a 'b  c'":                  "[a]\n[b  c]\n",
		"macdef q\necho \"$1\" '$1' \\$1\n\n$q 'x y'":               "x y ${1} $1\n",
		"macdef in\necho $1\n\nmacdef out\n$in x$1\n\n$out y":       "xy\n",
		"set v 1\nmacdef m\nset w ${v}$1\n\n$m 2\necho ${v}":        "1\n",
		"macdef m\nmkdir $1\nlcd .\n\n$m d\nls":                     "d\n",
		"macdef long\necho $10 $1\n\n$long a b c d e f g h i j":     "j a\n",
		"macdef none\necho never $i\n\n$none":                       "",
		"macdef m # a comment\n# nothing\necho x # y\n\n$m\necho z": "x\nz\n",
	} {
		w := newWorld(t)
		err := w.in(in)
		if err != nil || w.out.String() != want {
			t.Errorf("%q printed %q, want %q; %v", in, w.out.String(), want, err)
		}
	}
}

func TestMacroMistakes(t *testing.T) {
	for in, want := range map[string]string{
		"$ nothing":                  `test.ftp:3: $: there is no macro "nothing"`,
		"macdef m\necho\n":           "test.ftp:3:1: macdef: this macro has no end",
		"macdef m\n$m\n\n$m":         "macros call each other more than 50 deep",
		"macdef m\necho $2\n\n$m a":  `echo: there is no argument "2"`,
		"macdef m\nnonsense\n\n$m a": `there is no verb "nonsense"`,
	} {
		err := newWorld(t).in(in)
		if got := message(err); !strings.HasSuffix(got, want) {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestMacroAtThePrompt(t *testing.T) {
	w := newWorld(t)
	e, err := New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"macdef m", "echo $1", "", "$ m x"} {
		if err := e.ExecText(context.Background(), line); err != nil {
			t.Fatal(err)
		}
		if pending := line != "" && line[0] != '$'; e.Pending() != pending {
			t.Errorf("%q: pending %v", line, e.Pending())
		}
	}
	if w.out.String() != "x\n" {
		t.Error(w.out.String())
	}
	_ = e.ExecText(context.Background(), "macdef n")
	if e.Forget(); e.Pending() {
		t.Error("not forgotten")
	}
}

// Windows' ftp -s:FILE has the name and the password on lines of their own.
func TestAnswers(t *testing.T) {
	for in, want := range map[string]string{
		"open ftp.test\r\nanna\r\nsecret\r\nmkdir a\r\nbye\r\n": "USER anna,PASS ****,MKD a",
		"open ftp.test 21\n\n# who\nanna\nget\nmkdir a":         "USER anna,PASS ****,MKD a",
		"open ftp.test\nuser anna secret\nmkdir a":              "USER anna,PASS ****,MKD a",
		"open ftp.test\nanna\nsecret\nsize x":                   "USER anna,PASS ****",
		"open anna:secret@ftp.test\nmkdri":                      "",
		"open ftp.test\nmkdri":                                  "",
		"open ftp.test\nanna":                                   "",
	} {
		w := newWorld(t)
		if strings.Contains(in, "\nget\n") {
			w.server.password = "get"
		}
		err := w.run(in)
		if strings.HasSuffix(in, "\nanna") && message(err) != `test.ftp:2:1: there is no verb "anna"` {
			t.Error(message(err))
		}
		if got := strings.Join(w.server.shown("USER", "PASS", "MKD"), ","); got != want {
			t.Errorf("%q sent %s, want %s; %v", in, got, want, err)
		}
		if strings.Contains(w.err.String()+message(err), "secret") && !strings.Contains(in, "@") {
			t.Errorf("%q shows the password: %v %s", in, err, w.err.String())
		}
	}
}
