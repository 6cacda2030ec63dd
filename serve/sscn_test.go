package serve

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/certs"
)

// otherServer is the TLS of a server that data connections lead to.
func otherServer(t *testing.T, version uint16) *tls.Config {
	t.Helper()
	set, err := certs.Made([]string{"other.example"})
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{GetCertificate: set.Get, MinVersion: version, MaxVersion: version}
}

// carried moves a text over the data connection of line, with this end of TLS.
func (p *peer) carried(nc net.Conn, line, text string, end func(net.Conn) *tls.Conn) string {
	p.w.t.Helper()
	p.do(line, 150)
	tc := end(nc)
	defer tc.Close()
	if strings.HasPrefix(line, "STOR") {
		if _, err := io.WriteString(tc, text); err != nil {
			p.w.t.Errorf("%s: %v", line, err)
		}
		tc.Close()
		p.expect(226)
		return text
	}
	got, err := io.ReadAll(tc)
	if err != nil {
		p.w.t.Errorf("%s: %v", line, err)
	}
	tc.Close()
	p.expect(226)
	return string(got)
}

// SSCN makes this end TLS's client on all data connections, CPSV on one.
func TestWhoBeginsTLS(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		w.put("/f", "content")
		cfg := tlsClient(v)
		other := otherServer(t, v)
		server := func(nc net.Conn) *tls.Conn { return tls.Server(nc, other) }
		client := func(nc net.Conn) *tls.Conn { return tls.Client(nc, cfg) }
		p := w.loginTLS("anna", cfg)
		p.do("TYPE I", 200)
		check := func(what string, nc net.Conn, end func(net.Conn) *tls.Conn) {
			t.Helper()
			if got := p.carried(nc, "RETR f", "", end); got != "content" {
				t.Errorf("%s: got %q", what, got)
			}
			p.carried(p.passive(), "STOR up-"+what, what, end)
			if got := w.get("/up-" + what); got != what {
				t.Errorf("%s: uploaded %q", what, got)
			}
		}
		said := func(line, want string) {
			t.Helper()
			if got := p.do(line, 200).Text(); got != want {
				t.Errorf("%s: %q", line, got)
			}
		}
		said("SSCN", "SSCN:SERVER METHOD")
		said("SSCN on", "SSCN:CLIENT METHOD")
		said("SSCN", "SSCN:CLIENT METHOD")
		check("on", p.passive(), server)
		said("SSCN OFF", "SSCN:SERVER METHOD")
		check("off", p.passive(), client)
		at, err := proto.ParsePassive(p.do("CPSV", 227).Text())
		if err != nil {
			t.Fatal(err)
		}
		if got := p.carried(p.dialPort(at.Port()), "RETR f", "", server); got != "content" {
			t.Errorf("CPSV: got %q", got)
		}
		check("behind CPSV", p.passive(), client)
		p.do("CPSV", 227)
		check("CPSV given up", p.passive(), client)
	})
}

// What there is no TLS for, or no sense in, is refused.
func TestWhoBeginsTLSRefused(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		w.dial().do("SSCN ON", 530)
		p := w.dial().startTLS(tlsClient(v))
		p.do("CPSV", 530)
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		p.do("CPSV", 503)
		p.do("SSCN maybe", 501)
		p.do("SSCN ON", 200)
		p.do("PBSZ 0", 200)
		p.do("PROT P", 200)
		p.do("EPSV ALL", 200)
		p.do("CPSV", 503)
		p.do("REIN", 220)
	})
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("SSCN ON", 502)
		p.do("CPSV", 502)
	})
	guests := testUsers()
	guests["ftp"] = guests["anna"]
	inWorld(t, func(w *world) {
		p := w.login("ftp")
		p.do("SSCN ON", 503)
		p.do("CPSV", 503)
	}, encrypted(t), func(c *Config) { c.Users = guests })
}

// A data connection on which this end is TLS's client shows no ticket of ours:
// where tickets are required that will not do, but from servers that are trusted.
func TestTrustedNeedNoTicket(t *testing.T) {
	friend := netip.MustParseAddr("192.0.2.99")
	trusting := func(words ...string) func(*Config) {
		return func(c *Config) { c.FXP = mustTrust(t, words...) }
	}
	required := encrypted(t, func(e *TLS) { e.Data = DataRequire })
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		inWorld(t, func(w *world) {
			w.put("/f", "content")
			p := w.loginTLS("anna", tlsClient(v))
			p.do("TYPE I", 200)
			at, err := proto.ParsePassive(p.do("PASV", 227).Text())
			if err != nil {
				t.Fatal(err)
			}
			foreign := func(nc net.Conn) *tls.Conn { return tls.Client(nc, without(tlsClient(v))) }
			if got := p.carried(mustDial(t, w.net.Host(friend), at.Port()), "RETR f", "", foreign); got != "content" {
				t.Errorf("a trusted server got %q", got)
			}
			p.do("SSCN ON", 200)
			tc := tls.Server(p.passive(), otherServer(t, v))
			p.do("RETR f", 150)
			if got, _ := io.ReadAll(tc); len(got) > 0 {
				t.Errorf("one's own client, as TLS's server, got %q", got)
			}
			tc.Close()
			p.expect(522)
		}, required, trusting(friend.String()))
	}
}

// Who sends as TLS's client leaves the peer's tickets unread: closing over them
// must not cost the end of the file. Needs TCP: memory knows no reset.
func TestTicketsLeftUnread(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer ln.Close()
	const size = 1 << 20
	closed, sent := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(closed)
		nc, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			sent <- err
			return
		}
		_ = nc.(*net.TCPConn).SetWriteBuffer(2 * size)
		c := &cover{encryption: &encryption{handshake: func() time.Duration { return time.Minute }, TLS: TLS{Data: DataAny}}, client: true, stall: time.Minute}
		near, err := c.protect(t.Context(), nc)
		if err == nil {
			_, err = near.Write(make([]byte, size))
		}
		sent <- err
		if err == nil {
			_ = closeData(context.Background(), near, c, data.NewConn(near))
		}
	}()
	nc, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.(*net.TCPConn).SetReadBuffer(64 << 10) // most of it is still to be sent when it is closed
	tc := tls.Server(nc, otherServer(t, tls.VersionTLS13))
	if _, err := tc.Write([]byte("in place of a ticket")); err != nil { // which Go's servers send early
		t.Fatal(err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	select { // time for a close that doesn't wait to do its harm
	case <-closed:
	case <-time.After(100 * time.Millisecond):
	}
	n, err := io.Copy(io.Discard, tc)
	if n != size || err != nil {
		t.Errorf("%d of %d bytes, %v", n, size, err)
	}
	tc.Close()
	<-closed
}
