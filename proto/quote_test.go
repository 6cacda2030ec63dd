package proto_test

import (
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
