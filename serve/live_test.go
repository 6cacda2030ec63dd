package serve

import (
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/serve/live"
)

func named(user string) func(live.Session) bool {
	return func(s live.Session) bool { return s.User == user }
}

func TestSessionsShowWhatIsGoingOn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/docs/f", strings.Repeat("x", 1000))
		p := w.login("reader")
		p.fetch("RETR f")
		up := w.login("anna")
		data := up.passive()
		up.do("ALLO 4000", 200)
		up.do("STOR part", 150)
		time.Sleep(time.Second)
		if _, err := io.WriteString(data, strings.Repeat("y", 1000)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		all := w.srv.Sessions()
		if len(all) != 2 {
			t.Fatalf("%d sessions", len(all))
		}
		r, a := all[0], all[1]
		if r.User != "reader" || r.Place != "/docs" || r.Command != "RETR" || r.Out != 1000 || r.In != 0 || r.Transfer != nil || r.TLS != "" {
			t.Errorf("reader is shown as %+v", r)
		}
		if a.Transfer == nil {
			t.Fatalf("anna is shown as %+v", a)
		}
		if tr := *a.Transfer; tr.Verb != "STOR" || tr.Path != "/part" || tr.Bytes != 1000 || tr.Total != 4000 || tr.Percent() != 25 || tr.Rate != 1000 || a.In != 1000 {
			t.Errorf("anna's transfer is shown as %+v", tr)
		}
		st := w.srv.Stats()
		if st.Sessions != 2 || st.Users != 2 || st.Transfers != 1 || st.In != 1000 || st.Out != 1000 || st.PassivePorts == 0 {
			t.Errorf("stats are %+v", st)
		}
	})
}

// A session that waits for something is kicked at once all the same.
func TestKick(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(p *peer)
		code []int
	}{
		{"idle", func(p *peer) {}, []int{421}},
		{"a command waits behind the transfer", func(p *peer) { p.passive(); p.do("STOR f", 150); p.send("PWD"); synctest.Wait() }, []int{426}},
		{"QUIT was said during the transfer", func(p *peer) { p.passive(); p.do("STOR f", 150); p.do("QUIT", 221) }, []int{426}},
		{"a bad line waits behind the transfer", func(p *peer) { p.passive(); p.do("STOR f", 150); p.raw("\x00\r\n"); synctest.Wait() }, []int{426}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				p, other := w.login("anna"), w.login("bert")
				c.do(p)
				began := time.Now()
				if n, err := w.srv.Kick(named("anna"), "Enough."); n != 1 || err != nil {
					t.Fatalf("kicked %d, %v", n, err)
				}
				synctest.Wait()
				if took := time.Since(began); took != 0 || len(w.srv.Sessions()) != 1 {
					t.Errorf("after %v there are %d sessions", took, len(w.srv.Sessions()))
				}
				r, err := p.ReadReply()
				if err != nil || int(r.Code) != c.code[0] {
					t.Errorf("the client read %v, %v", r, err)
				}
				if r.Code == 421 && r.Text() != "Enough." {
					t.Errorf("the reason is %q", r.Text())
				}
				other.do("NOOP", 200)
				if got := w.get("/f"); got != "(none)" {
					t.Errorf("a broken upload is there: %q", got)
				}
			})
		})
	}
}

// T7: whoever doesn't read can't be kept by that.
func TestKickOfOneWhoDoesNotRead(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		go func() {
			for range 100_000 {
				if _, err := io.WriteString(p.nc, "HELP\r\n"); err != nil {
					return
				}
			}
		}()
		synctest.Wait()
		_, _ = w.srv.Kick(named("anna"), "")
		time.Sleep(killGrace)
		synctest.Wait()
		if n := len(w.srv.Sessions()); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

func TestKickRefusesTwoLines(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		if _, err := w.srv.Kick(named("anna"), "a\r\n230 b"); err == nil {
			t.Error("a reply of two lines was taken")
		}
		if err := w.srv.Drain("a\nb", 0); err == nil {
			t.Error("a drain text of two lines was taken")
		}
		p.do("NOOP", 200)
	})
}

func TestBans(t *testing.T) {
	inWorld(t, func(w *world) {
		w.dialFrom(thiefAddr)
		thief := live.Ban{Address: netip.PrefixFrom(thiefAddr, 32)}
		if n, err := w.srv.Ban(thief); n != 1 || err != nil {
			t.Errorf("the ban ended %d sessions, %v", n, err)
		}
		if r := w.refused(thiefAddr); !strings.Contains(r.Text(), "not accepted") {
			t.Errorf("the refusal is %v", r)
		}
		anna := w.login("anna")
		if n, err := w.srv.Ban(live.Ban{User: "anna", Until: time.Now().Add(time.Hour)}); n != 1 || err != nil {
			t.Errorf("the ban ended %d sessions, %v", n, err)
		}
		anna.expect(421)
		p := w.dial()
		p.do("USER anna", 331)
		p.do("PASS secret", 530)
		if all := w.srv.Bans(); len(all) != 2 || all[0].User != "anna" || all[1].By != "administrator" {
			t.Errorf("bans are %+v", all)
		}
		time.Sleep(time.Hour + time.Second)
		w.login("anna")
		if n := w.srv.Unban(thief); n != 1 {
			t.Errorf("%d bans were taken back", n)
		}
		w.dialFrom(thiefAddr)
		if all := w.srv.Bans(); len(all) != 0 {
			t.Errorf("bans are %+v", all)
		}
	})
}

