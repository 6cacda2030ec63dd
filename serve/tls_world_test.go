package serve

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/memnet"
	"ferry/serve/certs"
)

// encrypted makes the server of a world one with TLS.
func encrypted(t *testing.T, edit ...func(*TLS)) func(*Config) {
	return func(c *Config) {
		set, err := certs.Made([]string{"server.example"})
		if err != nil {
			t.Fatal(err)
		}
		c.TLS = TLS{Certificate: set.Get}
		for _, f := range edit {
			f(&c.TLS)
		}
	}
}

// inTLSWorld is inWorld with TLS, once for each version.
func inTLSWorld(t *testing.T, test func(w *world, version uint16), edit ...func(*TLS)) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(v), func(t *testing.T) {
			inWorld(t, func(w *world) { test(w, v) }, encrypted(t, edit...))
		})
	}
}

// tlsClient is the TLS of a client that keeps its sessions, as most do.
func tlsClient(version uint16) *tls.Config {
	return &tls.Config{
		InsecureSkipVerify: true, ServerName: "server.example", MinVersion: version, MaxVersion: version,
		ClientSessionCache: tls.NewLRUClientSessionCache(8),
	}
}

// without is the same client without any session.
func without(cfg *tls.Config) *tls.Config {
	cfg = cfg.Clone()
	cfg.ClientSessionCache = nil
	return cfg
}

// startTLS is AUTH TLS and the handshake.
func (p *peer) startTLS(cfg *tls.Config) *peer {
	p.w.t.Helper()
	p.do("AUTH TLS", 234)
	if err := p.handshake(cfg); err != nil {
		p.w.t.Fatal(err)
	}
	return p
}

func (p *peer) handshake(cfg *tls.Config) error {
	tc := tls.Client(p.nc, cfg)
	if err := tc.Handshake(); err != nil {
		return err
	}
	p.nc = tc
	return p.Upgrade(func(net.Conn) net.Conn { return tc })
}

// loginTLS is a session with encrypted data connections.
func (w *world) loginTLS(user string, cfg *tls.Config) *peer {
	return w.loginTLSFrom(ownerAddr, user, cfg)
}

func (w *world) loginTLSFrom(from netip.Addr, user string, cfg *tls.Config) *peer {
	w.t.Helper()
	p := w.dialFrom(from).startTLS(cfg)
	p.do("USER "+user, 331)
	p.do("PASS secret", 230)
	p.do("PBSZ 0", 200)
	p.do("PROT P", 200)
	return p
}

// private opens a data connection and begins TLS on it, after the mark of line.
func (p *peer) private(line string, cfg *tls.Config) *tls.Conn {
	p.w.t.Helper()
	nc := p.passive()
	p.do(line, 150)
	return tls.Client(nc, cfg)
}

// put is an encrypted upload; the reply is not read.
func (p *peer) put(name, content string, cfg *tls.Config) *tls.Conn {
	p.w.t.Helper()
	tc := p.private("STOR "+name, cfg)
	if _, err := io.WriteString(tc, content); err != nil {
		p.w.t.Fatal(err)
	}
	return tc
}

// fetchTLS is a whole encrypted download, or the error of its connection.
func (p *peer) fetchTLS(line string, cfg *tls.Config) (string, error) {
	p.w.t.Helper()
	tc := p.private(line, cfg)
	b, err := io.ReadAll(tc)
	tc.Close()
	return string(b), err
}

// The functions of a session work over both versions, explicit and implicit,
// passive and active.
func TestSessionOverTLS(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		w.put("/docs/a", strings.Repeat("some text\n", 40000))
		cfg := tlsClient(v)
		p := w.dial()
		p.do("AUTH TLS", 234)
		p.nc = &unended{Conn: p.nc}
		if err := p.handshake(cfg); err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"PBSZ 0", "PROT P"} {
			p.do(line, 200)
		}
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		p.do("TYPE I", 200)
		for i := range 3 {
			got, err := p.fetchTLS("RETR docs/a", cfg)
			if err != nil || got != w.get("/docs/a") {
				t.Fatalf("download %d: %d bytes, %v", i, len(got), err)
			}
			p.expect(226)
			p.put(fmt.Sprint("up", i), got, cfg).Close()
			p.expect(226)
			if w.get(fmt.Sprint("/up", i)) != got {
				t.Errorf("upload %d differs", i)
			}
		}
		if got, err := p.fetchTLS("MLSD docs", cfg); err != nil || !strings.Contains(got, " a\r\n") {
			t.Errorf("listing: %q, %v", got, err)
		}
		p.expect(226)
		p.do("NOOP", 200)
		p.do("QUIT", 221)
		if n, err := p.nc.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("QUIT: %v", err)
		}
		if p.nc.(*tls.Conn).NetConn().(*unended).bare {
			t.Error("the control connection ended without close_notify")
		}
	})
}

// unended sees an end of TCP before that of TLS.
type unended struct {
	net.Conn
	bare bool
}

func (u *unended) Read(p []byte) (int, error) {
	n, err := u.Conn.Read(p)
	u.bare = u.bare || err == io.EOF
	return n, err
}

