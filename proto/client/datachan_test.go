package client_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// get retrieves a.txt and compares it.
func get(ctx context.Context, t *testing.T, c *client.Client, want string) {
	t.Helper()
	var b bytes.Buffer
	n, err := c.Retrieve(ctx, "a.txt", &b, client.Transfer{Check: client.CheckAnnounced})
	if err != nil || b.String() != want || n != int64(len(want)) {
		t.Errorf("got %d %q %v, want %q", n, b.String(), err, want)
	}
}

const (
	retr = "C: RETR a.txt\nS: 150 here\nDS: hello\nS: 226 done\n"
	pasv = "C: PASV\nS: 227 Entering (${hostport})\n"
	epsv = "C: EPSV\nS: 229 Entering (|||${port}|)\n"
)

// EPSV refused, or answered with something else, is asked for once.
func TestPASVInPlaceOfEPSV(t *testing.T) {
	for _, tt := range []struct{ name, answer string }{
		{"500 unknown", "500 EPSV not understood"},
		{"502 SwiFTP, lftp#370", "502 no"},
		{"202 webMAN-MOD#777", "202 OK"},
		{"229 without port", "229 Entering Extended Passive Mode"},
		{"229 with an address only", "229 Entering (192,0,2,1,4,5)"},
		{"522 family", "522 use (1)"},
		{"another code", "200 Entering (|||${port}|)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script := "C: EPSV\nS: " + tt.answer + "\n" + pasv + retr + pasv + retr
			loggedIn(t, script, func(ctx context.Context, c *client.Client) {
				get(ctx, t, c, "hello")
				get(ctx, t, c, "hello")
				if !c.Quirks().NoEPSV {
					t.Error("not remembered")
				}
			})
		})
	}
}

func TestEPSVBusyIsAskedAgain(t *testing.T) {
	script := "C: EPSV\nS: 425 no port free\n" + pasv + retr + epsv + retr
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		get(ctx, t, c, "hello")
		get(ctx, t, c, "hello")
	})
}

func TestQuirksAreCarriedOver(t *testing.T) {
	play(t, plain+pasv+retr, func(ctx context.Context, s *stage) {
		s.cfg.Quirks = client.Quirks{NoEPSV: true}
		get(ctx, t, s.login(ctx), "hello")
	})
}

// walled drops the SYN to one port, as firewalls do that don't read 229.
type walled struct {
	proto.Network
	port string
}

func (w *walled) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if _, port, _ := net.SplitHostPort(address); port == w.port {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return w.Network.DialContext(ctx, network, address)
}

// A port that EPSV gave and nobody can reach costs five seconds, once.
func TestEPSVBehindAFirewall(t *testing.T) {
	script := "C: EPSV\nS: 229 Entering (|||4000|)\n" + pasv + retr + pasv + retr
	play(t, plain+script, func(ctx context.Context, s *stage) {
		s.cfg.Network = &walled{s.cfg.Network, "4000"}
		c := s.login(ctx)
		start := time.Now()
		get(ctx, t, c, "hello")
		get(ctx, t, c, "hello")
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("took %s", d)
		}
	})
}

func TestPASVReplies(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"parentheses", "227 Entering Passive Mode (${hostport})."},
		{"bare, RFC 1123", "227 Entering Passive Mode ${hostport}"},
		{"equals sign", "227 =${hostport}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, plain+"C: PASV\nS: "+tt.text+"\n"+retr, func(ctx context.Context, s *stage) {
				s.cfg.Data = client.PassivePlain
				get(ctx, t, s.login(ctx), "hello")
			})
		})
	}
}

