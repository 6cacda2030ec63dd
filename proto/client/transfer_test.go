package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/data"
)

func asReply(err error) (*proto.ReplyError, bool) {
	var re *proto.ReplyError
	ok := errors.As(err, &re)
	return re, ok
}

func TestRetrieve(t *testing.T) {
	script := epsv + "C: RETR a.txt\nS: 150 Opening BINARY mode data connection for a.txt (5 bytes).\n" +
		"DS: hello\nS: 226 done\nC: QUIT\nS: 221 bye\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		var b bytes.Buffer
		var moved atomic.Int64
		n, err := c.Retrieve(ctx, "a.txt", &b, client.Transfer{Moved: &moved})
		if n != 5 || err != nil || b.String() != "hello" || moved.Load() != 5 {
			t.Errorf("got %d %q %v", n, b.String(), err)
		}
		if err := c.Quit(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestStore(t *testing.T) {
	script := epsv + "C: STOR a.txt\nS: 150 go\nDC: hello\nS: 226 done\nC: SIZE a.txt\nS: 213 5\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		n, err := c.Store(ctx, "a.txt", strings.NewReader("hello"), client.Transfer{})
		if n != 5 || err != nil {
			t.Errorf("got %d %v", n, err)
		}
	})
}

// What the server says and what arrived are compared; what arrived counts.
func TestDownloads(t *testing.T) {
	const size = "C: SIZE a.txt\nS: 213 5\n"
	for _, tt := range []struct {
		name, script string // behind RETR
		n            int64
		is           error
		code         proto.Code
		says         string
	}{
		{"announced and whole", "S: 150 x (5 bytes)\nDS: hello\nS: 226 done\n", 5, nil, 0, ""},
		{"shorter than announced", "S: 150 x (50 bytes)\nDS: hello\nS: 226 done\n", 5, client.ErrTruncated, 0, "5 bytes arrived, but the reply has 50"},
		{"longer than announced", "S: 150 x (2 bytes)\nDS: hello\nS: 226 done\n", 5, nil, 0, "5 bytes arrived, but the reply has 2"},
		{"SIZE agrees", "S: 150 x\nDS: hello\nS: 226 done\n" + size, 5, nil, 0, ""},
		{"shorter than SIZE", "S: 150 x\nDS: hell\nS: 226 done\n" + size, 4, client.ErrTruncated, 0, "4 bytes arrived, but SIZE has 5"},
		{"SIZE refused", "S: 150 x\nDS: hello\nS: 226 done\nC: SIZE a.txt\nS: 550 no\n", 5, nil, 0, ""},
		{"SIZE is always 0", "S: 150 x\nDS: hello\nS: 226 done\nC: SIZE a.txt\nS: 213 0\n", 5, nil, 0, ""},
		{"SIZE in words", "S: 150 x\nDS: hello\nS: 226 done\nC: SIZE a.txt\nS: 213 five\n", 5, nil, 0, ""},
		{"empty", "S: 150 x (0 bytes)\nDS:\nS: 226 done\n", 0, nil, 0, ""},
		{"426 behind all bytes", "S: 150 x (5 bytes)\nDS: hello\nS: 426 broken\n", 5, nil, 426, ""},
		{"451 behind all bytes", "S: 150 x (5 bytes)\nDS: hello\nS: 451 disk\n", 5, nil, 451, ""},
		{"550 behind all bytes", "S: 150 x (5 bytes)\nDS: hello\nS: 550 no\n", 5, nil, 550, ""},
		{"reset, and called done", "S: 150 x (5 bytes)\nDS! hel\nS: 226 done\n", 3, nil, 0, "data connection with"},
		{"reset and 426", "S: 150 x (5 bytes)\nDS! hel\nS: 426 cut\n", 3, nil, 426, ""},
		{"refused", "S: 550 no such file\n", 0, nil, 550, ""},
		{"reply before the data", "S: 150 x (5 bytes)\nS: 226 done\n~ 7s\nDS: hello\n", 5, nil, 0, ""},
		{"several marks, Pure-FTPd", "S: 150-Accepted\nS: 150 0.005 kbytes to download\nS: 150 again\nDS: hello\nS: 226-done\nS: 226 0.1 s\n" + size, 5, nil, 0, ""},
		{"125 for 150", "S: 125 already open (5 bytes)\nDS: hello\nS: 226 done\n", 5, nil, 0, ""},
		{"250 for 226", "S: 150 x (5 bytes)\nDS: hello\nS: 250 done\n", 5, nil, 0, ""},
		{"202 for 226", "S: 150 x (5 bytes)\nDS: hello\nS: 202 superfluous\n", 5, nil, 202, ""},
		{"no mark, nothing to send", "S: 226 empty\nDS:\n" + pwd + "C: SIZE a.txt\nS: 213 0\n", 0, nil, 0, ""},
		{"no mark, data all the same", "S: 226 there you are\nDS: hello\n" + pwd + size, 5, nil, 0, ""},
		{"a stray before the mark", "S: 226 an old one\nS: 150 x\nDS: hel\nS: 451 failed\n" + pwd, 3, nil, 451, ""},
		{"a second 226 counts for nothing", "S: 150 x (5 bytes)\nDS: hello\nS: 226 done\nS: 226 really\n", 5, nil, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script := epsv + "C: RETR a.txt\n" + tt.script + "C: NOOP\nS: 200 ok\n"
			loggedIn(t, script, func(ctx context.Context, c *client.Client) {
				n, err := c.Retrieve(ctx, "a.txt", io.Discard, client.Transfer{})
				checkError(t, err, tt.is, tt.code, tt.says)
				if n != tt.n {
					t.Errorf("%d bytes, want %d", n, tt.n)
				}
				if err := c.Noop(ctx); err != nil {
					t.Error("afterwards", err)
				}
			})
		})
	}
}

