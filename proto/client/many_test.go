package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto/client"
)

// basket keeps what a batch brings.
type basket struct {
	files map[string]*bytes.Buffer
	told  []string // one word a verdict, in order
}

func (b *basket) pulls(names ...string) (pulls []client.Pull) {
	b.files = map[string]*bytes.Buffer{}
	for _, name := range names {
		pulls = append(pulls, client.Pull{Path: name, Open: func() (io.Writer, error) {
			b.files[name] = new(bytes.Buffer)
			return b.files[name], nil
		}})
	}
	return pulls
}

func (b *basket) pushes(names ...string) (pushes []client.Push) {
	for _, name := range names {
		pushes = append(pushes, client.Push{Path: name, Open: func() (io.Reader, error) {
			return strings.NewReader("of " + name), nil
		}})
	}
	return pushes
}

func (b *basket) each(i int, v client.Verdict) {
	word := fmt.Sprintf("%d:ok%d", i, v.N)
	if v.Err != nil {
		word = fmt.Sprintf("%d:%d", i, code(v.Err))
	}
	b.told = append(b.told, word)
}

func (b *basket) want(t *testing.T, told string) {
	t.Helper()
	if got := strings.Join(b.told, " "); got != told {
		t.Errorf("told %q, want %q", got, told)
	}
}

// batching knows the server well enough for flights from the start.
func batching(t *testing.T, script string, f func(ctx context.Context, c *client.Client)) {
	t.Helper()
	play(t, plain+script, func(ctx context.Context, s *stage) {
		s.cfg.Quirks = client.Quirks{Reachable: true, BatchDown: true, BatchUp: true}
		f(ctx, s.login(ctx))
	})
}

const (
	s229 = "S: 229 Entering (|||${port}|)\n"
	mark = "S: 150 x (5 bytes)\n"
)

func pair(verb, name string) string { return "C: EPSV\nC: " + verb + " " + name + "\n" }

func whole(text string) string { return s229 + mark + "DS: " + text + "\nS: 226 done\n" }

// Commands of all files come together; each has its own verdict, in order.
func TestRetrieveBatch(t *testing.T) {
	three := pair("RETR", "a1") + pair("RETR", "b1") + pair("RETR", "c1")
	for _, tt := range []struct{ name, script, told string }{
		{"all whole", whole("aaaaa") + whole("bbbbb") + whole("ccccc"), "0:ok5 1:ok5 2:ok5"},
		{"one missing", whole("aaaaa") + s229 + "S: 550 no\n" + whole("ccccc"), "0:ok5 1:550 2:ok5"},
		{"first missing", s229 + "S: 550 no\n" + whole("bbbbb") + whole("ccccc"), "0:550 1:ok5 2:ok5"},
		{"all missing", s229 + "S: 550 no\n" + s229 + "S: 550 no\n" + s229 + "S: 550 no\n", "0:550 1:550 2:550"},
		{"one short", whole("aaaaa") + whole("bbb") + whole("ccccc"), "0:ok5 1:0 2:ok5"},
		{"one cut", whole("aaaaa") + s229 + mark + "DS! bb\nS: 426 cut\n" + whole("ccccc") + "C: EPSV\n" + s229 + "C: RETR b1\n" + mark + "DS: bbbbb\nS: 226 ok\n", "0:ok5 1:426 2:ok5"},
		{"226 twice", whole("aaaaa") + "S: 226 again\n" + whole("bbbbb") + whole("ccccc"), "0:ok5 1:ok5 2:ok5"},
		{"sizes not told", strings.ReplaceAll(whole("aaaaa")+whole("bbbb")+whole("ccccc"), " (5 bytes)", "") +
			"C: SIZE a1\nC: SIZE b1\nC: SIZE c1\nS: 213 5\nS: 213 5\nS: 550 no\n", "0:ok5 1:0 2:ok5"},
		{"421 in the middle", whole("aaaaa") + s229 + "S: 421 bye\nS.\n", "0:ok5 1:421"},
		{"hangup", whole("aaaaa") + "S.\n", "0:ok5 1:0"},
		{"no connection to be had for one", whole("aaaaa") + "S: 425 no port\nS: 425 use EPSV first\n" + whole("ccccc") +
			"C: EPSV\n" + s229 + "C: RETR b1\n" + mark + "DS: bbbbb\nS: 226 ok\n", "0:ok5 1:ok5 2:ok5"},
		{"a reply that is none of ours", whole("aaaaa") + "S: 257 \"/\"\n", "0:ok5 1:0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script := three + tt.script
			if tt.name == "one cut" { // some bytes came: no second try
				script = three + strings.SplitAfter(tt.script, whole("ccccc"))[0]
			}
			batching(t, script, func(ctx context.Context, c *client.Client) {
				var b basket
				n, err := c.RetrieveBatch(ctx, b.pulls("a1", "b1", "c1"), b.each)
				b.want(t, tt.told)
				if n != len(b.told) || (n == 3) != (err == nil) || (err != nil) != c.Broken() {
					t.Errorf("%d files, %v, broken: %v", n, err, c.Broken())
				}
				if got := b.files["a1"]; got != nil && got.Len() > 0 && got.String() != "aaaaa" { // opened or not, as the refusal comes
					t.Errorf("got %q", got)
				}
			})
		})
	}
}

