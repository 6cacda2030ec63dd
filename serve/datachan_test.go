package serve

import (
	"net/netip"
	"testing"

	"ferry/proto"
)

// Over loopback the system's congestion control stays unless one is named.
func TestLoopbackIsNotSteered(t *testing.T) {
	for _, c := range []struct {
		control proto.Congestion
		with    string
		want    bool
	}{
		{proto.BestCongestion, "127.0.0.1", false},
		{proto.BestCongestion, "::1", false},
		{proto.BestCongestion, "192.0.2.7", true},
		{"reno", "127.0.0.1", true},
	} {
		if got := steers(c.control, netip.MustParseAddr(c.with)); got != c.want {
			t.Errorf("%v with %s: %v, want %v", c.control, c.with, got, c.want)
		}
	}
}
