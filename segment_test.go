package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// Files that come in segments, in virtual time.

// big plants one file of noise below h.root, and returns it.
func (h *harbour) big(size int, seed uint64) []byte {
	h.t.Helper()
	h.item = "big"
	return h.write(h.root, size, seed)
}

// write gives the item in dir another text of noise, and the time that goes with
// it.
func (h *harbour) write(dir string, size int, seed uint64) []byte {
	h.t.Helper()
	text := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(seed)}).Read(text)
	h.rewrite(dir, text)
	return text
}

func (h *harbour) rewrite(dir string, text []byte) {
	h.t.Helper()
	path, at := filepath.Join(dir, h.item), time.Unix(1_700_000_000+int64(text[0]), 0)
	if err := os.WriteFile(path, text, 0o666); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		h.t.Fatal(err)
	}
}

// fetch downloads it once, with the client's view of the wire.
func (h *harbour) fetch(ctx context.Context, o bulk.Options) (bulk.Report, error) {
	h.t.Helper()
	c, err := h.dial(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	if o.Dial == nil {
		o.Dial = h.dial
	}
	o.Events = func(e bulk.Event) { h.events = append(h.events, e) }
	e := bulk.New(c, o)
	defer func() { e.Client().Close() }()
	return e.Download(ctx, []bulk.Item{{Local: filepath.Join(h.local, h.item), Remote: "/" + h.item}})
}

func (h *harbour) arrived(want []byte) {
	h.t.Helper()
	got, err := os.ReadFile(filepath.Join(h.local, h.item))
	if err != nil || !bytes.Equal(got, want) {
		h.t.Errorf("%d of %d bytes arrived, %v, or others than were sent", len(got), len(want), err)
	}
	if left, _ := filepath.Glob(filepath.Join(h.local, ".ferry-*")); len(left) > 0 {
		h.t.Errorf("left behind: %v", left)
	}
}

// ears is a network that sees, and may change, what clients say.
type ears struct {
	proto.Network
	mu     sync.Mutex
	said   []string
	change func(line string) string
}

func (n *ears) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := n.Network.DialContext(ctx, network, address)
	if _, port, _ := net.SplitHostPort(address); err != nil || port != "21" {
		return nc, err
	}
	return &overheard{Conn: nc, net: n}, nil
}

type overheard struct {
	net.Conn
	net *ears
}

func (c *overheard) Write(p []byte) (int, error) {
	c.net.mu.Lock()
	lines := strings.SplitAfter(string(p), "\r\n")
	for i, line := range lines {
		if line == "" {
			continue
		}
		c.net.said = append(c.net.said, strings.TrimSpace(line))
		if c.net.change != nil {
			lines[i] = c.net.change(line)
		}
	}
	c.net.mu.Unlock()
	_, err := c.Conn.Write([]byte(strings.Join(lines, "")))
	return len(p), err
}

func (n *ears) count(pattern string) (times int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, line := range n.said {
		if regexp.MustCompile(pattern).MatchString(line) {
			times++
		}
	}
	return times
}

func (h *harbour) tap(change func(string) string) *ears {
	n := &ears{Network: h.storm.Network, change: change}
	h.storm.Network = n
	return n
}

// A big file comes in as many segments as asked for; where the server knows
// RANG it is told where each ends.
func TestSegments(t *testing.T) {
	for _, n := range []int{1, 2, 4, 16} {
		calm(t, func(h *harbour) {
			tap := h.tap(nil)
			want := h.big(8<<20+4711, 1)
			report, err := h.fetch(h.t.Context(), bulk.Options{Segments: n})
			if err != nil {
				t.Fatal(err)
			}
			h.arrived(want)
			if x := report.Results[0]; x.Bytes != int64(len(want)) || x.Resumed != 0 || n > 1 && x.Verified == "size" {
				t.Errorf("%d segments: %+v", n, x)
			}
			if got := tap.count("^RETR"); got < n || n == 1 && got != 1 {
				t.Errorf("%d downloads for %d segments", got, n)
			}
			// What ends with the file needs none; when a session joins late it takes half of
			// what is left of another, which may be the last one.
			if got := tap.count("^RANG"); n > 2 && got < n/2-1 {
				t.Errorf("%d ranges for %d segments", got, n)
			}
		})
	}
}

