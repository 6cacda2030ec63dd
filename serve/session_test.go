package serve

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
)

func TestLogin(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dial()
		p.do("PWD", 530)
		p.do("RETR x", 530)
		p.do("PASS secret", 503)
		p.do("ACCT books", 503)
		p.do("USER anna", 331)
		p.do("PASS wrong", 530)
		p.do("PASS secret", 503)
		p.do("USER anna", 331)
		p.do("PWD", 530)
		p.do("PASS secret", 230)
		p.do("PASS secret", 503)
		p.do("ACCT books", 202)
		if got := p.do("PWD", 257).Text(); !strings.HasPrefix(got, `"/" `) {
			t.Errorf("PWD: %s", got)
		}
		// Another USER flushes the login, REIN the parameters too.
		p.do("TYPE I", 200)
		p.do("USER bert", 331)
		p.do("PWD", 530)
		p.do("PASS secret", 230)
		p.do("REIN", 220)
		p.do("PWD", 530)
		p.do("QUIT", 221)
		p.closed()
	})
}

func TestAccount(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dial()
		p.do("USER clerk", 331)
		p.do("PASS secret", 332)
		p.do("PWD", 530)
		p.do("ACCT wrong", 530)
		p.do("ACCT books", 503) // all over again
		p.do("USER clerk", 331)
		p.do("PASS secret", 332)
		p.do("ACCT books", 230)
		p.do("PWD", 257)
	})
}

// The same words after the same time for a user who exists and one who
// doesn't; the delay grows; the third failure is the end.
func TestWrongPassword(t *testing.T) {
	for _, user := range []string{"anna", "nobody"} {
		inWorld(t, func(w *world) {
			p := w.dial()
			for i, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
				if got := p.do("USER "+user, 331).Text(); got != "Password, please." {
					t.Errorf("331 says %q", got)
				}
				start := time.Now()
				if got := p.do("PASS wrong", 530).Text(); got != "Login incorrect." {
					t.Errorf("530 says %q", got)
				}
				if took := time.Since(start); took != want {
					t.Errorf("%s: failure %d took %v, want %v", user, i+1, took, want)
				}
			}
			p.closed()
		})
	}
}

func TestLoginClock(t *testing.T) {
	inWorld(t, func(w *world) {
		start := time.Now()
		p := w.dial()
		for range 5 { // sending something doesn't help
			time.Sleep(10 * time.Second)
			p.do("NOOP", 200)
		}
		p.expect(421)
		if took := time.Since(start); took != time.Minute {
			t.Errorf("thrown out after %v, want a minute", took)
		}
		p.closed()
	})
}

// Who logs out has as much time to log in again as a stranger, but nobody
// gets more of it by sending USER or REIN.
func TestLoginClockAfterLogout(t *testing.T) {
	for _, logout := range []string{"USER anna", "REIN"} {
		inWorld(t, func(w *world) {
			p := w.login("anna")
			time.Sleep(10 * time.Minute)
			start := time.Now()
			p.send(logout)
			if _, err := p.ReadReply(); err != nil {
				t.Fatal(err)
			}
			for range 5 {
				time.Sleep(10 * time.Second)
				p.send(logout)
				if _, err := p.ReadReply(); err != nil {
					t.Fatal(err)
				}
			}
			p.expect(421)
			if took := time.Since(start); took != time.Minute {
				t.Errorf("%s: thrown out after %v, want a minute", logout, took)
			}
		})
	}
}

func TestIdleClock(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		time.Sleep(14 * time.Minute)
		p.do("NOOP", 200)
		start := time.Now()
		p.expect(421)
		if took := time.Since(start); took != 15*time.Minute {
			t.Errorf("thrown out after %v, want 15 minutes", took)
		}
		p.closed()

		p = w.login("anna")
		p.do("SITE IDLE 60", 200)
		start = time.Now()
		p.expect(421)
		if took := time.Since(start); took != time.Minute {
			t.Errorf("thrown out after %v, want a minute", took)
		}
	})
}

// A line that drips in does not stop the clock, and is not lost by a wake.
func TestDrippingLine(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.raw("NO")
		time.Sleep(time.Minute)
		p.raw("OP\r\n")
		p.expect(200)
		start := time.Now()
		for range 16 {
			p.raw("N")
			time.Sleep(time.Minute - time.Second)
		}
		p.expect(421)
		if took := time.Since(start); took > 16*time.Minute {
			t.Errorf("thrown out after %v", took)
		}
	})
}

