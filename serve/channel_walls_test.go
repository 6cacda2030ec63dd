package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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

// What holds for uploads and downloads holds for those over a channel.

// long is kept for files of any length.
func long(text string) string {
	said := fmt.Sprintf("sha-256=%x;", sha256.Sum256([]byte(text)))
	return "\x00" + string([]byte{byte(len(text) >> 8), byte(len(text))}) + text + "\x10\x00" + string([]byte{byte(len(said))}) + said + "\x40\x00\x00"
}

// over sends one file on a channel, and wants the last reply to it to be code.
func (p *peer) over(nc net.Conn, line, wire string, code proto.Code) proto.Reply {
	p.w.t.Helper()
	p.send(line)
	if _, err := io.WriteString(nc, wire); err != nil {
		p.w.t.Fatalf("%s: %v", line, err)
	}
	r, err := p.ReadReply()
	if err == nil && r.Code == proto.DataAlreadyOpen {
		r, err = p.ReadReply()
	}
	if err != nil || r.Code != code {
		p.w.t.Fatalf("%s: want %d, got %s, %v", line, code, r, err)
	}
	return r
}

// back receives one file from a channel.
func (p *peer) back(nc net.Conn, name, want string) {
	p.w.t.Helper()
	p.do("RETR "+name, 125)
	p.reads(nc, long(want))
	p.expect(250)
}

// Each file is asked for: a permission that goes while the channel stands is
// gone, and the file of a refused upload is read past.
func TestChannelPermissions(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		w.put("/f", "text")
		p := w.login("anna")
		nc := p.channel()
		p.over(nc, "STOR a", long("mine"), 250)
		r.change("anna", func(u *users.Record) { u.Perm = users.ReadOnly })
		p.over(nc, "STOR b", long("not"), 550)
		p.over(nc, "APPE a", long("not"), 550)
		p.over(nc, "STOU", long("not"), 550)
		p.back(nc, "f", "text")
		r.change("anna", func(u *users.Record) { u.Perm = users.Write | users.List })
		p.do("RETR f", 550)
		p.over(nc, "STOR f", long("not"), 550) // to write is not to replace
		p.over(nc, "STOR c", kept("new", "modify=20200102030405;"), 250)
		if got := p.do("MDTM c", 213).Text(); got == "20200102030405" {
			t.Error("the time was set by who may not")
		}
		for name, want := range map[string]string{"/a": "mine", "/b": "(none)", "/c": "new", "/f": "text"} {
			if got := w.get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		r.change("anna", nil)
		p.do("RETR c", 421)
		p.closed()
		if _, err := nc.Read(make([]byte, 1)); err == nil {
			t.Error("the channel outlives its user")
		}
	})
}

// A file that passes the quota is refused, and costs the next one nothing.
func TestChannelQuota(t *testing.T) {
	dir, disk := onDisk(t)
	inRoster(t, func(w *world, r *roster) {
		withQuota(r)
		p := w.login("anna")
		nc := p.channel()
		p.over(nc, "STOR a", long(strings.Repeat("x", 60)), 250)
		p.over(nc, "STOR b", long(strings.Repeat("x", 41)), 552)
		p.over(nc, "APPE a", long(strings.Repeat("x", 41)), 552)
		p.over(nc, "STOU", long(strings.Repeat("x", 41)), 552)
		p.over(nc, "STOR b", long(strings.Repeat("y", 40)), 250)
		p.over(nc, "STOR c", long("z"), 552)
		p.over(nc, "STOR b", long(strings.Repeat("x", 81)), 552)
		p.back(nc, "b", strings.Repeat("y", 40))
	}, disk)
	if info, err := os.Stat(filepath.Join(dir, "a")); err != nil || info.Size() != 60 {
		t.Error(info, err)
	}
}

