package serve

import (
	"context"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ferry/serve/live"
)

// ear keeps what is told.
type ear struct {
	mu  sync.Mutex
	all []live.Event
}

func (e *ear) hear(ev live.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, ev)
}

func (e *ear) take() []live.Event {
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.all
	e.all = nil
	return all
}

// told compares what has been told since it was asked before, but for when and
// from where.
func (e *ear) told(t *testing.T, want ...live.Event) {
	t.Helper()
	got := e.take()
	ignore := cmpopts.IgnoreFields(live.Event{}, "Time", "Peer", "Local", "Took", "Session", "Reason", "Until")
	if diff := cmp.Diff(want, got, ignore, cmpopts.EquateEmpty(), cmpopts.EquateComparable()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	for _, ev := range got {
		if ev.Time.IsZero() || !ev.Peer.IsValid() {
			t.Errorf("%s has no time or no peer: %+v", ev.Kind, ev)
		}
		if (ev.Session == 0) != (ev.Kind == live.Refused || ev.Kind == live.Banned) {
			t.Errorf("%s of session %d", ev.Kind, ev.Session)
		}
		if (ev.Reason == "") != (ev.Outcome == live.Done || ev.Kind == live.Disconnected || ev.Kind == live.Connected) {
			t.Errorf("%s was %s, for the reason %q", ev.Kind, ev.Outcome, ev.Reason)
		}
	}
}

func inHearing(t *testing.T, test func(w *world, e *ear), edit ...func(*Config)) {
	t.Helper()
	e := &ear{}
	inWorld(t, func(w *world) { test(w, e) }, append(edit, func(c *Config) { c.Observe = e.hear })...)
}

func TestEventsOfAVisit(t *testing.T) {
	inHearing(t, func(w *world, e *ear) {
		p := w.login("anna")
		e.told(t, live.Event{Kind: live.Connected}, live.Event{Kind: live.LoggedIn, User: "anna", Verb: "PASS", Code: 230, Outcome: live.Done})
		p.store("STOR a", "hello")
		p.fetch("RETR a")
		p.fetch("MLSD")
		p.do("RNFR a", 350)
		p.do("RNTO b", 250)
		p.do("MKD d", 257)
		p.do("SITE COPY b c", 250)
		p.do("RMD d", 250)
		p.do("SITE MKDIR x/y", 200)
		p.do("SITE RMDIR x", 200)
		p.do("DELE b", 250)
		p.do("QUIT", 221)
		p.closed()
		event := func(k live.Kind, verb, path, to string, bytes int64, code int) live.Event {
			return live.Event{Kind: k, User: "anna", Verb: verb, Path: path, To: to, Bytes: bytes, Code: code, Outcome: live.Done}
		}
		got := e.take()
		for _, ev := range got {
			if ev.Kind == live.Listing && ev.Bytes == 0 {
				t.Error("the listing had no bytes")
			}
		}
		e.all = got
		for i := range e.all {
			if e.all[i].Kind == live.Listing {
				e.all[i].Bytes = 0
			}
		}
		e.told(t,
			event(live.Upload, "STOR", "/a", "", 5, 226),
			event(live.Download, "RETR", "/a", "", 5, 226),
			event(live.Listing, "MLSD", "/", "", 0, 226),
			event(live.Rename, "RNTO", "/a", "/b", 0, 250),
			event(live.Mkdir, "MKD", "/d", "", 0, 257),
			event(live.Copy, "SITE COPY", "/b", "/c", 5, 250),
			event(live.Rmdir, "RMD", "/d", "", 0, 250),
			event(live.Mkdir, "SITE MKDIR", "/x/y", "", 0, 200),
			event(live.Rmdir, "SITE RMDIR", "/x", "", 0, 200),
			event(live.Delete, "DELE", "/b", "", 0, 250),
			live.Event{Kind: live.Disconnected, User: "anna", Bytes: 10, Outcome: live.Quit})
	})
}

func TestEventsOfRefusals(t *testing.T) {
	inHearing(t, func(w *world, e *ear) {
		w.put("/docs/f", "text")
		p := w.login("reader")
		e.take()
		refused := func(k live.Kind, verb, path string) live.Event {
			return live.Event{Kind: k, User: "reader", Verb: verb, Path: path, Code: 550, Outcome: live.Denied}
		}
		p.do("STOR n", 550)
		p.do("RETR none", 550)
		p.do("DELE f", 550)
		p.do("MKD n", 550)
		p.do("LIST none", 550)
		e.told(t,
			refused(live.Upload, "STOR", "/docs/n"),
			refused(live.Download, "RETR", "/docs/none"),
			refused(live.Delete, "DELE", "/docs/f"),
			refused(live.Mkdir, "MKD", "/docs/n"),
			refused(live.Listing, "LIST", "/docs/none"))
	})
}

func TestEventsOfLogins(t *testing.T) {
	inHearing(t, func(w *world, e *ear) {
		p := w.dial()
		p.do("USER anna", 331)
		p.do("PASS wrong", 530)
		p.do("USER clerk", 331)
		p.do("PASS secret", 332)
		p.do("ACCT nonsense", 530)
		p.do("USER clerk", 331)
		p.do("PASS secret", 332)
		p.do("ACCT books", 230)
		e.told(t,
			live.Event{Kind: live.Connected},
			live.Event{Kind: live.LoginFailed, User: "anna", Verb: "PASS", Code: 530, Outcome: live.Denied},
			live.Event{Kind: live.LoginFailed, User: "clerk", Verb: "ACCT", Code: 530, Outcome: live.Denied},
			live.Event{Kind: live.LoggedIn, User: "clerk", Verb: "ACCT", Code: 230, Outcome: live.Done})
	})
}

func TestEventsOfBansAndRefusedConnections(t *testing.T) {
	inHearing(t, func(w *world, e *ear) {
		for range addressFailures {
			p := w.dial()
			p.do("USER anna", 331)
			p.do("PASS wrong", 530)
			p.nc.Close()
		}
		synctest.Wait()
		var kinds []live.Kind
		for _, ev := range e.take() {
			if ev.Kind == live.Banned {
				kinds = append(kinds, ev.Kind)
				if ev.Until.IsZero() {
					t.Error("the ban's end is not told")
				}
			}
		}
		if len(kinds) != 2 { // anna from there, and then the address
			t.Errorf("%d bans were told", len(kinds))
		}
		w.refused(ownerAddr)
		e.told(t, live.Event{Kind: live.Refused, Outcome: live.Denied})
	}, func(c *Config) { c.Limits.Failures = 1 })
}

// How a transfer and its session really ended.
func TestEventsTellHowItEnded(t *testing.T) {
	transferEnd := func(t *testing.T, e *ear) (how, session live.Outcome) {
		for _, ev := range e.take() {
			switch ev.Kind {
			case live.Download, live.Upload:
				how = ev.Outcome
			case live.Disconnected:
				session = ev.Outcome
			}
		}
		return how, session
	}
	for _, c := range []struct {
		name         string
		do           func(w *world, p *peer, data io.Closer)
		how, session live.Outcome
	}{
		{"ABOR", func(_ *world, p *peer, _ io.Closer) { p.do("ABOR", 426); p.expect(226) }, live.Aborted, ""},
		{"control connection lost", func(_ *world, p *peer, d io.Closer) { p.nc.Close() }, live.Gone, live.Gone},
		{"kicked", func(w *world, p *peer, _ io.Closer) {
			if n, err := w.srv.Kick(func(s live.Session) bool { return s.User == "anna" }, ""); n != 1 || err != nil {
				w.t.Errorf("kicked %d: %v", n, err)
			}
			p.expect(426)
			p.closed()
		}, live.Kicked, live.Kicked},
		{"stalled", func(_ *world, p *peer, _ io.Closer) { time.Sleep(10 * time.Minute); p.expect(426) }, live.Broken, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHearing(t, func(w *world, e *ear) {
				p := w.login("anna")
				data := p.passive()
				p.do("STOR f", 150)
				c.do(w, p, data)
				if how, session := transferEnd(t, e); how != c.how || session != c.session {
					t.Errorf("the transfer was %q, the session %q; want %q, %q", how, session, c.how, c.session)
				}
			})
		})
	}
}

func TestEventsTellHowSessionsEnded(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(w *world, p *peer)
		want live.Outcome
	}{
		{"QUIT", func(_ *world, p *peer) { p.do("QUIT", 221) }, live.Quit},
		{"gone", func(_ *world, p *peer) { p.nc.Close() }, live.Gone},
		{"idle", func(w *world, p *peer) { p.do("USER anna", 331); p.do("PASS secret", 230); time.Sleep(time.Hour) }, live.Idle},
		{"too slow", func(_ *world, p *peer) { time.Sleep(time.Hour) }, live.TooSlow},
		{"browser", func(_ *world, p *peer) { p.send("GET / HTTP/1.1") }, live.Misbehaved},
		{"shutdown", func(w *world, _ *peer) { _ = w.srv.Shutdown(context.Background()) }, live.Drained},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHearing(t, func(w *world, e *ear) {
				c.do(w, w.dial())
				synctest.Wait()
				all := e.take()
				if last := all[len(all)-1]; last.Kind != live.Disconnected || last.Outcome != c.want {
					t.Errorf("the last event is %+v, want %s", last, c.want)
				}
			})
		})
	}
}