// Small files, and those of TYPE A, come in one.
func TestSegmentsNotFor(t *testing.T) {
	calm(t, func(h *harbour) {
		tap := h.tap(nil)
		want := h.big(1<<20, 2)
		if _, err := h.fetch(h.t.Context(), bulk.Options{Segments: 4}); err != nil {
			t.Fatal(err)
		}
		h.arrived(want)
		want = h.big(15<<20, 3) // by itself from 16 MiB on
		if _, err := h.fetch(h.t.Context(), bulk.Options{}); err != nil {
			t.Fatal(err)
		}
		h.arrived(want)
		if got := tap.count("^USER"); got != 2 {
			t.Errorf("%d sessions for two small files", got)
		}
	})
}

// Without being asked a big file comes in segments from a far server, and in one
// from a near one, whose line one stream fills.
func TestSegmentsByThemselves(t *testing.T) {
	for _, far := range []time.Duration{0, 20 * time.Millisecond} {
		calm(t, func(h *harbour) {
			h.network.Delay(far)
			tap := h.tap(nil)
			want := h.big(17<<20, 15)
			if _, err := h.fetch(h.t.Context(), bulk.Options{}); err != nil {
				t.Fatal(err)
			}
			h.arrived(want)
			if got := tap.count("^RETR"); far == 0 && got != 1 || far > 0 && got < firstTogether {
				t.Errorf("%v away: %d downloads", far, got)
			}
		})
	}
}

// firstTogether is how many segments begin without being asked for.
const firstTogether = 3

