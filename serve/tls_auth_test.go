package serve

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
)

func TestAuthTLS(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		p := w.dial()
		feat := strings.Join(p.do("FEAT", 211).Lines, "\n")
		for _, line := range []string{" AUTH TLS", " PBSZ", " PROT"} {
			if !strings.Contains(feat, "\n"+line+"\n") {
				t.Errorf("FEAT lacks %q", line)
			}
		}
		for _, mechanism := range []string{"SSL", "TLS-P", "GSSAPI", "TLS TLS", "\xff"} {
			p.do("AUTH "+mechanism, 504)
		}
		p.do("AUTH", 501)
		p.do("PBSZ 0", 503)
		p.do("PROT P", 503)
		p.do("CCC", 503)
		p.do("auth tls-c ", 234)
		if err := p.handshake(tlsClient(v)); err != nil {
			t.Fatal(err)
		}
		p.do("AUTH TLS", 503)
		p.do("PROT P", 503) // PBSZ comes first
		p.do("PBSZ x", 501)
		p.do("PBSZ 4096", 200)
		p.do("PROT S", 536)
		p.do("PROT E", 536)
		p.do("PROT X", 504)
		p.do("PROT p", 200)
		p.do("PROT C", 200)
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		if status := strings.Join(p.do("STAT", 211).Lines, "\n"); !strings.Contains(status, "Commands go in "+tls.VersionName(v)+", data in clear") {
			t.Errorf("STAT tells %q", status)
		}
		p.do("CCC", 534)
		p.do("NOOP", 200)
	})
}

func TestNoTLS(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dial()
		if feat := strings.Join(p.do("FEAT", 211).Lines, "\n"); strings.Contains(feat, "AUTH") || strings.Contains(feat, "PBSZ") || strings.Contains(feat, "PROT") {
			t.Errorf("FEAT promises TLS:\n%s", feat)
		}
		for _, line := range []string{"AUTH TLS", "PBSZ 0", "PROT P", "CCC"} {
			p.do(line, 502)
		}
	})
}

// T22, T6 (ProFTPD#1533): AUTH after login.
func TestAuthAfterLogin(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dialFrom(loopback)
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		p.do("AUTH TLS", 534)
		p.do("PWD", 257)
	}, encrypted(t))
}

var loopback = netip.MustParseAddr("127.0.0.1")

// T6: CVE-2011-1575; pyftpdlib 2.2.1 obeys what comes in clear behind AUTH.
func TestPlaintextBehindAuth(t *testing.T) {
	for name, send := range map[string]func(p *peer){
		"in one packet": func(p *peer) { p.send("AUTH TLS", "SYST") },
		"in the next": func(p *peer) {
			p.send("AUTH TLS")
			p.send("SYST")
		},
		"after the reply": func(p *peer) {
			p.do("AUTH TLS", 234)
			p.send("SYST")
		},
		"unfinished": func(p *peer) { p.raw("AUTH TLS\r\nSY") },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				p := w.dial()
				send(p)
				rest, _ := io.ReadAll(p.nc)
				if strings.Contains(string(rest), "215") || strings.Contains(w.log.String(), "SYST") {
					t.Errorf("obeyed: %q\n%s", rest, w.log.String())
				}
			}, encrypted(t))
		})
	}
}

// T7: RFC 4217 §4.2, which five of five servers break: USER in clear, then PASS
// within TLS. It also must not work in one packet.
func TestNothingSurvivesAuth(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		p := w.dialFrom(loopback)
		p.do("USER anna", 331)
		p.do("TYPE I", 530)
		p.startTLS(tlsClient(v))
		p.do("PASS secret", 503)
		p = w.dialFrom(loopback)
		p.send("USER anna", "AUTH TLS", "PASS secret")
		p.expect(331)
		if rest, _ := io.ReadAll(p.nc); strings.Contains(string(rest), "230") {
			t.Errorf("logged in: %q", rest)
		}
		synctest.Wait()
		for _, s := range w.srv.Sessions() {
			if s.User != "" {
				t.Errorf("%s is logged in", s.User)
			}
		}
	})
}

