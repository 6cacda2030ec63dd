package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

const pwd = "C: PWD\nS: 257 \"/\" is it\n"

// What servers answer to ABOR differs; after each of these the session goes
// on, in step.
func TestAbortDialects(t *testing.T) {
	for _, tt := range []struct{ name, replies string }{
		{"RFC 959: 426 226", "S: 426 aborted\nC: PWD\nS: 226 done\nS: 257 \"/\"\n"},
		{"both at once", "S+ 426 aborted\nS: 226 done\nC: PWD\nS: 257 \"/\"\n"},
		{"426 225", "S: 426 aborted\nC: PWD\nS: 225 nothing to abort\nS: 257 \"/\"\n"},
		{"426 missing", "S: 226 aborted\n" + pwd},
		{"225 only", "S: 225 fine\n" + pwd},
		{"over already: 226 226", "S: 226 sent\nC: PWD\nS: 226 done\nS: 257 \"/\"\n"},
		{"ProFTPD over TLS: 226 before 426", "S: 226 done\nC: PWD\nS: 426 aborted\nS: 257 \"/\"\n"},
		{"ABOR not known, first", "S: 500 what?\nC: PWD\nS: 426 broken pipe\nS: 257 \"/\"\n"},
		{"ABOR not known, last", "S: 426 broken pipe\nC: PWD\nS: 500 what?\nS: 257 \"/\"\n"},
		{"451", "S: 451 failed\nC: PWD\nS: 226 done\nS: 257 \"/\"\n"},
		{"a mark between", "S: 150 again\nS: 426 aborted\nC: PWD\nS: 226 done\nS: 257 \"/\"\n"},
		{"three of them", "S: 426 aborted\nC: PWD\nS: 226 done\nS: 226 really\nS: 257 \"/\"\n"},
		{"226 226 426", "S: 226 sent\nC: PWD\nS: 226 done\nS: 426 late\nS: 257 \"/\"\n"},
		{"PWD refused", "S: 426 aborted\nC: PWD\nS: 226 done\nS: 550 gone\n"},
		{"slow", "~ 9s\nS: 426 aborted\nC: PWD\nS: 226 done\nS: 257 \"/\"\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script := epsv + "C: RETR a.txt\nS: 150 x (50 bytes)\nDS+ hello\nC: ABOR\n" + tt.replies + epsv + retr
			loggedIn(t, script, func(ctx context.Context, c *client.Client) {
				short, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				n, err := c.Retrieve(short, "a.txt", io.Discard, client.Transfer{})
				if n != 5 || !errors.Is(err, context.DeadlineExceeded) || c.Broken() {
					t.Errorf("got %d %v, broken %v", n, err, c.Broken())
				}
				get(ctx, t, c, "hello")
			})
		})
	}
}

// No answer to ABOR, or not all of it: within the bound the client is broken,
// and the error is still the cancellation.
func TestAbortUnanswered(t *testing.T) {
	for name, script := range map[string]string{
		"silent":      "C: ABOR\n~ 9s\n",
		"only one":    "C: ABOR\nS: 426 aborted\nC: PWD\n~ 9s\n",
		"closes":      "C: ABOR\nS.\n",
		"421":         "C: ABOR\nS: 421 enough\n",
		"other stuff": "C: ABOR\nS: 426 x\nC: PWD\nS: 226 x\nS: 226 x\nS: 226 x\nS: 226 x\nS: 226 x\nS: 226 x\nS: 226 x\n",
	} {
		t.Run(name, func(t *testing.T) {
			script = epsv + "C: RETR a.txt\nS: 150 x (50 bytes)\nDS+ hello\n" + script
			loggedIn(t, script, func(ctx context.Context, c *client.Client) {
				short, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				start := time.Now()
				_, err := c.Retrieve(short, "a.txt", io.Discard, client.Transfer{})
				if !errors.Is(err, context.DeadlineExceeded) || !c.Broken() || time.Since(start) > 11*time.Second {
					t.Errorf("got %v, broken %v, after %s", err, c.Broken(), time.Since(start))
				}
			})
		})
	}
}

func TestCancelBeforeTheMark(t *testing.T) {
	script := epsv + "C: RETR a.txt\nC: ABOR\nS: 426 x\nC: PWD\nS: 226 x\nS: 257 \"/\"\n" + epsv + retr
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := c.Retrieve(short, "a.txt", io.Discard, client.Transfer{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		get(ctx, t, c, "hello")
	})
}

// Before the transfer has begun there is nothing to abort.
func TestCancelWhileArranging(t *testing.T) {
	script := "C: EPSV\n~ 5s\nS: 229 (|||4000|)\n" + epsv + retr
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := c.Retrieve(short, "a.txt", io.Discard, client.Transfer{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		get(ctx, t, c, "hello")
	})
}

