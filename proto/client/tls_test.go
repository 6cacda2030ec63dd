package client_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// encrypted runs f beside a server with TLS, in virtual time.
func encrypted(t *testing.T, f func(t *testing.T, p *tlsPeer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newTLSPeer(t)) })
}

func (p *tlsPeer) trusted() client.Config {
	return client.Config{Security: client.Security{Roots: p.roots()}}
}

func TestTLSWhereItIsOffered(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		encrypted(t, func(t *testing.T, p *tlsPeer) {
			p.config.MaxVersion = version
			p.listen("21")
			c := p.login(p.trusted())
			state, on := c.TLS()
			if !on || !c.Encrypted() || !c.DataEncrypted() || state.Version != version || state.NegotiatedProtocol != "ftp" {
				t.Errorf("TLS %v %v %q", on, state.Version, state.NegotiatedProtocol)
			}
			if got := strings.Join(p.got[:5], ", "); got != "AUTH TLS, PBSZ 0, PROT P, USER anna, PASS secret" {
				t.Error(got)
			}
			var b bytes.Buffer
			for range 2 {
				if _, err := c.Retrieve(t.Context(), "f", &b, client.Transfer{}); err != nil {
					t.Fatal(err)
				}
			}
			if b.String() != p.file+p.file {
				t.Errorf("%q", b.String())
			}
			if _, err := c.Store(t.Context(), "f", strings.NewReader("the content"), client.Transfer{}); err != nil {
				t.Fatal(err)
			}
			if p.stored != "the content" || !p.ended {
				t.Errorf("stored %q, ended %v", p.stored, p.ended)
			}
			if fmt.Sprint(p.resumed) != "[true true true]" || !c.DataResumed() {
				t.Errorf("data connections resumed the session: %v", p.resumed)
			}
		})
	}
}

func TestTLSImplicit(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.implicit = true
		p.listen("990")
		cfg := p.trusted()
		cfg.TLS = client.TLSImplicit
		if c := p.login(cfg); !c.DataEncrypted() || len(p.sent("AUTH")) > 0 {
			t.Error(p.got)
		}
	})
}

// A login at the same machine is left in clear: nobody is in between.
func TestNoTLSOnThisMachine(t *testing.T) {
	for _, tt := range []struct {
		policy client.TLSPolicy
		pins   bool
		want   bool
	}{{client.TLSIfOffered, false, false}, {client.TLSRequired, false, true}, {client.TLSOff, false, false}, {client.TLSIfOffered, true, true}} {
		encrypted(t, func(t *testing.T, p *tlsPeer) {
			p.host = p.net.Host(loopback)
			p.net.Name("ftp.test", loopback)
			p.listen("21")
			cfg := p.trusted()
			cfg.TLS, cfg.Network = tt.policy, p.net.Host(loopback)
			if tt.pins {
				cfg.Security.Pins = []client.Pin{p.pin}
			}
			if c := p.login(cfg); c.Encrypted() != tt.want {
				t.Errorf("policy %d, pins %v: encrypted %v", tt.policy, tt.pins, c.Encrypted())
			}
		})
	}
}

func TestCertificates(t *testing.T) {
	for _, tt := range []struct {
		name  string
		trust func(p *tlsPeer, s *client.Security)
		good  bool
	}{
		{"nobody vouches", func(*tlsPeer, *client.Security) {}, false},
		{"a root vouches", func(p *tlsPeer, s *client.Security) { s.Roots = p.roots() }, true},
		{"known", func(p *tlsPeer, s *client.Security) { s.Known = []client.Pin{{}, p.pin} }, true},
		{"another known", func(p *tlsPeer, s *client.Security) { s.Known = []client.Pin{{}} }, false},
		{"pinned", func(p *tlsPeer, s *client.Security) { s.Pins = []client.Pin{p.pin} }, true},
		{"another pinned", func(p *tlsPeer, s *client.Security) { s.Roots, s.Pins = p.roots(), []client.Pin{{}} }, false},
		{"changed since", func(p *tlsPeer, s *client.Security) { s.Known = []client.Pin{p.pin}; p.renew() }, false},
		{"another host's", func(p *tlsPeer, s *client.Security) {
			p.config.Certificates = []tls.Certificate{makeCertificate(p.t, "other.test")}
			s.Roots = p.roots()
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			encrypted(t, func(t *testing.T, p *tlsPeer) {
				var cfg client.Config
				tt.trust(p, &cfg.Security)
				p.listen("21")
				_, err := p.dial(cfg)
				var bad *client.CertificateError
				if tt.good != (err == nil) || !tt.good && (!errors.As(err, &bad) || client.PinFor(bad.Chain[0]) == client.Pin{}) {
					t.Errorf("got %v", err)
				}
				if !tt.good && len(p.sent("USER")) > 0 {
					t.Error("it went on")
				}
			})
		})
	}
}