// T8: ALPACA. None of five servers refused http/1.1.
func TestALPN(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		for _, c := range []struct {
			offer []string
			ok    bool
		}{
			{nil, true}, {[]string{"ftp"}, true}, {[]string{"h2", "ftp"}, true},
			{[]string{"http/1.1"}, false}, {[]string{"h2"}, false}, {[]string{"h2", "http/1.1"}, false}, {[]string{"smtp"}, false},
			{[]string{"ftp-data"}, false},
		} {
			p := w.dial()
			p.do("AUTH TLS", 234)
			cfg := tlsClient(v)
			cfg.NextProtos = c.offer
			if err := p.handshake(cfg); (err == nil) != c.ok {
				t.Errorf("%v: %v", c.offer, err)
			} else if c.ok {
				p.do("NOOP", 200)
			}
		}
		cfg := tlsClient(v)
		p := w.loginTLS("anna", cfg)
		for offer, ok := range map[string]bool{"ftp": true, "ftp-data": true, "http/1.1": false} {
			with := cfg.Clone()
			with.NextProtos = []string{offer}
			_, err := p.fetchTLS("MLSD", with)
			if (err == nil) != ok {
				t.Errorf("data connection with %s: %v", offer, err)
			}
			p.expect(map[bool]proto.Code{true: 226, false: 522}[ok])
		}
	})
}

func TestOldTLS(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, v := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
			p := w.dial()
			p.do("AUTH TLS", 234)
			if p.handshake(tlsClient(v)) == nil {
				t.Errorf("%s is spoken", tls.VersionName(v))
			}
		}
		p := w.dial()
		p.do("AUTH TLS", 234)
		cfg := tlsClient(tls.VersionTLS12)
		cfg.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
		if p.handshake(cfg) == nil {
			t.Error("CBC is spoken")
		}
	}, encrypted(t))
}

// T23: who may log in over what.
func TestTLSPolicy(t *testing.T) {
	far := ownerAddr
	for _, c := range []struct {
		policy TLSPolicy
		from   netip.Addr
		user   string
		want   proto.Code
	}{
		{TLSOptional, far, "anna", 530}, {TLSOptional, far, "nobody", 530},
		{TLSOptional, far, "anonymous", 331}, {TLSOptional, far, "FTP", 331},
		{TLSOptional, loopback, "anna", 331},
		{TLSRequired, far, "anna", 530}, {TLSRequired, loopback, "anna", 530}, {TLSRequired, far, "anonymous", 530},
		{TLSOff, far, "anna", 331},
	} {
		inWorld(t, func(w *world) {
			p := w.dialFrom(c.from)
			r := p.do("USER "+c.user, c.want)
			if c.want != 530 {
				return
			}
			if !strings.Contains(r.Text(), "AUTH TLS") {
				t.Errorf("%q is no help", r.Text())
			}
			p.do("PASS secret", 530)
			p.do("ACCT x", 530)
			p.startTLS(tlsClient(tls.VersionTLS13))
			p.do("USER anna", 331)
			p.do("PASS secret", 230)
		}, encrypted(t, func(e *TLS) { e.Policy = c.policy }))
	}
	inWorld(t, func(w *world) { // the zero value, without a certificate
		p := w.dial()
		p.do("USER anna", 530)
		p.do("AUTH TLS", 502)
	}, func(c *Config) { c.TLS = TLS{} })
}

// T23: with TLS required nothing goes in clear, data included.
func TestRequiredData(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		cfg := tlsClient(v)
		p := w.dial().startTLS(cfg)
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		p.do("EPSV", 229)
		p.do("LIST", 521)
		p.do("PBSZ 0", 200)
		p.do("PROT C", 534)
		p.do("PROT P", 200)
		if _, err := p.fetchTLS("LIST", cfg); err != nil {
			t.Error(err, w.log.String())
		}
		p.expect(226)
	}, func(e *TLS) { e.Policy = TLSRequired })
}

// REIN: RFC 4217 §11: as before AUTH. A server that keeps TLS would read the
// next command as a record.
func TestReinEndsTLS(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		cfg := tlsClient(v)
		p := w.loginTLS("anna", cfg)
		p.do("SSCN ON", 200)
		p.do("REIN", 220)
		tc := p.nc.(*tls.Conn)
		if n, err := tc.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Fatalf("TLS goes on: %v", err)
		}
		_ = tc.CloseWrite()
		p.nc = tc.NetConn()
		_ = p.nc.SetDeadline(time.Now().Add(time.Hour)) // CloseWrite has left one
		if err := p.Upgrade(func(net.Conn) net.Conn { return p.nc }); err != nil {
			t.Fatal(err)
		}
		p.do("USER anna", 530)
		p.startTLS(cfg)
		p.do("PROT P", 503)
		p.do("USER bert", 331)
		p.do("PASS secret", 230)
		if got := p.do("SSCN", 200).Text(); got != "SSCN:SERVER METHOD" {
			t.Errorf("SSCN: %s", got)
		}
	})
}

