package serve

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"ferry/serve/live"
)

func uploaded(path string, bytes int64) live.Event {
	return live.Event{Kind: live.Upload, User: "anna", Verb: "STOR", Path: path, Bytes: bytes, Code: 226, Outcome: live.Done}
}

// What ferry's client uploads is told under the name that it gets, once; what
// gets none, and what others do, under the name that it has.
func TestTemporaryNamesAreWithheld(t *testing.T) {
	renamed := func(from, to string) live.Event {
		return live.Event{Kind: live.Rename, User: "anna", Verb: "RNTO", Path: from, To: to, Code: 250, Outcome: live.Done}
	}
	inHearing(t, func(w *world, e *ear) {
		p := w.login("anna")
		e.take()
		p.store("STOR .ferry-a.tmp", "hello")
		e.told(t)
		p.do("RNFR .ferry-a.tmp", 350)
		p.do("RNTO a", 250)
		e.told(t, uploaded("/a", 5), renamed("/.ferry-a.tmp", "/a"))

		p.store("STOR a.part", "hello")
		e.told(t, uploaded("/a.part", 5))
		p.do("RNFR a.part", 350)
		p.do("RNTO b", 250)
		e.told(t, renamed("/a.part", "/b"))

		p.store("STOR .ferry-c.tmp", "one")
		p.store("STOR .ferry-c.tmp", "other")
		e.told(t, uploaded("/.ferry-c.tmp", 3))
		p.do("RNFR .ferry-c.tmp", 350)
		p.do("RNTO missing/c", 550)
		if got := e.take(); len(got) != 1 || got[0].Kind != live.Rename || got[0].OK() {
			t.Errorf("a rename that failed was told as %+v", got)
		}
		p.do("DELE .ferry-c.tmp", 250)
		e.told(t, uploaded("/.ferry-c.tmp", 5), live.Event{Kind: live.Delete, User: "anna", Verb: "DELE", Path: "/.ferry-c.tmp", Code: 250, Outcome: live.Done})

		p.store("STOR .ferry-d.tmp", "left")
		p.do("QUIT", 221)
		p.closed()
		e.told(t, uploaded("/.ferry-d.tmp", 4), live.Event{Kind: live.Disconnected, User: "anna", Bytes: 22, Outcome: live.Quit})
	})
}

// A name that is withheld has its hash with it; a download has none.
func TestHashesOfEvents(t *testing.T) {
	inHearing(t, func(w *world, e *ear) {
		p := w.login("anna")
		e.take()
		p.store("STOR .ferry-a.tmp", "hello")
		p.do("RNFR .ferry-a.tmp", 350)
		p.do("RNTO a", 250)
		p.fetch("RETR a")
		sum := sha256.Sum256([]byte("hello"))
		for _, ev := range e.take() {
			want := ""
			if ev.Kind == live.Upload {
				want = hex.EncodeToString(sum[:])
			}
			if ev.SHA256 != want {
				t.Errorf("%s of %s has the hash %q, not %q", ev.Kind, ev.Path, ev.SHA256, want)
			}
		}
	}, func(c *Config) { c.Fingerprints = true })
}

// What is withheld is bounded.
func TestWithheldIsBounded(t *testing.T) {
	inHearing(t, func(w *world, e *ear) {
		p := w.login("anna")
		e.take()
		for n := range maxWithheld + 1 {
			p.store(fmt.Sprintf("STOR .ferry-%d.tmp", n), "x")
		}
		e.told(t, uploaded(fmt.Sprintf("/.ferry-%d.tmp", maxWithheld), 1))
		p.do("REIN", 220)
		if got := e.take(); len(got) != maxWithheld {
			t.Errorf("%d uploads were told at the end", len(got))
		}
	})
}