func TestPinsAreRead(t *testing.T) {
	cert := makeCertificate(t, "x").Leaf
	pin := client.PinFor(cert)
	hex := strings.TrimPrefix(pin.String(), "sha256:")
	var colons []string
	for i := 0; i < len(hex); i += 2 {
		colons = append(colons, strings.ToUpper(hex[i:i+2]))
	}
	for _, text := range []string{pin.String(), hex, strings.Join(colons, ":"), "SHA256:" + strings.Join(colons, ":"), "sha256=" + hex} {
		if got, err := client.ParsePin(text); err != nil || got != pin {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	key := client.Pin{Sum: pin.Sum, Of: client.PinKey}
	if got, err := client.ParsePin(key.String()); err != nil || got != key {
		t.Errorf("%s: %v, %v", key, got, err)
	}
	for _, text := range []string{"", "sha256:", "abc", hex + "00", hex[2:], "sha256//AAAA", "md5:" + hex[:32]} {
		if got, err := client.ParsePin(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func TestOwnCertificate(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.listen("21")
		cfg := p.trusted()
		cfg.Security.Own = []tls.Certificate{makeCertificate(t, "anna.test")}
		p.login(cfg)
		if p.shown != "anna.test" {
			t.Errorf("the server saw %q", p.shown)
		}
	})
}

// SECURITY: servers that lie, or somebody in between.
func TestHostileTLS(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(p *tlsPeer, cfg *client.Config)
		is   error
	}{
		{"plaintext behind 234, in one packet", func(p *tlsPeer, _ *client.Config) {
			p.auth = func(s *peerSession) bool { _ = s.say("234 go on\r\n230 you are in"); return s.handshake() }
		}, proto.ErrPipelined},
		{"plaintext in place of a handshake", func(p *tlsPeer, _ *client.Config) {
			p.auth = func(s *peerSession) bool {
				_ = s.say("234 go on")
				time.Sleep(time.Second)
				_ = s.say("230 you are in")
				return s.handshake()
			}
		}, nil},
		{"TLS taken away from who had it", func(p *tlsPeer, cfg *client.Config) {
			p.answer["AUTH"] = "502 no TLS here"
			cfg.Security.Seen = true
		}, client.ErrDowngrade},
		{"TLS taken away from who wants it", func(p *tlsPeer, cfg *client.Config) {
			p.answer["AUTH"] = "500 no TLS here"
			cfg.TLS = client.TLSRequired
		}, client.ErrNoTLS},
		{"TLS taken away from a pinned server", func(p *tlsPeer, cfg *client.Config) {
			p.answer["AUTH"] = "500 no TLS here"
			cfg.Security.Pins = []client.Pin{p.pin}
		}, client.ErrNoTLS},
		{"another mechanism than TLS", func(p *tlsPeer, cfg *client.Config) {
			p.answer["AUTH"] = "334 ADAT=abc"
			cfg.TLS = client.TLSRequired
		}, client.ErrNoTLS},
		{"TLS 1.1", func(p *tlsPeer, _ *client.Config) { p.config.MaxVersion = tls.VersionTLS11 }, nil},
		{"no handshake ever", func(p *tlsPeer, _ *client.Config) {
			p.auth = func(s *peerSession) bool { _ = s.say("234 go on"); time.Sleep(time.Hour); return false }
		}, nil},
		{"hangs up at AUTH", func(p *tlsPeer, _ *client.Config) {
			p.auth = func(*peerSession) bool { return false }
		}, client.ErrHangup},
		{"files in clear where TLS is wanted", func(p *tlsPeer, cfg *client.Config) {
			p.answer["PROT"] = "534 files go in clear"
			cfg.TLS = client.TLSRequired
		}, client.ErrPlainData},
	} {
		t.Run(tt.name, func(t *testing.T) {
			encrypted(t, func(t *testing.T, p *tlsPeer) {
				cfg := p.trusted()
				tt.set(p, &cfg)
				p.listen("21")
				_, err := p.dial(cfg)
				var ce *client.ConnectError
				if !errors.As(err, &ce) || ce.Step != client.Handshake || tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("got %v", err)
				}
				if len(p.sent("USER"))+len(p.sent("PASS")) > 0 {
					t.Error("it went on")
				}
			})
		})
	}
}

// A greeting in clear that lets everybody in is not believed: it may be
// anybody's.
func TestLoginIsForgottenAtTLS(t *testing.T) {
	play(t, "S: 230 come in\nC: AUTH TLS\nS: 500 no\nC: FEAT\nS: 500 no\nC: TYPE I\nS: 200 ok\n", func(ctx context.Context, s *stage) {
		s.cfg.TLS = client.TLSIfOffered
		s.login(ctx) // without TLS it is taken at its word
	})
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.greeting = "230 come in"
		p.listen("21")
		p.login(p.trusted())
		if len(p.sent("PASS")) != 1 {
			t.Error(p.got)
		}
	})
}

