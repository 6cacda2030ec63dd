package serve

import (
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// counts counts the writes that get to it.
type counts struct {
	net.Conn
	writes int
}

func (c *counts) Write(p []byte) (int, error) {
	c.writes++
	return c.Conn.Write(p)
}

// What is held goes out as one, and what is not at once.
func TestRecordsAreGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		below := &counts{Conn: near}
		w := &watched{Conn: below, stall: time.Minute, ended: func() bool { return false }}
		got := make(chan string)
		go func() {
			b := make([]byte, 64)
			for {
				n, err := far.Read(b)
				if err != nil {
					close(got)
					return
				}
				got <- string(b[:n])
			}
		}()
		go func() {
			defer near.Close()
			w.Write([]byte("at once"))
			w.Hold()
			w.Write([]byte("two "))
			w.Write([]byte("records"))
			if err := w.Release(); err != nil {
				t.Error(err)
			}
		}()
		for _, want := range []string{"at once", "two records"} {
			if text := <-got; text != want {
				t.Errorf("%q came, want %q", text, want)
			}
		}
		<-got
		if below.writes != 2 {
			t.Errorf("%d writes", below.writes)
		}
	})
}

// A peer that takes a little within each stall gets all; one that takes nothing
// for so long is given up.
func TestReleaseGoesOn(t *testing.T) {
	for _, c := range []struct {
		pause time.Duration
		want  error
	}{{50 * time.Second, nil}, {70 * time.Second, os.ErrDeadlineExceeded}} {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			w := &watched{Conn: near, stall: time.Minute, ended: func() bool { return false }}
			w.Hold()
			w.Write(make([]byte, 10))
			var reader sync.WaitGroup
			reader.Go(func() {
				for range 10 {
					time.Sleep(c.pause)
					far.Read(make([]byte, 1))
				}
			})
			if err := w.Release(); !errors.Is(err, c.want) {
				t.Errorf("pauses of %v: %v", c.pause, err)
			}
			near.Close()
			reader.Wait()
		})
	}
}
