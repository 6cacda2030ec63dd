package script

import (
	"strings"
	"testing"
)

// Half a sum is no sum: a listing that is not understood, or can't be had,
// fails.
func TestWalksAreWholeOrFail(t *testing.T) {
	for _, line := range []string{"find", "du", "du -s", "find -l . x"} {
		w := newWorld(t)
		w.server.listing = "type=file;size=3; a\r\nwhat is this\r\n"
		if err := w.in(line); err == nil || !strings.Contains(err.Error(), "not understood") {
			t.Errorf("%s: %v", line, err)
		}
		w = newWorld(t)
		w.server.dirs["/d"] = true
		w.server.refuse["MLSD"] = "550 no"
		w.server.refuse["LIST"] = "550 no"
		if err := w.in(line); err == nil {
			t.Errorf("%s: no error where nothing can be listed", line)
		}
	}
}

// A server whose tree goes in circles is left after MaxDepth directories.
func TestWalkIsBounded(t *testing.T) {
	w := newWorld(t)
	w.server.listing = "type=dir; a\r\n"
	for d, dir := "", 0; dir < MaxDepth+2; dir++ {
		d += "/a"
		w.server.dirs[d] = true
	}
	if err := w.in("find"); err == nil || !strings.Contains(err.Error(), "deeper than") {
		t.Error(err)
	}
}

func TestDuAsksTheServer(t *testing.T) {
	w := newWorld(t)
	w.server.file("/d/a", "abc")
	w.server.extra = []string{" DSIZ"}
	w.server.refuse["DSIZ"] = "213 77"
	w.mustIn("du -s d")
	if w.out.String() != "77\td\n" {
		t.Error(w.out.String())
	}
	w = newWorld(t)
	w.server.file("/d/a", "abc")
	w.server.extra = []string{" DSIZ"}
	w.mustIn("du -s d")
	if w.out.String() != "3\td\n" {
		t.Error(w.out.String())
	}
}

// df believes a number, and tells of a server that has none to tell.
func TestDf(t *testing.T) {
	for _, tt := range []struct{ line, reply, want string }{
		{"df d", "213 2048", "2048\n"},
		{"df", "213  0 ", "0\n"},
		{"df -h", "213 2048", "2.0K\n"},
		{"df", "502 no", ""},
		{"df", "213 plenty", ""},
		{"df", "213 -1", ""},
		{"df", "200 7", ""},
	} {
		w := newWorld(t)
		w.server.refuse["AVBL"] = tt.reply
		err := w.in(tt.line)
		if w.out.String() != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s, %s: %q, %v", tt.line, tt.reply, w.out.String(), err)
		}
	}
}

func TestFindMistakes(t *testing.T) {
	for _, line := range []string{"find -t x", "find -t fd", "find . '['x[", "find -d -1", "find -d x", "find a b c"} {
		w := newWorld(t)
		if err := w.in(line); ExitCode(err) != exitUsage {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestFindHintsAtItsOwnWords(t *testing.T) {
	for line, want := range map[string]string{"find -name '*.csv'": "find . *.csv", "find -type f": "-t f"} {
		var b strings.Builder
		PrintError(&b, newWorld(t).in(line))
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s: %s", line, b.String())
		}
	}
}

// A person reads columns, and sizes with a unit; what is piped stays as it is.
func TestSumsForPeople(t *testing.T) {
	for line, want := range map[string]string{
		"du d":           "   2.0K  d\n",
		"find -l d":      "file     2.0K  2026-03-04T05:06:07Z  d/big\n",
		"du d > sums":    "",
		"lcat sums":      "2048\td\n",
		"find -l d > it": "",
		"lcat it":        "file\t2048\t2026-03-04T05:06:07Z\td/big\n",
	} {
		w := newWorld(t)
		w.server.file("/d/big", strings.Repeat("x", 2048))
		if name, ok := strings.CutPrefix(line, "lcat "); ok {
			w.mustIn(map[string]string{"sums": "du d > sums", "it": "find -l d > it"}[name])
		}
		w.cfg.Show = quietShower{}
		w.mustIn(line)
		if got := w.out.String(); got != want {
			t.Errorf("%s: %q", line, got)
		}
	}
}
