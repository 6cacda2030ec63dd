package script

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// What is read once arrives under a name of its own, and gets the target's when
// all of it is there: what stood there stays until then.
func TestStreams(t *testing.T) {
	torn := errors.New("the pipe broke")
	for _, c := range []struct {
		text string
		in   io.Reader
		want string // of /n afterwards
		err  error
	}{
		{"put - n\n", strings.NewReader("new"), "new", nil},
		{"put - n\n", strings.NewReader(""), "", nil},
		{"put - n\n", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(torn)), "old", torn},
		{"put --existing skip - n\n", strings.NewReader("new"), "old", nil},
		{"put --existing newer - n\n", strings.NewReader("new"), "new", nil},
		{"put --verify none - n\n", strings.NewReader("new"), "new", nil},
		{"put --existing rename - n\n", strings.NewReader("new"), "old", nil},
		{"copy x n\n", nil, "other", nil},
		{"ascii\ncopy x n\n", nil, "other", nil},
	} {
		w := newWorld(t)
		w.server.file("/n", "old").file("/x", "other")
		w.cfg.In = c.in
		if err := w.in(c.text); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", c.text, err, c.err)
		}
		if got := w.server.files["/n"]; got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
		for name := range w.server.files {
			if strings.Contains(name, ".ferry-") {
				t.Errorf("%s: left behind: %s", c.text, name)
			}
		}
		if w.straight("n") {
			t.Errorf("%s: it came straight to its name", c.text)
		}
		if strings.Contains(c.text, "rename") && w.server.files["/n-1"] != "new" {
			t.Errorf("%s: %v", c.text, w.server.files)
		}
	}
}

// A stream can't be continued, since nobody knows how much there will be.
func TestStreamsDoNotResume(t *testing.T) {
	w := newWorld(t)
	w.server.file("/n", "old")
	w.cfg.In = strings.NewReader("older")
	if err := w.in("put -c - n\n"); err == nil || !strings.Contains(err.Error(), "not known") || w.server.files["/n"] != "old" {
		t.Errorf("%v, %q", err, w.server.files["/n"])
	}
}

// Where the server won't rename, a stream goes straight to its name.
func TestStreamsWithoutRename(t *testing.T) {
	w := newWorld(t)
	w.server.file("/n", "old")
	w.server.keepsOld = true
	w.cfg.In = strings.NewReader("new")
	w.mustIn("put - n\n")
	if got := w.server.files["/n"]; got != "new" || !w.straight("n") {
		t.Errorf("%q", got)
	}
}
