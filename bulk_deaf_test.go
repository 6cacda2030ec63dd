package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// What lies between both ends forgets connections, without a word to either.

// forgetful is a network with an address translator. It forgets a control
// connection that has been quiet for long: nothing comes through any more.
type forgetful struct {
	proto.Network
	forgets atomic.Bool
}

func (f *forgetful) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := f.Network.DialContext(ctx, network, address)
	if _, port, _ := net.SplitHostPort(address); err == nil && port == "21" {
		return &forgotten{Conn: nc, by: f}, nil
	}
	return nc, err
}

type forgotten struct {
	net.Conn
	by   *forgetful
	gone atomic.Bool
}

func (c *forgotten) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if c.by.forgets.CompareAndSwap(true, false) {
			c.gone.Store(true)
		}
		if err != nil || !c.gone.Load() {
			return n, err
		}
	}
}

func (c *forgotten) Write(p []byte) (int, error) {
	if c.gone.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// A control connection that is forgotten during a long transfer is made anew when
// its reply has not come in time; what has arrived as a whole isn't sent again.
func TestControlConnectionIsForgotten(t *testing.T) {
	for _, d := range []bulk.Direction{bulk.Up, bulk.Down} {
		calm(t, func(h *harbour) {
			src, dst := h.local, h.root
			if d == bulk.Down {
				src, dst = dst, src
			}
			h.plant(src, 1, 1<<20)
			f := &forgetful{Network: h.storm.Network}
			h.storm.Network = f
			began := false
			report, err := h.moveWatched(d, bulk.Options{Segments: 1}, func(_ *client.Client, e bulk.Event) {
				if e.Kind == bulk.Started && !began {
					began = true
					f.forgets.Store(true)
				}
			})
			if err != nil || report.Done != 1 {
				t.Fatalf("%s: %v %+v", d, err, report)
			}
			if x := report.Results[0]; x.Attempts < 2 || x.Bytes > 1<<20+64<<10 {
				t.Errorf("%s: %d bytes in %d attempts", d, x.Bytes, x.Attempts)
			}
			if got, _ := os.ReadFile(filepath.Join(dst, "t", "f000")); string(got) != noise(1 << 20)[:1<<20] {
				t.Errorf("%s: %d bytes", d, len(got))
			}
		})
	}
}

// stale is a network in which nobody listens any more at the ports of the next
// passive replies: it refuses at once, or says nothing at all.
type stale struct {
	proto.Network
	silent bool
	ports  atomic.Int32
}

func (s *stale) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	_, port, _ := net.SplitHostPort(address)
	switch {
	case port == "21" || s.ports.Add(-1) < 0:
		return s.Network.DialContext(ctx, network, address)
	case s.silent:
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("connection refused")}
}

// A passive reply whose port is gone when its connection comes costs an attempt,
// and no file.
func TestPassivePortIsStale(t *testing.T) {
	for _, d := range []bulk.Direction{bulk.Up, bulk.Down} {
		for _, silent := range []bool{false, true} {
			calm(t, func(h *harbour) {
				src, dst := h.local, h.root
				if d == bulk.Down {
					src, dst = dst, src
				}
				h.plant(src, 3, 300_000)
				s := &stale{Network: h.storm.Network, silent: silent}
				h.storm.Network = s
				began := false
				report, err := h.moveWatched(d, bulk.Options{Segments: 1, Sessions: 1}, func(_ *client.Client, e bulk.Event) {
					if e.Kind == bulk.Started && !began {
						began = true
						s.ports.Store(2)
					}
				})
				if err != nil || report.Done != 3 || s.ports.Load() >= 0 {
					t.Fatalf("%s, silent %v: %v %+v", d, silent, err, report)
				}
				for _, name := range []string{"f000", "f001", "f002"} {
					if got, _ := os.ReadFile(filepath.Join(dst, "t", name)); string(got) != noise(300_000)[:300_000] {
						t.Errorf("%s: %s has %d bytes", d, name, len(got))
					}
				}
			})
		}
	}
}
