package memnet_test

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto/memnet"
)

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		n.Delay(50 * time.Millisecond)
		l, err := n.Host(addrA).Listen(t.Context(), "tcp", ":21")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		at := func(want time.Duration, what string) {
			t.Helper()
			if got := time.Since(start); got != want*time.Millisecond {
				t.Errorf("%s after %v, want %d ms", what, got, want)
			}
		}
		near, err := n.Host(addrB).DialContext(t.Context(), "tcp", "192.0.2.1:21")
		if err != nil {
			t.Fatal(err)
		}
		at(100, "dialled")
		far, _ := l.Accept()
		near.Write([]byte("a"))
		time.Sleep(10 * time.Millisecond)
		near.Write([]byte("bc"))
		near.Close()
		at(110, "written")
		b := make([]byte, 10)
		if k, err := far.Read(b); k != 1 || err != nil {
			t.Errorf("%d, %v", k, err)
		}
		at(150, "the first write")
		if k, err := far.Read(b[:1]); k != 1 || err != nil {
			t.Errorf("%d, %v", k, err)
		}
		at(160, "half of the second")
		if rest, err := io.ReadAll(far); string(rest) != "c" || err != nil {
			t.Errorf("%q, %v", rest, err)
		}
		at(160, "the end")
	})
}

func TestDelayOfTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		n.Delay(time.Second)
		l, _ := n.Host(addrA).Listen(t.Context(), "tcp", ":21")
		near, err := n.Host(addrB).DialContext(t.Context(), "tcp", "192.0.2.1:21")
		if err != nil {
			t.Fatal(err)
		}
		far, _ := l.Accept()
		start := time.Now()
		near.(*memnet.Conn).Reset()
		if _, err := far.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		a, b := n.Host(addrA), n.Host(addrB)
		if _, err := a.Listen(t.Context(), "tcp", ":21"); err != nil {
			t.Fatal(err)
		}
		verdict := memnet.Pass
		n.Filter(func(from, to netip.AddrPort) memnet.Verdict {
			if from.Addr() != addrB || to != netip.AddrPortFrom(addrA, 21) {
				t.Errorf("asked about %v to %v", from, to)
			}
			return verdict
		})
		dial := func(patience time.Duration) (took time.Duration, err error) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			start := time.Now()
			_, err = b.DialContext(ctx, "tcp", "192.0.2.1:21")
			return time.Since(start), err
		}
		if _, err := dial(time.Hour); err != nil {
			t.Errorf("pass: %v", err)
		}
		verdict = memnet.Refuse
		if took, err := dial(time.Hour); !errors.Is(err, syscall.ECONNREFUSED) || took != 0 {
			t.Errorf("refuse: %v after %v", err, took)
		}
		verdict = memnet.Drop
		if took, err := dial(5 * time.Second); !errors.Is(err, context.DeadlineExceeded) || took != 5*time.Second {
			t.Errorf("drop: %v after %v", err, took)
		}
		if took, err := dial(time.Hour); !errors.Is(err, syscall.ETIMEDOUT) || took < time.Minute {
			t.Errorf("drop, and patience: %v after %v", err, took)
		}
	})
}
