package proto_test

import (
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"ferry/proto"
)

func TestParseCongestion(t *testing.T) {
	for word, want := range map[string]proto.Congestion{
		"auto": proto.BestCongestion, "": proto.BestCongestion, "system": proto.SystemCongestion, "cubic": "cubic", "bbr": "bbr",
	} {
		c, err := proto.ParseCongestion(word)
		if err != nil || c != want {
			t.Errorf("%q: %q, %v", word, c, err)
		}
		if again, err := proto.ParseCongestion(c.String()); err != nil || again != c {
			t.Errorf("%q is %q, and again %q, %v", word, c, again, err)
		}
	}
	for _, word := range []string{"a b", "Cubic", "../x", strings.Repeat("x", 16)} {
		if _, err := proto.ParseCongestion(word); err == nil {
			t.Errorf("%q is taken", word)
		}
	}
}

// Where the kernel has it, a socket gets it, by itself or from its listener;
// what it doesn't have is passed over in silence.
func TestApplyCongestion(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	nc, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for _, conn := range []any{ln, nc} {
		if got := proto.Congestion("nothing-like-it").Apply(conn); got != "" {
			t.Errorf("got %q", got)
		}
		if got := proto.SystemCongestion.Apply(conn); got != "" {
			t.Errorf("got %q", got)
		}
		allowed, err := os.ReadFile("/proc/sys/net/ipv4/tcp_allowed_congestion_control")
		if runtime.GOOS != "linux" || err != nil {
			continue
		}
		for _, name := range strings.Fields(string(allowed)) {
			if got := proto.Congestion(name).Apply(conn); got != name {
				t.Errorf("%s: got %q", name, got)
			}
		}
	}
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	if got := proto.BestCongestion.Apply(near); got != "" {
		t.Errorf("a pipe has %q", got)
	}
}
