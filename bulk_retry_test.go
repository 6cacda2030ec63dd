package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// What is tried again, how often, and for how long: in virtual time.

// calm is a harbour whose network does what the test says.
func calm(t *testing.T, test func(h *harbour)) {
	t.Helper()
	root, local := t.TempDir(), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := newHarbour(t, root, local, &storm{})
		test(h)
	})
}

func (h *harbour) plant(dir string, n, size int) {
	h.t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "t"), 0o777); err != nil {
		h.t.Fatal(err)
	}
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, "t", fmt.Sprintf("f%03d", i)), []byte(noise(size)[:size]), 0o666); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *harbour) retries() (n int, waited time.Duration) {
	for _, e := range h.events {
		if e.Kind == bulk.Retried {
			n++
			waited += e.Wait
		}
	}
	return n, waited
}

// gate is a network that is shut at times.
type gate struct {
	proto.Network
	mu    sync.Mutex
	shut  bool
	dials int
}

func (g *gate) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	_, port, _ := net.SplitHostPort(address)
	g.mu.Lock()
	defer g.mu.Unlock()
	if port == "21" {
		g.dials++
	}
	if g.shut {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no route to host")}
	}
	return g.Network.DialContext(ctx, network, address)
}

func (h *harbour) gate() *gate {
	g := &gate{Network: h.storm.Network}
	h.storm.Network = g
	return g
}

// A dead host fails all that is left at once, after its bound, and not each
// file after one of its own.
func TestDeadHostFailsTheRestAtOnce(t *testing.T) {
	calm(t, func(h *harbour) {
		h.plant(h.root, 50, 300_000)
		g := h.gate()
		began := time.Now()
		var once sync.Once
		report, err := h.moveWatched(bulk.Down, bulk.Options{OnError: bulk.Continue, Sessions: 1}, func(c *client.Client, e bulk.Event) {
			if e.Kind == bulk.Done {
				once.Do(func() {
					g.mu.Lock()
					g.shut = true
					g.mu.Unlock()
					c.Close()
				})
			}
		})
		var down *bulk.DownError
		if !errors.As(err, &down) {
			t.Fatalf("%v", err)
		}
		if report.Done == 0 || report.Done+report.Failed != 50 {
			t.Errorf("%d done, %d failed", report.Done, report.Failed)
		}
		if took := time.Since(began); took > 3*time.Minute || took < 30*time.Second {
			t.Errorf("it took %v", took)
		}
		if g.dials < 4 || g.dials > 12 {
			t.Errorf("%d tries to connect", g.dials)
		}
	})
}

// moveWatched is move with somebody who hears the events and can reach the
// first session.
func (h *harbour) moveWatched(d bulk.Direction, o bulk.Options, hear func(*client.Client, bulk.Event)) (bulk.Report, error) {
	h.t.Helper()
	c, err := h.dial(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	if o.Dial == nil {
		o.Dial = h.dial
	}
	o.Recursive = bulk.Trees
	o.Events = func(e bulk.Event) {
		h.events = append(h.events, e)
		hear(c, e)
	}
	e := bulk.New(c, o)
	defer func() { e.Client().Close() }()
	item := cmp.Or(h.item, "t")
	items := []bulk.Item{{Local: filepath.Join(h.local, item), Remote: "/" + item}}
	if d == bulk.Up {
		return e.Upload(h.t.Context(), items)
	}
	return e.Download(h.t.Context(), items)
}

// A host that comes back within the bound is gone on with.
func TestHostThatComesBack(t *testing.T) {
	for _, d := range []bulk.Direction{bulk.Down, bulk.Up} {
		calm(t, func(h *harbour) {
			src, dst := h.root, h.local
			if d == bulk.Up {
				src, dst = dst, src
			}
			h.plant(src, 8, 300_000)
			g := h.gate()
			var once sync.Once
			report, err := h.moveWatched(d, bulk.Options{Sessions: 1}, func(c *client.Client, e bulk.Event) {
				if e.Kind == bulk.Done {
					once.Do(func() {
						g.mu.Lock()
						g.shut = true
						g.mu.Unlock()
						c.Close()
						time.AfterFunc(time.Minute, func() {
							g.mu.Lock()
							defer g.mu.Unlock()
							g.shut = false
						})
					})
				}
			})
			if err != nil || report.Done != 8 {
				t.Fatalf("%s: %v: %+v", d, err, report)
			}
			for i := range 8 {
				got, _ := os.ReadFile(filepath.Join(dst, "t", fmt.Sprintf("f%03d", i)))
				if len(got) != 300_000 {
					t.Errorf("%s: file %d has %d bytes", d, i, len(got))
				}
			}
		})
	}
}

// liar answers one command with what it likes, so many times.
type liar struct {
	proto.Network
	mu    sync.Mutex
	code  string // the reply that is replaced begins so
	with  string
	times int
}

func (l *liar) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := l.Network.DialContext(ctx, network, address)
	if _, port, _ := net.SplitHostPort(address); err != nil || port != "21" {
		return nc, err
	}
	return &lying{Conn: nc, liar: l}, nil
}

