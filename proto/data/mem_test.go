package data

import (
	"io"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto/memnet"
)

// Over a network with buffers, the clock runs from the last byte that moved.
func TestStallsBehindBuffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		here := network.Host(netip.MustParseAddr("10.0.0.1"))
		there := network.Host(netip.MustParseAddr("10.0.0.2"))
		ln, err := there.Listen(t.Context(), "tcp", ":20")
		if err != nil {
			t.Fatal(err)
		}
		nc, err := here.DialContext(t.Context(), "tcp", "10.0.0.2:20")
		if err != nil {
			t.Fatal(err)
		}
		peer, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		go func() { // takes a little, once, and then no more
			time.Sleep(time.Minute)
			io.ReadFull(peer, make([]byte, 100<<10))
		}()
		begin := time.Now()
		o := Options{Params: params(t, "A N F S"), Stall: 90 * time.Second}
		if _, err := Send(t.Context(), NewConn(nc), file(), o); err != ErrStalled {
			t.Error(err)
		}
		if took := time.Since(begin); took < 150*time.Second || took > 150*time.Second+tick {
			t.Errorf("after %v", took)
		}
		peer.Close()
		ln.Close()
	})
}
