package serve

import (
	"net/netip"
	"testing"
	"testing/synctest"

	"ferry/proto/memnet"
)

func mustTrust(t *testing.T, words ...string) Trusted {
	t.Helper()
	trusted, err := ParseTrusted(words)
	if err != nil {
		t.Fatal(err)
	}
	return trusted
}

func TestTrusted(t *testing.T) {
	for _, c := range []struct {
		trusted []string
		addr    string
		want    bool
	}{
		{nil, "192.0.2.7", false},
		{[]string{"192.0.2.7"}, "192.0.2.7", true},
		{[]string{"192.0.2.7"}, "::ffff:192.0.2.7", true},
		{[]string{"::ffff:192.0.2.7"}, "192.0.2.7", true},
		{[]string{"192.0.2.7"}, "192.0.2.8", false},
		{[]string{"198.51.100.1", "192.0.2.0/28"}, "192.0.2.15", true},
		{[]string{"192.0.2.7/28"}, "192.0.2.1", true},
		{[]string{"192.0.2.0/28"}, "192.0.2.16", false},
		{[]string{"2001:db8::/32"}, "2001:db8::7", true},
		{[]string{"2001:db8::/32"}, "192.0.2.7", false},
		{[]string{"0.0.0.0/0"}, "192.0.2.7", true},
		{[]string{"0.0.0.0/0"}, "127.0.0.1", false},
		{[]string{"0.0.0.0/0"}, "169.254.169.254", false},
		{[]string{"0.0.0.0/0"}, "224.0.0.1", false},
		{[]string{"::/0"}, "::1", false},
		{[]string{"127.0.0.1"}, "127.0.0.1", true},
		{[]string{"fe80::1"}, "fe80::1%eth0", true},
	} {
		if got := mustTrust(t, c.trusted...).has(netip.MustParseAddr(c.addr)); got != c.want {
			t.Errorf("%v has %s: %v", c.trusted, c.addr, got)
		}
	}
	for _, bad := range []string{"", "host.example", "192.0.2.0/33", "192.0.2", "/8"} {
		if _, err := ParseTrusted([]string{bad}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// A trusted server may be connected to, but at no well-known port; all others
// are refused as ever.
func TestActiveToATrustedServer(t *testing.T) {
	srv := &Server{cfg: Config{FXP: mustTrust(t, "192.0.2.9")}.complete()}
	s := &session{peer: netip.MustParseAddrPort("192.0.2.7:33333")}
	for to, want := range map[string]bool{
		"192.0.2.9:40000": true, "192.0.2.7:40000": true,
		"192.0.2.9:25": false, "192.0.2.8:40000": false, "127.0.0.1:40000": false,
	} {
		m, err := srv.active(s, netip.MustParseAddrPort(to))
		if got := err == nil; got != want {
			t.Errorf("PORT %s: %v", to, err)
		}
		if got, ok := m.(*outgoing); ok && got.to.String() != to {
			t.Errorf("PORT %s leads to %s", to, got.to)
		}
	}
}

// A trusted server's connection belongs to the one promise of its port; a
// stranger's to none.
func TestPassiveFromATrustedServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{})
		friend := netip.MustParseAddr("192.0.2.99")
		w.trusted = mustTrust(t, friend.String())
		p, q := w.mustPromise(t, ownerAddr), w.mustPromise(t, thiefAddr)
		if p.port == q.port {
			t.Fatal("two promises share a port, and nothing tells them apart")
		}
		stranger := netip.MustParseAddr("192.0.2.98")
		mustBeClosed(t, mustDial(t, w.host(stranger), p.port.number))
		for _, promised := range []*promise{q, p} {
			near := mustDial(t, w.host(friend), promised.port.number)
			far, err := promised.connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			mustSpeak(t, near, far)
		}
	})
}

// Who waits for a port gets it also when another peer leaves it.
func TestPassiveTurnsWithTrust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{First: 50000, Last: 50000})
		w.trusted = mustTrust(t, "192.0.2.99")
		p := w.mustPromise(t, ownerAddr)
		turn := make(chan *promise)
		go func() {
			q, err := w.promise(t.Context(), serverAddr, thiefAddr)
			if err != nil {
				t.Error(err)
			}
			turn <- q
		}()
		synctest.Wait()
		p.cancel()
		if q := <-turn; q == nil || q.peer != thiefAddr {
			t.Errorf("the turn went to %v", q)
		}
	})
}

func (w *passiveWorld) host(a netip.Addr) *memnet.Host { return w.net.Host(a) }