// Rates hold, also for what is only read past, and from when they come.
func TestChannelRates(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		text := strings.Repeat("x", 40<<10)
		w.put("/a", text)
		p := w.login("anna")
		nc := p.channel()
		took := func(what string, least time.Duration, f func()) {
			t.Helper()
			start := time.Now()
			f()
			if d := time.Since(start); d < least || d > least+2*time.Second {
				t.Errorf("%s took %v, want %v", what, d, least)
			}
		}
		took("a download without a rate", 0, func() { p.back(nc, "a", text) })
		r.change("anna", func(u *users.Record) { u.Limits.Up, u.Limits.Down = 2<<10, 4<<10 })
		took("the download", 10*time.Second, func() { p.back(nc, "a", text) })
		took("the upload", 20*time.Second, func() { p.over(nc, "STOR b", long(text), 250) })
		took("what is skipped", 20*time.Second, func() {
			p.over(nc, "STOR no/where", long(text), 550)
			p.do("PWD", 257)
		})
	})
}

// --overwrite deny: what is there stays, and the channel goes on.
func TestChannelOverwriteDeny(t *testing.T) {
	for _, c := range []struct {
		replies Profile
		code    proto.Code
	}{{RFC, 553}, {Report, 550}} {
		inWorld(t, func(w *world) {
			w.put("/f", "old")
			p := w.login("anna")
			nc := p.channel()
			p.over(nc, "STOR f", long("new"), c.code)
			p.over(nc, "APPE f", long("more"), c.code)
			p.do("REST 1", 350)
			p.over(nc, "STOR f", long("more"), c.code)
			p.over(nc, "STOR g", long("other"), 250)
			p.back(nc, "f", "old")
			if got := w.get("/g"); got != "other" {
				t.Errorf("%q", got)
			}
		}, func(cfg *Config) { cfg.Files.Overwrite, cfg.Replies = OverwriteDeny, c.replies })
	}
}

// Events tell of each file on a channel as of any other, and of no file that
// was only read past.
func TestChannelEvents(t *testing.T) {
	inHearing(t, func(w *world, e *ear) {
		w.put("/docs/f", "text")
		p := w.login("anna")
		nc := p.channel()
		e.take()
		p.over(nc, "STOR a", long("hello"), 250)
		p.over(nc, "STOR b", strings.Replace(long("hello"), "hello", "hallo", 1), 451)
		p.over(nc, "STOR no/where", long("lost"), 550)
		p.back(nc, "docs/f", "text")
		p.do("RETR none", 550)
		p.do("QUIT", 221)
		event := func(k live.Kind, verb, path string, bytes int64, code int, how live.Outcome) live.Event {
			return live.Event{Kind: k, User: "anna", Verb: verb, Path: path, Bytes: bytes, Code: code, Outcome: how}
		}
		e.told(t,
			event(live.Upload, "STOR", "/a", 5, 250, live.Done),
			event(live.Upload, "STOR", "/b", 5, 451, live.Failed),
			event(live.Upload, "STOR", "/no/where", 0, 550, live.Denied),
			event(live.Download, "RETR", "/docs/f", 4, 250, live.Done),
			event(live.Download, "RETR", "/none", 0, 550, live.Denied),
			live.Event{Kind: live.Disconnected, User: "anna", Bytes: 14, Outcome: live.Quit})
	})
}

// Uploads over a channel are examined before they count, too; the next one
// isn't the worse for one that was rejected.
func TestChannelVeto(t *testing.T) {
	dir, disk := onDisk(t)
	e := &ear{}
	inWorld(t, func(w *world) {
		p := w.login("anna")
		nc := p.channel()
		p.over(nc, "STOR old", long("before"), 250)
		e.take()
		p.over(nc, "STOR old", long("a virus"), 550)
		p.over(nc, "STOR bad", long("a virus"), 550)
		p.do("SIZE bad", 550) // not even a part
		p.over(nc, "APPE old", long("a virus"), 550)
		p.over(nc, "STOR good", long("harmless"), 250)
		p.back(nc, "old", "before")
		for _, ev := range e.take() {
			sum := sha256.Sum256([]byte("harmless"))
			if want := hex.EncodeToString(sum[:]); ev.Kind == live.Upload && (ev.SHA256 == want) != (ev.Path == "/good") {
				t.Errorf("%+v", ev)
			}
		}
	}, disk, func(cfg *Config) {
		cfg.Fingerprints, cfg.Observe = true, e.hear
		cfg.Examine = func(_ context.Context, _ live.Event, file string) error {
			if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), "virus") {
				return ErrRejected
			}
			return nil
		}
	})
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
}