type lying struct {
	net.Conn
	*liar
	ready string
	line  string
	over  bool
}

func (c *lying) Read(p []byte) (int, error) {
	for c.ready == "" {
		if c.over {
			return 0, errSunk
		}
		var b [512]byte
		n, err := c.Conn.Read(b[:])
		if err != nil {
			return 0, err
		}
		for _, x := range b[:n] {
			if c.line += string([]byte{x}); x == '\n' {
				c.ready += c.tell(c.line)
				c.line = ""
			}
		}
	}
	n := copy(p, c.ready)
	c.ready = c.ready[n:]
	return n, nil
}

func (c *lying) tell(line string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == 0 || !strings.HasPrefix(line, c.code) {
		return line
	}
	c.times--
	if strings.HasPrefix(c.with, "421") {
		c.over = true
		c.Conn.Close()
	}
	if c.with == "" { // not a word: NAT has forgotten the connection
		c.over = true
		return ""
	}
	return c.with + "\r\n"
}

// Each reply that may pass is tried again after a pause that grows; what won't
// pass, and what would fail all others, is not.
func TestRepliesAndTheirFates(t *testing.T) {
	for reply, c := range map[string]struct {
		retries int
		done    int
	}{
		"226 426 Connection closed":              {1, 1},
		"226 451 Local error":                    {1, 1},
		"150 425 Can't open":                     {1, 1},
		"150 450 Busy":                           {1, 1},
		"150 550 Gone":                           {0, 0},
		"150 553 Bad name":                       {0, 0},
		"150 421 Shutting down":                  {1, 1},
		"226 421 Timeout":                        {1, 1},
		"226 452 Disk full":                      {0, 0},
		"226 552 Over quota":                     {0, 0},
		"226 451 Failure writing to local file.": {0, 0},
		"150 550 Too many connections":           {1, 1},
		"150 530 Too many users, later":          {1, 1},
		"226 ":                                   {1, 1}, // the last word never came
		"229 ":                                   {1, 1},
	} {
		for _, d := range []bulk.Direction{bulk.Down, bulk.Up} {
			if reply == "150 425 Can't open" && d == bulk.Down {
				continue // the client asks again by itself, another way
			}
			if strings.Contains(reply, "local file") && d == bulk.Down {
				continue // it is said of uploads only
			}
			calm(t, func(h *harbour) {
				src, dst := h.root, h.local
				if d == bulk.Up {
					src, dst = dst, src
				}
				h.plant(src, 1, 300_000)
				code, with, _ := strings.Cut(reply, " ")
				l := &liar{Network: h.storm.Network, code: code + " "}
				h.storm.Network = l
				began := time.Now()
				report, err := h.moveWatched(d, bulk.Options{Atomic: bulk.AtomicOn}, func(_ *client.Client, e bulk.Event) {
					if e.Kind == bulk.Started {
						l.mu.Lock()
						l.with, l.times = with, 1
						l.mu.Unlock()
					}
				})
				n, waited := h.retries()
				if report.Done != c.done || n != c.retries || (err == nil) != (c.done == 1) {
					t.Errorf("%s %q: %d done, %d retries, %v", d, reply, report.Done, n, err)
				}
				if c.retries > 0 && (waited < 500*time.Millisecond || waited > time.Second) {
					t.Errorf("%s %q: waited %v", d, reply, waited)
				}
				if with == "" && time.Since(began) > 10*time.Minute {
					t.Errorf("%s %q: took %v", d, reply, time.Since(began))
				}
				if got, _ := os.ReadFile(filepath.Join(dst, "t", "f000")); c.done == 1 && string(got) != noise(300_000)[:300_000] {
					t.Errorf("%s %q: %d bytes arrived", d, reply, len(got))
				}
			})
		}
	}
}

