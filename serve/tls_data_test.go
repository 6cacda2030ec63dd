package serve

import (
	"compress/zlib"
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
)

// T4: data connections show whose they are. vsftpd takes anybody's ticket,
// Pure-FTPd, pyftpdlib and SFTPGo ask for none. The table of DECISIONS.
func TestDataTickets(t *testing.T) {
	const own, kin, alien, none = "own", "same user, other session", "another's", "none"
	for policy, refused := range map[DataTLS][]string{
		DataPrefer: {alien}, DataRequire: {alien, none}, DataAny: {},
	} {
		inTLSWorld(t, func(w *world, v uint16) {
			w.put("/f", "content")
			tickets := map[string]*tls.Config{own: tlsClient(v), kin: tlsClient(v), alien: tlsClient(v)}
			p := w.loginTLS("anna", tickets[own])
			tickets[none] = without(tickets[own])
			w.loginTLS("anna", tickets[kin])
			w.loginTLS("bert", tickets[alien])
			p.do("TYPE I", 200)
			for whose, cfg := range tickets {
				want := proto.Code(226)
				for _, r := range refused {
					if r == whose {
						want = 522
					}
				}
				for _, upload := range []bool{true, false} {
					nc := p.passive()
					tc := tls.Client(nc, cfg)
					if upload {
						p.do("STOR up", 150)
						_ = tc.Handshake()
						io.WriteString(tc, "mine")
						tc.Close()
					} else {
						p.do("RETR f", 150)
						got, _ := io.ReadAll(tc)
						if string(got) != map[proto.Code]string{226: "content", 522: ""}[want] {
							t.Errorf("%v, %s: got %q", policy, whose, got)
						}
						tc.Close()
					}
					if r, err := p.ReadReply(); err != nil || r.Code != want {
						t.Errorf("policy %d, %s, upload %v: %v, %v; want %d", policy, whose, upload, r, err, want)
					}
					// What is not refused resumes.
					if resumed := tc.ConnectionState().DidResume; want == 226 && resumed != (whose != none) {
						t.Errorf("policy %d, %s, upload %v: resumed is %v", policy, whose, upload, resumed)
					}
				}
				if _, err := w.files.Stat(t.Context(), "/up"); (err == nil) != (want == 226) {
					t.Errorf("policy %d, %s: %v", policy, whose, err)
				}
				_ = w.files.Remove(t.Context(), "/up")
			}
		}, func(e *TLS) { e.Data = policy })
	}
}

// A connection that was refused, or let in without showing anything, leaves no
// ticket that would pass for one's own.
func TestNoTicketForNothing(t *testing.T) {
	for policy, want := range map[DataTLS]proto.Code{DataRequire: 522, DataPrefer: 226} {
		inTLSWorld(t, func(w *world, v uint16) {
			p := w.loginTLS("anna", tlsClient(v))
			thief := tlsClient(v)
			for range 3 {
				tc := p.private("LIST", thief)
				_, _ = io.ReadAll(tc)
				tc.Close()
				p.expect(want)
				if tc.ConnectionState().DidResume {
					t.Error("resumed a session that showed nothing")
				}
			}
		}, func(e *TLS) { e.Data = policy })
	}
}

// The same user from another address is somebody else: a password may be
// shared, a way through the network is not.
func TestTicketFromElsewhere(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		far := tlsClient(v)
		w.loginTLSFrom(netip.MustParseAddr("10.0.0.77"), "anna", far)
		p := w.loginTLS("anna", tlsClient(v))
		_, _ = p.fetchTLS("LIST", far)
		p.expect(522)
	})
}

// A client that keeps its tickets between runs is known by them, while its
// former session is remembered; what nobody remembers counts as none.
func TestTicketOfEndedSession(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		before := tlsClient(v)
		w.loginTLS("anna", before).do("QUIT", 221)
		p := w.loginTLS("anna", tlsClient(v))
		if _, err := p.fetchTLS("LIST", before); err != nil {
			t.Error(err)
		}
		p.expect(226)
		for i := range uint64(maxHolders) {
			w.srv.tls.tickets.note(1000+i, holder{user: "crowd"})
		}
		if n := len(w.srv.tls.tickets.logins); n != maxHolders {
			t.Errorf("%d logins are remembered", n)
		}
		old := tlsClient(v)
		q := w.loginTLS("bert", old)
		for i := range uint64(maxHolders) {
			w.srv.tls.tickets.note(100000+i, holder{user: "crowd"})
		}
		p.do("NOOP", 200)
		_, _ = p.fetchTLS("LIST", old)
		p.expect(522) // another's, or none: Require takes neither
		q.do("QUIT", 221)
	}, func(e *TLS) { e.Data = DataRequire })
}