// A server that takes REST and begins elsewhere is caught: the file is whole
// all the same, and the next ones come in one.
func TestSegmentsOfALiar(t *testing.T) {
	rest, rang := regexp.MustCompile(`^REST [1-9]\d*`), regexp.MustCompile(`^RANG (\d+) (\d+)`)
	for name, lie := range map[string]func(string) string{
		"start": func(line string) string {
			return rang.ReplaceAllString(rest.ReplaceAllString(line, "REST 0"), "REST 0")
		},
		"elsewhere": func(line string) string {
			return rang.ReplaceAllString(rest.ReplaceAllString(line, "REST 4096"), "REST 4096")
		},
		"refused": func(line string) string {
			return rang.ReplaceAllString(rest.ReplaceAllString(line, "XNOT 1"), "XNOT 2")
		},
	} {
		calm(t, func(h *harbour) {
			tap := h.tap(lie)
			server := &bulk.Server{}
			want := h.big(6<<20, 4)
			if _, err := h.fetch(h.t.Context(), bulk.Options{Segments: 4, Server: server}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			h.arrived(want)
			tap.said = nil
			want = h.big(6<<20, 5)
			if _, err := h.fetch(h.t.Context(), bulk.Options{Segments: 4, Server: server}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			h.arrived(want)
			if got := tap.count("^RETR"); name == "refused" && got != 1 {
				t.Errorf("%s: %d downloads of a server that is known not to restart", name, got)
			}
		})
	}
}

// What is longer than the server says is not taken for whole, also where the
// size that it says stays the same and nothing but that can be compared.
func TestSegmentsOfALongerFile(t *testing.T) {
	tells := regexp.MustCompile(`^(SIZE|MDTM|MLST) /big`)
	for _, more := range []int{1, 300 << 10} {
		calm(t, func(h *harbour) {
			tap := h.tap(func(line string) string { return tells.ReplaceAllString(line, "$1 /less") })
			want := h.big(6<<20+more, 12)
			h.item = "less"
			h.rewrite(h.root, want[:6<<20])
			h.item = "big"
			_, err := h.fetch(h.t.Context(), bulk.Options{Segments: 4, Verify: bulk.VerifySize})
			if got, rerr := os.ReadFile(filepath.Join(h.local, h.item)); err == nil || rerr == nil {
				t.Errorf("%v, and %d of %d bytes are there under its name", err, len(got), len(want))
			}
			if tap.count("^RETR") < 4 {
				t.Error("it did not come in segments")
			}
		})
	}
}

// A rate is that of all segments together.
func TestSegmentsShareARate(t *testing.T) {
	for _, n := range []int{1, 4} {
		calm(t, func(h *harbour) {
			want := h.big(8<<20, 13)
			began := time.Now()
			if _, err := h.fetch(h.t.Context(), bulk.Options{Segments: n, Rates: []*bulk.Rate{bulk.NewRate(1 << 20)}}); err != nil {
				t.Fatal(err)
			}
			h.arrived(want)
			if took := time.Since(began); took < 7*time.Second || took > 12*time.Second {
				t.Errorf("8 MiB at 1 MiB/s in %d segments took %v", n, took)
			}
		})
	}
}

// Where the server has no more than two sessions for us, two must do.
func TestSegmentsWithFewSessions(t *testing.T) {
	calm(t, func(h *harbour) {
		want := h.big(8<<20, 6)
		var mu sync.Mutex
		open := 1
		dial := func(ctx context.Context) (*client.Client, error) {
			mu.Lock()
			defer mu.Unlock()
			if open == 2 {
				return nil, &client.ConnectError{Host: h.addr, Err: &proto.ReplyError{Reply: proto.Replyf(proto.Unavailable, "Too many connections.")}}
			}
			open++
			return h.dial(ctx)
		}
		server := &bulk.Server{}
		if _, err := h.fetch(h.t.Context(), bulk.Options{Segments: 8, Dial: dial, Server: server}); err != nil {
			t.Fatal(err)
		}
		h.arrived(want)
	})
}

// What a cancelled download has brought is not fetched again: not by segments,
// and what lies before its first hole not by one stream either. It is never
// taken for the whole.
func TestSegmentsResumed(t *testing.T) {
	for _, then := range []int{1, 3, 6} {
		calm(t, func(h *harbour) {
			want := h.big(24<<20, 7)
			part := h.interrupted(4)
			report, err := h.fetch(h.t.Context(), bulk.Options{Segments: then})
			if err != nil {
				t.Fatal(err)
			}
			h.arrived(want)
			x := report.Results[0]
			if x.Resumed == 0 || x.Bytes+x.Resumed < int64(len(want)) || x.Bytes+x.Resumed > int64(len(want))+1<<20 {
				t.Errorf("then %d: %d bytes came again, %d were there, of %d; the part had %d", then, x.Bytes, x.Resumed, len(want), part)
			}
			if x.Verified == "size" {
				t.Errorf("only its size was compared")
			}
		})
	}
}

// interrupted begins a download in segments and cancels it half way.
func (h *harbour) interrupted(segments int) (part int64) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	defer cancel()
	go func() {
		time.Sleep(2500 * time.Millisecond)
		cancel()
	}()
	_, err := h.fetch(ctx, bulk.Options{Segments: segments, Rates: []*bulk.Rate{bulk.NewRate(4 << 20)}})
	if !errors.Is(err, context.Canceled) {
		h.t.Fatalf("it was not interrupted: %v", err)
	}
	if _, err := os.Stat(filepath.Join(h.local, h.item)); err == nil {
		h.t.Fatal("half a file has the name of a whole one")
	}
	info, err := os.Stat(filepath.Join(h.local, ".ferry-"+h.item+".part"))
	if err != nil {
		h.t.Fatal(err)
	}
	return info.Size()
}

// What there is of another file is not continued: neither where size or time
// tell, nor where only the bytes do.
func TestSegmentsOfAChangedFile(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		calm(t, func(h *harbour) {
			h.big(12<<20, 8)
			at, _ := os.Stat(filepath.Join(h.root, h.item))
			h.interrupted(3)
			want := h.big(12<<20, 9)
			if quiet {
				_ = os.Chtimes(filepath.Join(h.root, h.item), at.ModTime(), at.ModTime())
			}
			if _, err := h.fetch(h.t.Context(), bulk.Options{Segments: 3}); err != nil {
				t.Fatal(err)
			}
			h.arrived(want)
		})
	}
}