// The guard's own bans are shown and can be taken back.
func TestUnbanOfGuessers(t *testing.T) {
	inWorld(t, func(w *world) {
		for range addressFailures {
			p := w.dial()
			p.do("USER anna", 331)
			p.do("PASS wrong", 530)
			p.nc.Close()
		}
		w.refused(ownerAddr)
		all := w.srv.Bans()
		if len(all) != 2 || all[0].By != "guard" || all[0].Failures == 0 || all[0].Until.IsZero() {
			t.Fatalf("bans are %+v", all)
		}
		if n := w.srv.Unban(live.Ban{Address: all[0].Address}); n != 2 {
			t.Errorf("%d bans were taken back", n)
		}
		w.login("anna")
	}, func(c *Config) { c.Limits.Failures = 1 })
}

func TestDrainAndResume(t *testing.T) {
	inWorld(t, func(w *world) {
		idle, busy := w.login("anna"), w.login("bert")
		data := busy.passive()
		busy.do("STOR f", 150)
		if err := w.srv.Drain("Back at noon.", 0); err != nil {
			t.Fatal(err)
		}
		if r := idle.expect(421); r.Text() != "Back at noon." {
			t.Errorf("the idle read %v", r)
		}
		if r := w.refused(ownerAddr); r.Text() != "Back at noon." {
			t.Errorf("the new one read %v", r)
		}
		if _, err := io.WriteString(data, "whole"); err != nil {
			t.Fatal(err)
		}
		data.Close()
		busy.expect(226)
		busy.expect(421)
		if w.get("/f") != "whole" || !w.srv.Stats().Draining {
			t.Error("the transfer was not finished, or the server doesn't say that it drains")
		}
		w.srv.Resume()
		w.login("anna")
	})
}

func TestDrainHasADeadline(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.passive()
		p.do("STOR f", 150)
		if err := w.srv.Drain("", time.Minute); err != nil {
			t.Fatal(err)
		}
		time.Sleep(59 * time.Second)
		synctest.Wait()
		if n := len(w.srv.Sessions()); n != 1 {
			t.Fatalf("%d sessions before the deadline", n)
		}
		time.Sleep(2 * time.Second)
		p.expect(426)
		p.closed()
	})
}

// Resume keeps those who were only to finish.
func TestResumeKeepsRunningSessions(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		data := p.passive()
		p.do("STOR f", 150)
		_ = w.srv.Drain("", time.Minute)
		w.srv.Resume()
		time.Sleep(2 * time.Minute) // the deadline is no more
		data.Close()
		p.expect(226)
		p.do("NOOP", 200)
	})
}

func TestLimitOfSessions(t *testing.T) {
	inWorld(t, func(w *world) {
		one := 1
		w.login("anna")
		if err := w.srv.Limit(live.Limit{User: "anna", Sessions: &one}); err != nil {
			t.Fatal(err)
		}
		p := w.dial()
		p.do("USER anna", 331)
		p.do("PASS secret", 530)
		if all := w.srv.Limits(); len(all) != 1 {
			t.Errorf("limits are %+v", all)
		}
		_ = w.srv.Limit(live.Limit{User: "anna"})
		w.login("anna")
	})
}

// A rate holds for what runs, whether there was one before or not.
func TestLimitOfRates(t *testing.T) {
	for _, before := range []int64{0, 1 << 20} {
		inWorld(t, func(w *world) {
			p := w.login("anna")
			data := p.passive()
			p.do("STOR f", 150)
			write := func() { _, _ = io.WriteString(data, strings.Repeat("x", 100_000)) }
			write()
			synctest.Wait()
			rate := int64(1000)
			if err := w.srv.Limit(live.Limit{User: "anna", Up: &rate}); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			go func() { write(); data.Close() }()
			p.expect(226)
			if took := time.Since(began); took < 90*time.Second {
				t.Errorf("100,000 bytes took %v at 1000 a second (before: %d)", took, before)
			}
		}, func(c *Config) {
			all := testUsers()
			r := all["anna"]
			r.Limits.Up = before
			all["anna"] = r
			c.Users = all
		})
	}
}