func TestStoreBatch(t *testing.T) {
	three := pair("STOR", "a1") + pair("STOR", "b1") + pair("STOR", "c1")
	up := func(name string) string { return s229 + "S: 150 go\nDC: of " + name + "\nS: 226 done\n" }
	sizes := "C: SIZE a1\nC: SIZE b1\nC: SIZE c1\n"
	for _, tt := range []struct{ name, script, told string }{
		{"all whole", up("a1") + up("b1") + up("c1") + sizes + "S: 213 5\nS: 213 5\nS: 213 5\n", "0:ok5 1:ok5 2:ok5"},
		{"one refused", up("a1") + s229 + "S: 553 no\n" + up("c1") + "C: SIZE a1\nC: SIZE c1\nS: 213 5\nS: 213 5\n", "0:ok5 1:553 2:ok5"},
		{"one is short there", up("a1") + up("b1") + up("c1") + sizes + "S: 213 5\nS: 213 4\nS: 213 5\n", "0:ok5 1:0 2:ok5"},
		{"disk full", up("a1") + s229 + "S: 150 go\nDC: of b1\nS: 452 full\n" + s229 + "S: 452 full\nC: SIZE a1\nS: 213 5\n", "0:ok5 1:452 2:452"},
		{"hangup before the sizes", up("a1") + up("b1") + up("c1") + "S.\n", "0:0 1:0 2:0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			batching(t, three+tt.script, func(ctx context.Context, c *client.Client) {
				var b basket
				n, err := c.StoreBatch(ctx, b.pushes("a1", "b1", "c1"), b.each)
				b.want(t, tt.told)
				if n != 3 || (err != nil) != c.Broken() {
					t.Errorf("%d files, %v, broken: %v", n, err, c.Broken())
				}
			})
		})
	}
}

// Checksums are asked for in one write, in place of the sizes; a size only
// where there is none.
func TestBatchSums(t *testing.T) {
	two, sizes := pair("STOR", "a1")+pair("STOR", "b1"), "C: SIZE a1\nC: SIZE b1\nS: 213 5\nS: 213 5\n"
	up := func(name string) string { return s229 + "S: 150 go\nDC: of " + name + "\nS: 226 done\n" }
	moved := up("a1") + up("b1")
	ask := "C: OPTS HASH SHA-256\nC: HASH a1\nC: HASH b1\nS: 200 x\n"
	sum := "S: 213 SHA-256 0-4 " + sha256hex + " a1\n"
	xask := "C: XMD5 a1\nC: XMD5 b1\n"
	for _, tt := range []struct{ name, feat, script, told string }{
		{"both", "HASH SHA-256*;", moved + ask + sum + sum, "0:sum 1:sum"},
		{"one has none", "HASH SHA-256*;", moved + ask + sum + "S: 550 no\nC: SIZE b1\nS: 213 5\n", "0:sum 1:ok5"},
		{"nonsense", "HASH SHA-256*;", moved + ask + sum + "S: 213 what\nC: SIZE b1\nS: 213 4\n", "0:sum 1:0"},
		{"the algorithm is refused", "HASH SHA-256*;", moved + strings.ReplaceAll(ask, "200 x", "501 no") + sum + sum + sizes, "0:ok5 1:ok5"},
		{"one is refused", "HASH SHA-256*;", up("a1") + s229 + "S: 553 no\n" + "C: OPTS HASH SHA-256\nC: HASH a1\nS: 200 x\n" + sum, "0:sum 1:553"},
		{"hangup before the sums", "HASH SHA-256*;", moved + ask + sum + "S.\n", "0:sum 1:0"},
		{"X commands", "XSHA256", moved + strings.ReplaceAll(xask, "XMD5", "XSHA256") + "S: 250 " + sha256hex + "\nS: 250 " + sha256hex + "\n", "0:sum 1:sum"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, featured(tt.feat)+two+tt.script, func(ctx context.Context, s *stage) {
				s.cfg.Quirks = client.Quirks{Reachable: true, BatchUp: true}
				c := s.login(ctx)
				var b basket
				pushes := b.pushes("a1", "b1")
				for i := range pushes {
					pushes[i].Hash = client.SHA256
				}
				_, _ = c.StoreBatch(ctx, pushes, func(i int, v client.Verdict) {
					if v.Err == nil && v.Sum.Sum.Hex == sha256hex {
						b.told = append(b.told, fmt.Sprintf("%d:sum", i))
						return
					}
					b.each(i, v)
				})
				b.want(t, tt.told)
			})
		})
	}
}