func checkError(t *testing.T, err, is error, want proto.Code, says string) {
	t.Helper()
	if is == nil && want == 0 && says == "" {
		if err != nil {
			t.Errorf("got %v", err)
		}
		return
	}
	switch {
	case err == nil:
		t.Error("no error")
	case is != nil && !errors.Is(err, is):
		t.Errorf("%v is not %v", err, is)
	case want != 0 && code(err) != want:
		t.Errorf("%v is no %d", err, want)
	case !strings.Contains(err.Error(), says):
		t.Errorf("%v does not say %q", err, says)
	}
}

func TestUploads(t *testing.T) {
	const size = "C: SIZE a.txt\nS: 213 5\n"
	for _, tt := range []struct {
		name, script string
		is           error
		code         proto.Code
		says         string
	}{
		{"whole", "S: 150 x\nDC: hello\nS: 226 done\n" + size, nil, 0, ""},
		{"half stored, and called done", "S: 150 x\nDC: hello\nS: 226 done\nC: SIZE a.txt\nS: 213 3\n", client.ErrTruncated, 0, "3 bytes arrived, but the sender has 5"},
		{"nothing stored", "S: 150 x\nDC: hello\nS: 226 done\nC: SIZE a.txt\nS: 213 0\n", nil, 0, "0 bytes arrived"},
		{"SIZE not known", "S: 150 x\nDC: hello\nS: 226 done\nC: SIZE a.txt\nS: 502 no\n", nil, 0, ""},
		{"452 behind all bytes", "S: 150 x\nDC: hello\nS: 452 disk full\n", nil, 452, ""},
		{"552 at once", "S: 552 quota\n", nil, 552, ""},
		{"426 behind all bytes", "S: 150 x\nDC: hello\nS: 426 cut\n", nil, 426, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script := epsv + "C: STOR a.txt\n" + tt.script + "C: NOOP\nS: 200 ok\n"
			loggedIn(t, script, func(ctx context.Context, c *client.Client) {
				_, err := c.Store(ctx, "a.txt", strings.NewReader("hello"), client.Transfer{})
				checkError(t, err, tt.is, tt.code, tt.says)
				if err := c.Noop(ctx); err != nil {
					t.Error("afterwards", err)
				}
			})
		})
	}
}

// endless is a file that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// The server refuses in the middle, stops reading and leaves the connection
// open: its word ends the upload, not the stall clock.
func TestUploadRefusedInTheMiddle(t *testing.T) {
	for name, reply := range map[string]string{"disk full": "452 disk full", "enough": "226 got it"} {
		t.Run(name, func(t *testing.T) {
			script := epsv + "C: STOR a.txt\nS: 150 go\nS: " + reply + "\nC: NOOP\nS: 200 ok\n"
			loggedIn(t, script, func(ctx context.Context, c *client.Client) {
				start := time.Now()
				_, err := c.Store(ctx, "a.txt", endless{}, client.Transfer{})
				if err == nil || time.Since(start) > 10*time.Second {
					t.Errorf("got %v after %s", err, time.Since(start))
				}
				if err := c.Noop(ctx); err != nil {
					t.Error("afterwards", err)
				}
			})
		})
	}
}

