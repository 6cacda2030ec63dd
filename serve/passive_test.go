package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/memnet"
)

var (
	serverAddr = netip.MustParseAddr("10.0.0.1")
	ownerAddr  = netip.MustParseAddr("10.0.0.2")
	thiefAddr  = netip.MustParseAddr("10.0.0.3")
)

// passiveWorld is a server's passive ports and two machines that dial them.
type passiveWorld struct {
	*passivePorts
	net          *memnet.Network
	owner, thief *memnet.Host
	opened       int // listeners, so far
}

func newPassiveWorld(t *testing.T, ports PortRange) *passiveWorld {
	n := memnet.New()
	cfg := Config{Network: n.Host(serverAddr), Passive: Passive{Ports: ports}}.complete()
	w := &passiveWorld{passivePorts: newPassivePorts(cfg), net: n, owner: n.Host(ownerAddr), thief: n.Host(thiefAddr)}
	listen := w.listen
	w.listen = func(ctx context.Context, at netip.AddrPort) (net.Listener, error) {
		w.opened++
		return listen(ctx, at)
	}
	t.Cleanup(w.close)
	return w
}

func (w *passiveWorld) mustPromise(t *testing.T, peer netip.Addr) *promise {
	t.Helper()
	p, err := w.promise(t.Context(), serverAddr, peer)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustDial(t *testing.T, from proto.Network, port uint16) net.Conn {
	t.Helper()
	c, err := from.DialContext(t.Context(), "tcp", netip.AddrPortFrom(serverAddr, port).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// mustBeClosed waits for the other end's close.
func mustBeClosed(t *testing.T, c net.Conn) {
	t.Helper()
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read %d, %v; want the end of the connection", n, err)
	}
}

// mustSpeak checks that the two are ends of one connection.
func mustSpeak(t *testing.T, a, b net.Conn) {
	t.Helper()
	word := []byte("hello")
	if _, err := a.Write(word); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(word))
	if _, err := io.ReadFull(b, got); err != nil || string(got) != string(word) {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestPassiveConnection(t *testing.T) {
	for _, when := range []string{"before the transfer", "after it began"} {
		t.Run(when, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newPassiveWorld(t, PortRange{})
				p := w.mustPromise(t, ownerAddr)
				var near net.Conn
				dial := func() { near = mustDial(t, w.owner, p.port.number) }
				if when == "before the transfer" {
					dial()
					synctest.Wait()
				} else {
					time.AfterFunc(time.Second, dial)
				}
				far, err := p.connect(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				mustSpeak(t, near, far)
				p.cancel() // after connect it does nothing
				mustSpeak(t, far, near)
			})
		})
	}
}

// T3: the thief connects first and gets nothing; the owner's transfer goes on.
func TestPassiveThief(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{First: 50000, Last: 50000})
		p := w.mustPromise(t, ownerAddr)
		for range 5 {
			mustBeClosed(t, mustDial(t, w.thief, p.port.number))
		}
		near := mustDial(t, w.owner, p.port.number)
		far, err := p.connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		mustSpeak(t, near, far)
		if got := w.strangers.Load(); got != 5 {
			t.Errorf("%d strangers counted, want 5", got)
		}
		mustBeClosed(t, mustDial(t, w.owner, p.port.number)) // a second one is not expected
	})
}

func TestPassiveMeetTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{})
		began := time.Now()
		if _, err := w.mustPromise(t, ownerAddr).connect(t.Context()); err == nil {
			t.Error("no connection came, yet no error")
		}
		if took := time.Since(began); took != w.meet {
			t.Errorf("waited %v, want %v", took, w.meet)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cause := errors.New("aborted")
		time.AfterFunc(time.Second, func() { cancel(cause) })
		if _, err := w.mustPromise(t, ownerAddr).connect(ctx); !errors.Is(err, cause) {
			t.Errorf("got %v, want %v", err, cause)
		}
	})
}