// Names with blanks are asked about one by one where quotes may be needed.
func TestHashAllWithBlanks(t *testing.T) {
	script := featured("XMD5") + "C: XMD5 a\nS: 250 " + md5hex + "\nC: XMD5 \"b c\"\nS: 550 no\nC: XMD5 b c\nS: 250 " + md5hex + "\n"
	play(t, script, func(ctx context.Context, s *stage) {
		sums, err := s.login(ctx).HashAll(ctx, []string{"a", "b c"}, client.MD5)
		if err != nil || len(sums) != 2 || sums[0].Sum.Hex != md5hex || sums[1].Sum.Hex != md5hex {
			t.Errorf("%v %v", sums, err)
		}
	})
}

// A server that is not known gets one file, then two, then many.
func TestBatchIsTried(t *testing.T) {
	script := "C: EPSV\n" + s229 + "C: RETR a1\n" + mark + "DS: aaaaa\nS: 226 done\n" +
		"C: PWD\n" + pair("RETR", "b1") + pair("RETR", "c1") + "S: 257 \"/\"\n" + whole("bbbbb") + whole("ccccc") +
		pair("RETR", "d1") + pair("RETR", "e1") + pair("RETR", "f1") + whole("ddddd") + whole("eeeee") + whole("fffff")
	loggedIn(t, script, func(ctx context.Context, c *client.Client) {
		var b basket
		pulls := b.pulls("a1", "b1", "c1", "d1", "e1", "f1")
		for _, want := range []int{1, 2, 3} {
			n, err := c.RetrieveBatch(ctx, pulls, b.each)
			if n != want || err != nil {
				t.Fatalf("%d files, want %d, %v", n, want, err)
			}
			pulls = pulls[n:]
		}
		if q := c.Quirks(); !q.BatchDown || q.BatchUp || q.NoBatch {
			t.Errorf("learned %+v", q)
		}
	})
}

// One write is no longer than the server reads in one go.
func TestBatchFitsOneWrite(t *testing.T) {
	long := strings.Repeat("x", 200)
	var script string
	for i := range 4 {
		script += pair("RETR", fmt.Sprint(long, i))
	}
	for range 4 {
		script += s229 + "S: 550 no\n"
	}
	batching(t, script, func(ctx context.Context, c *client.Client) {
		var b basket
		n, err := c.RetrieveBatch(ctx, b.pulls(long+"0", long+"1", long+"2", long+"3", long+"4"), b.each)
		if n != 4 || err != nil {
			t.Errorf("%d files, %v", n, err)
		}
	})
}

// A refusal ends a file at once, although its data connection stays open.
func TestBatchRefusedWithoutAnEnd(t *testing.T) {
	batching(t, pair("RETR", "a1")+pair("RETR", "b1")+whole("aaaaa")+s229+"~ 1s\nS: 550 no\n~ 30s\n", func(ctx context.Context, c *client.Client) {
		var b basket
		began := time.Now()
		if _, err := c.RetrieveBatch(ctx, b.pulls("a1", "b1"), b.each); err != nil || time.Since(began) > 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		b.want(t, "0:ok5 1:550")
	})
}

// vsftpd, in clear, reads on while a file moves.
func TestBatchFitsAtVsftpd(t *testing.T) {
	long := strings.Repeat("x", 200)
	var names []string
	var script string
	for i := range 20 {
		names = append(names, fmt.Sprint(long, i))
	}
	for _, name := range names[:18] {
		script += pair("RETR", name)
	}
	for range 18 {
		script += s229 + "S: 550 no\n"
	}
	script = strings.Replace(plain, "S: 220 ready", "S: 220 (vsFTPd 3.0.3)", 1) + script
	play(t, script, func(ctx context.Context, s *stage) {
		s.cfg.Quirks = client.Quirks{Reachable: true, BatchDown: true}
		var b basket
		n, err := s.login(ctx).RetrieveBatch(ctx, b.pulls(names...), b.each)
		if n != 18 || err != nil {
			t.Errorf("%d files, %v", n, err)
		}
	})
}

// A name that can't be sent, and a file that can't be written, fail alone.
func TestBatchLocalFailures(t *testing.T) {
	script := pair("RETR", "a1") + pair("RETR", "c1") + s229 + mark + "~ 1s\nS: 426 cut\n" + whole("ccccc")
	batching(t, script, func(ctx context.Context, c *client.Client) {
		var b basket
		pulls := b.pulls("a1", "b1\r\nDELE a1", "c1")
		full := errors.New("disk full")
		pulls[0].Open = func() (io.Writer, error) { return nil, full }
		var errs []error
		n, err := c.RetrieveBatch(ctx, pulls, func(i int, v client.Verdict) { errs = append(errs, v.Err) })
		if n != 3 || err != nil || !errors.Is(errs[0], full) || errs[1] == nil || errs[2] != nil {
			t.Errorf("%d, %v, %v", n, err, errs)
		}
	})
}