// A server that writes away what it got is given more time for large files:
// here 80 MiB, ten seconds more than for other replies.
func TestLastReplyMayTakeLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, plain+"C: EPSV\nS: 229 (|||4000|)\nC: STOR a.txt\nS: 150 go\n~ 65s\nS: 226 done\n")
		l, err := s.net.Host(serverAddr).Listen(t.Context(), "tcp", "192.0.2.1:4000")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			if nc, err := l.Accept(); err == nil {
				_, _ = io.Copy(io.Discard, nc)
			}
		}()
		_, err = s.login(t.Context()).Store(t.Context(), "a.txt", io.LimitReader(endless{}, 80<<20),
			client.Transfer{Check: client.CheckAnnounced})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestLastReplyNeverComes(t *testing.T) {
	script := epsv + "C: RETR a.txt\nS: 150 x (5 bytes)\nDS: hello\n~ 61s\nC.\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		n, err := c.Retrieve(ctx, "a.txt", io.Discard, client.Transfer{})
		var le *client.LostError
		if n != 5 || !errors.As(err, &le) || !strings.Contains(err.Error(), "no reply within 1m0s") || !c.Broken() {
			t.Errorf("got %d, %v", n, err)
		}
	})
}

// The control connection dies while data moves (NAT, 421): the bytes still
// count, the client is broken, and the error says which of the two it was.
func TestControlLostDuringTransfer(t *testing.T) {
	for name, end := range map[string]string{"closed": "S.\n", "421": "S: 421 shutting down\n"} {
		t.Run(name, func(t *testing.T) {
			script := epsv + "C: RETR a.txt\nS: 150 x (5 bytes)\nDS+ he\n" + end + "~ 5s\nDS: llo\n"
			loggedIn(t, script, func(ctx context.Context, c *client.Client) {
				n, err := c.Retrieve(ctx, "a.txt", io.Discard, client.Transfer{})
				var le *client.LostError
				if !errors.As(err, &le) || !c.Broken() || n != 5 {
					t.Errorf("got %d, %v", n, err)
				}
			})
		})
	}
}

func TestStall(t *testing.T) {
	script := epsv + `C: RETR a.txt
S: 150 x (5 bytes)
DS+ he
~ 121s
C: ABOR
S: 426 aborted
C: PWD
S: 226 done
S: 257 "/"
C: NOOP
S: 200 ok
`
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		n, err := c.Retrieve(ctx, "a.txt", io.Discard, client.Transfer{})
		var de *client.DataError
		if n != 2 || !errors.As(err, &de) || !errors.Is(err, data.ErrStalled) || c.Broken() {
			t.Errorf("got %d, %v", n, err)
		}
		if err := c.Noop(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestRestart(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		is           error
		says         string
	}{
		{"rest announced", "C: REST 3\nS: 350 ok\nC: RETR a.txt\nS: 150 x (2 bytes)\nDS: lo\nS: 226 done\n", nil, ""},
		{"whole announced", "C: REST 3\nS: 350 ok\nC: RETR a.txt\nS: 150 x (5 bytes)\nDS: lo\nS: 226 done\n", nil, ""},
		{"neither: SIZE decides", "C: REST 3\nS: 350 ok\nC: RETR a.txt\nS: 150 x (9 bytes)\nDS: l\nS: 226 done\nC: SIZE a.txt\nS: 213 5\n", client.ErrTruncated, ""},
		{"refused", "C: REST 3\nS: 502 no\n", client.ErrNoRestart, "can't resume: REST: 502"},
		{"not asked to go on", "C: REST 3\nS: 200 hm\n", client.ErrNoRestart, ""},
		{"beyond the end, ProFTPD", "C: REST 3\nS: 350 ok\nC: RETR a.txt\nS: 554 invalid REST argument\n", nil, "554"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loggedIn(t, epsv+tt.script, func(ctx context.Context, c *client.Client) {
				_, err := c.Retrieve(ctx, "a.txt", io.Discard, client.Transfer{Offset: 3})
				checkError(t, err, tt.is, 0, tt.says)
			})
		})
	}
}

// Some servers go on where the last transfer went on, until told otherwise.
func TestRestartIsTakenBack(t *testing.T) {
	script := epsv + "C: REST 3\nS: 350 ok\nC: RETR a.txt\nS: 150 x (2 bytes)\nDS: lo\nS: 226 done\n" +
		epsv + "C: REST 0\nS: 350 ok\n" + retr + epsv + retr
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		if _, err := c.Retrieve(ctx, "a.txt", io.Discard, client.Transfer{Offset: 3}); err != nil {
			t.Error(err)
		}
		get(ctx, t, c, "hello")
		get(ctx, t, c, "hello")
	})
}

