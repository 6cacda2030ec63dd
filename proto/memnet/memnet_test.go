package memnet_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"

	"ferry/proto/memnet"
)

var (
	addrA  = netip.MustParseAddr("192.0.2.1")
	addrB  = netip.MustParseAddr("192.0.2.2")
	addrA6 = netip.MustParseAddr("2001:db8::1")
	addrB6 = netip.MustParseAddr("2001:db8::2")
)

// pair returns a connection's two ends: who dialled, who accepted.
func pair(t testing.TB) (near, far *memnet.Conn) {
	t.Helper()
	n := memnet.New()
	l, err := n.Host(addrA).Listen(t.Context(), "tcp", ":21")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := n.Host(addrB).DialContext(t.Context(), "tcp", "192.0.2.1:21")
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return c.(*memnet.Conn), s.(*memnet.Conn)
}

func TestConnIsANetConn(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		c1, c2 = pair(t)
		return c1, c2, func() { c1.Close(); c2.Close() }, nil
	})
}

func TestAddresses(t *testing.T) {
	n := memnet.New()
	a, b := n.Host(addrA, addrA6), n.Host(addrB, addrB6)
	n.Name("ftp.example", addrA6)
	tests := []struct{ name, network, listen, dial, local, remote string }{
		{"wildcard", "tcp", ":21", "192.0.2.1:21", "192.0.2.2", "192.0.2.1:21"},
		{"wildcard over IPv6", "tcp", ":21", "[2001:db8::1]:21", "2001:db8::2", "[2001:db8::1]:21"},
		{"bound", "tcp", "192.0.2.1:2121", "192.0.2.1:2121", "192.0.2.2", "192.0.2.1:2121"},
		{"bound over IPv6", "tcp6", "[2001:db8::1]:21", "[2001:db8::1]:21", "2001:db8::2", "[2001:db8::1]:21"},
		{"IPv4 wildcard", "tcp4", ":21", "192.0.2.1:21", "192.0.2.2", "192.0.2.1:21"},
		{"name", "tcp", ":21", "FTP.example:21", "2001:db8::2", "[2001:db8::1]:21"},
		{"mapped", "tcp", ":21", "[::ffff:192.0.2.1]:21", "192.0.2.2", "192.0.2.1:21"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := a.Listen(t.Context(), tt.network, tt.listen)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			c, err := b.DialContext(t.Context(), "tcp", tt.dial)
			if err != nil {
				t.Fatal(err)
			}
			s, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			if got := c.LocalAddr().(*net.TCPAddr).IP.String(); got != tt.local {
				t.Errorf("dialled from %s, want %s", got, tt.local)
			}
			if got := c.RemoteAddr().String(); got != tt.remote || s.LocalAddr().String() != got {
				t.Errorf("dialled to %s, accepted at %s, want %s", got, s.LocalAddr(), tt.remote)
			}
			if s.RemoteAddr().String() != c.LocalAddr().String() {
				t.Errorf("accepted from %s, dialled from %s", s.RemoteAddr(), c.LocalAddr())
			}
		})
	}
}

func TestLoopbackIsTheHostsOwn(t *testing.T) {
	n := memnet.New()
	a, b := n.Host(addrA), n.Host(addrB)
	l, err := a.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if ip := c.LocalAddr().(*net.TCPAddr).IP; !ip.IsLoopback() {
		t.Errorf("dialled from %s", ip)
	}
	if _, err := b.DialContext(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("from another host: %v", err)
	}
	if _, err := a.DialContext(t.Context(), "tcp4", "localhost:"+portOf(l)); err != nil {
		t.Errorf("localhost: %v", err)
	}
}

