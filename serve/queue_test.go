package serve

import (
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
)

// What is answered during a transfer, and what waits for its end.
func TestDuringTransfer(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		nc := p.passive()
		p.do("STOR up", 150)
		_, _ = io.WriteString(nc, strings.Repeat("x", 5000))
		time.Sleep(10 * time.Second)
		p.do("NOOP", 200)
		if got := p.do("STAT", 211).String(); !strings.Contains(got, "STOR /up: 5000 bytes in 10.0 s, 500 bytes/s") {
			t.Errorf("STAT: %s", got)
		}
		if i := w.srv.Sessions()[0]; i.Transfer == nil || i.Transfer.Bytes != 5000 || i.Transfer.Verb != "STOR" {
			t.Errorf("info: %+v", i.Transfer)
		}
		// PWD waits, and what comes behind it waits, too.
		p.send("PWD", "NOOP", "STAT", "SYST")
		p.silent()
		nc.Close()
		for _, code := range []proto.Code{226, 257, 200, 211, 215} {
			p.expect(code)
		}
		if got := w.get("/up"); len(got) != 5000 {
			t.Errorf("%d bytes stored", len(got))
		}
	})
}

// Random commands during a transfer, against a model of three lines: what
// stands before the first that must wait is answered at once, all else after
// the transfer, in order.
func TestQueueModel(t *testing.T) {
	codes := map[string]proto.Code{"NOOP": 200, "STAT": 211, "PWD": 257, "TYPE I": 200, "STAT /": 212, "SIZE none": 550,
		"XYZZY": 500, "CWD /": 250, "HELP": 214, "RNTO x": 503, "": 500}
	urgent := map[string]bool{"NOOP": true, "STAT": true}
	verbs := slices.Sorted(maps.Keys(codes))
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		var lines []string
		for range 1 + rnd.IntN(12) {
			lines = append(lines, verbs[rnd.IntN(len(verbs))])
		}
		cut := slices.IndexFunc(lines, func(l string) bool { return !urgent[l] })
		if cut < 0 {
			cut = len(lines)
		}
		inWorld(t, func(w *world) {
			p := w.login("anna")
			nc := p.passive()
			p.do("STOR f", 150)
			p.send(lines...)
			for _, l := range lines[:cut] {
				p.expect(codes[l])
			}
			p.silent()
			nc.Close()
			p.expect(226)
			for _, l := range lines[cut:] {
				p.expect(codes[l])
			}
		})
	}
}

// STAT with a path is a listing like any other: it waits.
func TestStatPathWaits(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		nc := p.passive()
		p.do("STOR up", 150)
		p.send("STAT /", "NOOP")
		p.silent()
		nc.Close()
		p.expect(226)
		p.expect(212)
		p.expect(200)
	})
}

func TestQuitDuringTransfer(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		nc := p.passive()
		p.do("STOR up", 150)
		p.send("QUIT", "DELE up")
		p.expect(221)
		time.Sleep(time.Second)
		_, _ = io.WriteString(nc, "all of it")
		nc.Close()
		p.expect(226)
		p.closed()
		if got := w.get("/up"); got != "all of it" {
			t.Errorf("stored %q", got)
		}
	})
}

// RFC 959 §4.1.3: a data connection that stands, and serves nobody yet, is
// told of and left alone; a mere promise of one is given up.
func TestAborIdle(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "0123456789")
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.do("ABOR", 226)
		nc := p.passive()
		synctest.Wait()
		p.do("ABOR", 225)
		p.do("ABOR", 225)
		p.do("RETR f", 150)
		if b, err := io.ReadAll(nc); string(b) != "0123456789" || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		p.expect(226)
		p.do("ABOR", 226)
		p.do("EPSV", 229)
		p.do("ABOR", 226)
		p.do("RETR f", 150) // by the default port, where nobody listens
		p.expect(425)
		p.passive()
		p.do("EPSV", 229)
		p.do("ABOR", 226)
	})
}