func TestResumedUpload(t *testing.T) {
	script := epsv + "C: REST 3\nS: 350 ok\nC: STOR a.txt\nS: 150 go\nDC: lo\nS: 226 done\nC: SIZE a.txt\nS: 213 5\n" +
		epsv + "C: REST 0\nS: 350 ok\nC: APPE a.txt\nS: 150 go\nDC: !!\nS: 226 done\nC: SIZE a.txt\nS: 213 7\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		if _, err := c.Store(ctx, "a.txt", strings.NewReader("lo"), client.Transfer{Offset: 3}); err != nil {
			t.Error(err)
		}
		if _, err := c.Append(ctx, "a.txt", strings.NewReader("!!"), client.Transfer{Offset: 5}); err != nil {
			t.Error(err)
		}
	})
}

func TestStoreUnique(t *testing.T) {
	for _, tt := range []struct{ name, mark, done, want string }{
		{"RFC 1123", "150 FILE: a.1", "226 done", "a.1"},
		{"with blanks", "150 FILE: a b.1", "226 done", "a b.1"},
		{"wu-ftpd", "150 go", "226 Transfer complete (unique file name:a.2).", "a.2"},
		{"silent", "150 go", "226 done", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script := epsv + "C: STOU a\nS: " + tt.mark + "\nDC: hello\nS: " + tt.done + "\n"
			if tt.want != "" {
				script += "C: SIZE " + tt.want + "\nS: 213 5\n"
			}
			loggedIn(t, script, func(ctx context.Context, c *client.Client) {
				name, n, err := c.StoreUnique(ctx, "a", strings.NewReader("hello"), client.Transfer{})
				if name != tt.want || n != 5 || err != nil {
					t.Errorf("got %q %d %v", name, n, err)
				}
			})
		})
	}
}

// SECURITY: a line end in a name never becomes a second command; nothing is
// sent at all, and the session goes on.
func TestNamesThatCantBeSent(t *testing.T) {
	loggedIn(t, "C: NOOP\nS: 200 ok\n", func(ctx context.Context, c *client.Client) {
		for _, bad := range []string{"a\r\nDELE b", "a\nb", "a\rb", "a\x00b", strings.Repeat("x", 9000)} {
			_, err1 := c.Retrieve(ctx, bad, io.Discard, client.Transfer{})
			_, err2 := c.Store(ctx, bad, strings.NewReader(""), client.Transfer{})
			err3 := c.Delete(ctx, bad)
			err4 := c.Rename(ctx, "a", bad)
			for i, err := range []error{err1, err2, err3, err4} {
				var se *proto.SyntaxError
				if !errors.As(err, &se) && !errors.Is(err, proto.ErrLineTooLong) {
					t.Errorf("%.20q, %d: %v", bad, i, err)
				}
			}
		}
		if err := c.Noop(ctx); err != nil {
			t.Error(err)
		}
	})
}

// Names go as they are, but a blank in front would be lost on the way.
func TestNamesThatLookOdd(t *testing.T) {
	for name, sent := range map[string]string{
		" a": "./ a", "-a": "-a", "a ": "a ", `a"b`: `a"b`, "ü\xff": "ü\xff", "[x]*?": "[x]*?", "  ": "./  ",
	} {
		loggedIn(t, "C: DELE "+strings.ReplaceAll(sent, "*", `\*`)+"\nS: 250 ok\n", func(ctx context.Context, c *client.Client) {
			if err := c.Delete(ctx, name); err != nil {
				t.Errorf("%q: %v", name, err)
			}
		})
	}
}

// The type is set before what depends on it, and only when it is not in force.
func TestTypes(t *testing.T) {
	text := proto.DefaultParams()
	script := "C: TYPE A\nS: 200 ok\n" + epsv + "C: RETR a.txt\nS: 150 x (4 bytes)\nDS: a\\r\\nb\\r\\n\nS: 226 done\n" +
		epsv + "C: RETR a.txt\nS: 150 x (4 bytes)\nDS: a\\r\\nb\\r\\n\nS: 226 done\n" +
		"C: TYPE I\nS: 200 ok\nC: SIZE a.txt\nS: 213 4\n" +
		epsv + retr +
		"C: TYPE E\nS: 504 TYPE is now ASCII\nC: TYPE I\nS: 200 ok\n" + epsv + retr
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		for range 2 {
			var b bytes.Buffer
			if n, err := c.Retrieve(ctx, "a.txt", &b, client.Transfer{Params: &text}); n != 4 || err != nil || b.String() != "a\nb\n" {
				t.Errorf("got %d %q %v", n, b.String(), err)
			}
		}
		if n, err := c.Size(ctx, "a.txt"); n != 4 || err != nil {
			t.Errorf("size %d %v", n, err)
		}
		get(ctx, t, c, "hello")
		err := c.SetParams(ctx, proto.Params{Type: proto.TypeE})
		if code(err) != proto.BadParameter || c.Params() != proto.Binary() {
			t.Errorf("got %v, %v", err, c.Params())
		}
		get(ctx, t, c, "hello") // TYPE I is sent again, though it was in force
	})
}