// Who prefers tickets says in the log that there was none.
func TestNoTicketIsLogged(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		cfg := tlsClient(v)
		p := w.loginTLS("anna", cfg)
		p.fetchTLS("LIST", cfg)
		p.expect(226)
		if strings.Contains(w.log.String(), "without TLS session reuse") {
			t.Error("the log complains of a ticket that was there")
		}
		for range 3 {
			p.fetchTLS("LIST", without(cfg))
			p.expect(226)
		}
		synctest.Wait()
		if n := strings.Count(w.log.String(), "without TLS session reuse"); n != 1 {
			t.Errorf("%d lines in the log, want one a session", n)
		}
	})
}

// counting counts the tickets that a client gets.
type counting struct {
	tls.ClientSessionCache
	got int
}

func (c *counting) Put(key string, s *tls.ClientSessionState) {
	if s != nil {
		c.got++
	}
	c.ClientSessionCache.Put(key, s)
}

// A client that only writes leaves tickets of TLS 1.3 unread, and its close
// then resets the connection; so uploads get none, and resume all the same.
func TestNoTicketsOnUploads(t *testing.T) {
	inWorld(t, func(w *world) {
		cfg := tlsClient(tls.VersionTLS13)
		cache := &counting{ClientSessionCache: cfg.ClientSessionCache}
		cfg.ClientSessionCache = cache
		p := w.loginTLS("anna", cfg)
		p.do("TYPE I", 200)
		w.put("/f", "content")
		cold := cfg.Clone()
		cold.ClientSessionCache = &counting{ClientSessionCache: tls.NewLRUClientSessionCache(1)}
		for _, c := range []struct {
			what   string
			cfg    *tls.Config
			resume bool
		}{{"with a ticket", cfg, true}, {"again", cfg, true}, {"without", cold, false}, {"without, again", cold, false}} {
			cache := c.cfg.ClientSessionCache.(*counting)
			before := cache.got
			tc := p.put("up", "mine", c.cfg)
			_ = tc.CloseWrite()
			p.expect(226)
			if _, err := tc.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("%s: %v", c.what, err)
			}
			if cache.got != before {
				t.Errorf("%s: %d tickets came", c.what, cache.got-before)
			}
			if tc.ConnectionState().DidResume != c.resume {
				t.Errorf("%s: resumed is %v", c.what, !c.resume)
			}
		}
		before := cache.got
		p.fetchTLS("RETR f", cfg)
		p.expect(226)
		if cache.got == before {
			t.Error("a download brought no ticket")
		}
	}, encrypted(t))
}

// What does not speak TLS on a data connection that should.
func TestPlainOnPrivate(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		p := w.loginTLS("anna", tlsClient(v))
		nc := p.passive()
		p.do("STOR f", 150)
		io.WriteString(nc, "plain text and no handshake")
		nc.Close()
		p.expect(522)
		if got := w.get("/f"); got != "(none)" {
			t.Errorf("stored %q", got)
		}
	})
}

