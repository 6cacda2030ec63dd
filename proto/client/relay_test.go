package client_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/memnet"
	"ferry/proto/wiretest"
)

// relayed plays a relay at serverAddr, with a server of another name behind.
func relayed(t *testing.T, host, script string, r client.Relay, f func(ctx context.Context, s *stage)) {
	t.Helper()
	play(t, strings.ReplaceAll(script, "; ", "\n"), func(ctx context.Context, s *stage) {
		r.Address, s.addr = s.addr, host
		s.cfg.Relay = r
		f(ctx, s)
	})
}

const settled = "C: FEAT; S: 500 what?; C: TYPE I; S: 200 ok"

func TestRelays(t *testing.T) {
	own := client.Relay{User: "wall", Pass: "****"}
	with := func(r client.Relay, style client.RelayStyle) client.Relay {
		r.Style = style
		return r
	}
	const in = "S: 331 password; C: PASS ****; S: 230 welcome; "
	for _, tt := range []struct {
		name, host, script string
		relay              client.Relay
	}{
		{"USER user@host", "ftp.far.test", "S: 220 relay; C: USER anna@ftp.far.test; " + in + settled, client.Relay{}},
		{"USER user@host:port", "ftp.far.test:2121", "S: 220 relay; C: USER anna@ftp.far.test:2121; " + in + settled, client.Relay{}},
		{"OPEN", "ftp.far.test", "S: 220 relay; C: OPEN ftp.far.test; S: 220 far; C: USER anna; " + in + settled, client.Relay{Style: client.RelayOpen}},
		{"OPEN with port", "ftp.far.test:2121", "S: 220 relay; C: OPEN ftp.far.test 2121; S: 200 connected; C: USER anna; " + in + settled, client.Relay{Style: client.RelayOpen}},
		{"SITE", "ftp.far.test", "S: 220 relay; C: SITE ftp.far.test; S: 220 far; C: USER anna; " + in + settled, client.Relay{Style: client.RelaySite}},
		{"its own login, then USER user@host", "ftp.far.test", "S: 220 relay; C: USER wall; " + in + "C: USER anna@ftp.far.test; " + in + settled, own},
		{"its own login, then SITE", "ftp.far.test", "S: 220 relay; C: USER wall; " + in + "C: SITE ftp.far.test; S: 220 far; C: USER anna; " + in + settled, with(own, client.RelaySite)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			relayed(t, tt.host, tt.script, tt.relay, func(ctx context.Context, s *stage) {
				s.login(ctx)
			})
		})
	}
}

func TestRelayData(t *testing.T) {
	relayed(t, "ftp.far.test", "S: 220 relay; C: USER anna@ftp.far.test; S: 331 x; C: PASS ****; S: 230 ok; "+settled+"; "+
		strings.ReplaceAll(epsv+retr, "\n", "; "), client.Relay{}, func(ctx context.Context, s *stage) {
		get(ctx, t, s.login(ctx), "hello")
	})
}

func TestRelayRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		relay        client.Relay
		says         string
	}{
		{"its login", "S: 220 relay; C: USER wall; S: 530 no", client.Relay{User: "wall"}, "FTP proxy: login of wall: USER: 530 no"},
		{"the server", "S: 220 relay; C: OPEN ftp.far.test; S: 530 no such host", client.Relay{Style: client.RelayOpen}, "ftp.far.test:21: FTP proxy: OPEN: 530 no such host"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			relayed(t, "ftp.far.test", tt.script, tt.relay, func(ctx context.Context, s *stage) {
				err := s.dial(ctx).Login(ctx, client.Credentials{User: "anna"})
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("got %v, want %q", err, tt.says)
				}
			})
		})
	}
}

// A second try doesn't tell the relay again.
func TestRelayLoginAgain(t *testing.T) {
	script := "S: 220 relay; C: OPEN ftp.far.test; S: 220 far; C: USER anna; S: 331 x; C: PASS ****; S: 530 no; " +
		"C: USER anna; S: 331 x; C: PASS ****; S: 230 ok; " + settled
	relayed(t, "ftp.far.test", script, client.Relay{Style: client.RelayOpen}, func(ctx context.Context, s *stage) {
		c := s.dial(ctx)
		who := client.Credentials{User: "anna", Pass: "****"}
		if err := c.Login(ctx, who); err == nil {
			t.Error("no error")
		}
		if err := c.Login(ctx, who); err != nil {
			t.Error(err)
		}
	})
}

// tunnel is a network behind a proxy at proxyAddr: the proxy's address is what
// all connections seem to lead to.
type tunnel struct {
	proto.Network
	asked []string
}

func (n *tunnel) Proxied() string { return "proxy" }

func (n *tunnel) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	n.asked = append(n.asked, address)
	nc, err := n.Network.DialContext(ctx, network, address)
	return seeming{nc}, err
}

type seeming struct{ net.Conn }

func (seeming) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:1080"))
}

// SECURITY: behind a proxy on this machine the server is not on this machine;
// data connections go to the server, by the name or address that was dialled.
func TestBehindAProxy(t *testing.T) {
	for _, tt := range []struct{ name, host, want string }{
		{"by name", "ftp.far.test", "ftp.far.test:4096"},
		{"by address", "192.0.2.1", "192.0.2.1:4096"},
	} {
		for _, offer := range []string{"C: EPSV\nS: 229 x (|||4096|)\n", "C: EPSV\nS: 500 x\nC: PASV\nS: 227 x (10,0,0,1,16,0)\n"} {
			t.Run(tt.name, func(t *testing.T) {
				n := memnet.New()
				n.Name("ftp.far.test", serverAddr)
				script, err := wiretest.Parse("proxy", "S: 220 ready\nC: AUTH TLS\nS: 500 no\n"+strings.TrimPrefix(plain, "S: 220 ready\n")+offer+"C: RETR a.txt\nS: 150 here\n")
				if err != nil {
					t.Fatal(err)
				}
				wiretest.Serve(t, n.Host(serverAddr), "192.0.2.1:21", script)
				s := &stage{t: t, net: n}
				greetData(s, serverAddr, make(chan netip.Addr, 1))
				through := &tunnel{Network: n.Host(clientAddr)}
				c, err := client.Dial(t.Context(), tt.host, client.Config{Network: through})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if err := c.Login(t.Context(), client.Credentials{User: "anna", Pass: "****"}); err != nil {
					t.Fatal(err)
				}
				_, _ = c.Retrieve(t.Context(), "a.txt", &strings.Builder{}, client.Transfer{})
				if got := through.asked[len(through.asked)-1]; got != tt.want {
					t.Errorf("data went to %s", got)
				}
			})
		}
	}
}
