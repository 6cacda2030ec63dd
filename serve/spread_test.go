package serve

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/live"
	"ferry/serve/users"
)

// begins is a range that has its mark, and waits for bytes.
func (p *peer) begins(line string, before ...string) net.Conn {
	p.w.t.Helper()
	nc := p.passive()
	for _, b := range before {
		if r := p.do2(b); r.Code.Class() == proto.Fail {
			p.w.t.Fatalf("%s: %s", b, r)
		}
	}
	p.do(line, 150)
	return nc
}

// do2 sends a line and returns the answer, whatever it is.
func (p *peer) do2(line string) proto.Reply {
	p.w.t.Helper()
	p.send(line)
	r, err := p.ReadReply()
	if err != nil {
		p.w.t.Fatalf("%s: %v", line, err)
	}
	return r
}

func (p *peer) ends(nc net.Conn, content string, code proto.Code) {
	p.w.t.Helper()
	if _, err := io.WriteString(nc, content); err != nil {
		p.w.t.Fatal(err)
	}
	nc.Close()
	p.expect(code)
}

// ALLO and a range make a file of the whole size, which several sessions write
// at once, each its bytes.
func TestSpread(t *testing.T) {
	inWorld(t, func(w *world) {
		p, q := w.login("anna"), w.login("anna")
		for _, s := range []*peer{p, q} {
			s.do("TYPE I", 200)
		}
		if !strings.Contains(strings.Join(p.do("FEAT", 211).Lines, "\n"), " RANG STREAM;ALLO") {
			t.Error("FEAT doesn't tell")
		}
		nc := p.begins("STOR f", "ALLO 10", "RANG 0 1")
		p.do("NOOP", 200)
		q.do("SIZE f", 550) // nothing is there before it is whole
		p.ends(nc, "ab", 226)
		if got := w.get("/f"); got != "ab\x00\x00\x00\x00\x00\x00\x00\x00" {
			t.Errorf("%q", got)
		}
		one, two := p.begins("STOR f", "RANG 2 4"), q.begins("STOR f", "RANG 5 9")
		q.ends(two, "fghij", 226)
		q.ends(q.begins("STOR f", "RANG 4 6"), "efg", 226) // one byte of it twice
		q.do("EPSV", 229)
		q.do("APPE f", 450)
		b := w.login("bob")
		b.do("TYPE I", 200)
		b.do("RANG 4 6", 350)
		b.do("EPSV", 229)
		b.do("STOR f", 450) // it is somebody else's
		q.do("DELE f", 450)
		p.ends(one, "cde", 226)
		if got := w.get("/f"); got != "abcdefghij" {
			t.Errorf("%q", got)
		}
		// What is there keeps its size, whatever ALLO says.
		p.ends(p.begins("STOR f", "ALLO 100", "RANG 0 1"), "AB", 226)
		if got := w.get("/f"); got != "ABcdefghij" {
			t.Errorf("%q", got)
		}
		// A range that is all of it is a file like any.
		p.ends(p.begins("STOR g", "ALLO 2", "RANG 0 1"), "AB", 226)
		if got := w.get("/g"); got != "AB" {
			t.Errorf("%q", got)
		}
		p.do("ALLO 10", 200)
		p.do("RANG 4 5", 350)
		p.do("STOR h", 554) // it begins with its first byte
	}, withUser(users.Record{Name: "bob", Home: "/", Perm: users.All}))
}

// A first range that breaks leaves nothing that looks like the beginning of a
// file, and nothing in the quota.
func TestSpreadBroken(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.ends(p.begins("STOR f", "ALLO 10", "RANG 0 3"), "ab", 426)
		p.do("SIZE f", 550)
		p.ends(p.begins("STOR f", "ALLO 10", "RANG 0 3"), "abcdef", 426)
		p.do("SIZE f", 550)
		nc := p.begins("STOR f", "ALLO 10", "RANG 0 3")
		p.nc.Close()
		nc.Close()
		time.Sleep(time.Minute)
		w.login("anna").do("SIZE f", 550)
	})
}

// The whole counts from the first range on.
func TestSpreadQuota(t *testing.T) {
	_, disk := onDisk(t)
	inRoster(t, func(w *world, r *roster) {
		withQuota(r)
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.do("ALLO 101", 552)
		p.ends(p.begins("STOR .ferry-a.tmp", "ALLO 70", "RANG 0 1"), "ab", 226)
		p.do("ALLO 31", 552)
		p.ends(p.begins("STOR .ferry-a.tmp", "RANG 2 69"), strings.Repeat("x", 68), 226)
		p.do("ALLO 30", 200) // it was counted already
		p.do("RNFR .ferry-a.tmp", 350)
		p.do("RNTO a", 250)
		p.do("ALLO 31", 552)
		p.do("DELE a", 250)
		p.do("ALLO 80", 200)
	}, disk)
}

// Where ranges could not be written, no file is begun for them, and FEAT
// doesn't offer it.
func TestSpreadNot(t *testing.T) {
	refused := func(user string, code proto.Code, told bool) func(w *world) {
		return func(w *world) {
			p := w.login(user)
			p.do("TYPE I", 200)
			if got := strings.Contains(strings.Join(p.do("FEAT", 211).Lines, "\n"), "RANG STREAM;ALLO"); got != told {
				t.Errorf("%s: FEAT tells: %v", user, got)
			}
			p.do("ALLO 10", 200)
			p.do("RANG 0 3", 350)
			p.do("STOR f", code)
			p.do("SIZE f", 550)
			p.store("STOR f", "in one")
		}
	}
	inWorld(t, refused("anna", 550, false), func(c *Config) { c.Files.Overwrite = OverwriteDeny })
	inWorld(t, refused("writer", 550, true), withUser(users.Record{Name: "writer", Home: "/", Perm: users.List | users.Write | users.Overwrite}))
	dir, disk := onDisk(t)
	inWorld(t, refused("anna", 550, false), disk, func(c *Config) {
		c.Examine = func(_ context.Context, _ live.Event, file string) error {
			if text, err := os.ReadFile(file); err != nil || string(text) != "in one" {
				return errors.Join(ErrRejected, err)
			}
			return nil
		}
	})
	if got, err := os.ReadFile(filepath.Join(dir, "f")); err != nil || string(got) != "in one" {
		t.Errorf("%q, %v", got, err)
	}
}

// An upload in a stream that ends before all that ALLO told has come was cut: it
// gets no name, and goes on where it was.
func TestShortOfALLO(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "old")
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.ends(p.begins("STOR f", "ALLO 6"), "abcd", 426)
		if got := w.get("/f"); got != "old" {
			t.Errorf("torn: %q", got)
		}
		p.ends(p.begins("STOR g", "ALLO 6"), "abcd", 426)
		p.do("MLST g", 550)
		p.ends(p.begins("STOR g", "ALLO 6", "REST 4"), "ef", 226)
		p.ends(p.begins("APPE g", "ALLO 9"), "gh", 226) // of the whole, or of what is added: nobody knows
		if got := w.get("/g"); got != "abcdefgh" {
			t.Errorf("got %q", got)
		}
		p.ends(p.begins("STOR h", "ALLO 2"), "abcd", 226) // it grew meanwhile
		p.do("TYPE A", 200)
		p.ends(p.begins("STOR i", "ALLO 6"), "ab\r\n", 226) // lines are shorter on a disk
	})
}
