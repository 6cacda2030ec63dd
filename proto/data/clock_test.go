package data

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// file is a source that is larger than what any buffer takes.
func file() io.Reader { return io.LimitReader(&endless{pattern: []byte("some text\n")}, 4<<20) }

// roads are combinations that pass through each layer once.
func roads(t *testing.T, f func(t *testing.T, o Options)) {
	for _, p := range []string{"I F S", "A N F S", "E T R S", "I F B", "A N R B", "I F C", "E N R C", "I F Z"} {
		t.Run(p, func(t *testing.T) { f(t, Options{Params: params(t, p)}) })
	}
}

func TestSilentPeerStalls(t *testing.T) {
	const stall = 90 * time.Second
	roads(t, func(t *testing.T, o Options) {
		o.Stall = stall
		synctest.Test(t, func(t *testing.T) {
			here, there := net.Pipe()
			defer there.Close()
			begin := time.Now()
			_, err := Receive(t.Context(), io.Discard, NewConn(here), o)
			if took := time.Since(begin); !errors.Is(err, ErrStalled) || took != stall {
				t.Errorf("receive: %v after %v", err, took)
			}
			begin = time.Now()
			_, err = Send(t.Context(), NewConn(here), file(), o)
			if took := time.Since(begin); !errors.Is(err, ErrStalled) || took != stall {
				t.Errorf("send: %v after %v", err, took)
			}
		})
	})
}

// A peer that takes a byte now and then is slow, and slow is no failure.
func TestSlowPeerDoesNotStall(t *testing.T) {
	for _, p := range []string{"I F S", "A N F S", "I F B"} {
		synctest.Test(t, func(t *testing.T) {
			o := Options{Params: params(t, p), Stall: 20 * time.Second, Moved: new(atomic.Int64)}
			here, there := net.Pipe()
			want := encode(t, []byte("some text\nand more\n"), o)
			go func() {
				c := NewConn(here)
				if _, err := Send(t.Context(), c, bytes.NewReader([]byte("some text\nand more\n")), o); err != nil {
					t.Errorf("%s: send: %v", p, err)
				}
				c.Close()
			}()
			slow := &slowReader{there, 19 * time.Second}
			got, err := io.ReadAll(slow)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: got %q, %v", p, got, err)
			}
		})
	}
}

// slowReader reads a byte at a time and rests between.
type slowReader struct {
	io.Reader
	rest time.Duration
}

func (s *slowReader) Read(p []byte) (int, error) {
	time.Sleep(s.rest) // virtual
	return s.Reader.Read(p[:1])
}

// The count of bytes moved is fresh while a slow peer takes them.
func TestMovedIsFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var moved atomic.Int64
		here, there := net.Pipe()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, err := Send(ctx, NewConn(here), file(), Options{Params: params(t, "I F S"), Moved: &moved})
			done <- err
		}()
		io.ReadFull(there, make([]byte, 1000))
		time.Sleep(tick)
		synctest.Wait()
		if got := moved.Load(); got != 1000 {
			t.Errorf("%d bytes moved, not 1000", got)
		}
		stop()
		if err := <-done; err != context.Canceled {
			t.Error(err)
		}
	})
}

func TestCancelWakes(t *testing.T) {
	roads(t, func(t *testing.T, o Options) {
		synctest.Test(t, func(t *testing.T) {
			reason := errors.New("user asked")
			for name, run := range map[string]func(context.Context, *Conn) error{
				"send":    func(ctx context.Context, c *Conn) error { _, err := Send(ctx, c, file(), o); return err },
				"receive": func(ctx context.Context, c *Conn) error { _, err := Receive(ctx, io.Discard, c, o); return err },
			} {
				for _, o.Stall = range []time.Duration{0, time.Hour} {
					here, there := net.Pipe()
					ctx, cancel := context.WithCancelCause(t.Context())
					done := make(chan error)
					go func() { done <- run(ctx, NewConn(here)) }()
					time.Sleep(time.Minute)
					synctest.Wait()
					begin := time.Now()
					cancel(reason)
					if err := <-done; err != reason || time.Since(begin) != 0 {
						t.Errorf("%s: %v after %v", name, err, time.Since(begin))
					}
					there.Close()
				}
			}
		})
	})
}

func TestCanceledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	here, there := net.Pipe()
	defer there.Close()
	for _, stall := range []time.Duration{0, time.Hour} {
		if _, err := Send(ctx, NewConn(here), file(), Options{Params: params(t, "I F S"), Stall: stall}); err != context.Canceled {
			t.Error(err)
		}
	}
}

// A deadline that is set after the context has ended hides nothing.
func TestCanceledBetweenRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		here, there := net.Pipe()
		defer there.Close()
		w := newWire(ctx, NewConn(here), Options{Stall: time.Hour})
		cancel()
		synctest.Wait() // the guard has put the deadline in the past
		begin := time.Now()
		if _, err := w.Read(make([]byte, 1)); err != context.Canceled || time.Since(begin) != 0 {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

// A deadline of one transfer is not that of the next on the same connection.
func TestClockEndsWithTheTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		o := Options{Params: params(t, "I F B")}
		go func(o Options) {
			c := NewConn(there)
			for _, o.Stall = range []time.Duration{time.Minute, 0} {
				Send(t.Context(), c, bytes.NewReader([]byte("abc")), o)
				time.Sleep(time.Hour)
			}
			c.Close()
		}(o)
		c := NewConn(here)
		for _, o.Stall = range []time.Duration{time.Minute, 0} {
			if n, err := Receive(t.Context(), io.Discard, c, o); n != 3 || err != nil {
				t.Errorf("%d, %v", n, err)
			}
		}
		io.Copy(io.Discard, here)
	})
}

// waits counts the deadlines that reads get.
type waits struct {
	net.Conn
	set int
}

func (w *waits) SetReadDeadline(t time.Time) error {
	w.set++
	return w.Conn.SetReadDeadline(t)
}

// Reads that follow each other fast share a deadline; that it passes early ends
// nothing, and a peer that falls silent has the whole of Stall from its last byte.
func TestReadsShareADeadline(t *testing.T) {
	const stall = 80 * time.Second
	for _, c := range []struct {
		pause time.Duration
		most  int // deadlines of 100 reads
	}{{0, 10}, {time.Second, 40}, {stall - time.Second, 300}} {
		synctest.Test(t, func(t *testing.T) {
			here, there := net.Pipe()
			defer there.Close()
			counted := &waits{Conn: here}
			var last time.Time
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				for range 100 {
					time.Sleep(c.pause)
					there.Write([]byte("x"))
					last = time.Now()
				}
			}()
			n, err := Receive(t.Context(), io.Discard, NewConn(counted), Options{Params: params(t, "I F S"), Stall: stall})
			<-sent
			if took := time.Since(last); n != 100 || !errors.Is(err, ErrStalled) || took != stall {
				t.Errorf("pauses of %v: %d bytes, then %v after %v", c.pause, n, err, took)
			}
			if counted.set > c.most {
				t.Errorf("pauses of %v: %d deadlines", c.pause, counted.set)
			}
		})
	}
}
