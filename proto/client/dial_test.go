package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/memnet"
)

// silent is a network on which nobody answers a SYN.
type silent struct{ proto.Network }

func (silent) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestDialSaysWhereItFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		here := network.Host(clientAddr)
		network.Host(serverAddr)
		for _, tt := range []struct {
			name, addr string
			network    proto.Network
			step       client.Step
			is         error
			says       string
		}{
			{"no such name", "ftp.invalid", here, client.Lookup, nil, "ftp.invalid:21: lookup:"},
			{"nobody listens", "192.0.2.1:2121", here, client.Connect, syscall.ECONNREFUSED, "192.0.2.1:2121: connect:"},
			{"no answer", "192.0.2.1", silent{here}, client.Connect, context.DeadlineExceeded, "no answer within 30s"},
		} {
			_, err := client.Dial(t.Context(), tt.addr, client.Config{Network: tt.network})
			var ce *client.ConnectError
			if !errors.As(err, &ce) || ce.Step != tt.step || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s: got %v", tt.name, err)
			}
			var ne net.Error
			timeout := errors.As(err, &ne) && ne.Timeout()
			if tt.is == context.DeadlineExceeded && !timeout {
				t.Errorf("%s: %v is no timeout", tt.name, err)
			} else if tt.is != nil && !timeout && !errors.Is(err, tt.is) {
				t.Errorf("%s: %v is not %v", tt.name, err, tt.is)
			}
		}
	})
}

func TestDialCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := client.Dial(ctx, "192.0.2.1", client.Config{Network: silent{}})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestGreetings(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		says         string // of the error, "" none
		text         string // last line of the greeting
	}{
		{"one line", "S: 220 hello\n", "", "hello"},
		{"many lines", "S: 220-Welcome\nS: 220-220 is not the end\nS:  221 neither\nS: 220 end\n", "", "end"},
		{"120 first", "S: 120 in a minute\n~ 50s\nS: 220 now\n", "", "now"},
		{"bare LF", "S> 220 unix\\n\n", "", "unix"},
		{"busy", "S: 421 too many users\nS.\n", "refused: 421 too many users", ""},
		{"not welcome", "S: 550 go away\n", "refused: 550 go away", ""},
		{"ssh", "S: SSH-2.0-OpenSSH_9.2\n", "the reply is not FTP", ""},
		{"smtp or worse", "S: HTTP/1.1 400 Bad Request\n", "the reply is not FTP", ""},
		{"closes at once", "S.\n", "the server closed the connection", ""},
		{"says nothing", "~ 61s\nC.\n", "no reply within 1m0s", ""},
		{"half a greeting", "S> 220 hel\nS.\n", "unexpected EOF", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, tt.script, func(ctx context.Context, s *stage) {
				c, err := client.Dial(ctx, s.addr, s.cfg)
				if tt.says != "" {
					var ce *client.ConnectError
					if !errors.As(err, &ce) || ce.Step != client.Greeting || !strings.Contains(err.Error(), tt.says) {
						t.Errorf("got %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if got := c.Greeting().Text(); got != tt.text {
					t.Errorf("greeting %q", got)
				}
			})
		})
	}
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct{ addr, want string }{
		{"192.0.2.1", "192.0.2.1:21"},
		{"192.0.2.1:2121", "192.0.2.1:2121"},
		{"2001:db8::1", "[2001:db8::1]:21"},
		{"[2001:db8::1]", "[2001:db8::1]:21"},
		{"[2001:db8::1]:2121", "[2001:db8::1]:2121"},
	} {
		_, err := client.Dial(t.Context(), tt.addr, client.Config{Network: memnet.New().Host(clientAddr)})
		var ce *client.ConnectError
		if !errors.As(err, &ce) || ce.Host != tt.want {
			t.Errorf("%s: got %v", tt.addr, err)
		}
	}
}

// TLS that was asked for and can't be had must not end in a clear session.
func TestNoClearSessionInPlaceOfTLS(t *testing.T) {
	play(t, "S: 220 hello\nC: AUTH TLS\nS: 500 what?\nC.\n", func(ctx context.Context, s *stage) {
		s.cfg.TLS = client.TLSRequired
		if _, err := client.Dial(ctx, s.addr, s.cfg); !errors.Is(err, client.ErrNoTLS) {
			t.Errorf("got %v", err)
		}
	})
}

