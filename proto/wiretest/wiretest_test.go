package wiretest

import (
	"context"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/memnet"
)

// bothEnds plays the server's part of one script against the client's part of
// another, and returns what each had to say.
func bothEnds(t *testing.T, server, client Script, addr string) (atServer, atClient error) {
	t.Helper()
	n := memnet.New()
	here, there := n.Host(netip.MustParseAddr(addr)), n.Host(netip.MustParseAddr(addr).Next())
	l, err := here.Listen(t.Context(), "tcp", ":21")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	hooks := map[string]func() error{"look": func() error { looked++; return nil }}
	cc, err := there.DialContext(t.Context(), "tcp", net.JoinHostPort(addr, "21"))
	if err != nil {
		t.Fatal(err)
	}
	sc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	vars := func() map[string]string { return map[string]string{"who": "anna"} }
	go func() {
		p := &Player{Role: proto.FromServer, Conn: sc, Network: here, Hooks: hooks, Vars: vars(), Timeout: 2 * time.Hour}
		err := p.Play(context.Background(), server)
		sc.Close()
		done <- err
	}()
	p := &Player{Role: proto.FromClient, Conn: cc, Network: there, Hooks: map[string]func() error{"look": func() error { return nil }}, Timeout: 2 * time.Hour}
	atClient = p.Play(context.Background(), client)
	cc.Close()
	atServer = <-done
	if want := strings.Contains(server.Name, "passive"); want != (looked > 0) {
		t.Errorf("the hook was called %d times", looked)
	}
	return atServer, atClient
}

func TestBothRoles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.wire")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			s := Load(t, f)
			synctest.Test(t, func(t *testing.T) {
				if atServer, atClient := bothEnds(t, s, s, "192.0.2.1"); atServer != nil || atClient != nil {
					t.Errorf("server: %v\nclient: %v", atServer, atClient)
				}
			})
		})
	}
}

func TestIPv6(t *testing.T) {
	s, err := Parse("v6", "C: EPRT ${eprt}\nS: 200 *\nDS: list\nS: 226 *\nC: EPSV\nS: 229 x (|||${port}|)\nDC: up\nS: 226")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		if atServer, atClient := bothEnds(t, s, s, "2001:db8::1"); atServer != nil || atClient != nil {
			t.Errorf("server: %v\nclient: %v", atServer, atClient)
		}
	})
}

func TestDifferencesAreFound(t *testing.T) {
	const passive = "S: 229 (|||${port}|)\n"
	tests := []struct{ name, sent, expected, want string }{
		{"text", "S: 220 hello", "S: 220 help", "f:1: want S: 220 help\n\tgot  S: \"220 hello\""},
		{"second line", "S: 220 a\nS: 331 b", "S: 220 *\nS: 230 *", "f:2: want S: 230 *"},
		{"star is not everything", "S: 220 a", "S: 22* b", "got"},
		{"no CR", "S> 220 a\\n", "S: 220 a", "line without CR"},
		{"early end", "S.", "S: 220", "EOF"},
		{"no end", "S: 220\nS: 221", "S: 220\nS.", `got "221\r\n"`},
		{"end instead of reset", "S.", "S!", "want the connection reset"},
		{"neither end nor reset", "S: 220\nS.", "S?", "want the connection closed"},
		{"reset instead of end", "S!", "S.", "want the connection closed"},
		{"raw bytes", "S> abc", "S> abd", "got"},
		{"data", passive + "DS: one", passive + "DS: two", `got  "one"`},
		{"data too short", passive + "DS: one", passive + "DS+ one two", "data: want"},
		{"data reset", passive + "DS: one", passive + "DS! one", "want a reset"},
		{"silence", "~ 3h", "S: 220", "timeout"},
		{"variable", "S: a 1\nS: a 2", "S: a ${x}\nS: a ${x}", "f:2:"},
		{"no data connection", "S: 150", "S: 150\nDS: x", "no data connection"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sent, err := Parse("sent", tt.sent)
			if err != nil {
				t.Fatal(err)
			}
			expected, err := Parse("f", tt.expected)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				_, err := bothEnds(t, sent, expected, "192.0.2.1")
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v\nwant %s", err, tt.want)
				}
			})
		})
	}
}