// A promise that was given up, or not kept in time, leaves its port free.
func TestPassivePromisesCostNoListeners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{})
		for range 10000 {
			w.mustPromise(t, ownerAddr).cancel()
		}
		for i := range 200 {
			w.mustPromise(t, netip.AddrFrom4([4]byte{10, 1, 0, byte(i)}))
		}
		if w.opened > 1+maxLate {
			t.Errorf("%d listeners opened, want %d at most", w.opened, 1+maxLate)
		}
	})
}

// A connection that was made for a command that was refused may be accepted
// only after the next EPSV. It is not that one's connection: a dead one would
// read as an empty upload that went well.
func TestPassiveLateConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{})
		refused := w.mustPromise(t, ownerAddr)
		refused.cancel()
		next := w.mustPromise(t, ownerAddr)
		mustBeClosed(t, mustDial(t, w.owner, refused.port.number))
		near := mustDial(t, w.owner, next.port.number)
		far, err := next.connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		mustSpeak(t, near, far)
		w.mu.Lock()
		defer w.mu.Unlock()
		if n := len(w.hosts[serverAddr].late); n != 0 {
			t.Errorf("%d late ones are still noted", n)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{First: 50000, Last: 50000})
		for _, dial := range []bool{true, false} {
			refused := w.mustPromise(t, ownerAddr)
			refused.cancel()
			want := lateTime
			if dial {
				want = 0
				mustBeClosed(t, mustDial(t, w.owner, 50000))
			}
			began := time.Now()
			w.mustPromise(t, ownerAddr).cancel()
			if took := time.Since(began); took != want {
				t.Errorf("dialled %v: the only port was free after %v, want %v", dial, took, want)
			}
			time.Sleep(lateTime)
		}
	})
}

func TestPassiveCancelClosesEarlyConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{})
		p := w.mustPromise(t, ownerAddr)
		near := mustDial(t, w.owner, p.port.number)
		synctest.Wait()
		p.cancel()
		mustBeClosed(t, near)
	})
}

// Without a range the system gives as many ports as one address needs, and
// they are closed again when they have rested.
func TestPassiveManyFromOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{})
		var all []*promise
		for range 20 {
			all = append(all, w.mustPromise(t, ownerAddr))
		}
		if w.opened != 20 {
			t.Errorf("%d listeners opened, want 20", w.opened)
		}
		for _, p := range all {
			near := mustDial(t, w.owner, p.port.number)
			far, err := p.connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			mustSpeak(t, near, far)
		}
		time.Sleep(listenerRest + time.Second)
		w.mu.Lock()
		n, open := len(w.hosts[serverAddr].ports), w.open
		w.mu.Unlock()
		if n != 1 || open != 1 {
			t.Errorf("%d listeners left, %d counted; want 1", n, open)
		}
		mustDial(t, w.owner, w.mustPromise(t, ownerAddr).port.number)
	})
}

// With a range, a session whose address has used up all ports waits its turn.
func TestPassiveExhaustion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{First: 50000, Last: 50001})
		first, second := w.mustPromise(t, ownerAddr), w.mustPromise(t, ownerAddr)
		if first.port == second.port {
			t.Error("one port has two promises to one address")
		}
		w.mustPromise(t, thiefAddr) // other addresses don't wait
		w.mustPromise(t, thiefAddr)

		began := time.Now()
		if _, err := w.promise(t.Context(), serverAddr, ownerAddr); !errors.Is(err, errNoPort) || time.Since(began) != w.meet {
			t.Errorf("got %v after %v, want %v after %v", err, time.Since(began), errNoPort, w.meet)
		}
		time.AfterFunc(time.Second, first.cancel)
		if third := w.mustPromise(t, ownerAddr); third.port != first.port {
			t.Errorf("got port %d, want %d, which is free", third.port.number, first.port.number)
		}
		time.AfterFunc(time.Second, func() { mustDial(t, w.owner, second.port.number) })
		if fourth := w.mustPromise(t, ownerAddr); fourth.port != second.port {
			t.Errorf("got port %d, want %d, whose connection has come", fourth.port.number, second.port.number)
		}
	})
}