func TestBroken(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		is           error
		says         string
	}{
		{"421 for an answer", "C: NOOP\nS: 421 idle too long\n", nil, "421 idle too long"},
		{"421 before the command", "S: 421 idle too long\nS.\n", nil, "421 idle too long"},
		{"closed", "C: NOOP\nS.\n", client.ErrHangup, "connection lost at NOOP"},
		{"reset", "C: NOOP\nS!\n", syscall.ECONNRESET, "connection lost at NOOP"},
		{"cut in a reply", "C: NOOP\nS: 200-half\nS.\n", nil, "connection lost at NOOP"},
		{"no answer", "C: NOOP\n~ 61s\nC.\n", nil, "no reply within 1m0s"},
		{"nonsense", "C: NOOP\nS: aye aye\n", nil, "malformed reply"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loggedIn(t, tt.script, func(ctx context.Context, c *client.Client) {
				synctest.Wait()
				err := c.Noop(ctx)
				var le *client.LostError
				if !errors.As(err, &le) || !strings.Contains(err.Error(), tt.says) || tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("got %v", err)
				}
				if !c.Broken() {
					t.Error("not broken")
				}
				if again := c.Noop(ctx); !errors.Is(again, err) {
					t.Errorf("then %v", again)
				}
			})
		})
	}
}

// A cancelled call leaves its reply owed; the next call must not take it for
// its own.
func TestCancelledCommandStaysInStep(t *testing.T) {
	const script = `C: MKD slow
~ 5s
S: 257 "/slow" made
C: PWD
S: 257 "/" is it
`
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := c.MakeDir(short, "slow"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if dir, err := c.Pwd(ctx); dir != "/" || err != nil {
			t.Errorf("got %q %v", dir, err)
		}
	})
}

// Broken off in the middle of a reply, there is no way to know what the rest
// belongs to.
func TestCancelledInAReply(t *testing.T) {
	loggedIn(t, "C: STAT\nS: 211-status\n~ 5s\nC.\n", func(ctx context.Context, c *client.Client) {
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, err := c.Status(short, "")
		if !errors.Is(err, context.DeadlineExceeded) || !c.Broken() {
			t.Errorf("got %v, broken %v", err, c.Broken())
		}
	})
}

func TestCloseWakesACall(t *testing.T) {
	loggedIn(t, "C: NOOP\nC.\n", func(ctx context.Context, c *client.Client) {
		time.AfterFunc(time.Second, func() { _ = c.Close() })
		if err := c.Noop(ctx); !errors.Is(err, client.ErrClosed) {
			t.Errorf("got %v", err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := c.Quit(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestQuitIsBestEffort(t *testing.T) {
	for name, script := range map[string]string{
		"answered": "C: QUIT\nS: 221 bye\nC.\n",
		"silent":   "C: QUIT\nC.\n",
		"closes":   "C: QUIT\nS.\n",
	} {
		t.Run(name, func(t *testing.T) {
			loggedIn(t, script, func(ctx context.Context, c *client.Client) {
				start := time.Now()
				_ = c.Quit(ctx)
				if !c.Broken() || time.Since(start) > 5*time.Second {
					t.Errorf("broken %v after %s", c.Broken(), time.Since(start))
				}
			})
		})
	}
}

// SECURITY: a reply without end costs bounded memory and time.
func TestEndlessReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		l, err := network.Host(serverAddr).Listen(t.Context(), "tcp", netip.AddrPortFrom(serverAddr, 21).String())
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			defer nc.Close()
			line := "220-" + strings.Repeat("x", 4000) + "\r\n"
			for err == nil {
				_, err = io.WriteString(nc, line)
			}
		}()
		_, err = client.Dial(t.Context(), "192.0.2.1", client.Config{Network: network.Host(clientAddr)})
		if !errors.Is(err, proto.ErrReplyTooLong) {
			t.Errorf("got %v", err)
		}
	})
}
