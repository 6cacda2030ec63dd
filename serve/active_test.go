package serve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/memnet"
)

// T1 and T2: data goes to the control peer only, and to no port of a service.
func TestActiveRefusals(t *testing.T) {
	srv := &Server{cfg: Config{}.complete()}
	for _, c := range []struct {
		peer, to string
		ok       bool
	}{
		{"192.0.2.7", "192.0.2.7:40000", true},
		{"192.0.2.7", "192.0.2.7:1024", true},
		{"192.0.2.7", "[::ffff:192.0.2.7]:40000", true},
		{"2001:db8::7", "[2001:db8::7]:40000", true},
		{"fe80::7%eth0", "[fe80::7]:40000", true}, // EPRT has no zones
		{"192.0.2.7", "192.0.2.7:1023", false},
		{"192.0.2.7", "192.0.2.7:25", false},
		{"192.0.2.7", "192.0.2.7:0", false},
		{"192.0.2.7", "192.0.2.8:40000", false},
		{"192.0.2.7", "10.0.0.1:40000", false},
		{"192.0.2.7", "127.0.0.1:40000", false},
		{"192.0.2.7", "0.0.0.0:40000", false},
		{"192.0.2.7", "224.0.0.1:40000", false},
		{"192.0.2.7", "255.255.255.255:40000", false},
		{"192.0.2.7", "[::ffff:192.0.2.8]:40000", false},
		{"192.0.2.7", "[2001:db8::7]:40000", false},
		{"2001:db8::7", "[2001:db8::8]:40000", false},
		{"2001:db8::7", "[::]:40000", false},
		{"2001:db8::7", "[::1]:40000", false},
	} {
		s := &session{peer: netip.AddrPortFrom(netip.MustParseAddr(c.peer), 33333)}
		m, err := srv.active(s, netip.MustParseAddrPort(c.to))
		var refused *AddressError
		if ok := err == nil && m != nil; ok != c.ok || !ok && !errors.As(err, &refused) {
			t.Errorf("peer %s, PORT %s: %v, want ok %v", c.peer, c.to, err, c.ok)
		}
	}
}

func TestActiveConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		client := n.Host(ownerAddr)
		srv := &Server{cfg: Config{Network: n.Host(serverAddr)}.complete()}
		ln, err := client.Listen(t.Context(), "tcp4", ":0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		s := &session{peer: netip.AddrPortFrom(ownerAddr, 33333), local: netip.AddrPortFrom(serverAddr, 21)}
		m, err := srv.active(s, netip.AddrPortFrom(ownerAddr, addrPort(ln.Addr()).Port()))
		if err != nil {
			t.Fatal(err)
		}
		far, err := m.connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer far.Close()
		near, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer near.Close()
		mustSpeak(t, near, far)
		if from := addrPort(near.RemoteAddr()).Addr(); from != serverAddr {
			t.Errorf("called from %s, want the address of the control connection, %s", from, serverAddr)
		}
	})
}

// silence is a network whose other end never answers.
type silence struct{ proto.Network }

func (silence) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, &net.OpError{Op: "dial", Err: ctx.Err()}
}

func TestActiveMeetTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &Server{cfg: Config{Network: silence{}}.complete()}
		c := &outgoing{srv: srv, from: serverAddr, to: netip.AddrPortFrom(ownerAddr, 40000)}
		began := time.Now()
		if _, err := c.connect(t.Context()); err == nil || time.Since(began) != srv.cfg.Limits.Meet {
			t.Errorf("got %v after %v, want an error after %v", err, time.Since(began), srv.cfg.Limits.Meet)
		}
	})
}

// Over real TCP the call comes from the address that the client had called.
func TestActiveLocalAddress(t *testing.T) {
	from, to := netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.1")
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	c, err := dataDial(t.Context(), proto.TCP{}, from, netip.AddrPortFrom(to, addrPort(ln.Addr()).Port()))
	if err != nil {
		t.Skipf("no second loopback address: %v", err)
	}
	defer c.Close()
	near, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	if got := addrPort(near.RemoteAddr()).Addr(); got != from {
		t.Errorf("called from %s, want %s", got, from)
	}
}
