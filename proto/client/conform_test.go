package client_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"ferry/proto"
	"ferry/proto/client"
)

// RFC 1123 §4.1.2.11: the first digit of a code that nobody knows is obeyed,
// and the words beside it are not.
func TestUnknownCodes(t *testing.T) {
	script := "C: DELE a\nS: 289 error: failed, denied, no such file\n" +
		"C: DELE b\nS: 489 all is well, done\n" +
		"C: DELE c\nS: 589 250 ok\n" +
		"C: MKD d\nS: 299 done\n" +
		epsv + "C: RETR f\nS: 189 not found\nDS: hello\nS: 288 426 aborted\nC: SIZE f\nS: 213 5\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		if err := c.Delete(ctx, "a"); err != nil {
			t.Errorf("289: %v", err)
		}
		re, ok := asReply(c.Delete(ctx, "b"))
		if !ok || !re.Temporary() {
			t.Errorf("489: %v", re)
		}
		if re, ok := asReply(c.Delete(ctx, "c")); !ok || re.Temporary() {
			t.Errorf("589: %v", re)
		}
		if _, err := c.MakeDir(ctx, "d"); err != nil {
			t.Errorf("299: %v", err)
		}
		var b bytes.Buffer
		if _, err := c.Retrieve(ctx, "f", &b, client.Transfer{}); err != nil || b.String() != "hello" {
			t.Errorf("189, 288: %q, %v", b.String(), err)
		}
	})
}

// RFC 1123 §4.1.2.12: the client asks for no Telnet option; what a server asks
// for is refused and nothing else said.
func TestNoTelnetOptions(t *testing.T) {
	script := strings.Replace(plain, "S: 230 welcome\n", "S> \\xff\\xfd\\x01\\xff\\xfb\\x03\nS: 230 welcome\n", 1)
	script = strings.Replace(script, "C: FEAT\n", "C> \\xff\\xfc\\x01\\xff\\xfe\\x03\nC: FEAT\n", 1) +
		"C: NOOP\nS: 200 ok\nC: QUIT\nS: 221 bye\n"
	play(t, script, func(ctx context.Context, s *stage) {
		said := &spoken{Network: s.cfg.Network}
		s.cfg.Network = said
		c := s.login(ctx)
		if err := c.Noop(ctx); err != nil {
			t.Error(err)
		}
		_ = c.Quit(ctx)
		if n := strings.Count(said.text(), "\xff"); n != 2 { // WONT and DONT, and no more
			t.Errorf("IAC %d times in %q", n, said.text())
		}
	})
}

// spoken is a network that keeps what is written.
type spoken struct {
	proto.Network
	mu sync.Mutex
	b  strings.Builder
}

func (s *spoken) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (s *spoken) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := s.Network.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return heard{nc, s}, nil
}

type heard struct {
	net.Conn
	by *spoken
}

func (h heard) Write(b []byte) (int, error) {
	h.by.mu.Lock()
	h.by.b.Write(b)
	h.by.mu.Unlock()
	return h.Conn.Write(b)
}

// Records are for text and pages for bytes: between the two the way is through
// file structure, else a server that knows this refuses each first step.
func TestStructureBetweenTypes(t *testing.T) {
	const ok = "S: 200 ok\n"
	script := "C: STRU P\n" + ok + "C: STRU F\n" + ok + "C: TYPE A\n" + ok + // I P to A F
		"C: STRU R\n" + ok + // A R
		"C: STRU F\n" + ok + "C: TYPE I\n" + ok + "C: STRU P\n" + ok + // I P
		"C: STRU F\n" + ok + "C: TYPE E\n" + ok + "C: STRU R\n" + ok + // E R
		"C: TYPE A\n" + ok // A R
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		for _, p := range []proto.Params{
			{Type: proto.TypeI, Stru: proto.Page}, {Type: proto.TypeA}, {Type: proto.TypeA, Stru: proto.Record},
			{Type: proto.TypeI, Stru: proto.Page}, {Type: proto.TypeE, Stru: proto.Record}, {Type: proto.TypeA, Stru: proto.Record},
		} {
			if err := c.SetParams(ctx, p); err != nil {
				t.Fatalf("%v: %v", p, err)
			}
		}
	})
}