// Where the caller gives up, the session is gone: what is on its way can't be
// taken back.
func TestBatchCancelled(t *testing.T) {
	script := pair("RETR", "a1") + pair("RETR", "b1") + strings.Replace(s229, "S: ", "S+ ", 1) + mark + "~ 10s\nS.\n" // in one write: the client doesn't stay for more
	batching(t, script, func(ctx context.Context, c *client.Client) {
		ctx, cancel := context.WithCancel(ctx)
		var b basket
		pulls := b.pulls("a1", "b1")
		open := pulls[0].Open
		pulls[0].Open = func() (io.Writer, error) { cancel(); return open() }
		n, err := c.RetrieveBatch(ctx, pulls, b.each)
		if n != 1 || !errors.Is(err, context.Canceled) || !c.Broken() {
			t.Errorf("%d, %v, broken %v", n, err, c.Broken())
		}
	})
}

// So it is where all bytes have come, and only the server's word on them hasn't.
func TestBatchCancelledAtItsEnd(t *testing.T) {
	script := pair("RETR", "a1") + pair("RETR", "b1") + s229 + mark + "DS: aaaaa\nC: ABOR\nS: 426 cut\nS: 226 gone\nC: PWD\nS: 257 \"/\"\n"
	batching(t, script, func(ctx context.Context, c *client.Client) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		time.AfterFunc(time.Second, cancel)
		var b basket
		began := time.Now()
		_, err := c.RetrieveBatch(ctx, b.pulls("a1", "b1"), b.each)
		if !errors.Is(err, context.Canceled) || time.Since(began) > 30*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// With PASV, where EPSV is known not to work; never where the server takes one
// command at a time, or dials itself.
func TestBatchWays(t *testing.T) {
	batch := "C: PASV\nC: RETR a1\nC: PASV\nC: RETR b1\n"
	s227 := "S: 227 ok (${hostport})\n"
	script := batch + s227 + mark + "DS: aaaaa\nS: 226 ok\n" + s227 + mark + "DS: bbbbb\nS: 226 ok\n"
	play(t, plain+script, func(ctx context.Context, s *stage) {
		s.cfg.Quirks = client.Quirks{Reachable: true, BatchDown: true, NoEPSV: true}
		c := s.login(ctx)
		var b basket
		n, err := c.RetrieveBatch(ctx, b.pulls("a1", "b1"), b.each)
		if n != 2 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		b.want(t, "0:ok5 1:ok5")
	})
	for name, q := range map[string]client.Quirks{
		"one command at a time": {Reachable: true, BatchDown: true, NoPipeline: true},
		"known to fail":         {Reachable: true, NoBatch: true},
		"connection first":      {Reachable: true, BatchDown: true, ConnectFirst: true},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, plain+"C: EPSV\n"+s229+"C: RETR a1\n"+mark+"DS: aaaaa\nS: 226 ok\n", func(ctx context.Context, s *stage) {
				s.cfg.Quirks = q
				c := s.login(ctx)
				var b basket
				n, err := c.RetrieveBatch(ctx, b.pulls("a1", "b1"), b.each)
				if n != 1 || err != nil {
					t.Errorf("%d, %v", n, err)
				}
			})
		})
	}
}

// A server whose second EPSV takes the listener of the first away (pyftpdlib)
// is found out with two files, left, and asked one file at a time ever after.
func TestBatchNotStood(t *testing.T) {
	single := func(name string) string {
		return "C: EPSV\n" + s229 + "C: RETR " + name + "\n" + mark + "DS: aaaaa\nS: 226 done\n"
	}
	trial := plain + single("a1") + "C: PWD\nS: 257 \"/in\"\n" + pair("RETR", "b1") + pair("RETR", "c1") +
		strings.ReplaceAll(s229+mark+s229, "S: ", "S+ ") + mark + "C?\n" // in one write: the client may not stay for all
	again := plain + "C: CWD /in\nS: 250 ok\n" + single("b1") + single("c1")
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, trial, again)
		c := s.login(t.Context())
		var b basket
		pulls := b.pulls("a1", "b1", "c1")
		for len(pulls) > 0 {
			n, err := c.RetrieveBatch(t.Context(), pulls, b.each)
			if n != 1 || err != nil {
				t.Fatal(n, err)
			}
			pulls = pulls[n:]
		}
		if b.want(t, "0:ok5 0:ok5 0:ok5"); !c.Quirks().NoBatch {
			t.Error("not learned")
		}
	})
}