// Those who wait get ports in the order in which they came, and a waiter who
// leaves holds nobody up.
func TestPassiveQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{First: 50000, Last: 50000})
		p := w.mustPromise(t, ownerAddr)
		got := make(chan int, 3)
		promises := make(chan *promise, 3)
		for i := range 3 {
			ctx, cancel := context.WithCancel(t.Context())
			if i == 0 {
				time.AfterFunc(5*time.Second, cancel)
			}
			go func() {
				defer cancel()
				if q, err := w.promise(ctx, serverAddr, ownerAddr); err == nil {
					got <- i
					promises <- q
				}
			}()
			synctest.Wait()
		}
		time.Sleep(6 * time.Second) // the first waiter has gone
		p.cancel()
		if i := <-got; i != 1 {
			t.Errorf("waiter %d was served, want 1", i)
		}
		(<-promises).cancel()
		if i := <-got; i != 2 {
			t.Errorf("waiter %d was served, want 2", i)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if n := len(w.hosts[serverAddr].waiting); n != 0 {
			t.Errorf("%d queues left behind", n)
		}
	})
}

func TestPassivePortTakenByOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{First: 50000, Last: 50003})
		listen := w.listen
		taken := map[uint16]bool{50000: true, 50001: true, 50003: true}
		w.listen = func(ctx context.Context, at netip.AddrPort) (net.Listener, error) {
			if taken[at.Port()] {
				return nil, syscall.EADDRINUSE
			}
			return listen(ctx, at)
		}
		for range 50 {
			p := w.mustPromise(t, ownerAddr)
			if p.port.number != 50002 {
				t.Fatalf("got port %d, want 50002", p.port.number)
			}
			p.cancel()
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{First: 50000, Last: 50003})
		w.listen = func(context.Context, netip.AddrPort) (net.Listener, error) { return nil, syscall.EADDRINUSE }
		for range 2 {
			if _, err := w.promise(t.Context(), serverAddr, ownerAddr); err == nil {
				t.Error("no port can be opened, yet no error")
			}
		}
	})
}

// T5, RFC 2577 §8: which port of the range comes next can't be guessed.
func TestPassivePortsAreRandom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ports, draws = 10, 10000
		w := newPassiveWorld(t, PortRange{First: 50000, Last: 50000 + ports - 1})
		var seen [ports]float64
		for range draws {
			p := w.mustPromise(t, ownerAddr)
			seen[p.port.number-50000]++
			p.cancel()
		}
		chi := 0.0
		for _, n := range seen {
			chi += (n - draws/ports) * (n - draws/ports) / (draws / ports)
		}
		if chi > 55 { // 9 degrees of freedom: once in 10^8 runs
			t.Errorf("chi-square is %.1f: %v", chi, seen)
		}
	})
}

func TestPassiveCloseWakesWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newPassiveWorld(t, PortRange{First: 50000, Last: 50000})
		w.mustPromise(t, ownerAddr)
		time.AfterFunc(time.Second, w.close)
		if _, err := w.promise(t.Context(), serverAddr, ownerAddr); !errors.Is(err, errPortsClosed) {
			t.Errorf("got %v, want %v", err, errPortsClosed)
		}
		if _, err := w.promise(t.Context(), serverAddr, ownerAddr); !errors.Is(err, errPortsClosed) {
			t.Errorf("afterwards: got %v, want %v", err, errPortsClosed)
		}
	})
}

// The same over the host's TCP, with a thief that has another loopback address.
func TestPassiveThiefLoopback(t *testing.T) {
	local, thief := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	pp := newPassivePorts(Config{}.complete())
	t.Cleanup(pp.close)
	p, err := pp.promise(t.Context(), local, local)
	if err != nil {
		t.Fatal(err)
	}
	to := netip.AddrPortFrom(local, p.port.number)
	stolen, err := dataDial(t.Context(), proto.TCP{}, thief, to)
	if err != nil {
		t.Skipf("no second loopback address: %v", err)
	}
	defer stolen.Close()
	mustBeClosed(t, stolen)
	near, err := dataDial(t.Context(), proto.TCP{}, local, to)
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := p.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	mustSpeak(t, near, far)
	if _, ok := far.(*net.TCPConn); !ok {
		t.Errorf("got %T: the kernel can't move bytes to that", far)
	}
	if got := pp.strangers.Load(); got != 1 {
		t.Errorf("%d strangers counted, want 1", got)
	}
}