// REST, RNFR and ALLO count for the very next command, or never.
func TestOneShots(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "0123456789")
		p := w.login("anna")
		p.do("TYPE I", 200)
		for _, c := range []struct {
			between string
			code    proto.Code
			want    string
		}{
			{"", 0, "3456789"},
			{"NOOP", 200, "3456789"},
			{"TYPE I", 200, "3456789"},
			{"PASV", 227, "3456789"},
			{"ALLO 1", 200, "3456789"},
			{"ALLO x", 501, "3456789"},
			{"PWD", 257, "0123456789"},
			{"SIZE f", 213, "0123456789"},
			{"RETR none", 550, "0123456789"},
			{"XYZZY", 500, "0123456789"},
			{"THMB /", 502, "0123456789"},
			{"RETR", 501, "0123456789"},
			{"SITE HELP", 214, "0123456789"},
		} {
			p.do("REST 3", 350)
			if c.between != "" {
				p.do(c.between, c.code)
			}
			if got := p.fetch("RETR f"); got != c.want {
				t.Errorf("REST 3, %s, RETR: %q, want %q", c.between, got, c.want)
			}
			if got := p.fetch("RETR f"); got != "0123456789" {
				t.Errorf("the second RETR after REST 3, %s: %q", c.between, got)
			}
		}
		p.do("REST 3", 350)
		p.do("REST 3", 350)
		if got := p.fetch("RETR f"); got != "3456789" {
			t.Errorf("REST twice: %q", got)
		}
		for _, between := range []string{"NOOP", "PWD", "TYPE I", "REST 0", "XYZZY", "RNFR none"} {
			p.do("RNFR f", 350)
			p.send(between)
			if _, err := p.ReadReply(); err != nil {
				t.Fatal(err)
			}
			p.do("RNTO g", 503)
		}
		p.do("RNFR f", 350)
		p.do("RNTO g", 250)
		p.do("RNTO h", 503)
	})
}

// A data connection that was agreed on is for the next transfer command,
// whatever comes of it.
func TestMeetingIsForOneCommand(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "x")
		p := w.login("anna")
		for _, line := range []string{"RETR none", "STOR /none/x", "APPE /none/x", "LIST none", "NLST none", "MLSD none", "MLSD f"} {
			nc := p.passive()
			p.send(line)
			if r, err := p.ReadReply(); err != nil || r.Code.Class() != proto.Fail {
				t.Fatalf("%s: %s, %v", line, r, err)
			}
			if n, err := nc.Read(make([]byte, 1)); err == nil {
				t.Errorf("after %s the data connection gave %d bytes", line, n)
			}
			p.do("RETR f", 150)
			p.expect(425)
		}
		p.do("EPSV ALL", 200)
		p.do("RETR f", 425) // not even tried
	})
}

// Markers of the peer are answered while the transfer goes on.
func TestMarkersAreAnsweredAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.do("MODE B", 200)
		nc := p.passive()
		p.do("STOR f", 150)
		_, _ = io.WriteString(nc, "\x00\x00\x03abc\x10\x00\x02m1")
		if got := p.expect(110).Text(); got != "MARK m1 = 3" {
			t.Errorf("110 says %q", got)
		}
		p.send("PWD") // held: the owner no longer reads, but still answers
		p.silent()
		_, _ = io.WriteString(nc, "\x10\x00\x02m2")
		if got := p.expect(110).Text(); got != "MARK m2 = 3" {
			t.Errorf("110 says %q", got)
		}
		_, _ = io.WriteString(nc, "\x40\x00\x00")
		p.expect(226)
		p.expect(257)
		if got := w.get("/f"); got != "abc" {
			t.Errorf("stored %q", got)
		}
	})
}

// The clock of an idle session stands still while something moves.
func TestLongTransferIsNotIdle(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		nc := p.passive()
		p.do("STOR f", 150)
		for range 10 {
			_, _ = io.WriteString(nc, "x")
			time.Sleep(4 * time.Minute)
		}
		nc.Close()
		p.expect(226)
		time.Sleep(14 * time.Minute)
		p.do("NOOP", 200)
	})
}
