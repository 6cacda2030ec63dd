package proto_test

import (
	"strings"
	"testing"

	"ferry/proto"
)

func TestQuote(t *testing.T) {
	for path, want := range map[string]string{
		"/a b": `"/a b"`, `/a"b`: `"/a""b"`, `""`: `""""""`, "": `""`, "\xff": "\"\xff\"",
	} {
		if got := proto.Quote(path); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}

func TestUnquote(t *testing.T) {
	const none = "(none)"
	tests := map[string]string{
		`"/usr/dm"`:                           "/usr/dm",
		`"/usr/dm" is the current directory.`: "/usr/dm",
		`"/a ""b"" c" created`:                `/a "b" c`, // RFC 959 appendix II
		`"""x"""`:                             `"x"`,
		`""`:                                  "",
		`Current directory is "/a"`:           "/a",
		`"/a" is "current"`:                   "/a",
		`"'HLQ.'" is the working directory name prefix.`: "'HLQ.'",
		`/home/anna is current directory.`:               "/home/anna",
		`  /home`:                                        "/home",
		`C:\WINNT is current directory.`:                 `C:\WINNT`,
		`DEV:[DIR.SUB] is default directory.`:            "DEV:[DIR.SUB]",
		`MKD command successful.`:                        none,
		`Directory created`:                              none,
		`"/a`:                                            none,
		`"/a""`:                                          none,
		`"`:                                              none,
		``:                                               none,
		`   `:                                            none,
	}
	for text, want := range tests {
		got, ok := proto.Unquote(text)
		if !ok {
			got = none
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzUnquote(f *testing.F) {
	for _, s := range []string{`"/a""b" x`, `/a b`, `"`, `"""`, "MKD ok"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		proto.Unquote(s)
		for _, behind := range []string{"", " created", ` "x"`} {
			if got, ok := proto.Unquote(proto.Quote(s) + behind); !ok || got != s {
				t.Errorf("%q: %q, %v", s, got, ok)
			}
		}
	})
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"plain äöü €\t":              "plain äöü €\t",
		"Latin-1 \xe9\xff":           "Latin-1 \xe9\xff",
		"\x1b[2J\x00\r\n\x7f":        "?[2J????",
		"C1 \u009b2J \x9b2J\x80":     "C1 ?2J ?2J?",
		"a\u202egpj.exe\u2066\u2028": "a?gpj.exe??",
		"ok \x1b later \u202e":       "ok ? later ?",
		"�":                          "�",
	} {
		if got := proto.Printable(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b\x9b\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := proto.Printable(s)
		if strings.ContainsAny(got, "\x00\x07\x1b\r\n\x7f\u009b\u202e") || proto.Printable(got) != got {
			t.Errorf("%q: %q", s, got)
		}
	})
}