func portOf(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func TestDialErrors(t *testing.T) {
	n := memnet.New()
	n.Host(addrA)
	b := n.Host(addrB)
	var dns *net.DNSError
	if _, err := b.DialContext(t.Context(), "tcp", "nobody.example:21"); !errors.As(err, &dns) || !dns.IsNotFound {
		t.Errorf("unknown name: %v", err)
	}
	if _, err := b.DialContext(t.Context(), "tcp", "192.0.2.1:21"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("no listener: %v", err)
	}
	if _, err := b.DialContext(t.Context(), "tcp", "192.0.2.99:21"); !errors.Is(err, syscall.EHOSTUNREACH) {
		t.Errorf("no host: %v", err)
	}
	if _, err := b.DialContext(t.Context(), "tcp6", "192.0.2.1:21"); err == nil {
		t.Error("an IPv4 address over tcp6")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.DialContext(ctx, "tcp", "192.0.2.1:21"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, bad := range []string{"", "192.0.2.1", "192.0.2.1:ftp!", "192.0.2.1:70000"} {
		if _, err := b.DialContext(t.Context(), "tcp", bad); err == nil {
			t.Errorf("dialled %q", bad)
		}
	}
}

func TestDialTheUnspecified(t *testing.T) {
	a := memnet.New().Host(addrA)
	if _, err := a.Listen(t.Context(), "tcp", ":21"); err != nil {
		t.Fatal(err)
	}
	for dial, want := range map[string]string{":21": "127.0.0.1:21", "0.0.0.0:21": "127.0.0.1:21", "[::]:21": "[::1]:21"} {
		c, err := a.DialContext(t.Context(), "tcp", dial)
		if err != nil || c.RemoteAddr().String() != want {
			t.Errorf("%s: %v, %v", dial, c, err)
		}
	}
}

func TestNoCommonFamily(t *testing.T) {
	n := memnet.New()
	n.Host(addrA6).Listen(t.Context(), "tcp", ":21")
	if _, err := n.Host(addrB).DialContext(t.Context(), "tcp", "[2001:db8::1]:21"); !errors.Is(err, syscall.EHOSTUNREACH) {
		t.Error(err)
	}
}

func TestBacklog(t *testing.T) {
	n := memnet.New()
	n.Host(addrA).Listen(t.Context(), "tcp", ":21")
	b := n.Host(addrB)
	for range 1024 {
		if _, err := b.DialContext(t.Context(), "tcp", "192.0.2.1:21"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.DialContext(t.Context(), "tcp", "192.0.2.1:21"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error(err)
	}
}

// Ports that nobody chose come round, and pass those that are in use.
func TestPortsComeRound(t *testing.T) {
	a := memnet.New().Host(addrA)
	kept, err := a.Listen(t.Context(), "tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	for range 1 << 15 {
		l, err := a.Listen(t.Context(), "tcp", ":0")
		if err != nil || portOf(l) == portOf(kept) {
			t.Fatal(l, err)
		}
		l.Close()
	}
}

func TestListenErrors(t *testing.T) {
	n := memnet.New()
	a := n.Host(addrA, addrA6)
	listen := func(network, address string) error {
		_, err := a.Listen(t.Context(), network, address)
		return err
	}
	if err := listen("tcp4", ":21"); err != nil {
		t.Fatal(err)
	}
	if err := listen("tcp6", ":21"); err != nil {
		t.Errorf("the other family: %v", err)
	}
	for _, again := range []string{":21", "192.0.2.1:21", "[2001:db8::1]:21", "0.0.0.0:21"} {
		if err := listen("tcp", again); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("%s again: %v", again, err)
		}
	}
	if err := listen("tcp", "192.0.2.2:21"); !errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Errorf("another's address: %v", err)
	}
}

func TestListenerClose(t *testing.T) {
	n := memnet.New()
	a, b := n.Host(addrA), n.Host(addrB)
	l, _ := a.Listen(t.Context(), "tcp", ":21")
	c, err := b.DialContext(t.Context(), "tcp", "192.0.2.1:21")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("never accepted: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept after close: %v", err)
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("close again: %v", err)
	}
	if _, err := a.Listen(t.Context(), "tcp", ":21"); err != nil {
		t.Errorf("the port is not free again: %v", err)
	}
}

func TestServeUnknown(t *testing.T) {
	n := memnet.New()
	b := n.Host(addrB)
	var asked []string
	n.ServeUnknown(func(host string) error {
		asked = append(asked, host)
		if host == "bad.example" {
			return errors.New("no directory for it")
		}
		h := n.Host(addrA)
		n.Name(host, addrA)
		_, err := h.Listen(context.Background(), "tcp", ":21")
		return err
	})
	for range 2 {
		if _, err := b.DialContext(t.Context(), "tcp", "new.example:21"); err != nil {
			t.Fatal(err)
		}
	}
	if len(asked) != 1 {
		t.Errorf("asked %q, want one question", asked)
	}
	var dns *net.DNSError
	if _, err := b.DialContext(t.Context(), "tcp", "bad.example:21"); !errors.As(err, &dns) {
		t.Errorf("refused: %v", err)
	}
}

func TestHalfClose(t *testing.T) {
	near, far := pair(t)
	if _, err := near.Write([]byte("last words")); err != nil {
		t.Fatal(err)
	}
	if err := near.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(far); string(got) != "last words" || err != nil {
		t.Errorf("far end read %q, %v", got, err)
	}
	if _, err := near.Write([]byte("more")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write after CloseWrite: %v", err)
	}
	if _, err := far.Write([]byte("answer")); err != nil {
		t.Errorf("the other direction: %v", err)
	}
	far.Close()
	if got, err := io.ReadAll(near); string(got) != "answer" || err != nil {
		t.Errorf("near end read %q, %v", got, err)
	}
}

func TestAbort(t *testing.T) {
	tests := []struct {
		name  string
		abort func(c *memnet.Conn)
		want  error // of the peer's read and write
	}{
		{"Reset", func(c *memnet.Conn) { c.Reset() }, syscall.ECONNRESET},
		{"SetLinger", func(c *memnet.Conn) { c.SetLinger(0); c.Close() }, syscall.ECONNRESET},
		{"CloseWrite, Reset", func(c *memnet.Conn) { c.CloseWrite(); c.Reset() }, syscall.ECONNRESET},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			near, far := pair(t)
			near.Write([]byte("x"))
			tt.abort(near)
			b := make([]byte, 8)
			if n, err := far.Read(b); n != 1 || err != nil {
				t.Errorf("what had arrived: %d, %v", n, err)
			}
			if _, err := far.Read(b); !errors.Is(err, tt.want) {
				t.Errorf("peer reads %v", err)
			}
			if _, err := far.Write(b); !errors.Is(err, tt.want) {
				t.Errorf("peer writes %v", err)
			}
			if _, err := near.Read(b); !errors.Is(err, net.ErrClosed) {
				t.Errorf("own read %v", err)
			}
			if _, err := near.Write(b); !errors.Is(err, net.ErrClosed) {
				t.Errorf("own write %v", err)
			}
		})
	}
}

