package serve

import (
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"ferry/proto"
)

func address(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, 8, byte(n >> 8), byte(n)})
}

// guess is one wrong password on a connection of its own; how long its refusal
// took.
func (w *world) guess(from netip.Addr, name string) time.Duration {
	w.t.Helper()
	p := w.dialFrom(from)
	defer p.nc.Close()
	p.do("USER "+name, 331)
	start := time.Now()
	p.do("PASS wrong", 530)
	return time.Since(start)
}

// turnedAway checks that an address is not let in.
func (w *world) turnedAway(from netip.Addr) {
	w.t.Helper()
	nc, err := w.net.Host(from).DialContext(w.t.Context(), "tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	defer nc.Close()
	if r, err := proto.NewConn(nc, nil).ReadReply(); err != nil || r.Code != 421 {
		w.t.Fatalf("%s: got %s, %v", from, r, err)
	}
}

// servers.md T15: guessing one name from one address, on however many
// connections, ends in refusals that look the same; others of the address, and
// the user from elsewhere, are not in the way. It is over after a while.
func TestGuessingOneName(t *testing.T) {
	inWorld(t, func(w *world) {
		var last time.Duration
		for i := range 10 {
			took := w.guess(address(1), "anna")
			if want := failureDelay << min(i, maxDelays); took != want {
				t.Errorf("refusal %d took %v, want %v", i, took, want)
			}
			last = took
		}
		p := w.dialFrom(address(1))
		p.do("USER anna", 331)
		start := time.Now()
		p.do("PASS secret", 530) // right, and barred
		if took := time.Since(start); took != last {
			t.Errorf("barred after %v, wrong after %v", took, last)
		}
		p.do("USER bert", 331)
		p.do("PASS secret", 230)
		w.login("anna")
		time.Sleep(11 * time.Minute)
		q := w.dialFrom(address(1))
		q.do("USER anna", 331)
		q.do("PASS secret", 230)
		if text := w.log.String(); !strings.Contains(text, "banned after failed logins") || strings.Contains(text, "wrong") {
			t.Errorf("the log has\n%s", text)
		}
	}, func(c *Config) { c.Limits.Ban = 10 * time.Minute })
}

// Guessing many names from one address ends at accept; in the meantime success
// with one of them does not help.
func TestGuessingManyNames(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 50 {
			w.guess(address(2), fmt.Sprint("user", i))
			if i%10 == 0 {
				p := w.dialFrom(address(2))
				p.do("USER bert", 331)
				p.do("PASS secret", 230)
				p.do("QUIT", 221)
			}
		}
		w.turnedAway(address(2))
		w.login("anna")
		time.Sleep(10 * time.Minute)
		w.guess(address(2), "anna")
	})
}

// Guessing one name from many addresses gets slow, and locks nobody out.
func TestGuessingFromEverywhere(t *testing.T) {
	inWorld(t, func(w *world) {
		var last time.Duration
		for i := range 20 {
			last = w.guess(address(100+i), "anna")
		}
		if last != failureDelay<<maxDelays {
			t.Errorf("the last refusal took %v", last)
		}
		start := time.Now()
		w.login("anna")
		if took := time.Since(start); took > 0 {
			t.Errorf("the right password took %v", took)
		}
	})
}

// The guard's own memory has a bound.
func TestGuardForgets(t *testing.T) {
	g := newGuard(Config{}.complete())
	for i := range 3 * maxTallies {
		a := netip.AddrFrom4([4]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)})
		g.failed(a, "anna")
		_ = g.admits(a)
	}
	if len(g.tallies) > maxTallies+3 || len(g.connects) > maxTallies {
		t.Errorf("%d tallies, %d addresses", len(g.tallies), len(g.connects))
	}
}

func TestAllowAndDeny(t *testing.T) {
	a := Admission{
		Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")},
		Deny:  []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")},
	}
	for addr, want := range map[string]bool{"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.9.1.1": false, "192.0.2.1": false, "2001:db8::1": true, "::1": false} {
		if got := a.admits(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
	inWorld(t, func(w *world) {
		nc, err := w.net.Host(address(1)).DialContext(t.Context(), "tcp", w.addr)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(nc); len(b) > 0 || err != nil && !isReset(err) {
			t.Errorf("a denied address got %q, %v", b, err)
		}
		w.login("anna")
	}, func(c *Config) { c.Admission.Deny = []netip.Prefix{netip.MustParsePrefix("10.8.0.0/16")} })
}

// servers.md T19: one address can't connect without end; others are not held up.
func TestConnectRate(t *testing.T) {
	inWorld(t, func(w *world) {
		for range 50 {
			w.dialFrom(address(3)).nc.Close()
		}
		w.turnedAway(address(3))
		w.login("anna")
		time.Sleep(time.Second)
		for range 5 {
			w.dialFrom(address(3)).nc.Close()
		}
		w.turnedAway(address(3))
	}, func(c *Config) { c.Limits.Connects = 5 })
}

// servers.md T18, T19 and the figure of the issue: 2,000 silent connections
// and 200 that send a byte a second, without ever a line end, cost bounded
// memory and end in time; the others are answered meanwhile.
func TestSilentAndDripping(t *testing.T) {
	inWorld(t, func(w *world) {
		before := heap()
		var drips []*peer
		for i := range 2200 {
			p := w.dialFrom(address(1000 + i))
			if i%11 == 0 {
				drips = append(drips, p)
			}
		}
		for range 55 {
			time.Sleep(time.Second)
			for _, p := range drips {
				p.raw("x")
			}
			start := time.Now()
			p := w.login("anna")
			p.store("STOR a", "text")
			if got := p.fetch("RETR a"); got != "text" {
				t.Errorf("got %q", got)
			}
			p.do("QUIT", 221)
			if took := time.Since(start); took > time.Second {
				t.Fatalf("a normal session took %v", took)
			}
		}
		if used := heap() - before; used > 2200*(16<<10) {
			t.Errorf("%d KiB a connection", used/2200>>10)
		}
		time.Sleep(6 * time.Second)
		if n := len(w.srv.Sessions()); n > 0 {
			t.Errorf("%d are still there after the time to log in", n)
		}
	})
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
