package bulk

import "testing"

func TestOdd(t *testing.T) {
	for name, want := range map[string]oddity{
		"a/b": 0, ".": 0, "../x": 0, " leading": 0, "ü": 0, ".hidden": 0,
		"a ": oddBlank, "a /b": oddBlank, "a.": oddDot, "...": oddDot, "\xe9": oddBytes, "\xe9 ": oddBytes | oddBlank,
	} {
		if got := odd(name); got != want {
			t.Errorf("%q: %b, want %b", name, got, want)
		}
	}
	for name, want := range map[string]string{"d/e\xe9/f": "d", "a ": ".", "/a /b": "/", "/x/y.": "/x"} {
		if got := plainDir(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	a, _ := probeNames("d")
	for _, end := range []string{" ", "_", ".", "\xe9", "?", "\ufffd"} {
		if !isTemp(a[2:] + end) {
			t.Errorf("%q is not taken for ours", a+end)
		}
	}
}