// A large upload whose last reply is lost is there as a whole: it is found so
// and not sent again.
func TestLostLastReplyCountsWhatIsWhole(t *testing.T) {
	calm(t, func(h *harbour) {
		h.plant(h.local, 1, 1<<20)
		l := &liar{Network: h.storm.Network, code: "226 ", with: "421 Idle too long"}
		h.storm.Network = l
		report, err := h.moveWatched(bulk.Up, bulk.Options{}, func(_ *client.Client, e bulk.Event) {
			if e.Kind == bulk.Started {
				l.mu.Lock()
				l.times = 1
				l.mu.Unlock()
			}
		})
		if err != nil || report.Done != 1 {
			t.Fatalf("%v %+v", err, report)
		}
		if x := report.Results[0]; x.Bytes > 1<<20+64<<10 || x.Attempts != 2 {
			t.Errorf("%d bytes in %d attempts", x.Bytes, x.Attempts)
		}
		got, _ := os.ReadFile(filepath.Join(h.root, "t", "f000"))
		if string(got) != noise(1 << 20)[:1<<20] {
			t.Errorf("%d bytes", len(got))
		}
	})
}

// Attempts have a bound, pauses grow up to one, and a run's patience ends.
func TestRetriesAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		retry bulk.Retry
		tries int
		most  time.Duration
	}{
		"attempts": {bulk.Retry{}, 5, 16 * time.Second},
		"more":     {bulk.Retry{Attempts: 12, MaxDelay: 10 * time.Second}, 12, 110 * time.Second},
		"the run":  {bulk.Retry{Attempts: 100, Run: 30 * time.Second}, 0, 30 * time.Second},
		"none":     {bulk.Retry{Attempts: 1}, 1, 0},
	} {
		calm(t, func(h *harbour) {
			h.plant(h.root, 1, 300_000)
			h.storm.Network = &liar{Network: h.storm.Network, code: "150 ", with: "450 Busy", times: 1000}
			began := time.Now()
			h.item = "t/f000" // a tree's listing would be refused, too
			_ = os.Mkdir(filepath.Join(h.local, "t"), 0o777)
			report, err := h.moveWatched(bulk.Down, bulk.Options{Retry: c.retry}, func(*client.Client, bulk.Event) {})
			if err == nil || c.tries > 0 && report.Results[0].Attempts != c.tries {
				t.Errorf("%s: %d attempts: %v", name, report.Results[0].Attempts, err)
			}
			if took := time.Since(began); took > c.most+time.Second {
				t.Errorf("%s: took %v", name, took)
			}
		})
	}
}

// slow makes every file take a while, so that there is time to grow.
type slow struct{ proto.Network }

func (s slow) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if _, port, _ := net.SplitHostPort(address); port != "21" {
		time.Sleep(200 * time.Millisecond)
	}
	return s.Network.DialContext(ctx, network, address)
}

