package serve

import (
	"slices"
	"strings"
	"testing"

	"ferry/proto"
)

func TestWords(t *testing.T) {
	for arg, want := range map[string][]string{
		`a b`:           {"a", "b"},
		`  a   b  `:     {"a", "b"},
		`"a b" c`:       {"a b", "c"},
		`"a ""b""" c"d`: {`a "b"`, `c"d`},
		``:              nil,
	} {
		if got, err := words(arg); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v, want %q", arg, got, err, want)
		}
	}
	for _, arg := range []string{`"a`, `"a"b`, `""`, `"a" "`, `"""`} {
		if got, err := words(arg); err == nil {
			t.Errorf("%q: %q", arg, got)
		}
	}
}

// What is quoted comes back as it was.
func FuzzWords(f *testing.F) {
	f.Add("a b", `c"d`)
	f.Add(`"`, " ")
	f.Fuzz(func(t *testing.T, a, b string) {
		if a == "" || b == "" {
			return
		}
		got, err := words(proto.Quote(a) + " " + proto.Quote(b))
		if err != nil || !slices.Equal(got, []string{a, b}) {
			t.Errorf("%q, %q became %q, %v", a, b, got, err)
		}
		_, _ = words(a)
		_, _ = words(strings.Trim(b, `"`))
	})
}