func TestForeignProtocols(t *testing.T) {
	for _, line := range []string{
		"GET / HTTP/1.1", "POST /upload HTTP/1.1", "PUT /x HTTP/1.0", "HEAD / HTTP/1.1", "OPTIONS * HTTP/1.1",
		"EHLO mail.example", "HELO mail.example", "\x16\x03\x01\x02\x00\x01", "SSH-2.0-OpenSSH_9.9",
	} {
		inWorld(t, func(w *world) {
			p := w.dial()
			p.send(line, "USER anna", "PASS secret")
			p.closed()
		})
	}
}

func TestUnknownCommands(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dial()
		for i := range maxStrikes {
			line := "XYZZY evil"
			if i%3 == 1 {
				line = "<script>alert(1)</script>"
			}
			if text := p.do(line, 500).String(); strings.Contains(text, "XYZZY") || strings.Contains(text, "script") {
				t.Errorf("the command comes back: %s", text)
			}
		}
		if got := p.expect(421).Text(); !strings.HasPrefix(got, "Too many") {
			t.Errorf("421 says %q", got)
		}
		p.closed()

		p = w.dial() // lines that are no commands count, too
		for range maxStrikes {
			p.do("{}", 500)
		}
		if got := p.expect(421).Text(); !strings.HasPrefix(got, "Too many") {
			t.Errorf("421 says %q", got)
		}

		p = w.login("anna") // who is logged in may mistype
		for range 3 * maxStrikes {
			p.do("XYZZY", 500)
		}
		p.do("GET x", 500)
		p.do("NOOP", 200)
	})
}

func TestBadLines(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("CWD "+strings.Repeat("x", 1<<20), 500)
		p.do("NOOP", 200)
		p.do("CWD a\x00b", 500)
		p.do("", 500)
		p.do("CWD a\x07b", 553)
		p.do("CWD "+strings.Repeat("x", 5000), 553)
		p.do("NOOP", 200)
		p.do("noop", 200)
		p.do("NOOP   ", 200)
		p.do("PWD x", 501)
		p.do("RETR", 501)
		p.raw("\xff\xf4\xff\xf2NOOP\r\n") // Telnet IP and Synch
		p.expect(200)
		_, _ = p.nc.Write([]byte("CWD " + strings.Repeat("x", 3<<20))) // cut short
		if r, err := p.ReadReply(); err == nil && r.Code != proto.Unavailable {
			t.Errorf("endless line: %s", r)
		}
		p.closed()
	})
}

func TestPipelining(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dial()
		p.send("USER anna", "PASS secret", "TYPE I", "PWD", "NOOP", "QUIT")
		for _, code := range []proto.Code{331, 230, 200, 257, 200, 221} {
			p.expect(code)
		}
		p.closed()
	})
}

// A panic ends one session and no other.
func TestPanic(t *testing.T) {
	inWorld(t, func(w *world) {
		other := w.login("bert")
		p := w.login("anna")
		row := w.srv.table["SYST"]
		row.run = func(*session, context.Context, string) (proto.Reply, error) { panic("boom") }
		w.srv.table["SYST"] = row
		synctest.Wait()
		p.send("SYST")
		p.expect(421)
		p.closed()
		other.do("NOOP", 200)
		if log := w.log.String(); !strings.Contains(log, "boom") {
			t.Errorf("the log does not tell the fault:\n%s", log)
		}
	})
}

func TestPasswordInClear(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		if n := strings.Count(w.log.String(), "login in clear"); n != 1 {
			t.Errorf("%d warnings, want one", n)
		}
		if strings.Contains(w.log.String(), "secret") {
			t.Error("the log tells the password")
		}
	})
}

func TestShutdownOfIdleSession(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		go w.srv.Shutdown(w.t.Context())
		p.expect(421)
		p.closed()
	})
}

func TestInfo(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		time.Sleep(time.Second)
		p.do("CWD /", 250)
		all := w.srv.Sessions()
		if len(all) != 1 {
			t.Fatalf("%d sessions", len(all))
		}
		i := all[0]
		if i.User != "anna" || i.Command != "CWD" || i.Last != time.Now() || i.Since != time.Now().Add(-time.Second) || i.Transfer != nil {
			t.Errorf("info: %+v", i)
		}
	})
}