// The directories of a tree are made in one write, parents first. One that is
// made by somebody else meanwhile is no failure.
func TestDirectoriesAreMadeTogether(t *testing.T) {
	calm(t, func(h *harbour) {
		var want []string
		for i := range 12 {
			dir := fmt.Sprintf("d%02d", i)
			if i%3 > 0 { // below the one before
				dir = filepath.Join(filepath.Dir(want[len(want)-1]), dir)
			}
			name := filepath.Join(h.local, "t", dir, "f")
			want = append(want, filepath.Join(dir, "f"))
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(dir), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.MkdirAll(filepath.Join(h.root, "t", "d03"), 0o777); err != nil {
			t.Fatal(err)
		}
		var most, row int
		h.trace = func(from proto.Direction, line string) {
			if from == proto.FromClient && strings.HasPrefix(line, "MKD") {
				row++
				most = max(most, row)
				return
			}
			row = 0
		}
		hear := func(_ *client.Client, e bulk.Event) {
			if e.Kind == bulk.Planned {
				_ = os.MkdirAll(filepath.Join(h.root, "t", "d06"), 0o777)
			}
		}
		report, err := h.moveWatched(bulk.Up, bulk.Options{Sessions: 1}, hear)
		if err != nil || report.Done != 12 {
			t.Fatalf("%v: %+v", err, report)
		}
		for _, name := range want {
			if got, _ := os.ReadFile(filepath.Join(h.root, "t", name)); string(got) != filepath.Dir(name) {
				t.Errorf("%s holds %q", name, got)
			}
		}
		if most != 11 {
			t.Errorf("%d directories were made in one write, want 11", most)
		}
	})
}

// The same file sent twice at once to one name: neither writes into the
// temporary file that the other is about to rename.
func TestSameUploadTwiceAtOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("sources are not marked there")
	}
	for _, c := range []struct{ files, size int }{{1, 600_000}, {5, 1000}} {
		calm(t, func(h *harbour) {
			h.plant(h.local, c.files, c.size)
			h.storm.Network = far{h.storm.Network}
			h.features = proto.Features{"SIZE": "", "MDTM": "", "EPSV": ""} // somebody else's server
			var mu sync.Mutex
			stored := map[string]int{}
			h.trace = func(from proto.Direction, line string) {
				if name, is := strings.CutPrefix(line, "STOR "); is && from == proto.FromClient {
					mu.Lock()
					defer mu.Unlock()
					stored[name]++
				}
			}
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() {
					report, err := h.move(bulk.Up, bulk.Options{Sessions: 1})
					if err != nil || report.Done != c.files {
						t.Errorf("%d of %d: %v", report.Done, c.files, err)
					}
				})
			}
			both.Wait()
			for name, n := range stored {
				if n > 1 {
					t.Errorf("%s was stored %d times", name, n)
				}
			}
			if len(stored) != 2*c.files {
				t.Errorf("%d temporary names for %d uploads", len(stored), 2*c.files)
			}
			dir, _ := os.ReadDir(filepath.Join(h.root, "t"))
			for _, d := range dir {
				if info, err := d.Info(); err != nil || info.Size() != int64(c.size) || strings.HasPrefix(d.Name(), ".") {
					t.Errorf("%s: %v, %v", d.Name(), info, err)
				}
			}
			if len(dir) != c.files {
				t.Errorf("%d files arrived", len(dir))
			}
		})
	}
}

// far is a network whose answers take their time, and which shows how many
// sessions are made at once.
type far struct{ proto.Network }

func (f far) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	time.Sleep(50 * time.Millisecond)
	nc, err := f.Network.DialContext(ctx, network, address)
	return farConn{nc}, err
}

type farConn struct{ net.Conn }

func (c farConn) Write(b []byte) (int, error) {
	time.Sleep(50 * time.Millisecond)
	return c.Conn.Write(b)
}

// Small files on a far server begin with several sessions together. Those that
// the server refuses don't cost those that it lets in, and what one session
// has found out none of the others tries again.
func TestFarSessionsBeginTogether(t *testing.T) {
	for _, allowed := range []int{16, 5} {
		calm(t, func(h *harbour) {
			h.plant(h.root, 300, 100)
			h.storm.Network = far{h.storm.Network}
			h.features = proto.Features{"SIZE": "", "MDTM": "", "EPSV": ""} // somebody else's server
			var mu sync.Mutex
			var at []time.Duration
			var began time.Time
			live, refused := 1, 0
			dial := func(ctx context.Context) (*client.Client, error) {
				mu.Lock()
				full := live >= allowed
				if full {
					refused++
				} else {
					live++
					at = append(at, time.Since(began))
				}
				mu.Unlock()
				if full { // at once, while the others are still on their way
					return nil, &client.ConnectError{Host: "h", Step: client.Greeting, Err: &proto.ReplyError{
						Reply: proto.Reply{Code: proto.Unavailable, Lines: []string{"There are too many connections from your internet address."}}}}
				}
				return h.dial(ctx)
			}
			server := &bulk.Server{}
			o := bulk.Options{Dial: dial, Server: server, OnError: bulk.Continue}
			hear := func(_ *client.Client, e bulk.Event) {
				if e.Kind == bulk.Planned {
					began = time.Now()
				}
			}
			report, err := h.moveWatched(bulk.Down, o, hear)
			if err != nil || report.Done != 300 {
				t.Fatalf("%v, %d done", err, report.Done)
			}
			together := 0
			for _, d := range at {
				if d < 10*time.Millisecond {
					together++
				}
			}
			if want := min(allowed, 8) - 1; together != want {
				t.Errorf("of %d: %d sessions were made at once, want %d: %v", allowed, together, want, at)
			}
			before := refused
			_ = os.RemoveAll(filepath.Join(h.local, "t"))
			mu.Lock()
			live, at = 1, nil
			mu.Unlock()
			if _, err := h.moveWatched(bulk.Down, o, hear); err != nil {
				t.Fatal(err)
			}
			if allowed < 8 && (refused > before || len(at) != allowed-1) {
				t.Errorf("of %d: the second run had %d sessions and %d refusals more", allowed, len(at)+1, refused-before)
			}
		})
	}
}

