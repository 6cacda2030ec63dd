package proto_test

import (
	"strings"
	"testing"

	"ferry/proto"
)

// shown is the text of a reply as an error shows it.
func shown(text string) string {
	e := &proto.ReplyError{Command: proto.Cmd("X"), Reply: proto.Reply{Code: proto.Refused, Lines: []string{text}}}
	return strings.TrimPrefix(e.Error(), "X: 550 ")
}

func TestShownText(t *testing.T) {
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
		if got := shown(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzShownText(f *testing.F) {
	f.Add("a\x1b\x9b\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := shown(s)
		if strings.ContainsAny(got, "\x00\x07\x1b\r\n\x7f\u009b\u202e") || shown(got) != got {
			t.Errorf("%q: %q", s, got)
		}
	})
}
