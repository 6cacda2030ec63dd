package serve

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
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

// arrivals is a connection on which bytes come in portions.
type arrivals struct {
	net.Conn
	portions [][]byte
	reads    int
}

func (a *arrivals) Read(p []byte) (int, error) {
	a.reads++
	if len(a.portions) == 0 {
		return 0, io.EOF
	}
	n := copy(p, a.portions[0])
	if a.portions[0] = a.portions[0][n:]; len(a.portions[0]) == 0 {
		a.portions = a.portions[1:]
	}
	return n, nil
}

// However bytes arrive, none of the next record is handed out with one's last, and
// none is lost: what came behind the last one is kept.
func TestRecordsComeOneAtATime(t *testing.T) {
	record := func(n int) []byte {
		return append([]byte{23, 3, 3, byte(n >> 8), byte(n)}, bytes.Repeat([]byte{byte(n)}, n)...)
	}
	all := slices.Concat(record(30), record(0), record(700), record(3), []byte("NOOP\r\n"))
	for portion := 1; portion <= len(all); portion++ {
		for _, room := range []int{1, 7, 517, 1 << 10} {
			r := &records{Conn: &arrivals{portions: slices.Collect(slices.Chunk(all, portion))}}
			for _, n := range []int{30, 0, 700, 3} {
				var got []byte
				for len(got) < 5+n {
					p := make([]byte, room)
					k, err := r.Read(p)
					if err != nil {
						t.Fatalf("portions of %d, room %d: %v", portion, room, err)
					}
					got = append(got, p[:k]...)
				}
				if !bytes.Equal(got, record(n)) {
					t.Fatalf("portions of %d, room %d: %d bytes instead of the record of %d", portion, room, len(got), n)
				}
			}
			if b, err := r.peek(); b != 'N' || err != nil {
				t.Fatalf("portions of %d, room %d: then comes %q, %v", portion, room, b, err)
			}
			rest, err := io.ReadAll(&begun{Conn: r.Conn, first: r.take()})
			if string(rest) != "NOOP\r\n" || err != nil {
				t.Fatalf("portions of %d, room %d: %q is left, %v", portion, room, rest, err)
			}
		}
	}
}

// A record that has come whole takes one system call.
func TestRecordIsOneRead(t *testing.T) {
	below := &arrivals{portions: [][]byte{{23, 3, 3, 0, 2, 'h', 'i'}, {23, 3, 3, 0, 1, '!'}}}
	r := &records{Conn: below}
	for _, want := range []int{7, 6} {
		if n, err := r.Read(make([]byte, 517)); n != want || err != nil {
			t.Errorf("%d bytes came, want %d: %v", n, want, err)
		}
	}
	if below.reads != 2 || r.next != nil {
		t.Errorf("%d reads, and %d bytes held", below.reads, len(r.next))
	}
}

// What has come before TLS asks for it is fetched in one read where bytes come
// fast; nothing is lost, and an end without close_notify is seen behind the last.
func TestReadsAhead(t *testing.T) {
	content := make([]byte, 3<<20)
	for i := range content {
		content[i] = byte(i * 7 >> 3)
	}
	for _, size := range []int{100, 5000, 1 << 20} {
		var portions [][]byte
		for part := range slices.Chunk(content, size) {
			portions = append(portions, part)
		}
		below := &arrivals{portions: portions}
		w := &watched{Conn: below}
		var got bytes.Buffer
		asked, stocked := 0, false
		for p := make([]byte, 17<<10); ; asked++ {
			n, err := w.Read(p)
			got.Write(p[:n])
			if err == io.EOF {
				break
			}
			stocked = stocked || w.Stocked()
			if n == 0 || err != nil || w.bare {
				t.Fatalf("portions of %d: %d bytes, %v, at the end %v", size, n, err, w.bare)
			}
		}
		if !w.bare || w.stock != nil || !bytes.Equal(got.Bytes(), content) {
			t.Errorf("portions of %d: the end seen %v, %d bytes came", size, w.bare, got.Len())
		}
		if fast := size == 1<<20; stocked != fast || fast && below.reads > asked/4 {
			t.Errorf("portions of %d: %d reads for %d, stocked %v", size, below.reads, asked, stocked)
		}
	}
}