// Sessions grow while that pays, end at what the server allows, and the limit
// is remembered.
func TestSessionsGrowToWhatTheServerAllows(t *testing.T) {
	for _, c := range []struct{ allowed, wanted, peak int }{{100, 0, 16}, {100, 3, 3}, {5, 0, 5}, {1, 0, 1}} {
		calm(t, func(h *harbour) {
			h.plant(h.root, 200, 265_000)
			h.storm.Network = slow{h.storm.Network}
			var mu sync.Mutex
			live, peak, refused := 1, 1, 0
			dial := func(ctx context.Context) (*client.Client, error) {
				mu.Lock()
				full := live >= c.allowed
				if full {
					refused++
				} else {
					live++
					peak = max(peak, live)
				}
				mu.Unlock()
				if full {
					return nil, &client.LoginError{User: "anna", Err: &proto.ReplyError{
						Command: proto.Cmd("PASS", ""), Reply: proto.Reply{Code: proto.NotLoggedIn, Lines: []string{"Too many connections for this user"}}}}
				}
				return h.dial(ctx)
			}
			server := &bulk.Server{}
			o := bulk.Options{Dial: dial, Sessions: c.wanted, Server: server, OnError: bulk.Continue}
			report, err := h.moveWatched(bulk.Down, o, func(*client.Client, bulk.Event) {})
			if err != nil || report.Done != 200 {
				t.Fatalf("%+v: %v, %d done", c, err, report.Done)
			}
			if peak != c.peak {
				t.Errorf("%+v: %d sessions at most", c, peak)
			}
			for i, x := range report.Results {
				if want := fmt.Sprintf("/t/f%03d", i); x.Item.Remote != want {
					t.Fatalf("result %d is %s", i, x.Item.Remote)
				}
			}
			before := refused
			_ = os.RemoveAll(filepath.Join(h.local, "t"))
			live = 1
			if _, err := h.moveWatched(bulk.Down, o, func(*client.Client, bulk.Event) {}); err != nil {
				t.Fatal(err)
			}
			if refused > before {
				t.Errorf("%+v: the limit was forgotten: %d more refusals", c, refused-before)
			}
		})
	}
}

// A pause lets files end and begins no others; what is held goes on later.
func TestPauseHoldsARun(t *testing.T) {
	calm(t, func(h *harbour) {
		h.plant(h.root, 10, 300_000)
		h.storm.Network = slow{h.storm.Network}
		hold := &bulk.Control{}
		var began, during time.Time
		done := 0
		report, err := h.moveWatched(bulk.Down, bulk.Options{Control: hold, Sessions: 1}, func(_ *client.Client, e bulk.Event) {
			if e.Kind != bulk.Done {
				return
			}
			if done++; done == 3 {
				began = time.Now()
				hold.Pause()
				time.AfterFunc(time.Hour, hold.Resume)
			} else if done == 4 {
				during = time.Now()
			}
		})
		if err != nil || report.Done != 10 {
			t.Fatalf("%v: %+v", err, report)
		}
		if during.Sub(began) < time.Hour {
			t.Errorf("a file began after %v", during.Sub(began))
		}
	})
}

// A rate is kept, by one run and by two that share it.
func TestRates(t *testing.T) {
	calm(t, func(h *harbour) {
		h.plant(h.root, 4, 500_000)
		for _, d := range []bulk.Direction{bulk.Down, bulk.Up} {
			began := time.Now()
			o := bulk.Options{Rates: []*bulk.Rate{bulk.NewRate(0), bulk.NewRate(100_000)}}
			if _, err := h.moveWatched(d, o, func(*client.Client, bulk.Event) {}); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took < 19*time.Second || took > 23*time.Second {
				t.Errorf("%s: 2 MB at 100 kB/s took %v", d, took)
			}
		}
	})
}

// A server without room says so before a byte is sent, and the run ends there.
func TestFullServerIsAskedFirst(t *testing.T) {
	calm(t, func(h *harbour) {
		h.plant(h.local, 3, 500_000)
		h.storm.Network = &liar{Network: h.storm.Network, code: "200 There is room", with: "452 Not enough space", times: 1}
		report, err := h.moveWatched(bulk.Up, bulk.Options{OnError: bulk.Continue, Sessions: 1}, func(*client.Client, bulk.Event) {})
		if err == nil || report.Bytes != 0 || report.Failed != 3 {
			t.Errorf("%v: %+v", err, report)
		}
	})
}
