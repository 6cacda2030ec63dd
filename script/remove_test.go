package script

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDelete(t *testing.T) {
	for line, want := range map[string]string{
		"delete a":                    "DELE a",
		"del a b":                     "DELE a,DELE b",
		"rm *":                        "DELE a,DELE b",
		"rm -r *":                     "DELE a,DELE b,DELE d,DELE d/e/y,RMD d/e,DELE d/x,RMD d",
		"rm -r d":                     "DELE d,DELE d/e/y,RMD d/e,DELE d/x,RMD d",
		"mdelete ?":                   "DELE a,DELE b",
		"rmdir empty":                 "RMD empty",
		"rd empty":                    "RMD empty",
		"rm -f nothing x* a":          "DELE nothing,DELE a",
		"rm 'a'":                      "DELE a",
		"rename a c":                  "RNFR a,RNTO c",
		"ren a d/":                    "RNFR a,RNTO d/a",
		"mv a b d":                    "RNFR a,RNTO d/a,RNFR b,RNTO d/b",
		"mv ? d":                      "RNFR a,RNTO d/a,RNFR b,RNTO d/b",
		"mkdir n n/m":                 "MKD n,MKD n/m",
		"mkdir -p d/e/f":              "MKD d,MKD d/e,MKD d/e/f",
		"mkdir -p d":                  "MKD d",
		"chmod 600 a b":               "SITE CHMOD 600 a,SITE CHMOD 600 b",
		"touch -d '2026-01-02' a":     "MFMT 20260102000000 a",
		"umask 022":                   "SITE UMASK 022",
		"quote SITE  two  blanks # x": "SITE  two  blanks # x",
	} {
		t.Run(line, func(t *testing.T) {
			w := newWorld(t)
			w.server.file("/a", "").file("/b", "").file("/d/x", "").file("/d/e/y", "")
			w.server.dirs["/empty"] = true
			if strings.Contains(line, "* ") || strings.HasSuffix(line, "*") || strings.Contains(line, "?") {
				delete(w.server.dirs, "/empty")
			}
			w.mustIn(line)
			got := strings.Join(w.server.sent("DELE", "RMD", "RNFR", "RNTO", "MKD", "SITE", "MFMT"), ",")
			if got != want {
				t.Errorf("sent %s\nwant %s", got, want)
			}
		})
	}
}

func TestDeleteRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"rm -r .":      `rm: "." is not deleted`,
		"rm -r ''":     "rm: the name for REMOTE is empty",
		"rm d":         "rm: d is a directory",
		"rm -r /":      `rm: "/" is not deleted`,
		"rm -r d/..":   `rm: "d/.." is not deleted`,
		"delete":       "delete: needs FILE",
		"rm x*":        "rm: no name matches x*",
		"rmdir d":      "rmdir: d: 550 Not empty",
		"rename a b c": "rename: c is no directory, and there are 2 files",
	} {
		w := newWorld(t)
		w.server.file("/a", "").file("/b", "").file("/d/x", "")
		err := w.in(line)
		if got := message(err); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
		if slices.Contains(w.server.sent("DELE"), "DELE a") {
			t.Error(line, w.server.commands)
		}
	}
}

// Nothing is deleted on the strength of a listing that is not wholly understood.
func TestDeleteByABadListing(t *testing.T) {
	for _, listing := range []string{
		"type=file;size=1; a\r\nnonsense\r\n",
		"type=file;size=x; a\r\n",
	} {
		for _, line := range []string{"rm *", "rm -r d", "mdelete *"} {
			w := newWorld(t)
			w.server.file("/a", "").file("/d/x", "")
			w.server.listing = listing
			err := w.in(line)
			if err == nil || slices.ContainsFunc(w.server.sent("DELE"), func(c string) bool { return c != "DELE d" }) {
				t.Errorf("%s with %q: %v, %v", line, listing, err, w.server.sent("DELE"))
			}
		}
	}
}

func TestQuestionsInTheShell(t *testing.T) {
	for _, c := range []struct {
		line    string
		answers []Answer
		asked   []string
		sent    string
	}{
		{"rm a", []Answer{No}, []string{"delete a?"}, ""},
		{"rm a", []Answer{Yes}, []string{"delete a?"}, "DELE a"},
		{"rm ?", []Answer{Yes}, []string{"delete 3 names, a to c?"}, "DELE a,DELE b,DELE c"},
		{"rm -f a", nil, nil, "DELE a"},
		{"set confirm off\nrm a", nil, nil, "DELE a"},
		{"mdelete ?", []Answer{No, All}, []string{"mdelete a (1 of 3)?", "mdelete b (2 of 3)?"}, "DELE b,DELE c"},
		{"mdelete ?", []Answer{Yes, Quit}, []string{"mdelete a (1 of 3)?", "mdelete b (2 of 3)?"}, "DELE a"},
		{"prompt\nmdelete ?", nil, nil, "DELE a,DELE b,DELE c"},
		{"mget ?", []Answer{No, Yes, Quit}, []string{"mget a (1 of 3)?", "mget b (2 of 3)?", "mget c (3 of 3)?"}, "RETR b"},
		{"rm -r d", []Answer{No}, []string{"delete d and all that is in it: 3 files, 1 directory?"}, ""},
		{"rm -r a d", []Answer{No}, []string{"delete 2 names, a to d and all that is in it: 3 files, 1 directory?"}, ""},
		{"rm -r a", []Answer{No}, []string{"delete a?"}, ""},
		{"rmdir d", []Answer{No}, []string{"remove d?"}, ""},
	} {
		w := newWorld(t)
		w.server.file("/a", "").file("/b", "").file("/c", "").file("/d/x", "").file("/d/.y", "").file("/d/e/z", "")
		a := &asker{answers: c.answers}
		w.cfg.Ask = a
		if err := w.run("open anna:secret@ftp.test\n" + c.line); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.asked, a.asked); diff != "" {
			t.Errorf("%s asked %s", c.line, diff)
		}
		if got := strings.Join(w.server.sent("DELE", "RETR", "RMD"), ","); got != c.sent {
			t.Errorf("%s with %v sent %s, want %s", c.line, c.answers, got, c.sent)
		}
	}
}