// ABOR in the middle of a download, and of a file that is only read past: the
// channel ends, the session doesn't, and the next channel is as good.
func TestChannelAborts(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		r.change("anna", func(u *users.Record) { u.Limits.Up, u.Limits.Down = 1<<10, 1<<10 })
		w.put("/a", strings.Repeat("x", 40<<10))
		p := w.login("anna")
		nc := p.channel()
		p.do("RETR a", 125)
		time.Sleep(3 * time.Second)
		p.do("ABOR", 426)
		p.expect(226)
		if got, err := io.ReadAll(nc); err == nil {
			t.Errorf("the channel ended like a file after %d bytes", len(got))
		}
		nc = p.channel()
		p.do("STOR no/where", 550)
		_, _ = io.WriteString(nc, "\x00\x00\x09half")
		p.do("ABOR", 226)
		if _, err := io.Copy(io.Discard, nc); err == nil {
			t.Error("the channel stands in the middle of a file")
		}
		nc = p.channel()
		p.over(nc, "STOR b", long("fine"), 250)
		if got := w.get("/b"); got != "fine" {
			t.Errorf("%q", got)
		}
	})
}

// A channel at rest does not keep its session from being idle, a file on it
// does; and who stops in a file that is read past costs the channel.
func TestChannelIdle(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		r.change("anna", func(u *users.Record) { u.Limits.Down = 1 })
		idle := w.srv.cfg.Limits.Idle
		text := strings.Repeat("x", int(2*idle/time.Second)) // a byte a second
		w.put("/a", text)
		p := w.login("anna")
		nc := p.channel()
		p.do("RETR a", 125)
		got := make([]byte, len(long(text)))
		if _, err := io.ReadFull(nc, got); err != nil || string(got) != long(text) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		p.expect(250)
		p.do("NOOP", 200)
		p.do("STOR no/where", 550)
		time.Sleep(2 * w.srv.cfg.Limits.Stall)
		if _, err := nc.Read(make([]byte, 1)); err == nil {
			t.Error("the channel waits for a file that doesn't come")
		}
		p.do("NOOP", 200)
		nc = p.channel()
		time.Sleep(idle + time.Second)
		p.expect(421)
		p.closed()
		if _, err := nc.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the channel outlives its session: %v", err)
		}
	})
}

// FuzzChannelFacts is what a peer says of an upload behind its bytes: a time
// that it doesn't say is not set, and nothing of it but a time is in the reply.
func FuzzChannelFacts(f *testing.F) {
	for _, facts := range []string{"modify=20200102030405;", "modify=20200102030405.123;", "modify=;modify=99999999999999;", "x=1;modify=0", ";;", "modify=20200102030405;modify=19700101000000;"} {
		f.Add(facts)
	}
	f.Fuzz(func(t *testing.T, facts string) {
		var set []time.Time
		var tr transfer
		tr.date(t.Context(), func(_ context.Context, at time.Time) error { set = append(set, at); return nil }, facts)
		if len(set) > strings.Count(facts, "modify=") {
			t.Errorf("%q set %v", facts, set)
		}
		want := ""
		if len(set) > 0 {
			want = "modify=" + proto.FormatTime(set[len(set)-1]) + "; Transfer complete."
		}
		if got := tr.reply.Text(); got != want {
			t.Errorf("%q: %q, want %q", facts, got, want)
		}
	})
}