// Text that arrives short is found out too: it never shrinks on the way.
func TestShortText(t *testing.T) {
	text := proto.DefaultParams()
	script := "C: TYPE A\nS: 200 ok\n" + epsv + "C: RETR a.txt\nS: 150 x (400 bytes)\nDS: a\\r\\n\nS: 226 done\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		_, err := c.Retrieve(ctx, "a.txt", io.Discard, client.Transfer{Params: &text})
		if !errors.Is(err, client.ErrTruncated) {
			t.Errorf("got %v", err)
		}
	})
}

// A transfer that the connection carried further, in another mode.
func TestBlockMode(t *testing.T) {
	p := proto.Params{Type: proto.TypeI, Stru: proto.File, Mode: proto.Block}
	script := "C: MODE B\nS: 200 ok\n" + epsv + "C: RETR a.txt\nS: 150 x\nDS: \\x40\\x00\\x05hello\nS: 226 done\n" +
		epsv + "C: RETR a.txt\nS: 150 x\nDS: \\x00\\x00\\x05hel\nS: 226 done\nC: MODE S\nS: 200 ok\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		if err := c.SetParams(ctx, p); err != nil {
			t.Fatal(err)
		}
		get(ctx, t, c, "hello")
		_, err := c.Retrieve(ctx, "a.txt", io.Discard, client.Transfer{Check: client.CheckAnnounced})
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut in a block: %v", err)
		}
		if err := c.SetParams(ctx, proto.Binary()); err != nil {
			t.Error(err)
		}
	})
}

func TestRestartMarks(t *testing.T) {
	script := epsv + "C: STOR a.txt\nS: 150 go\nS: 110 MARK 100 = 0x64\nDC: hello\nS: 110 MARK 5 = five\nS: 226 done\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		var got []string
		_, err := c.Store(ctx, "a.txt", strings.NewReader("hello"), client.Transfer{
			Check:  client.CheckAnnounced,
			OnMark: func(ours, theirs string) { got = append(got, ours+"="+theirs) },
		})
		if err != nil || strings.Join(got, " ") != "100=0x64 5=five" {
			t.Errorf("got %v %v", got, err)
		}
	})
}

func TestTooLarge(t *testing.T) {
	script := epsv + "C: RETR a.txt\nS: 150 x\nDS+ hello\nC: ABOR\nS: 426 x\nC: PWD\nS: 226 x\nS: 257 \"/\"\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		n, err := c.Retrieve(ctx, "a.txt", io.Discard, client.Transfer{Max: 3})
		if n != 3 || !errors.Is(err, data.ErrTooLarge) || c.Broken() {
			t.Errorf("got %d %v", n, err)
		}
	})
}

// What this end can't do is not begun.
func TestParamsThatCantBeHad(t *testing.T) {
	loggedIn(t, "C: NOOP\nS: 200 ok\n", func(ctx context.Context, c *client.Client) {
		p := proto.Params{Type: proto.TypeI, Stru: proto.Record, Mode: proto.Stream}
		_, err1 := c.Retrieve(ctx, "a", io.Discard, client.Transfer{Params: &p})
		_, err2 := c.Store(ctx, "a", strings.NewReader(""), client.Transfer{Params: &p})
		for _, err := range []error{err1, err2} {
			var pe *proto.ParamError
			if !errors.As(err, &pe) {
				t.Errorf("got %v", err)
			}
		}
		if err := c.Noop(ctx); err != nil {
			t.Error(err)
		}
	})
}

// A file that changes while it is sent is not the file that was meant.
func TestSourceChanges(t *testing.T) {
	script := epsv + "C: STOR a\nS: 150 go\nDC: hello\nS: 226 done\n"
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		_, err := c.Store(ctx, "a", strings.NewReader("hello"), client.Transfer{Size: 6, Check: client.CheckAnnounced})
		if !errors.Is(err, client.ErrTruncated) {
			t.Errorf("got %v", err)
		}
	})
}