// SECURITY: whatever address a 227 names, the connection goes to the control
// peer: behind NAT it is the wrong one, and a hostile one names third parties.
func TestPASVAddressIsNotBelieved(t *testing.T) {
	for _, tt := range []struct {
		name, addr string
		policy     client.DataHost
		third      bool // the connection goes to the third host
	}{
		{"private", "10,0,0,7", client.ControlPeer, false},
		{"loopback", "127,0,0,1", client.ControlPeer, false},
		{"zero", "0,0,0,0", client.ControlPeer, false},
		{"another host", "192,0,2,3", client.ControlPeer, false},
		{"private, though announced addresses count", "10,0,0,7", client.Announced, false},
		{"carrier NAT, though announced addresses count", "100,64,0,1", client.Announced, false},
		{"another host, announced addresses count", "192,0,2,3", client.Announced, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script := plain + "C: PASV\nS: 227 Entering (" + tt.addr + ",16,0)\nC: RETR a.txt\nS: 150 here\n"
			play(t, script, func(ctx context.Context, s *stage) {
				met := make(chan netip.Addr, 2)
				for _, a := range []netip.Addr{serverAddr, thirdAddr} {
					greetData(s, a, met)
				}
				s.cfg.Data, s.cfg.DataHost = client.PassivePlain, tt.policy
				c := s.login(ctx)
				_, _ = c.Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{})
				want := serverAddr
				if tt.third {
					want = thirdAddr
				}
				select {
				case got := <-met:
					if got != want {
						t.Errorf("went to %s", got)
					}
				default:
					t.Error("went nowhere")
				}
			})
		})
	}
}

// greetData listens for a data connection on port 4096 and says who got it.
func greetData(s *stage, at netip.Addr, met chan<- netip.Addr) {
	l, err := s.net.Host(at).Listen(s.t.Context(), "tcp", netip.AddrPortFrom(at, 4096).String())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = l.Close() })
	go func() {
		if nc, err := l.Accept(); err == nil {
			met <- at
			_ = nc.Close()
		}
	}()
}

func TestActive(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		feat         []string
		method       client.Method
	}{
		{"PORT", "C: PORT ${hostport}\nS: 200 ok\n", nil, client.Active},
		{"PORT only", "C: PORT ${hostport}\nS: 200 ok\n", nil, client.ActivePlain},
		{"EPRT only", "C: EPRT ${eprt}\nS: 200 ok\n", nil, client.ActiveExtended},
		{"PORT refused", "C: PORT *\nS: 502 no\nC: EPRT ${eprt}\nS: 200 ok\n", []string{"EPRT"}, client.Active},
	} {
		t.Run(tt.name, func(t *testing.T) {
			begin := plain
			if tt.feat != nil {
				begin = featured(tt.feat...)
			}
			play(t, begin+tt.script+retr, func(ctx context.Context, s *stage) {
				s.cfg.Data = tt.method
				get(ctx, t, s.login(ctx), "hello")
			})
		})
	}
}

func TestActiveRefused(t *testing.T) {
	play(t, plain+"C: PORT *\nS: 500 not from there\n", func(ctx context.Context, s *stage) {
		s.cfg.Data = client.Active
		_, err := s.login(ctx).Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{})
		if code(err) != proto.Unrecognised {
			t.Errorf("got %v", err)
		}
	})
}

// The port range and the announced address are those of the configuration.
func TestActivePortsAndAddress(t *testing.T) {
	script := plain + "C: PORT 203,0,113,9,19,137\nS: 200 ok\nC: RETR a.txt\nS: 550 none\n"
	play(t, script, func(ctx context.Context, s *stage) {
		s.cfg.Data = client.Active
		s.cfg.ActiveAddr = netip.MustParseAddr("203.0.113.9")
		s.cfg.ActivePorts = client.PortRange{First: 5000, Last: 5001}
		taken, err := s.cfg.Network.Listen(ctx, "tcp", netip.AddrPortFrom(clientAddr, 5000).String())
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		_, err = s.login(ctx).Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{})
		if code(err) != proto.Refused {
			t.Errorf("got %v", err)
		}
	})
}