// T20: an upload that is cut is not whole. Of five servers, one noticed.
func TestCutUploads(t *testing.T) {
	const size = 100_000
	whole := strings.Repeat("0123456789", size/10)
	for _, cut := range []struct {
		name string
		how  func(nc net.Conn)
	}{
		{"FIN", func(nc net.Conn) { nc.Close() }},
		{"RST", func(nc net.Conn) { nc.(interface{ SetLinger(int) error }).SetLinger(0); nc.Close() }},
	} {
		for _, percent := range []int{0, 1, 50, 100} {
			for _, at := range []string{"record boundary", "inside a record"} {
				t.Run(fmt.Sprintf("%s at %d %%, %s", cut.name, percent, at), func(t *testing.T) {
					inTLSWorld(t, func(w *world, v uint16) {
						w.put("/f", "old")
						p := w.loginTLS("anna", tlsClient(v))
						p.do("TYPE I", 200)
						nc := p.passive()
						p.do("STOR f", 150)
						below := &holding{Conn: nc}
						tc := tls.Client(below, tlsClient(v))
						if err := tc.Handshake(); err != nil {
							t.Fatal(err)
						}
						io.WriteString(tc, whole[:size*percent/100])
						if at != "record boundary" {
							below.hold = true
							io.WriteString(tc, "one more record")
							nc.Write(below.back[:len(below.back)/2])
						}
						synctest.Wait()
						cut.how(nc)
						p.expect(426)
						if got := w.get("/f"); got != "old" {
							t.Errorf("the file holds %d bytes", len(got))
						}
						p.do("NOOP", 200)
					})
				})
			}
		}
	}
}

// A client that is known to end without close_notify can be let through, and
// the log says what happened.
func TestTolerantEnd(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		cfg := tlsClient(v)
		p := w.loginTLS("anna", cfg)
		p.do("TYPE I", 200)
		tc := p.put("f", "content", cfg)
		tc.NetConn().Close()
		p.expect(226)
		if w.get("/f") != "content" {
			t.Error("not stored")
		}
		synctest.Wait()
		if !strings.Contains(w.log.String(), "unsealed=true") {
			t.Errorf("the log is silent:\n%s", w.log.String())
		}
		tc = p.put("f", "half", cfg)
		synctest.Wait()
		nc := tc.NetConn()
		nc.(interface{ SetLinger(int) error }).SetLinger(0)
		nc.Close()
		p.expect(426)
	}, func(e *TLS) { e.End = EndTolerant })
}

// Where ALLO has told the size in TLS, an end without close_notify is one when
// all of it has come, and a cut else.
func TestEndThatAlloTells(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		w.put("/f", "old")
		cfg := tlsClient(v)
		p := w.loginTLS("anna", cfg)
		p.do("TYPE I", 200)
		for _, c := range []struct {
			allo, line, content string
			code                proto.Code
			after               string
		}{
			{"ALLO 8", "STOR f", "content", 426, "old"},
			{"ALLO 6", "STOR f", "content", 426, "old"},
			{"ALLO 0", "STOR f", "", 426, "old"},
			{"NOOP", "STOR f", "content", 426, "old"},
			{"ALLO 7", "STOR f", "content", 226, "content"},
			{"NOOP", "STOR f", "content", 426, "content"}, // it was said about one upload only
		} {
			p.do(c.allo, 200)
			nc := p.passive()
			p.do(c.line, 150)
			tc := tls.Client(nc, cfg)
			if err := tc.Handshake(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(tc, c.content); err != nil {
				t.Fatal(err)
			}
			nc.Close()
			p.expect(c.code)
			if got := w.get("/f"); got != c.after {
				t.Errorf("%v: the file holds %q", c, got)
			}
		}
	})
}

// In MODE B and Z the end is in the data, and nothing else is asked for.
func TestEndInData(t *testing.T) {
	var deflated strings.Builder
	z := zlib.NewWriter(&deflated)
	io.WriteString(z, "content")
	z.Close()
	for mode, wire := range map[string]string{"B": "\x40\x00\x07content", "Z": deflated.String()} {
		inTLSWorld(t, func(w *world, v uint16) {
			cfg := tlsClient(v)
			p := w.loginTLS("anna", cfg)
			p.do("TYPE I", 200)
			p.do("MODE "+mode, 200)
			tc := p.put("f", wire, cfg)
			tc.NetConn().Close()
			p.expect(226)
			if w.get("/f") != "content" {
				t.Error("not stored")
			}
		})
	}
}

// A handshake on a data connection that nobody finishes doesn't outlive its
// transfer.
func TestDataHandshakeAborted(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		p := w.loginTLS("anna", tlsClient(v))
		nc := p.passive()
		p.do("LIST", 150)
		nc.Write([]byte{22, 3, 1, 2})
		synctest.Wait()
		begin := time.Now()
		p.do("ABOR", 426)
		p.expect(226)
		if took := time.Since(begin); took > 100*time.Millisecond {
			t.Errorf("ABOR took %v", took)
		}
	})
}