// All bytes are there and only the last reply is not: cancelling aborts that.
func TestCancelWhileWaitingForTheEnd(t *testing.T) {
	script := epsv + "C: RETR a.txt\nS: 150 x (5 bytes)\nDS: hello\nC: ABOR\nS: 226 sent\nC: PWD\nS: 226 x\nS: 257 \"/\"\n" + epsv + retr
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if n, err := c.Retrieve(short, "a.txt", io.Discard, client.Transfer{}); n != 5 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %d %v", n, err)
		}
		get(ctx, t, c, "hello")
	})
}

// An upload that is broken off is reset: an orderly end in stream mode would
// tell the server that this was the whole file.
func TestCancelledUploadIsReset(t *testing.T) {
	script := epsv + "C: STOR a.txt\nS: 150 go\nC: ABOR\nDC! hello*\nS: 426 x\nC: PWD\nS: 226 x\nS: 257 \"/\"\n" + epsv + retr
	for _, tt := range []struct {
		name string
		end  func(cancel func()) error
	}{
		{"cancelled", func(cancel func()) error { cancel(); time.Sleep(time.Second); return nil }},
		{"local file fails", func(func()) error { return errors.New("bad sector") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loggedIn(t, script, func(ctx context.Context, c *client.Client) {
				cctx, cancel := context.WithCancel(ctx)
				defer cancel()
				src := io.MultiReader(bytes.NewReader([]byte("hello")), readerFunc(func([]byte) (int, error) {
					time.Sleep(time.Second)
					return 1, tt.end(cancel)
				}))
				_, err := c.Store(cctx, "a.txt", src, client.Transfer{})
				var le *client.LocalError
				if tt.name == "cancelled" && !errors.Is(err, context.Canceled) ||
					tt.name != "cancelled" && !errors.As(err, &le) {
					t.Errorf("got %v", err)
				}
				get(ctx, t, c, "hello")
			})
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// A full local disk ends a download at both ends.
func TestLocalDiskFull(t *testing.T) {
	script := epsv + "C: RETR a.txt\nS: 150 x (50 bytes)\nDS+ hello\nC: ABOR\nS: 426 x\nC: PWD\nS: 226 x\nS: 257 \"/\"\n" + epsv + retr
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		full := errors.New("no space left")
		_, err := c.Retrieve(ctx, "a.txt", writerFunc(func([]byte) (int, error) { return 0, full }), client.Transfer{})
		var le *client.LocalError
		if !errors.As(err, &le) || !errors.Is(err, full) {
			t.Errorf("got %v", err)
		}
		get(ctx, t, c, "hello")
	})
}

func TestAbortWithSynch(t *testing.T) {
	script := plain + epsv + "C: RETR a.txt\nS: 150 x (50 bytes)\nDS+ hello\nC> \\xff\\xf4\\xff\\xf2ABOR\\r\\n\n" +
		"S: 426 aborted\nC: PWD\nS: 226 done\nS: 257 \"/\"\n"
	play(t, script, func(ctx context.Context, s *stage) {
		s.cfg.AbortSynch = true
		c := s.login(ctx)
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := c.Retrieve(short, "a.txt", io.Discard, client.Transfer{}); !errors.Is(err, context.DeadlineExceeded) || c.Broken() {
			t.Errorf("got %v", err)
		}
	})
}

// The cause of a cancellation is the caller's own.
func TestCauseIsKept(t *testing.T) {
	script := epsv + "C: RETR a.txt\nS: 150 x\nC: ABOR\nS: 426 x\nC: PWD\nS: 226 x\nS: 257 \"/\"\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		own := errors.New("my own reason")
		cctx, cancel := context.WithCancelCause(ctx)
		time.AfterFunc(time.Second, func() { cancel(own) })
		if _, err := c.Retrieve(cctx, "a.txt", io.Discard, client.Transfer{}); !errors.Is(err, own) {
			t.Errorf("got %v", err)
		}
	})
}

// The directory that the fence tells is the one that a listing goes back to.
func TestQuoteIsSeen(t *testing.T) {
	script := "C: TYPE a\nS: 200 ok\nC: TYPE I\nS: 200 ok\n" + epsv + retr + "C: NOOP\nS: 200 ok\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		if _, err := c.Quote(ctx, "type a"); err != nil {
			t.Error(err)
		}
		get(ctx, t, c, "hello")
		if _, err := c.Quote(ctx, "RETR a.txt"); !errors.Is(err, client.ErrData) {
			t.Errorf("got %v", err)
		}
		if _, err := c.Do(ctx, proto.Cmd("NOOP")); err != nil {
			t.Error(err)
		}
	})
}
