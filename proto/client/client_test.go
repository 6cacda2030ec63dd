package client_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/memnet"
	"ferry/proto/wiretest"
)

// The hosts of the tests. The server's address is public, so that a private
// one in a 227 is not next door.
var (
	serverAddr = netip.MustParseAddr("192.0.2.1")
	clientAddr = netip.MustParseAddr("192.0.2.2")
	thirdAddr  = netip.MustParseAddr("192.0.2.3")
	loopback   = netip.MustParseAddr("127.0.0.1")
)

// login is what most scripts begin with, up to the prompt.
const login = `S: 220 ready
C: USER anna
S: 331 password please
C: PASS ****
S: 230 welcome
`

// plain is a login at a server without features.
const plain = login + `C: FEAT
S: 500 what?
C: TYPE I
S: 200 ok
`

// featured is a login at a server with features, each with a blank before it.
func featured(features ...string) string {
	return login + "C: FEAT\nS: 211-Features:\nS:  " + strings.Join(features, "\nS:  ") +
		"\nS: 211 End\nC: TYPE I\nS: 200 ok\n"
}

// stage is a scripted server and the means to reach it.
type stage struct {
	t    *testing.T
	net  *memnet.Network
	cfg  client.Config
	addr string
	slow time.Duration // what a dial takes
}

// delayed is the network of a stage, with its delay.
type delayed struct {
	proto.Network
	s *stage
}

func (d delayed) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	time.Sleep(d.s.slow)
	return d.Network.DialContext(ctx, network, address)
}

// play runs f against a server that plays the script, in virtual time.
func play(t *testing.T, script string, f func(ctx context.Context, s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, script)
		f(t.Context(), s)
	})
}

func newStage(t *testing.T, scripts ...string) *stage {
	t.Helper()
	return stageAt(t, serverAddr, clientAddr, scripts...)
}

func newStage6(t *testing.T, scripts ...string) *stage {
	t.Helper()
	return stageAt(t, netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2"), scripts...)
}

func stageAt(t *testing.T, far, near netip.Addr, scripts ...string) *stage {
	t.Helper()
	s := &stage{t: t, net: memnet.New()}
	s.cfg.TLS = client.TLSOff // tls_test.go has the encrypted ones
	var parsed []wiretest.Script
	for _, text := range scripts {
		p, err := wiretest.Parse(t.Name(), text)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, p)
	}
	s.addr = wiretest.Serve(t, s.net.Host(far), netip.AddrPortFrom(far, 21).String(), parsed...)
	s.cfg.Network = delayed{s.net.Host(near), s}
	return s
}

// dial connects and logs in as anna.
func (s *stage) login(ctx context.Context) *client.Client {
	s.t.Helper()
	c := s.dial(ctx)
	if err := c.Login(ctx, client.Credentials{User: "anna", Pass: "****"}); err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *stage) dial(ctx context.Context) *client.Client {
	s.t.Helper()
	c, err := client.Dial(ctx, s.addr, s.cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

// loggedIn plays the script behind a plain login, and hands over the client.
func loggedIn(t *testing.T, script string, f func(ctx context.Context, c *client.Client)) {
	t.Helper()
	play(t, plain+script, func(ctx context.Context, s *stage) { f(ctx, s.login(ctx)) })
}

func code(err error) proto.Code {
	re, ok := asReply(err)
	if !ok {
		return 0
	}
	return re.Reply.Code
}
