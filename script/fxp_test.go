package script

import (
	"testing"

	"ferry/proto/client"
)

// SECURITY: a listing with a name that leads elsewhere is not gone by.
func TestListedNamesStayInTheirDirectory(t *testing.T) {
	for _, name := range []string{"x/..", "/", "../../etc/passwd", "a/b"} {
		w := newWorld(t)
		w.server.listing = "type=file; a\r\ntype=dir; " + name + "\r\n"
		c, err := client.Dial(t.Context(), "ftp.test", client.Config{Network: w.cfg.Network, TLS: client.TLSOff})
		if err == nil {
			err = c.Login(t.Context(), client.Credentials{User: "anna", Pass: "secret"})
		}
		if err != nil {
			t.Fatal(err)
		}
		if entries, err := entriesAt(t.Context(), c, ""); err == nil || len(entries) > 0 {
			t.Errorf("%s: %v, %v", name, entries, err)
		}
		_ = c.Close()
	}
}

func TestPathInURL(t *testing.T) {
	quoted := Literal("ftp://h/a*")
	for _, tt := range []struct {
		word    Word
		path    string
		pattern bool
	}{
		{Bare("ftp://h/d/*.txt"), "d/*.txt", true},
		{quoted, "a*", false},
		{Bare("ftp://h/a%20b/*"), "a b/*", true},
		{Bare("ftp://h/%2A"), "*", false},
		{Bare("ftp://h"), "", false},
	} {
		if w := pathWord(tt.word, tt.path); w.Text != tt.path || w.Pattern() != tt.pattern {
			t.Errorf("%s: %q, pattern %v", tt.word.Text, w.Text, w.Pattern())
		}
	}
}