// A file that becomes another one while it comes is had as it is in the end, or
// not at all: never half of each.
func TestSegmentsOfAFileThatChanges(t *testing.T) {
	for i := range 6 {
		calm(t, func(h *harbour) {
			h.big(12<<20, 10)
			var want []byte
			var changed sync.WaitGroup
			changed.Go(func() {
				time.Sleep(time.Duration(200+400*i) * time.Millisecond)
				want = h.write(h.root, (12+i%2)<<20, 11)
			})
			_, err := h.fetch(h.t.Context(), bulk.Options{Segments: 3, Rates: []*bulk.Rate{bulk.NewRate(4 << 20)}})
			changed.Wait()
			if err == nil {
				h.arrived(want)
			} else if _, serr := os.Stat(filepath.Join(h.local, h.item)); serr == nil {
				t.Errorf("%v, and there is a file", err)
			}
		})
	}
}

// The same where it comes in one, from a server without checksums, and keeps its
// size: its time tells.
func TestAFileThatChangesInOne(t *testing.T) {
	for i := range 3 {
		calm(t, func(h *harbour) {
			h.features = proto.Features{"SIZE": "", "MDTM": "", "EPSV": "", "REST": "STREAM"}
			h.big(12<<20, 10)
			var want []byte
			var changed sync.WaitGroup
			changed.Go(func() {
				time.Sleep(time.Duration(200+1000*i) * time.Millisecond)
				want = h.write(h.root, 12<<20, 11)
			})
			_, err := h.fetch(h.t.Context(), bulk.Options{Segments: 1, Rates: []*bulk.Rate{bulk.NewRate(4 << 20)}})
			changed.Wait()
			if err != nil {
				t.Error(err)
			}
			h.arrived(want)
		})
	}
}

// In a storm too, what is reported as done is whole, and the rest is resumed.
func TestSegmentsInAStorm(t *testing.T) {
	var sunk, retried int
	for seed := range max(faultRuns(t)/2, 10) {
		root, local := t.TempDir(), t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := &storm{rng: rand.New(rand.NewPCG(uint64(seed), 3)), chance: 0.1 + 0.1*float64(seed%4), lies: 0.02 * float64(seed%3), reach: 4 << 20}
			h := newHarbour(t, root, local, s)
			want := h.big(5<<20+seed, uint64(seed))
			s.blowing = true
			report, err := h.storms(bulk.Options{Segments: 2 + seed%5})
			s.clear()
			got, _ := os.ReadFile(filepath.Join(local, "big"))
			switch done := report.Done == 1; {
			case done && !bytes.Equal(got, want), !done && err == nil, !done && len(got) > 0:
				t.Errorf("seed %d: done %v, %d of %d bytes, %v", seed, done, len(got), len(want), err)
			}
			if _, err := h.fetch(h.t.Context(), bulk.Options{Segments: 3}); err != nil {
				t.Errorf("seed %d, under a clear sky: %v", seed, err)
			}
			h.arrived(want)
			for _, e := range h.events {
				if e.Kind == bulk.Retried {
					retried++
				}
			}
			sunk += s.sunk
		})
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("%d connections broken, %d retries", sunk, retried)
	if sunk == 0 || retried == 0 {
		t.Error("there was no storm")
	}
}

// storms is fetch whose first session may need several tries.
func (h *harbour) storms(o bulk.Options) (bulk.Report, error) {
	c, err := h.dial(h.t.Context())
	for try := 0; err != nil && try < 50; try++ {
		c, err = h.dial(h.t.Context())
	}
	if err != nil {
		h.t.Fatal(err)
	}
	o.Dial = h.dial
	o.Events = func(e bulk.Event) { h.events = append(h.events, e) }
	e := bulk.New(c, o)
	defer func() { e.Client().Close() }()
	return e.Download(h.t.Context(), []bulk.Item{{Local: filepath.Join(h.local, h.item), Remote: "/" + h.item}})
}
