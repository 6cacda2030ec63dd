package serve

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"ferry/proto"
)

// kept is a file on a channel, made by hand.
func kept(text, facts string) string {
	said := fmt.Sprintf("sha-256=%x;%s", sha256.Sum256([]byte(text)), facts)
	block := ""
	if text != "" {
		block = "\x00\x00" + string([]byte{byte(len(text))}) + text
	}
	return block + "\x10\x00" + string([]byte{byte(len(said))}) + said + "\x40\x00\x00"
}

// channel opens one.
func (p *peer) channel() net.Conn {
	p.do("TYPE I", 200)
	p.do("MODE B", 200)
	nc := p.passive()
	p.do("CHAN", 225)
	return nc
}

func (p *peer) reads(nc net.Conn, want string) {
	p.w.t.Helper()
	got := make([]byte, len(want))
	_ = nc.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := io.ReadFull(nc, got); err != nil || string(got) != want {
		p.w.t.Errorf("read %q, %v\nwant %q", got, err, want)
	}
}

// One connection, any number of files both ways, and commands ahead of them.
func TestChannel(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/a", "hello")
		w.put("/b", "")
		p := w.login("anna")
		nc := p.channel()
		defer nc.Close()
		p.send("RETR a", "RETR nothing", "RETR b", "STOR c", "SIZE c", "RETR c")
		_, _ = io.WriteString(nc, kept("sent", "modify=20200102030405;"))
		p.reads(nc, kept("hello", "")+kept("", "")+kept("sent", ""))
		for _, code := range []int{125, 250, 550, 125, 250, 125} {
			p.expect(proto.Code(code))
		}
		if r := p.expect(250); !strings.Contains(r.Text(), "modify=20200102030405;") {
			t.Error(r)
		}
		// RFC 3659 §4: SIZE counts what RETR would send, block headers included.
		p.expect(213)
		p.expect(125)
		p.expect(250)
		if got := p.do("MDTM c", 213).Text(); got != "20200102030405" {
			t.Error(got)
		}
		p.do("ABOR", 225) // nothing runs, and the connection stands
		if got := w.get("/c"); got != "sent" {
			t.Errorf("stored %q", got)
		}
	})
}

// To a refused upload belongs its file all the same, whole or cut short; what
// is damaged, or called suspect, is not stored and costs nobody else anything.
func TestChannelSkips(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/keep", "old")
		p := w.login("anna")
		nc := p.channel()
		defer nc.Close()
		p.send("STOR no/where", "STOR", "STOR keep", "STOR keep", "STOR ok", "BOGUS", "STOR .", "STOR last")
		damaged := strings.Replace(kept("new", ""), "\x00\x03new", "\x00\x03nex", 1)
		suspect := "\x00\x00\x02ne\x60\x00\x01?"
		for _, wire := range []string{kept("x", ""), suspect, damaged, suspect, kept("fine", ""), kept("y", ""), kept("z", "")} {
			_, _ = io.WriteString(nc, wire)
		}
		for _, code := range []int{550, 501, 125, 451, 125, 451, 125, 250, 500, 550, 125, 250} {
			p.expect(proto.Code(code))
		}
		for name, want := range map[string]string{"/keep": "old", "/ok": "fine", "/last": "z"} {
			if got := w.get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	})
}

// What ends a channel, and what does not.
func TestChannelEnds(t *testing.T) {
	for _, line := range []string{"MODE S", "TYPE A", "STRU P", "EPSV", "PASV", "PORT 10,0,0,2,200,1", "REIN", "QUIT"} {
		inWorld(t, func(w *world) {
			p := w.login("anna")
			nc := p.channel()
			defer nc.Close()
			p.do("NOOP", 200)
			p.do("PWD", 257)
			p.send(line)
			_ = nc.SetReadDeadline(time.Now().Add(time.Minute))
			if n, err := nc.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("%s: the channel says %d, %v", line, n, err)
			}
		})
	}
}

// An ABOR in the middle of a file ends the channel with it; what was there
// before stays.
func TestChannelAborted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/a", "old")
		p := w.login("anna")
		nc := p.channel()
		defer nc.Close()
		p.do("STOR a", 125)
		_, _ = io.WriteString(nc, "\x00\x00\x09half")
		p.send("ABOR")
		p.expect(426)
		p.expect(226)
		if _, err := io.Copy(io.Discard, nc); err == nil {
			t.Error("the channel ended like a file")
		}
		p.do("ABOR", 226)
		if got := w.get("/a"); got != "old" {
			t.Errorf("stored %q", got)
		}
	})
}

// CHAN wants its parameters and a connection; nobody who comes gets a 425.
func TestChannelRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dial()
		p.do("CHAN", 530)
		p = w.login("anna")
		p.do("CHAN", 503)
		p.do("TYPE I", 200)
		p.do("MODE B", 200)
		p.do("CHAN", 503)
		p.do("CHAN x", 501)
		p.do("EPSV", 229)
		p.do("CHAN", 425)
		p.do("CHAN", 503)
		p.do("MODE S", 200)
		p.store("STOR after", "text")
	})
}

// Stall and idle: a file that stops ends the channel, a channel that rests
// lasts as long as its session.
func TestChannelClocks(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		nc := p.channel()
		defer nc.Close()
		time.Sleep(w.srv.cfg.Limits.Stall * 2)
		p.do("NOOP", 200)
		p.send("STOR a")
		p.expect(125)
		p.expect(426)
		p.do("ABOR", 226)
	})
}
