package serve

import (
	"path"
	"strings"
	"testing"
)

func TestResolve(t *testing.T) {
	for _, c := range []struct{ cwd, arg, want string }{
		{"/", "", "/"},
		{"/a", "", "/a"},
		{"/a", "b", "/a/b"},
		{"/a", "/b/", "/b"},
		{"/a", "..", "/"},
		{"/a", "../..", "/"},
		{"/a/b", "../../../../etc/passwd", "/etc/passwd"},
		{"/a", "/../x", "/x"},
		{"/a", "//b///c", "/b/c"},
		{"/a", "./b/./c/..", "/a/b"},
		{"/a", " b ", "/a/ b "},
		{"/a", `..\..\x`, `/a/..\..\x`},
		{"/a", "%2e%2e/x", "/a/%2e%2e/x"},
		{"/a", "\xc0\xae\xc0\xae/x", "/a/\xc0\xae\xc0\xae/x"},
		{"/a", "...", "/a/..."},
		{"/a", "~root", "/a/~root"},
	} {
		if got, err := resolve(c.cwd, c.arg); got != c.want || err != nil {
			t.Errorf("resolve(%q, %q) = %q, %v; want %q", c.cwd, c.arg, got, err, c.want)
		}
	}
	for _, bad := range []string{"a\x00b", "a\x1bb", "a\tb", "\x7f", strings.Repeat("x", maxPath)} {
		if got, err := resolve("/", bad); err == nil {
			t.Errorf("resolve(%.20q) = %.20q, want an error", bad, got)
		}
	}
}

func FuzzResolve(f *testing.F) {
	for _, s := range []string{"", "..", "a/../../b", "//", "/a/.", "a\x00", strings.Repeat("../", 50)} {
		f.Add("/x/y", s)
	}
	f.Fuzz(func(t *testing.T, cwd, arg string) {
		cwd, err := resolve("/", cwd)
		if err != nil {
			return
		}
		p, err := resolve(cwd, arg)
		if err != nil {
			return
		}
		if !path.IsAbs(p) || path.Clean(p) != p || strings.Contains(p+"/", "/../") {
			t.Fatalf("resolve(%q, %q) = %q", cwd, arg, p)
		}
		if again, err := resolve("/", p); again != p || err != nil {
			t.Fatalf("resolve is not stable: %q, then %q, %v", p, again, err)
		}
	})
}