func TestPasswordsInClear(t *testing.T) {
	no := errors.New("no")
	for _, tt := range []struct {
		name, user string
		do         func(ctx context.Context, c *client.Client) error
		asked      bool
	}{
		{"login", "anna", nil, true},
		{"anonymous", "", nil, false},
		{"a user called ftp", "ftp", nil, true},
		{"ftp as a guest", "", func(ctx context.Context, c *client.Client) error {
			return c.Login(ctx, client.Credentials{User: "ftp", Pass: "me@here"})
		}, false},
		{"by hand", "", func(ctx context.Context, c *client.Client) error {
			_, _ = c.Quote(ctx, "USER anna")
			_, err := c.Quote(ctx, "pass secret")
			return err
		}, true},
		{"many at once", "", func(ctx context.Context, c *client.Client) error {
			_, err := c.DoAll(ctx, []proto.Command{proto.Cmd("USER", "anna"), proto.Cmd("PASS", "secret")})
			return err
		}, true},
		{"account", "", func(ctx context.Context, c *client.Client) error { return c.Account(ctx, "secret") }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			encrypted(t, func(t *testing.T, p *tlsPeer) {
				p.answer["AUTH"] = "500 what?"
				p.listen("21")
				cfg := client.Config{Security: client.Security{InClear: func(context.Context) error { return no }}}
				c, err := p.dial(cfg)
				if err != nil {
					t.Fatal(err)
				}
				if tt.do != nil {
					err = tt.do(t.Context(), c)
				} else {
					err = c.Login(t.Context(), client.Credentials{User: tt.user, Pass: "secret"})
				}
				if errors.Is(err, no) != tt.asked || tt.asked && strings.Contains(fmt.Sprint(p.sent("PASS"), p.sent("ACCT")), "secret") {
					t.Errorf("%v; %q", err, p.got)
				}
			})
		})
	}
}

// cutData sends what a server would, and cuts the connection without a word.
func cutData(text string) func(net.Conn, *tls.Config) error {
	return func(nc net.Conn, cfg *tls.Config) error {
		tc := tls.Server(nc, cfg)
		if err := tc.Handshake(); err != nil {
			return err
		}
		_, err := io.WriteString(tc, text)
		_ = nc.Close()
		return err
	}
}