func TestActivePortsAllTaken(t *testing.T) {
	play(t, plain, func(ctx context.Context, s *stage) {
		s.cfg.Data = client.Active
		s.cfg.ActivePorts = client.PortRange{First: 5000, Last: 5000}
		taken, err := s.cfg.Network.Listen(ctx, "tcp", netip.AddrPortFrom(clientAddr, 5000).String())
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		_, err = s.login(ctx).Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{})
		var de *client.DataError
		if !errors.As(err, &de) {
			t.Errorf("got %v", err)
		}
	})
}

// SECURITY: a stranger who finds the port is turned away, and the server is
// still let in.
func TestActiveTurnsStrangersAway(t *testing.T) {
	script := plain + "C: PORT 192,0,2,2,19,136\nS: 200 ok\nC: RETR a.txt\nS: 150 here\nS: 226 done\n"
	play(t, script, func(ctx context.Context, s *stage) {
		s.cfg.Data = client.Active
		s.cfg.ActivePorts = client.PortRange{First: 5000, Last: 5000}
		c := s.login(ctx)
		heard := make(chan error, 1)
		go func() {
			send := func(from netip.Addr, text string) error {
				nc, err := s.net.Host(from).DialContext(ctx, "tcp", "192.0.2.2:5000")
				for err != nil {
					time.Sleep(time.Second)
					nc, err = s.net.Host(from).DialContext(ctx, "tcp", "192.0.2.2:5000")
				}
				_, _ = nc.Write([]byte(text))
				if from == serverAddr {
					return nc.Close()
				}
				_, err = nc.Read(make([]byte, 1))
				return err
			}
			heard <- send(thirdAddr, "evil")
			_ = send(serverAddr, "hello")
		}()
		get(ctx, t, c, "hello")
		if err := <-heard; err == nil {
			t.Error("the stranger was let in")
		}
	})
}

func TestActiveServerNeverConnects(t *testing.T) {
	script := plain + `C: PORT *
S: 200 ok
C: RETR a.txt
S: 150 here
~ 9s
S: 425 can't
C: NOOP
S: 200 ok
`
	play(t, script, func(ctx context.Context, s *stage) {
		s.cfg.Data = client.Active
		c := s.login(ctx)
		start := time.Now()
		_, err := c.Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{})
		if took := time.Since(start); code(err) != proto.CantOpenData || took != 9*time.Second {
			t.Errorf("got %v after %s", err, took)
		}
		if err := c.Noop(ctx); err != nil {
			t.Error(err)
		}
	})
}

// Nothing comes, neither a connection nor a word: Meet ends it, then ABOR.
func TestActiveServerIsSilent(t *testing.T) {
	script := plain + `C: PORT *
S: 200 ok
C: RETR a.txt
S: 150 here
~ 29s
C: ABOR
S: 426 aborted
C: PWD
S: 226 done
S: 257 "/" is it
`
	play(t, script, func(ctx context.Context, s *stage) {
		s.cfg.Data = client.Active
		c := s.login(ctx)
		_, err := c.Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{})
		var te *client.TimeoutError
		if !errors.As(err, &te) || c.Broken() {
			t.Errorf("got %v", err)
		}
	})
}

// Once a data connection stood, RETR goes out before the next one is made. A
// server that looks for it when the command comes is remembered.
func TestConnectFirst(t *testing.T) {
	script := epsv + retr +
		epsv + "C: RETR a.txt\nS: 425 open a data connection first\n" +
		epsv + retr + epsv + retr
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		for range 3 {
			get(ctx, t, c, "hello")
		}
		if !c.Quirks().ConnectFirst {
			t.Error("not remembered")
		}
	})
}

// With 100 ms for each way and each handshake, the second file's command is
// on its way while its data connection is made.
func TestEagerSavesARoundTrip(t *testing.T) {
	script := epsv + "C: RETR a.txt\n~ 200ms\nS: 150 here\nDS: hello\nS: 226 done\n"
	play(t, plain+script+script, func(ctx context.Context, s *stage) {
		c := s.login(ctx)
		s.slow = 200 * time.Millisecond
		for _, want := range []time.Duration{400 * time.Millisecond, 200 * time.Millisecond} {
			start := time.Now()
			get(ctx, t, c, "hello")
			if took := time.Since(start); took != want {
				t.Errorf("took %s, want %s", took, want)
			}
		}
	})
}

