package script

import (
	"strings"
	"testing"
)

func TestAssert(t *testing.T) {
	for line, code := range map[string]int{
		"assert exists a.txt":               0,
		"assert exists b.txt":               9,
		"assert missing b.txt":              0,
		"assert missing a.txt":              9,
		"assert size a.txt 5":               0,
		"assert size a.txt 6":               9,
		"assert size a.txt many":            2,
		"assert count / 1":                  0,
		"assert count / 2":                  9,
		"assert checksum a.txt 12":          2,
		"assert same one one-more":          0,
		"assert same one other":             9,
		"assert same one/x.txt other/x.txt": 9,
		"assert same one nothing":           6,
		"assert exists":                     2,
		"assert equal a b":                  2,
	} {
		w := newWorld(t)
		w.server.files["/a.txt"] = "hello"
		w.local("one/x.txt", "same")
		w.local("one-more/x.txt", "same")
		w.local("other/x.txt", "sane")
		w.local("other/y.txt", "more")
		if err := w.in(line); ExitCode(err) != code {
			t.Errorf("%s: %v, code %d, want %d", line, err, ExitCode(err), code)
		}
	}
}

// ${here} is the script's directory, ${temp} one of the run, gone at its end.
func TestOwnDirectories(t *testing.T) {
	w := newWorld(t)
	w.mustIn("lcd ${temp}\n!echo hi >made-here\nlls\necho ${temp}\necho ${here}")
	lines := strings.Fields(w.out.String())
	if len(lines) != 3 || lines[0] != "made-here" || !strings.HasPrefix(lines[2], "/") {
		t.Fatalf("%q", w.out.String())
	}
	if err := sameTree(t.Context(), lines[1], lines[1]); err == nil {
		t.Error("the run's directory outlives it")
	}
}