// A client may hang up at the first line that it doesn't like: the lines behind it
// are for nobody. It may not where something of it is still to come.
func TestLinesForNobody(t *testing.T) {
	for text, want := range map[string]bool{
		"C: PWD\n~ 1s\nS: 150 a\n~ 1s\nS: 257 b": false, // the end is not told from a pause by this
		"C: PWD\n~ 1s\nS: 150 a\nS: 257 b":       true,
		"C: PWD\n~ 1s\nS+ 150 a\nS: 257 b":       true,
		"C: PWD\n~ 1s\nS: 150 a\nC: QUIT":        false,
		"C: PWD\n~ 1s\nS: 150 a\nC.":             false,
	} {
		server, err := Parse("server", text)
		if err != nil {
			t.Fatal(err)
		}
		client, err := Parse("client", "C: PWD\nC!")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			if err, _ := bothEnds(t, server, client, "192.0.2.1"); (err == nil) != want {
				t.Errorf("%q: %v", text, err)
			}
		})
	}
}

// Where nobody can know whether all was read, both ends of it will do.
func TestEndOrReset(t *testing.T) {
	for _, text := range []string{"S.", "S!", "S?"} {
		sent, err := Parse("sent", text)
		if err != nil {
			t.Fatal(err)
		}
		expected, err := Parse("f", "S?")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			if _, err := bothEnds(t, sent, expected, "192.0.2.1"); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	for _, bad := range []string{
		"X: y", "C", "C= x", "C:USER", "D: x", "D~ 5s", "DS> x", "~ soon", "C: \\q", "C: \\x4", "S: ${", "S: ${}", "S: \\",
	} {
		if _, err := Parse("f", bad); err == nil || !strings.HasPrefix(err.Error(), "f:1: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestSendErrors(t *testing.T) {
	for text, want := range map[string]string{
		"C: PORT ${nothing}": "variable nothing has no value",
		"@ nobody":           `no hook "nobody"`,
	} {
		s, err := Parse("f", text)
		if err != nil {
			t.Fatal(err)
		}
		c, _ := net.Pipe()
		p := &Player{Role: proto.FromClient, Conn: c}
		if err := p.Play(t.Context(), s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestContextEndsPlay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, text := range []string{"S: 220", "~ 5h"} {
			s, _ := Parse("f", text)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			c, far := net.Pipe()
			start := time.Now()
			err := (&Player{Role: proto.FromClient, Conn: c, Timeout: time.Hour}).Play(ctx, s)
			if err == nil || time.Since(start) != time.Second {
				t.Errorf("%s: %v after %v", text, err, time.Since(start))
			}
			cancel()
			far.Close()
		}
	})
}

func TestServeAndDrive(t *testing.T) {
	s := Load(t, "testdata/active.wire")
	addr := Serve(t, proto.TCP{}, "127.0.0.1:0", s, s)
	for range 2 {
		Drive(t, proto.TCP{}, addr, s)
	}
}

// What the trace writes is a script.
func TestTraceIsAScript(t *testing.T) {
	var b strings.Builder
	trace := proto.TraceTo(&b)
	trace(proto.FromServer, `220 C:\new`)
	trace(proto.FromClient, "PASS ****")
	s, err := Parse("trace", b.String())
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		if atServer, atClient := bothEnds(t, s, s, "192.0.2.1"); atServer != nil || atClient != nil {
			t.Errorf("server: %v\nclient: %v", atServer, atClient)
		}
	})
	if b.String() != "S: 220 C:\\\\new\nC: PASS ****\n" {
		t.Errorf("trace: %q", b.String())
	}
}