// SECURITY: whoever is in between can cut a connection where he likes.
func TestCutUnderTLS(t *testing.T) {
	for _, tt := range []struct {
		name, sent, size string
		t                client.Transfer
		bad              bool
	}{
		{"whole, by SIZE", "the content", "", client.Transfer{}, false},
		{"half, by SIZE", "the con", "", client.Transfer{}, true},
		{"not known", "the con", "550 no", client.Transfer{}, true},
		{"the caller knows", "the content", "550 no", client.Transfer{Size: 11}, false},
		{"SIZE is asked though the caller would not", "the content", "", client.Transfer{Check: client.CheckAnnounced}, false},
		{"text", "the content", "", client.Transfer{Params: &proto.Params{Type: proto.TypeA}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			encrypted(t, func(t *testing.T, p *tlsPeer) {
				p.data = cutData(tt.sent)
				if tt.size != "" {
					p.answer["SIZE"] = tt.size
				}
				p.listen("21")
				var b bytes.Buffer
				_, err := p.login(p.trusted()).Retrieve(t.Context(), "f", &b, tt.t)
				if errors.Is(err, client.ErrTruncated) != tt.bad || !tt.bad && err != nil {
					t.Errorf("%q: %v", b.String(), err)
				}
			})
		})
	}
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.data = cutData("-rw-r--r-- 1 a a 1 Jan 1 2026 f\r\n")
		p.listen("21")
		var last error
		for _, err := range p.login(p.trusted()).List(t.Context(), "") {
			last = err
		}
		if !errors.Is(last, client.ErrIncomplete) {
			t.Errorf("a cut listing: %v", last)
		}
	})
}

// An upload that is broken off must not look whole to the server.
func TestBrokenUploadUnderTLS(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.listen("21")
		_, err := p.login(p.trusted()).Store(t.Context(), "f", io.MultiReader(strings.NewReader("half"), brokenReader{}), client.Transfer{})
		synctest.Wait()
		if err == nil || p.ended {
			t.Errorf("%v; ended in order: %v", err, p.ended)
		}
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("the disk is broken") }

// A server that has something to say on the connection of an upload, such as
// that it wants new keys, is heard.
func TestUploadListens(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.chatter = 300 << 10
		p.listen("21")
		if _, err := p.login(p.trusted()).Store(t.Context(), "f", strings.NewReader("the content"), client.Transfer{}); err != nil || !p.ended {
			t.Errorf("%v, ended in order: %v", err, p.ended)
		}
	})
}

// SECURITY: a stranger who answers at the data port has another certificate.
func TestStrangerAtTheDataPort(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.data = func(nc net.Conn, _ *tls.Config) error {
			return tls.Server(nc, &tls.Config{Certificates: []tls.Certificate{makeCertificate(t, "ftp.test")}}).Handshake()
		}
		p.listen("21")
		var bad *client.CertificateError
		var b bytes.Buffer
		if _, err := p.login(p.trusted()).Retrieve(t.Context(), "f", &b, client.Transfer{}); !errors.As(err, &bad) || b.Len() > 0 {
			t.Errorf("%q: %v", b.String(), err)
		}
	})
}

