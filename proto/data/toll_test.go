package data

import (
	"bytes"
	"io"
	"runtime"
	"slices"
	"testing"
)

// Whoever keeps a transfer to a rate is asked before the first byte, and no
// request is larger than allowed then, also where the kernel moves the bytes.
func TestToll(t *testing.T) {
	const share = 10_000
	content := randomBytes(1 << 20)
	var asked []int64
	o := Options{Params: params(t, "I F S"), Toll: func(n int64) int64 { asked = append(asked, n); return share }}
	check := func(c *Conn, name string, kernel bool) {
		t.Helper()
		if kernel != (c.route == routeKernel) {
			t.Errorf("%s: the kernel moved the bytes: %v", name, !kernel)
		}
		sum := int64(0)
		for _, n := range asked {
			sum += n
		}
		if len(asked) == 0 || asked[0] != 0 || slices.Max(asked) > share || sum != int64(len(content)) {
			t.Errorf("%s: asked %d times, at most %v, %d in all", name, len(asked), slices.Max(asked), sum)
		}
		asked = nil
	}

	rec := &tape{}
	c := NewConn(rec)
	if _, err := Send(t.Context(), c, bytes.NewReader(content), o); err != nil {
		t.Fatal(err)
	}
	check(c, "sent by copying", false)

	near, far := tcpPair(t)
	got := make(chan []byte)
	go func() {
		b, _ := io.ReadAll(far)
		got <- b
	}()
	c = NewConn(near)
	if _, err := Send(t.Context(), c, diskFile(t, content), o); err != nil {
		t.Fatal(err)
	}
	near.Close()
	if !bytes.Equal(<-got, content) {
		t.Error("other bytes came")
	}
	check(c, "sent from a file", runtime.GOOS != "windows")
}