// What follows close_notify in the same packet is not lost.
func TestReinPipelined(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		p := w.dial()
		p.do("AUTH TLS", 234)
		held := &holding{Conn: p.nc}
		p.nc = held
		if err := p.handshake(tlsClient(v)); err != nil {
			t.Fatal(err)
		}
		p.do("REIN", 220)
		tc := p.nc.(*tls.Conn)
		if _, err := tc.Read(make([]byte, 1)); err != io.EOF {
			t.Fatal(err)
		}
		held.hold = true
		_ = tc.CloseWrite()
		p.nc = held.Conn
		_ = p.nc.SetDeadline(time.Now().Add(time.Hour))
		_ = p.Upgrade(func(net.Conn) net.Conn { return p.nc })
		p.raw(string(held.back) + "NOOP\r\n")
		p.expect(200)
	})
}

// holding keeps back what is written, once it is told to.
type holding struct {
	net.Conn
	hold bool
	back []byte
}

func (h *holding) Write(p []byte) (int, error) {
	if !h.hold {
		return h.Conn.Write(p)
	}
	h.back = append(h.back, p...)
	return len(p), nil
}

// authority signs certificates for clients.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t}
	a.cert, a.key = a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	return a
}

func (a *authority) sign(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber, _ = rand.Int(rand.Reader, big.NewInt(1<<62))
	template.NotBefore = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) // bubbles live in 2000
	template.NotAfter = time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)
	by, signer := a.cert, a.key
	if by == nil {
		by, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// client is a certificate that speaks for a user.
func (a *authority) client(template *x509.Certificate) tls.Certificate {
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	cert, key := a.sign(template)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

func TestClientCertificates(t *testing.T) {
	ours, other := newAuthority(t), newAuthority(t)
	pool := x509.NewCertPool()
	pool.AddCert(ours.cert)
	named := func(name string) *x509.Certificate { return &x509.Certificate{Subject: pkix.Name{CommonName: name}} }
	with := func(v uint16, c ...tls.Certificate) *tls.Config {
		cfg := tlsClient(v)
		cfg.Certificates = c
		return cfg
	}
	asked := func(use CertUse) func(*TLS) {
		return func(e *TLS) { e.Clients = ClientCerts{CAs: pool, Use: use} }
	}
	t.Run("second", func(t *testing.T) {
		inTLSWorld(t, func(w *world, v uint16) {
			w.dial().startTLS(with(v)).do("USER anna", 530)
			w.dial().startTLS(with(v, ours.client(named("bert")))).do("USER anna", 530)
			w.dialFrom(loopback).do("USER anna", 530)
			for _, c := range []*x509.Certificate{named("anna"), {DNSNames: []string{"anna"}}, {EmailAddresses: []string{"anna"}}} {
				p := w.dial().startTLS(with(v, ours.client(c)))
				p.do("USER anna", 331)
				p.do("PASS wrong", 530)
				p.do("USER anna", 331)
				p.do("PASS secret", 230)
			}
			p := w.dial()
			p.do("AUTH TLS", 234)
			if err := p.handshake(with(v, other.client(named("anna")))); err == nil {
				io.WriteString(p.nc, "USER anna\r\n") // in TLS 1.3 the client hears of it later
				if r, err := p.ReadReply(); err == nil {
					t.Errorf("a certificate of anybody is taken: %v", r)
				}
			}
			// Data connections resume, though a certificate was shown.
			cfg := with(v, ours.client(named("anna")))
			p = w.loginTLS("anna", cfg)
			if _, err := p.fetchTLS("LIST", cfg); err != nil {
				t.Error(err)
			}
			p.expect(226)
		}, asked(CertAndPassword), func(e *TLS) { e.Data = DataRequire })
	})
	t.Run("instead", func(t *testing.T) {
		inTLSWorld(t, func(w *world, v uint16) {
			p := w.dial().startTLS(with(v, ours.client(named("anna"))))
			p.do("USER anna", 232)
			p.do("PWD", 257)
			p = w.dial().startTLS(with(v, ours.client(named("bert"))))
			p.do("USER anna", 331)
			p.do("PASS secret", 230)
			p = w.dial().startTLS(with(v, ours.client(named("nobody"))))
			p.do("USER nobody", 530)
			p = w.dial().startTLS(with(v, ours.client(named("clerk"))))
			p.do("USER clerk", 332)
			p.do("ACCT books", 230)
		}, asked(CertInstead))
	})
}
