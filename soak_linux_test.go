package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve"
	"ferry/serve/users"
)

// A soak: visitors without end, each with a transfer, some of which break off in
// the middle. Then memory, descriptors and goroutines are back where they were.
// FERRY_SOAK=1000000 says how many; else it is a fraction for a few seconds.

const soakers = 8 // visitors at once

func soakScale(t *testing.T) int {
	text := os.Getenv("FERRY_SOAK")
	if text == "" {
		return 1000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("FERRY_SOAK: %v", err)
	}
	return n
}

// standing is what a process holds.
type standing struct{ goroutines, files, heap int }

func stands(t *testing.T) standing {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.GC() // pools are emptied by the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return standing{runtime.NumGoroutine(), len(files), int(m.HeapAlloc)}
}

func TestSoak(t *testing.T) {
	n := soakScale(t)
	root := t.TempDir()
	writeFile(t, filepath.Join(root, "small"), strings.Repeat("s", 4096))
	writeFile(t, filepath.Join(root, "large"), strings.Repeat("l", 4<<20))
	srv, err := serve.New(serve.Config{
		Network: proto.TCP{}, Users: users.Any(), Open: serve.Roots(root), TLS: serve.TLS{Policy: serve.TLSOff},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := serve.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = srv.Serve(context.Background(), ln) })
	defer serving.Wait()
	defer srv.Shutdown(context.Background())

	linger(t, ln.Addr().String())
	come(t, ln.Addr().String(), 200) // what is built once is there
	before := settled(t, srv)
	began := time.Now()
	come(t, ln.Addr().String(), n)
	after := settled(t, srv)
	t.Logf("%d sessions and as many transfers in %v: %+v, then %+v", n, time.Since(began), before, after)
	if after.goroutines > before.goroutines || after.files > before.files {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if grown := after.heap - before.heap; grown > 1<<20 {
		t.Errorf("the heap has grown by %d bytes", grown)
	}
}

// settled waits until nobody is there, and the listeners that a crowd opened
// have gone.
func settled(t *testing.T, srv *serve.Server) standing {
	t.Helper()
	last := stands(t)
	for same := 0; same < 30 || len(srv.Sessions()) > 0; time.Sleep(100 * time.Millisecond) {
		now := stands(t)
		if now.goroutines == last.goroutines && now.files == last.files {
			same++
		} else {
			same = 0
		}
		last = now
	}
	return last
}

// linger has more visitors at once than will come later, each with a listener of
// its own, who say nothing for so long that their sessions are parked: what the
// server keeps at hand for a while is there then.
func linger(t *testing.T, addr string) {
	t.Helper()
	for range 2 * soakers {
		nc, err := net.DialTimeout("tcp", addr, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		c := textproto.NewConn(nc)
		for _, line := range []string{"USER soak", "PASS secret", "EPSV"} {
			if err := c.PrintfLine("%s", line); err != nil {
				t.Fatal(err)
			}
		}
		for _, code := range []int{220, 331, 230, 229} {
			if _, _, err := c.ReadResponse(code); err != nil {
				t.Fatal(err)
			}
		}
	}
	time.Sleep(time.Second)
}

// come has n visitors come, some at once.
func come(t *testing.T, addr string, n int) {
	t.Helper()
	var all sync.WaitGroup
	for worker := range soakers {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(7, uint64(worker)))
			for i := worker; i < n; i += soakers {
				if err := comeBy(addr, i, dice); err != nil {
					t.Errorf("visitor %d: %v", i, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// comeBy is a login and a transfer: mostly a small file, now and then an upload,
// or a large file that is left in the middle.
func comeBy(addr string, i int, dice *rand.Rand) error {
	nc, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		return err
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(30 * time.Second))
	c := textproto.NewConn(nc)
	say := func(want int, line string) (text string) {
		if err == nil && line != "" {
			err = c.PrintfLine("%s", line)
		}
		if err == nil {
			_, text, err = c.ReadResponse(want)
		}
		return text
	}
	say(220, "")
	say(331, "USER soak")
	say(230, "PASS secret")
	say(200, "TYPE I")
	passive := say(229, "EPSV")
	if err != nil {
		return err
	}
	_, port, _ := strings.Cut(passive, "|||")
	data, err := net.DialTimeout("tcp", "127.0.0.1:"+strings.TrimSuffix(port, "|)"), 10*time.Second)
	if err != nil {
		return err
	}
	defer data.Close()
	_ = data.SetDeadline(time.Now().Add(30 * time.Second))
	switch dice.IntN(10) {
	case 0:
		say(150, "RETR large")
		return err // and gone
	case 1:
		say(150, fmt.Sprintf("STOR up%d", i%64))
		_, werr := io.WriteString(data, "what came")
		data.Close()
		if say(226, ""); err == nil {
			err = werr
		}
	default:
		say(150, "RETR small")
		if got, rerr := io.ReadAll(data); err == nil && (rerr != nil || len(got) != 4096) {
			return fmt.Errorf("%d bytes, %v", len(got), rerr)
		}
		say(226, "")
	}
	say(221, "QUIT")
	return err
}
