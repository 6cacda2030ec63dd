package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
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

// Files that go up in segments, in virtual time.

// cargo plants one file of noise below h.local, and returns it.
func (h *harbour) cargo(size int, seed uint64) []byte {
	h.t.Helper()
	h.item = "big"
	return h.write(h.local, size, seed)
}

// ship uploads it once.
func (h *harbour) ship(ctx context.Context, o bulk.Options) (bulk.Report, error) {
	h.t.Helper()
	c, err := h.dial(ctx)
	for try := 0; err != nil && try < 50; try++ {
		c, err = h.dial(ctx)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	if o.Dial == nil {
		o.Dial = h.dial
	}
	o.Events = func(e bulk.Event) { h.events = append(h.events, e) }
	e := bulk.New(c, o)
	defer func() { e.Client().Close() }()
	return e.Upload(ctx, []bulk.Item{{Local: filepath.Join(h.local, h.item), Remote: "/" + h.item}})
}

// landed makes sure that the server has this file, and nothing beside it.
func (h *harbour) landed(want []byte) {
	h.t.Helper()
	got, err := os.ReadFile(filepath.Join(h.root, h.item))
	if err != nil || !bytes.Equal(got, want) {
		h.t.Errorf("%d of %d bytes arrived, %v, or others than were sent", len(got), len(want), err)
	}
	at, _ := os.Stat(filepath.Join(h.local, h.item))
	if info, err := os.Stat(filepath.Join(h.root, h.item)); err == nil && !info.ModTime().Equal(at.ModTime()) {
		h.t.Errorf("its time is %v, not %v", info.ModTime(), at.ModTime())
	}
	h.bare()
}

// bare makes sure that nothing half is at the server.
func (h *harbour) bare() {
	h.t.Helper()
	if left, _ := filepath.Glob(filepath.Join(h.root, ".ferry-*")); len(left) > 0 {
		h.t.Errorf("left behind: %v", left)
	}
}

// A big file goes up in as many segments as asked for, into one temporary, which
// is compared as a whole, whatever verify says, and renamed once.
func TestSegmentsUp(t *testing.T) {
	for _, n := range []int{1, 2, 4, 16} {
		calm(t, func(h *harbour) {
			tap := h.tap(nil)
			want := h.cargo(8<<20+4711, 1)
			report, err := h.ship(h.t.Context(), bulk.Options{Segments: n, Verify: bulk.VerifyNone})
			if err != nil {
				t.Fatal(err)
			}
			h.landed(want)
			x := report.Results[0]
			if x.Bytes != int64(len(want)) || x.Resumed != 0 || x.Attempts != 1 || x.Reply.Code != proto.TransferDone {
				t.Errorf("%d segments: %+v", n, x)
			}
			if n > 1 && (x.Verified != "SHA-256" || len(x.Hash) != 64) {
				t.Errorf("%d segments were not compared: %+v", n, x)
			}
			if got := tap.count("^STOR"); got < n+1 && n > 1 || n == 1 && got != 1 {
				t.Errorf("%d uploads for %d segments", got, n)
			}
			if got := tap.count("^RNTO"); got != 1 {
				t.Errorf("%d renames", got)
			}
			if got := tap.count("^STOR big"); got != 0 {
				t.Errorf("something arrived under the final name")
			}
			var done []bulk.Event
			for _, e := range h.events {
				if e.Kind == bulk.Done || e.Kind == bulk.Failed {
					done = append(done, e)
				}
			}
			if len(done) != 1 || done[0].Result.Bytes != int64(len(want)) {
				t.Errorf("%d events of one file", len(done))
			}
		})
	}
}

// A server that doesn't say that it puts files together gets them in one, and
// no question more.
func TestSegmentsUpNotFor(t *testing.T) {
	said := func(n int, features ...string) (lines []string) {
		calm(t, func(h *harbour) {
			if len(features) > 0 {
				known := proto.Features{}
				for _, f := range features {
					word, params, _ := strings.Cut(f, " ")
					known[word] = params
				}
				h.features = known
			}
			tap := h.tap(nil)
			want := h.cargo(8<<20, 2)
			if _, err := h.ship(h.t.Context(), bulk.Options{Segments: n}); err != nil {
				t.Fatal(err)
			}
			h.landed(want)
			for _, line := range tap.said {
				lines = append(lines, regexp.MustCompile(`\.ferry-\w+`).ReplaceAllString(line, ".ferry-x"))
			}
		})
		return lines
	}
	for _, features := range [][]string{
		{"SIZE", "MDTM", "REST STREAM", "RANG STREAM", "HASH SHA-256*"}, // as ProFTPD
		{"SIZE", "MDTM", "REST STREAM", "RANG STREAM;ALLO"},             // without sums nobody knows what is there
		{"SIZE", "MDTM", "REST STREAM"},
	} {
		one, many := said(1, features...), said(4, features...)
		if got, want := strings.Join(many, "\n"), strings.Join(one, "\n"); got != want {
			t.Errorf("%v: said\n%s\nnot\n%s", features, got, want)
		}
	}
}

// Where the server refuses ranges after all, the file goes up in one, and so do
// the next ones, unasked.
func TestSegmentsUpRefused(t *testing.T) {
	for name, lie := range map[string]func(string) string{
		"RANG":  func(line string) string { return strings.Replace(line, "RANG ", "XNOT ", 1) },
		"first": func(line string) string { return regexp.MustCompile(`^ALLO \d+`).ReplaceAllString(line, "XNOT") },
		"HASH":  func(line string) string { return strings.Replace(line, "HASH /", "XNOT /", 1) },
		"others": func(line string) string {
			return regexp.MustCompile(`^RANG ([1-9]\d{5,}) (\d+)`).ReplaceAllString(line, "XNOT $1 $2")
		},
	} {
		calm(t, func(h *harbour) {
			tap := h.tap(lie)
			server := &bulk.Server{}
			want := h.cargo(6<<20, 4)
			report, err := h.ship(h.t.Context(), bulk.Options{Segments: 4, Server: server})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			h.landed(want)
			if x := report.Results[0]; x.Bytes != int64(len(want)) || x.Attempts != 1 {
				t.Errorf("%s: %+v", name, x)
			}
			tap.said = nil
			want = h.cargo(6<<20, 5)
			if _, err := h.ship(h.t.Context(), bulk.Options{Segments: 4, Server: server}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			h.landed(want)
			if got := tap.count("^STOR"); got > 3 { // two are those of the probe
				t.Errorf("%s: %d uploads to a server that is known to refuse", name, got)
			}
		})
	}
}

// Where the server has no more than two sessions for us, two must do.
func TestSegmentsUpWithFewSessions(t *testing.T) {
	for _, most := range []int{1, 2} {
		calm(t, func(h *harbour) {
			want := h.cargo(8<<20, 6)
			var mu sync.Mutex
			open := 1
			dial := func(ctx context.Context) (*client.Client, error) {
				mu.Lock()
				defer mu.Unlock()
				if open >= most {
					return nil, &client.ConnectError{Host: h.addr, Err: &proto.ReplyError{Reply: proto.Replyf(proto.Unavailable, "Too many connections.")}}
				}
				open++
				return h.dial(ctx)
			}
			if _, err := h.ship(h.t.Context(), bulk.Options{Segments: 8, Dial: dial}); err != nil {
				t.Fatal(err)
			}
			h.landed(want)
		})
	}
}

// stopped begins an upload in segments and cancels it half way.
func (h *harbour) stopped(segments int) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	defer cancel()
	go func() {
		time.Sleep(2500 * time.Millisecond)
		cancel()
	}()
	_, err := h.ship(ctx, bulk.Options{Segments: segments, Rates: []*bulk.Rate{bulk.NewRate(4 << 20)}})
	if !errors.Is(err, context.Canceled) {
		h.t.Fatalf("it was not interrupted: %v", err)
	}
	if _, err := os.Stat(filepath.Join(h.root, h.item)); err == nil {
		h.t.Fatal("half a file has the name of a whole one")
	}
	if left, _ := filepath.Glob(filepath.Join(h.root, ".ferry-*.tmp")); len(left) != 1 {
		h.t.Errorf("nothing is left to go on with: %v", left)
	}
}

// What a cancelled upload has brought is gone on with, as far as it is the same;
// its holes are not, nor what has become something else. One stream begins anew.
func TestSegmentsUpResumed(t *testing.T) {
	for _, spoilt := range []bool{false, true} {
		for _, then := range []int{1, 3, 6} {
			calm(t, func(h *harbour) {
				want := h.cargo(24<<20, 7)
				h.stopped(4)
				if spoilt {
					h.spoil(3 << 20)
				}
				report, err := h.ship(h.t.Context(), bulk.Options{Segments: then})
				if err != nil {
					t.Fatal(err)
				}
				x := report.Results[0]
				if x.Bytes+x.Resumed != int64(len(want)) || (x.Resumed == 0) != (then == 1) {
					t.Errorf("then %d: %d bytes came again, %d were there, of %d", then, x.Bytes, x.Resumed, len(want))
				}
				if then > 1 {
					h.landed(want)
					return
				}
				left, _ := filepath.Glob(filepath.Join(h.root, ".ferry-*.tmp"))
				for _, name := range left {
					os.Remove(name) // a tree's next run sweeps it
				}
				h.landed(want)
			})
		}
	}
}

// spoil changes a byte of what is at the server.
func (h *harbour) spoil(at int64) {
	h.t.Helper()
	left, _ := filepath.Glob(filepath.Join(h.root, ".ferry-*.tmp"))
	f, err := os.OpenFile(left[0], os.O_RDWR, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1)
	_, _ = f.ReadAt(b, at)
	b[0]++
	if _, err := f.WriteAt(b, at); err != nil {
		h.t.Fatal(err)
	}
}

// Bytes that are changed at the server while others come are found by the sums:
// the file is sent again, in one, and is right.
func TestSegmentsUpOfALiar(t *testing.T) {
	calm(t, func(h *harbour) {
		want := h.cargo(12<<20, 8)
		var spoilt sync.WaitGroup
		spoilt.Go(func() {
			time.Sleep(1500 * time.Millisecond)
			h.spoil(20000)
		})
		report, err := h.ship(h.t.Context(), bulk.Options{Segments: 3, Verify: bulk.VerifySize, Rates: []*bulk.Rate{bulk.NewRate(4 << 20)}})
		spoilt.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if report.Results[0].Attempts != 2 {
			t.Errorf("%+v", report.Results[0])
		}
		h.landed(want)
	})
}

// A file that becomes another one while it is sent arrives as it is in the end,
// or not at all: never half of each.
func TestSegmentsUpOfAFileThatChanges(t *testing.T) {
	for i := range 6 {
		calm(t, func(h *harbour) {
			h.cargo(12<<20, 10)
			var want []byte
			var changed sync.WaitGroup
			changed.Go(func() {
				time.Sleep(time.Duration(200+400*i) * time.Millisecond)
				want = h.write(h.local, (12-6*(i%2))<<20, 11)
			})
			_, err := h.ship(h.t.Context(), bulk.Options{Segments: 3, Rates: []*bulk.Rate{bulk.NewRate(4 << 20)}})
			changed.Wait()
			if err == nil {
				h.landed(want)
				return
			}
			if _, serr := os.Stat(filepath.Join(h.root, h.item)); serr == nil {
				t.Errorf("%v, and there is a file", err)
			}
			h.bare()
		})
	}
}

// Segments share a rate.
func TestSegmentsUpShareARate(t *testing.T) {
	calm(t, func(h *harbour) {
		want := h.cargo(8<<20, 12)
		began := time.Now()
		if _, err := h.ship(h.t.Context(), bulk.Options{Segments: 4, Rates: []*bulk.Rate{bulk.NewRate(1 << 20)}}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 7*time.Second || took > 12*time.Second {
			t.Errorf("8 MiB at 1 MiB/s took %v", took)
		}
		h.landed(want)
	})
}

// Published together with others, it gets its name when they do.
func TestSegmentsUpPublishedTogether(t *testing.T) {
	for _, fails := range []bool{false, true} {
		calm(t, func(h *harbour) {
			want := h.cargo(6<<20, 13)
			if err := os.WriteFile(filepath.Join(h.local, "small"), []byte("small"), 0o666); err != nil {
				t.Fatal(err)
			}
			small := "/small"
			if fails {
				small = "/none/small"
			}
			c, err := h.dial(h.t.Context())
			if err != nil {
				t.Fatal(err)
			}
			e := bulk.New(c, bulk.Options{Segments: 4, Dial: h.dial, Publish: bulk.Together, OnError: bulk.Continue})
			defer func() { e.Client().Close() }()
			_, err = e.Upload(h.t.Context(), []bulk.Item{
				{Local: filepath.Join(h.local, h.item), Remote: "/" + h.item}, {Local: filepath.Join(h.local, "small"), Remote: small},
			})
			if !fails {
				if err != nil {
					t.Fatal(err)
				}
				h.landed(want)
				return
			}
			if _, serr := os.Stat(filepath.Join(h.root, h.item)); err == nil || serr == nil {
				t.Errorf("it was published alone: %v", err)
			}
		})
	}
}

// In a storm too, what is reported as done is whole, and the rest is resumed.
func TestSegmentsUpInAStorm(t *testing.T) {
	var sunk, retried, resumed int
	for seed := range max(faultRuns(t)/2, 10) {
		root, local := t.TempDir(), t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := &storm{rng: rand.New(rand.NewPCG(uint64(seed), 5)), chance: 0.1 + 0.1*float64(seed%4), lies: 0.02 * float64(seed%3), reach: 4 << 20}
			h := newHarbour(t, root, local, s)
			want := h.cargo(5<<20+seed, uint64(seed))
			s.blowing = true
			report, err := h.ship(h.t.Context(), bulk.Options{Segments: 2 + seed%5})
			s.clear()
			got, _ := os.ReadFile(filepath.Join(root, "big"))
			switch done := report.Done == 1; {
			case done && !bytes.Equal(got, want), !done && err == nil, len(got) > 0 && !bytes.Equal(got, want):
				t.Errorf("seed %d: done %v, %d of %d bytes, %v", seed, done, len(got), len(want), err)
			}
			if _, err := h.ship(h.t.Context(), bulk.Options{Segments: 3}); err != nil {
				t.Errorf("seed %d, under a clear sky: %v", seed, err)
			}
			if got, err := os.ReadFile(filepath.Join(root, "big")); err != nil || !bytes.Equal(got, want) {
				t.Errorf("seed %d: %d of %d bytes are there, %v", seed, len(got), len(want), err)
			}
			for _, e := range h.events {
				if e.Kind == bulk.Retried {
					retried++
				}
				if e.Result != nil && e.Result.Resumed > 0 {
					resumed++
				}
			}
			sunk += s.sunk
		})
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("%d connections broken, %d retries, %d resumed", sunk, retried, resumed)
	if sunk == 0 || retried == 0 {
		t.Error("there was no storm")
	}
}