// Servers that don't know their data connections in TLS 1.3 get them in 1.2:
// the transfer is repeated, and the server remembered for it.
func TestFallback(t *testing.T) {
	for _, up := range []bool{false, true} {
		encrypted(t, func(t *testing.T, p *tlsPeer) {
			p.resume = tls.VersionTLS12
			p.listen("21")
			c := p.login(p.trusted())
			var b bytes.Buffer
			var err error
			if up {
				_, err = c.Store(t.Context(), "f", strings.NewReader("the content"), client.Transfer{})
			} else {
				_, err = c.Retrieve(t.Context(), "f", &b, client.Transfer{Check: client.CheckAnnounced})
			}
			state, _ := c.TLS()
			if err != nil || state.Version != tls.VersionTLS12 || !c.Quirks().NoTLS13 || up && p.stored != "the content" {
				t.Fatalf("up %v: %v, version %x", up, err, state.Version)
			}
			if got := p.sent("CWD"); len(got) != 1 || got[0] != "CWD /home" {
				t.Errorf("%q", got)
			}
			if n := len(p.sent("AUTH")); n != 2 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

// It is tried once: what fails in both versions has another reason.
func TestFallbackOnce(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.resume = 1
		p.listen("21")
		c := p.login(p.trusted())
		for range 3 {
			if _, err := c.Store(t.Context(), "f", strings.NewReader("x"), client.Transfer{}); code(err) != 522 {
				t.Errorf("got %v", err)
			}
		}
		if n := len(p.sent("AUTH")); n != 2 {
			t.Errorf("%d sessions", n)
		}
	})
}

// A source that can't be read again is not, but the next file goes through.
func TestFallbackOfAPipe(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.resume = tls.VersionTLS12
		p.listen("21")
		c := p.login(p.trusted())
		if _, err := c.Store(t.Context(), "f", io.LimitReader(strings.NewReader("the content"), 100), client.Transfer{}); code(err) != 522 {
			t.Errorf("got %v", err)
		}
		if _, err := c.Store(t.Context(), "f", io.LimitReader(strings.NewReader("the content"), 100), client.Transfer{}); err != nil {
			t.Error(err)
		}
	})
}

func TestSecurityCommandsByHand(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.listen("21")
		c := p.login(p.trusted())
		for _, line := range []string{"AUTH TLS", "auth ssl", "CCC"} {
			if _, err := c.Quote(t.Context(), line); !errors.Is(err, client.ErrSecurity) {
				t.Errorf("%s: %v", line, err)
			}
		}
		if _, err := c.Quote(t.Context(), "PROT C"); err != nil || c.DataEncrypted() {
			t.Errorf("PROT C: %v", err)
		}
		var b bytes.Buffer
		if _, err := c.Retrieve(t.Context(), "f", &b, client.Transfer{}); err != nil || b.String() != p.file {
			t.Errorf("%q, %v", b.String(), err)
		}
	})
}

// PROT may only be understood behind the login.
func TestProtAfterLogin(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.answer["PROT"] = "503 log in first"
		p.listen("21")
		cfg := p.trusted()
		cfg.TLS = client.TLSRequired
		c, err := p.dial(cfg)
		if err != nil {
			t.Fatal(err)
		}
		delete(p.answer, "PROT")
		if err := c.Login(t.Context(), client.Credentials{User: "anna"}); err != nil || !c.DataEncrypted() {
			t.Errorf("%v, %v", err, p.got)
		}
	})
}

func TestReinUnderTLS(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.listen("21")
		c := p.login(p.trusted())
		if err := c.Reinit(t.Context()); err != nil || !c.Encrypted() || len(p.sent("QUIT")) != 1 {
			t.Fatalf("%v, %q", err, p.got)
		}
		if err := c.Login(t.Context(), client.Credentials{User: "bert", Pass: "secret"}); err != nil || !c.DataEncrypted() {
			t.Error(err)
		}
		var b bytes.Buffer
		if _, err := c.Retrieve(t.Context(), "f", &b, client.Transfer{}); err != nil {
			t.Error(err)
		}
	})
}

// Over TLS a write of commands stays small, however many the server has
// answered: what a record holds beyond the first read is not seen by all.
func TestWritesStaySmallOverTLS(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.listen("21")
		var order strings.Builder
		cfg := p.trusted()
		cfg.Trace = func(from proto.Direction, _ string) { order.WriteByte(byte(from)) }
		c, ctx := p.login(cfg), t.Context()
		order.Reset()
		var cmds []proto.Command
		for range 9 {
			cmds = append(cmds, proto.Cmd("NOOP", strings.Repeat("x", 300)))
		}
		if _, err := c.DoAll(ctx, cmds); err != nil {
			t.Fatal(err)
		}
		if got := order.String(); got != "CCCSSSCCCSSSCCCSSS" {
			t.Errorf("commands and answers went in the order %s", got)
		}
	})
}