func TestCloseWithUnreadBytesResets(t *testing.T) {
	near, far := pair(t)
	far.Write([]byte("never read"))
	near.Write([]byte("bye"))
	near.Close()
	if got, err := io.ReadAll(far); string(got) != "bye" || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("peer read %q, %v", got, err)
	}
}

func TestCloseIsSeenByTheWriter(t *testing.T) {
	near, far := pair(t)
	near.Close()
	if _, err := far.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write to a closed peer: %v", err)
	}
	if err := near.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("close again: %v", err)
	}
}

// A writer fills the buffer and waits; time passes at once in the bubble.
func TestVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := pair(t)
		defer near.Close()
		defer far.Close()
		start := time.Now()
		near.SetWriteDeadline(start.Add(time.Hour))
		n, err := near.Write(make([]byte, 1<<20))
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Hour {
			t.Fatalf("write: %v after %v", err, time.Since(start))
		}
		if n != 64<<10 {
			t.Errorf("the buffer took %d bytes", n)
		}
		near.SetWriteDeadline(time.Time{})
		go near.Write(make([]byte, 1<<20))
		if got, err := io.CopyN(io.Discard, far, 1<<20+64<<10); err != nil {
			t.Errorf("read %d: %v", got, err)
		}
		go func() {
			time.Sleep(time.Minute)
			far.SetReadDeadline(time.Unix(1, 0)) // wakes the read below
		}()
		if _, err := far.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("woken read: %v", err)
		}
	})
}

func TestAcceptDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		l, err := n.Host(addrA).Listen(t.Context(), "tcp", ":0")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		l.(*memnet.Listener).SetDeadline(start.Add(time.Minute))
		if _, err := l.Accept(); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("accept: %v after %v", err, time.Since(start))
		}
	})
}

func TestWritesDoNotMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := pair(t)
		const size = 100 << 10 // more than the buffer
		for _, b := range []byte{'a', 'b', 'c'} {
			go near.Write(bytes.Repeat([]byte{b}, size))
		}
		var got []byte
		for len(got) < 3*size {
			synctest.Wait() // all that can be written is
			p := make([]byte, 1000)
			n, err := far.Read(p)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, p[:n]...)
		}
		for i := range got {
			if first := got[i-i%size]; got[i] != first {
				t.Fatalf("byte %d is %q in a write of %q", i, got[i], first)
			}
		}
	})
}
