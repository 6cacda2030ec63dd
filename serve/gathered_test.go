package serve

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"ferry/serve/live"
)

// A file that several sessions put together is one upload, told under the name
// that it gets, with the size that it has; its parts are not told.
func TestRangesAreOneUpload(t *testing.T) {
	inHearing(t, func(w *world, e *ear) {
		p, q := w.login("anna"), w.login("anna")
		for _, s := range []*peer{p, q} {
			s.do("TYPE I", 200)
		}
		e.take()
		renamed := func(from, to string) live.Event {
			return live.Event{Kind: live.Rename, User: "anna", Verb: "RNTO", Path: from, To: to, Code: 250, Outcome: live.Done}
		}
		p.ends(p.begins("STOR .ferry-a.tmp", "ALLO 6", "RANG 0 1"), "ab", 226)
		q.ends(q.begins("STOR .ferry-a.tmp", "RANG 2 5"), "c", 426) // cut: others have the rest
		p.ends(p.begins("STOR .ferry-a.tmp", "RANG 3 5"), "def", 226)
		e.told(t)
		q.do("RNFR .ferry-a.tmp", 350)
		q.do("RNTO a", 250)
		whole := uploaded("/a", 6)
		whole.Ranged = true
		e.told(t, whole, renamed("/.ferry-a.tmp", "/a"))

		// What gets no other name is told when the last that wrote it goes.
		p.ends(p.begins("STOR .ferry-b.tmp", "ALLO 4", "RANG 0 1"), "ab", 226)
		q.ends(q.begins("STOR .ferry-b.tmp", "RANG 2 3"), "cd", 226)
		p.do("REIN", 220)
		for _, ev := range e.take() {
			if ev.Kind == live.Upload {
				t.Errorf("%+v was told while another writes", ev)
			}
		}
		q.do("REIN", 220)
		left := 0
		for _, ev := range e.take() {
			if ev.Kind == live.Upload && ev.Path == "/.ferry-b.tmp" && ev.Bytes == 4 {
				left++
			}
		}
		if left != 1 {
			t.Errorf("what was left was told %d times", left)
		}
	})
}

// Its sum is that of all of it, if it was asked for behind the last byte.
func TestSumOfRanges(t *testing.T) {
	for _, late := range []bool{false, true} {
		inHearing(t, func(w *world, e *ear) {
			p := w.login("anna")
			p.do("TYPE I", 200)
			e.take()
			p.ends(p.begins("STOR .ferry-a.tmp", "ALLO 4", "RANG 0 1"), "ab", 226)
			p.ends(p.begins("STOR .ferry-a.tmp", "RANG 2 3"), "cd", 226)
			p.do("RANG 0 1", 350)
			p.do("HASH .ferry-a.tmp", 213) // not of all
			p.do("RANG 0 3", 350)
			p.do("HASH .ferry-a.tmp", 213)
			sum := sha256.Sum256([]byte("abcd"))
			want := hex.EncodeToString(sum[:])
			if late {
				p.ends(p.begins("STOR .ferry-a.tmp", "RANG 0 0"), "A", 226)
				want = ""
			}
			p.do("RNFR .ferry-a.tmp", 350)
			p.do("RNTO a", 250)
			if got := e.take()[0]; got.Kind != live.Upload || got.SHA256 != want {
				t.Errorf("late %v: %+v", late, got)
			}
		}, func(c *Config) { c.Fingerprints = true })
	}
}

// So it is if the sums of its pieces were asked for, one behind the other and each
// behind its last byte: a large file is compared so.
func TestSumOfPieces(t *testing.T) {
	sum := sha256.Sum256([]byte("abcdef"))
	for pieces, want := range map[string]string{
		"0 1|2 4|5 5":   hex.EncodeToString(sum[:]),
		"0 3|0 2|3 5":   hex.EncodeToString(sum[:]),
		"0 1|2 4|+|5 5": "", // written to between
		"0 1|3 5":       "", "2 5|0 1": "", "0 1|2 3": "", "0 1|2 3|2 3|4 5": hex.EncodeToString(sum[:]),
	} {
		inHearing(t, func(w *world, e *ear) {
			p, q := w.login("anna"), w.login("anna")
			p.do("TYPE I", 200)
			q.do("TYPE I", 200)
			e.take()
			p.ends(p.begins("STOR .ferry-a.tmp", "ALLO 6", "RANG 0 2"), "abc", 226)
			q.ends(q.begins("STOR .ferry-a.tmp", "RANG 3 5"), "def", 226)
			for i, piece := range strings.Split(pieces, "|") {
				if piece == "+" {
					q.ends(q.begins("STOR .ferry-a.tmp", "RANG 0 0"), "a", 226)
					continue
				}
				s := []*peer{p, q}[i%2]
				s.do("RANG "+piece, 350)
				s.do("HASH .ferry-a.tmp", 213)
			}
			p.do("RNFR .ferry-a.tmp", 350)
			p.do("RNTO a", 250)
			if got := e.take()[0]; got.Kind != live.Upload || got.SHA256 != want {
				t.Errorf("%s: %+v", pieces, got)
			}
		}, func(c *Config) { c.Fingerprints = true })
	}
}

// A range of a file that has a name of its own is told like any upload.
func TestRangeOfANamedFile(t *testing.T) {
	inHearing(t, func(w *world, e *ear) {
		w.put("/f", "0123")
		p := w.login("anna")
		p.do("TYPE I", 200)
		e.take()
		p.ends(p.begins("STOR f", "RANG 1 2"), "ab", 226)
		if got := e.take(); len(got) != 1 || got[0].Path != "/f" || got[0].Bytes != 2 {
			t.Errorf("%+v", got)
		}
	})
}
