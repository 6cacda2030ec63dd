package serve

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"ferry/serve/users"
)

// bare sends CCC and takes TLS off, as RFC 4217 §12.3 draws it.
func (p *peer) bare(nc net.Conn) {
	p.w.t.Helper()
	p.do("CCC", 200)
	tc := p.nc.(*tls.Conn)
	if err := tc.CloseWrite(); err != nil {
		p.w.t.Fatal(err)
	}
	if n, err := tc.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		p.w.t.Fatalf("want the server's close_notify, got %v", err)
	}
	_ = nc.SetDeadline(time.Now().Add(time.Hour)) // CloseWrite has ended writing
	p.nc = nc
	if err := p.Upgrade(func(net.Conn) net.Conn { return nc }); err != nil {
		p.w.t.Fatal(err)
	}
}

// cccWorld is a world over TLS whose server allows CCC. records keeps TLS from
// reading what comes in clear behind its end.
func cccWorld(t *testing.T, test func(w *world, p *peer, cfg *tls.Config)) {
	inTLSWorld(t, func(w *world, v uint16) {
		cfg := tlsClient(v)
		p := w.dial()
		p.do("AUTH TLS", 234)
		p.nc = &records{Conn: p.nc}
		if err := p.handshake(cfg); err != nil {
			t.Fatal(err)
		}
		test(w, p, cfg)
	}, func(c *TLS) { c.CCC = CCCAllowed })
}

// Commands go on in clear, data in TLS; nothing that needs TLS can be had back.
func TestCCC(t *testing.T) {
	cccWorld(t, func(w *world, p *peer, cfg *tls.Config) {
		w.put("/f", "content")
		p.do("CCC", 534) // a password would follow in clear
		if feat := p.do("FEAT", 211).String(); !strings.Contains(feat, " CCC |") {
			t.Errorf("FEAT lacks CCC:\n%s", feat)
		}
		p.do("PBSZ 0", 200)
		p.do("PROT P", 200)
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		p.bare(p.nc.(*tls.Conn).NetConn().(*records).Conn)
		p.do("PWD", 257)
		p.do("TYPE I", 200)
		if got, err := p.fetchTLS("RETR f", cfg); err != nil || got != "content" {
			t.Errorf("got %q, %v", got, err)
		}
		p.expect(226)
		p.put("g", "up", cfg).Close()
		p.expect(226)
		if status := p.do("STAT", 211).String(); !strings.Contains(status, "Commands go in clear, data in TLS") {
			t.Errorf("STAT tells %q", status)
		}
		p.do("PROT C", 534) // whoever is in between must not get the data, too
		p.do("PBSZ 0", 503)
		p.do("CCC", 503)
		p.do("AUTH TLS", 534)
		p.do("USER bert", 530) // no password in clear
		p.do("PASS secret", 530)
		p.do("REIN", 220)
		p.do("PROT P", 503)
		p.startTLS(cfg)
		p.do("USER bert", 331)
		p.do("PASS secret", 230)
	})
}

// Commands that still come in TLS are not obeyed: TLS ends with a close_notify,
// or what follows is in clear.
func TestCCCWithoutTheEnd(t *testing.T) {
	cccWorld(t, func(w *world, p *peer, cfg *tls.Config) {
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		p.do("CCC", 200)
		p.send("MKD in-tls")
		_, _ = io.Copy(io.Discard, p.nc)
		for e, err := range w.files.List(t.Context(), "/") {
			t.Errorf("made: %v, %v", e.Name, err)
		}
	})
}

// How clients take TLS off: lftp sends its end and goes on, curl waits for the
// server's and answers it or not. Nobody sees a byte of TLS among the replies.
func TestCCCManners(t *testing.T) {
	for name, end := range map[string]func(p *peer, tc *tls.Conn, below net.Conn){
		"ends and goes on": func(p *peer, tc *tls.Conn, below net.Conn) {
			_ = tc.CloseWrite()
			_ = below.SetDeadline(time.Now().Add(time.Hour))
			_, _ = io.WriteString(below, "NO")
			time.Sleep(time.Second)
			_, _ = io.WriteString(below, "OP\r\n")
		},
		"ends and waits": func(p *peer, tc *tls.Conn, below net.Conn) {
			_ = tc.CloseWrite()
			_ = below.SetDeadline(time.Now().Add(time.Hour))
			if _, err := tc.Read(make([]byte, 1)); err != io.EOF {
				p.w.t.Errorf("want the server's end, got %v", err)
			}
			_, _ = io.WriteString(below, "NOOP\r\n")
		},
		"waits, and answers": func(p *peer, tc *tls.Conn, below net.Conn) {
			if _, err := tc.Read(make([]byte, 1)); err != io.EOF {
				p.w.t.Errorf("want the server's end, got %v", err)
			}
			_ = tc.CloseWrite()
			_ = below.SetDeadline(time.Now().Add(time.Hour))
			_, _ = io.WriteString(below, "NOOP\r\n")
		},
		"waits, and goes on": func(p *peer, tc *tls.Conn, below net.Conn) {
			if _, err := tc.Read(make([]byte, 1)); err != io.EOF {
				p.w.t.Errorf("want the server's end, got %v", err)
			}
			_, _ = io.WriteString(below, "NOOP\r\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			cccWorld(t, func(w *world, p *peer, cfg *tls.Config) {
				p.do("USER anna", 331)
				p.do("PASS secret", 230)
				p.do("CCC", 200)
				tc := p.nc.(*tls.Conn)
				below := tc.NetConn().(*records).Conn
				end(p, tc, below)
				want := "200 "
				got := make([]byte, len(want))
				if _, err := io.ReadFull(below, got); err != nil || string(got) != want {
					t.Errorf("in clear came %q, %v", got, err)
				}
			})
		})
	}
}

// A user whose record wants TLS keeps it, whatever the server allows.
func TestCCCOfUser(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		r.change("anna", func(u *users.Record) { u.TLS = users.TLSRequired })
		p := w.loginTLS("anna", tlsClient(tls.VersionTLS13))
		p.do("CCC", 534)
		p.do("PWD", 257)
	}, encrypted(t, func(c *TLS) { c.CCC = CCCAllowed }))
}

func TestCCCNeedsOptionalTLS(t *testing.T) {
	for policy, ok := range map[TLSPolicy]bool{TLSOptional: true, TLSRequired: false, TLSOff: false} {
		c := Config{TLS: TLS{Policy: policy, CCC: CCCAllowed}}
		if err := c.Validate(); strings.Contains(err.Error(), "CCC") == ok {
			t.Errorf("policy %d: %v", policy, err)
		}
	}
}