// A refusal and the closed port that comes with it: the reply is the reason.
func TestRefusalClosesThePort(t *testing.T) {
	script := epsv + retr + "C: EPSV\nS: 229 Entering (|||4000|)\nC: RETR a.txt\nS: 550 gone\nC: NOOP\nS: 200 ok\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		get(ctx, t, c, "hello")
		_, err := c.Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{})
		if code(err) != proto.Refused {
			t.Errorf("got %v", err)
		}
		if err := c.Noop(ctx); err != nil {
			t.Error(err)
		}
	})
}

// The port is closed and the server waits for us: ABOR ends its wait.
func TestEagerPortIsClosed(t *testing.T) {
	script := epsv + retr + "C: EPSV\nS: 229 Entering (|||4000|)\nC: RETR a.txt\n" +
		"C: ABOR\nS: 425 nobody came\nC: PWD\nS: 226 aborted\nS: 257 \"/\"\n" + epsv + retr
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		get(ctx, t, c, "hello")
		_, err := c.Retrieve(ctx, "a.txt", &bytes.Buffer{}, client.Transfer{})
		if err == nil || c.Broken() {
			t.Errorf("got %v", err)
		}
		get(ctx, t, c, "hello")
	})
}

// drftpd wants to know what EPSV is for; Pure-FTPd offers PRET as well, and
// doesn't.
func TestPRET(t *testing.T) {
	for name, script := range map[string]string{
		"drftpd":    featured("PRET") + "C: PRET RETR a.txt\nS: 200 ok\n" + epsv + retr,
		"Pure-FTPd": strings.Replace(featured("PRET"), "220 ready", "220-- Welcome to Pure-FTPd --\nS: 220 x", 1) + epsv + retr,
	} {
		t.Run(name, func(t *testing.T) {
			play(t, script, func(ctx context.Context, s *stage) { get(ctx, t, s.login(ctx), "hello") })
		})
	}
}

// Over IPv6 only EPSV and EPRT can work; a server without EPSV still may say a
// port by PASV.
func TestIPv6(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		method       client.Method
	}{
		{"EPSV", epsv + retr, client.Passive},
		{"EPRT", "C: EPRT |2|2001:db8::2|${port}|\nS: 200 ok\n" + retr, client.Active},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage6(t, plain+tt.script)
				s.cfg.Data = tt.method
				get(t.Context(), t, s.login(t.Context()), "hello")
			})
		})
	}
}

func TestPORTCantCarryIPv6(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage6(t, plain)
		s.cfg.Data = client.ActivePlain
		_, err := s.login(t.Context()).Retrieve(t.Context(), "a.txt", &bytes.Buffer{}, client.Transfer{})
		if err == nil || !strings.Contains(err.Error(), "PORT can't carry") {
			t.Errorf("got %v", err)
		}
	})
}

// The whole transfer is over a host's second address only if the control
// connection is.
func TestPASVOverIPv6TakesThePort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const port = 16<<8 | 1
		s := newStage6(t, plain+"C: EPSV\nS: 502 no\nC: PASV\nS: 227 Entering (0,0,0,0,16,1)\nC: RETR a.txt\nS: 150 here\nS: 226 done\n")
		l, err := s.net.Host(netip.MustParseAddr("2001:db8::1")).Listen(t.Context(), "tcp", "[2001:db8::1]:"+strconv.Itoa(port))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			if nc, err := l.Accept(); err == nil {
				_, _ = nc.Write([]byte("hello"))
				_ = nc.Close()
			}
		}()
		get(t.Context(), t, s.login(t.Context()), "hello")
	})
}