func TestActiveOverTLS(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		w.put("/f", "content")
		cfg := tlsClient(v)
		p := w.loginTLS("anna", cfg)
		ln, err := p.host.Listen(t.Context(), "tcp", netip.AddrPortFrom(ownerAddr, 0).String())
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		p.do("EPRT |1|"+ownerAddr.String()+"|"+fmt.Sprint(addrPort(ln.Addr()).Port())+"|", 200)
		p.do("TYPE I", 200)
		p.do("RETR f", 150)
		nc, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		if got, err := io.ReadAll(tls.Client(nc, cfg)); err != nil || string(got) != "content" {
			t.Errorf("got %q, %v", got, err)
		}
		p.expect(226)
	})
}

// implicit is a peer of a listener where TLS comes first.
func (w *world) implicit(cfg *tls.Config) *peer {
	w.t.Helper()
	synctest.Wait() // the other listener is up
	ln, err := w.srv.cfg.Network.Listen(w.t.Context(), "tcp", serverAddr.String()+":990")
	if err != nil {
		w.t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- w.srv.ServeImplicit(w.t.Context(), ln) }()
	host := w.net.Host(ownerAddr)
	nc, err := host.DialContext(w.t.Context(), "tcp", ln.Addr().String())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { nc.Close(); ln.Close(); <-served })
	p := &peer{Conn: proto.NewConn(nc, nil), w: w, host: host, nc: nc}
	if err := p.handshake(cfg); err != nil {
		w.t.Fatal(err)
	}
	p.expect(220)
	return p
}

func TestImplicit(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		w.put("/f", "content")
		cfg := tlsClient(v)
		p := w.implicit(cfg)
		p.do("AUTH TLS", 503)
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		p.do("TYPE I", 200)
		if got, err := p.fetchTLS("RETR f", cfg); err != nil || got != "content" {
			t.Errorf("data connections are not encrypted from the start: %q, %v", got, err)
		}
		p.expect(226)
	})
}

// A client that waits for the greeting on an implicit port, and one that never
// does its handshake after AUTH, are given up.
func TestHandshakeDeadline(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dial()
		p.do("AUTH TLS", 234)
		begin := time.Now()
		p.closed()
		if took := time.Since(begin); took != w.srv.cfg.Limits.Handshake {
			t.Errorf("given up after %v", took)
		}
		cfg := tlsClient(tls.VersionTLS13)
		p = w.loginTLS("anna", cfg)
		p.passive()
		p.do("LIST", 150)
		begin = time.Now()
		p.expect(522)
		if took := time.Since(begin); took != w.srv.cfg.Limits.Handshake {
			t.Errorf("the data connection was given up after %v", took)
		}
		p.passive()
		p.do("LIST", 150)
		synctest.Wait()
		p.do("ABOR", 426)
		p.expect(226)
	}, encrypted(t))
}

// ABOR is answered at once, though the peer's data connection takes nothing.
func TestAbortStalledTLS(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		w.put("/big", strings.Repeat("x", 1<<20))
		cfg := tlsClient(v)
		p := w.loginTLS("anna", cfg)
		p.do("TYPE I", 200)
		tc := p.private("RETR big", cfg)
		if err := tc.Handshake(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // the buffers are full
		begin := time.Now()
		p.do("ABOR", 426)
		p.expect(226)
		if took := time.Since(begin); took > 100*time.Millisecond {
			t.Errorf("ABOR took %v", took)
		}
		if n, err := io.Copy(io.Discard, tc); err == nil {
			t.Errorf("%d bytes look like a whole file", n)
		}
		p.do("NOOP", 200)
	})
}

// A peer that takes nothing for too long is given up then, and not later for a
// farewell that it has no room for.
func TestStalledTLS(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		w.put("/big", strings.Repeat("x", 1<<20))
		cfg := tlsClient(v)
		p := w.loginTLS("anna", cfg)
		p.do("TYPE I", 200)
		tc := p.private("RETR big", cfg)
		if err := tc.Handshake(); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		p.expect(426)
		if took := time.Since(begin); took != w.srv.cfg.Limits.Stall {
			t.Errorf("given up after %v", took)
		}
	})
}

// A peer that takes its time for the last bytes still gets their end.
func TestSlowFarewell(t *testing.T) {
	const room, overhead = 64 << 10, 29 // of memnet; of a record in TLS 1.2
	size := room - 4*overhead - 10      // no room for close_notify
	inWorld(t, func(w *world) {
		w.put("/f", strings.Repeat("x", size))
		cfg := tlsClient(tls.VersionTLS12)
		p := w.loginTLS("anna", cfg)
		p.do("TYPE I", 200)
		tc := p.private("RETR f", cfg)
		if err := tc.Handshake(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		if b, err := io.ReadAll(tc); err != nil || len(b) != size {
			t.Errorf("%d bytes, %v", len(b), err)
		}
		if _, ok := tc.NetConn().(*memnet.Conn); !ok {
			t.Error("not the network of this test")
		}
		p.expect(226)
	}, encrypted(t))
}
