package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func known() ([]Option, map[string][]Option) {
	return []Option{{Name: "tls", Help: "TLS is `off|on`", Default: []string{"on"}}, {Name: "listen", Kind: Many, Help: "at `ADDR`"},
			{Name: "read-only", Kind: Switch, Help: "no changes"}, {Name: "max", Kind: Count, Help: "`N` at once", Default: []string{"5"}},
			{Name: "idle", Kind: Time, Help: "for `TIME`", Default: []string{"15m0s"}}},
		map[string][]Option{"server": {{Name: "host", Kind: Many}, {Name: "dir"}}}
}

func TestRead(t *testing.T) {
	options, tables := known()
	f, faults := Read("f", []byte(`
tls = 'off' # as it is
listen = [":21", "[::1]:21"]
read-only = true
max = 1_000
"idle" = "5m"
[[server]]
host = "a.example"
[[server]]
host = ["b", "c"]
dir = """/srv/b"""
`), options, tables)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := Values{"tls": {"off"}, "listen": {":21", "[::1]:21"}, "read-only": {"true"}, "max": {"1000"}, "idle": {"5m"}}
	if d := cmp.Diff(want, f.Values); d != "" {
		t.Error(d)
	}
	if f.Places["read-only"] != (Place{4, 1}) || f.Places["idle"] != (Place{6, 1}) {
		t.Errorf("places %v", f.Places)
	}
	s := f.Tables["server"]
	if len(s) != 2 || !slices.Equal(s[0].Values["host"], []string{"a.example"}) || s[1].Values["dir"][0] != "/srv/b" || s[1].Line != 9 {
		t.Errorf("tables %+v", s)
	}
}

// Every mistake at once, with line and column and what may have been meant.
func TestMistakes(t *testing.T) {
	options, tables := known()
	_, faults := Read("f.toml", []byte(`tls = true
lisen = ":21"
  idle = 5
max = "5"
read_only = "yes"
listen = [1]
max = 6
max = 7
[server]
x = 1
[[sever]]
y = 2
[[server]]
hots = "a"
dir = = 3
`), options, tables)
	var got []string
	for _, f := range faults {
		var m *Mistake
		if !errors.As(f, &m) || m.ExitStatus() != 2 {
			t.Fatalf("%v is no mistake", f)
		}
		got = append(got, fmt.Sprintf("%v | %s", m, m.Hint()))
	}
	want := []string{
		"f.toml:1:1: tls: it wants text in quotes | ",
		"f.toml:2:1: there is no setting lisen | did you mean listen?",
		`f.toml:3:3: idle: it wants a time in quotes, such as "15m" | `,
		"f.toml:4:1: max: it wants a number without quotes | ",
		"f.toml:5:1: there is no setting read_only | did you mean read-only?",
		"f.toml:6:1: listen: it wants an array of texts in quotes | ",
		"f.toml:8:1: max is set twice; the first time in line 7 | ",
		"f.toml:9:2: [server] is written with two brackets | [[server]] begins one of several",
		"f.toml:11:3: there are no tables [[sever]] | did you mean [[server]]?",
		"f.toml:14:1: there is no setting hots | did you mean host?",
		"f.toml:15:7: no TOML: unexpected character U+003D '=' at start of value | ",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// What is printed is read again as it was, whatever the values are.
func TestPrint(t *testing.T) {
	options, tables := known()
	v := Values{"tls": {"a\"b\\c\x01\né"}, "listen": {"x", ""}, "read-only": {"true"}, "max": {"7"}, "idle": {"5m"}}
	for _, v := range []Values{v, {}} {
		var b strings.Builder
		Print(&b, options, v)
		f, faults := Read("f", []byte(b.String()), options, tables)
		if d := cmp.Diff(v, f.Values); d != "" || len(faults) > 0 {
			t.Errorf("%s\n%v\n%s", d, faults, b.String())
		}
		if !strings.Contains(b.String(), "# TLS is off|on\n") {
			t.Errorf("no help:\n%s", b.String())
		}
		// Without the comment signs the defaults are what they are said to be.
		bare := strings.NewReplacer("# tls", "tls", "# listen", "listen", "# read-only", "read-only", "# max", "max", "# idle", "idle").Replace(b.String())
		if _, faults := Read("f", []byte(bare), options, tables); len(faults) > 0 {
			t.Errorf("%v\n%s", faults, bare)
		}
	}
}

func TestEnvironment(t *testing.T) {
	options, _ := known()
	env := map[string]string{"X_READ_ONLY": "true", "X_TLS": "", "READ_ONLY": "false"}
	got := Environment("X_", options, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	if d := cmp.Diff(Values{"read-only": {"true"}}, got); d != "" {
		t.Error(d)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("tls = \"a\"\n[[server]]\nhost = [\"a\"]\n")
	f.Add("a.b = { c = 1 }\n[a.b]\n\"\\u00e9\" = 1979-05-27\n")
	f.Add("x = = 1")
	options, tables := known()
	f.Fuzz(func(t *testing.T, text string) {
		file, faults := Read("f", []byte(text), options, tables)
		for _, f := range faults {
			var m *Mistake
			if !errors.As(f, &m) || m.Line < 1 || m.Column < 1 || m.Line > strings.Count(text, "\n")+1 {
				t.Errorf("%v in %q", f, text)
			}
		}
		for name := range file.Values {
			if _, ok := find(options, name); !ok {
				t.Errorf("%s is no option", name)
			}
		}
	})
}