func TestPassiveIPv6Loopback(t *testing.T) {
	local := netip.IPv6Loopback()
	pp := newPassivePorts(Config{}.complete())
	t.Cleanup(pp.close)
	p, err := pp.promise(t.Context(), local, local)
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	near, err := dataDial(t.Context(), proto.TCP{}, local, netip.AddrPortFrom(local, p.port.number))
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := p.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	mustSpeak(t, far, near)
}

func TestPublicAddress(t *testing.T) {
	const local = "10.0.0.1"
	for _, c := range []struct{ public, peer, want string }{
		{"", "203.0.113.9", local},
		{"198.51.100.7", "203.0.113.9", "198.51.100.7"},
		{"198.51.100.7", "10.0.0.2", local},
		{"198.51.100.7", "100.64.1.1", local},
		{"198.51.100.7", "127.0.0.1", local},
		{"192.168.9.9", "10.0.0.2", "192.168.9.9"}, // a translator between private networks
		{"192.168.9.9", "127.0.0.1", local},
	} {
		p := newPublicAddress(Config{Passive: Passive{Public: c.public}}.complete())
		got := p.announced(netip.MustParseAddr(local), netip.MustParseAddr(c.peer))
		if got.String() != c.want {
			t.Errorf("public %q, peer %s: announced %s, want %s", c.public, c.peer, got, c.want)
		}
	}
}

// servers.md §5.1: the wrong address behind a translator is the commonest
// complaint of all; the log says it once, with what to do.
func TestTranslatorWarning(t *testing.T) {
	for _, c := range []struct {
		public, local, peer string
		want                int
	}{
		{"", "10.0.0.1", "203.0.113.9", 1},
		{"198.51.100.7", "10.0.0.1", "203.0.113.9", 0},
		{"", "198.51.100.7", "203.0.113.9", 0},
		{"", "10.0.0.1", "10.0.0.2", 0},
		{"", "127.0.0.1", "127.0.0.1", 0},
	} {
		var log bytes.Buffer
		p := newPublicAddress(Config{Passive: Passive{Public: c.public}, Logger: NewLogger(&log, LogText, slog.LevelInfo)}.complete())
		for range 3 {
			p.announced(netip.MustParseAddr(c.local), netip.MustParseAddr(c.peer))
		}
		if got := strings.Count(log.String(), "--public-address"); got != c.want {
			t.Errorf("%+v: warned %d times, want %d", c, got, c.want)
		}
	}
}

func TestPublicName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		local, peer := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("203.0.113.9")
		p := newPublicAddress(Config{Passive: Passive{Public: "ftp.example.org"}}.complete())
		answer, failure, asked := "198.51.100.7", error(nil), 0
		p.lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
			asked++
			if failure != nil {
				return nil, failure
			}
			return []netip.Addr{netip.MustParseAddr(answer)}, nil
		}
		expect := func(want string, times int) {
			t.Helper()
			p.announced(local, peer) // may start a look-up
			synctest.Wait()
			if got := p.announced(local, peer); got.String() != want || asked != times {
				t.Errorf("announced %s after %d look-ups, want %s after %d", got, asked, want, times)
			}
		}
		if err := p.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect("198.51.100.7", 1)
		answer = "198.51.100.8"
		expect("198.51.100.7", 1)
		time.Sleep(publicAge + time.Second)
		expect("198.51.100.8", 2)
		failure = errors.New("name server is down")
		time.Sleep(publicAge + time.Second)
		expect("198.51.100.8", 3)

		failure = &net.DNSError{Err: "no such host", Name: "ftp.example.org", IsNotFound: true}
		p.asked = time.Time{}
		if err := p.start(t.Context()); err == nil {
			t.Error("a name that does not exist is no error at start")
		}
	})
}

func ExamplePortRange() {
	r, err := ParsePortRange("50000-50009")
	fmt.Println(r, r.count(), err)
	_, err = ParsePortRange("50009-50000")
	fmt.Println(err)
	// Output:
	// 50000-50009 10 <nil>
	// port range 50009-50000: the first port is above the last; try 50000-50009
}
