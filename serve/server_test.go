package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

// door is a second listener of a world's server, whose end can be watched.
type door struct {
	*world
	ctx    context.Context
	cancel context.CancelCauseFunc
	ended  chan error // what Serve returned
}

func newDoor(t *testing.T, edit ...func(*Config)) *door {
	t.Helper()
	w := newWorld(t, edit...)
	ln, err := w.net.Host(serverAddr).Listen(t.Context(), "tcp", ":2121")
	if err != nil {
		t.Fatal(err)
	}
	w.addr = netip.AddrPortFrom(serverAddr, 2121).String()
	d := &door{world: w, ended: make(chan error, 1)}
	d.ctx, d.cancel = context.WithCancelCause(t.Context())
	go func() { d.ended <- w.srv.Serve(d.ctx, ln) }()
	return d
}

// refused dials and reads the 421 that comes instead of a greeting.
func (w *world) refused(from netip.Addr) proto.Reply {
	w.t.Helper()
	nc, err := w.net.Host(from).DialContext(w.t.Context(), "tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &peer{Conn: proto.NewConn(nc, nil), w: w, nc: nc}
	defer nc.Close()
	r := p.expect(proto.Unavailable)
	p.closed()
	return r
}

func TestAdmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sv := newDoor(t, func(c *Config) { c.Limits = Limits{Sessions: 5, PerAddress: 3} })
		var mine []*peer
		for range 3 {
			mine = append(mine, sv.dialFrom(ownerAddr))
		}
		if r := sv.refused(ownerAddr); !strings.Contains(r.Text(), "your address") {
			t.Errorf("the reason is not told: %v", r)
		}
		for range 2 {
			sv.dialFrom(thiefAddr)
		}
		sv.refused(netip.MustParseAddr("10.0.0.9"))

		mine[0].Close()
		synctest.Wait()
		sv.dialFrom(ownerAddr)
		if n := strings.Count(sv.log.String(), "connection refused"); n != 1 {
			t.Errorf("%d log lines about refusals within a second, want 1:\n%s", n, sv.log)
		}
	})
}

// An IPv6 subscriber has 2^64 addresses, and one of them is enough.
func TestAdmissionCountsPrefixes(t *testing.T) {
	r := registry{limits: Limits{Sessions: 10, PerAddress: 2}}
	admit := func(addr string) error {
		at := net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(addr), 4000))
		_, err := r.admit(nil, fakeConn{at}, func(uint64) *session { return new(session) })
		return err
	}
	for _, c := range []struct {
		addr string
		want error
	}{
		{"2001:db8:1:2::1", nil}, {"2001:db8:1:2::2", nil}, {"2001:db8:1:2:ffff::3", errFullAddress},
		{"2001:db8:1:3::1", nil},
		{"192.0.2.1", nil}, {"::ffff:192.0.2.1", nil}, {"192.0.2.1", errFullAddress}, {"192.0.2.2", nil},
	} {
		if err := admit(c.addr); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.addr, err, c.want)
		}
	}
}

// fakeConn has an address and nothing else.
type fakeConn struct{ peer net.Addr }

func (c fakeConn) RemoteAddr() net.Addr { return c.peer }

func (fakeConn) Read([]byte) (int, error)         { return 0, io.EOF }
func (fakeConn) Write([]byte) (int, error)        { return 0, io.ErrClosedPipe }
func (fakeConn) Close() error                     { return nil }
func (fakeConn) LocalAddr() net.Addr              { return nil }
func (fakeConn) SetDeadline(time.Time) error      { return nil }
func (fakeConn) SetReadDeadline(time.Time) error  { return nil }
func (fakeConn) SetWriteDeadline(time.Time) error { return nil }

// T5: ten thousand EPSV need a handful of listeners.
func TestRepeatedEPSV(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sv := newDoor(t)
		u := sv.login("anna")
		for range 10000 {
			u.do("EPSV", proto.ExtendedPassive)
		}
		if n := len(sv.srv.data.hosts[serverAddr].ports); n > 1+maxLate {
			t.Errorf("%d listeners, want %d at most", n, 1+maxLate)
		}
	})
}

func TestPassiveExhaustionIs425(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sv := newDoor(t, func(c *Config) { c.Passive.Ports = PortRange{First: 50000, Last: 50000} })
		one, two := sv.login("anna"), sv.login("anna")
		one.do("EPSV", proto.ExtendedPassive)
		one.do("EPSV", proto.ExtendedPassive) // its own promise is no obstacle
		began := time.Now()
		two.do("EPSV", proto.CantOpenData)
		if took := time.Since(began); took != sv.srv.cfg.Limits.Meet {
			t.Errorf("answered after %v, want %v", took, sv.srv.cfg.Limits.Meet)
		}
		time.AfterFunc(time.Second, func() { one.Close() })
		two.do("EPSV", proto.ExtendedPassive)
	})
}

func TestShutdownIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sv := newDoor(t)
		idle, stranger := sv.login("anna"), sv.dial()
		synctest.Wait()
		began := time.Now()
		if err := sv.srv.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("took %v with nothing to wait for", took)
		}
		for _, u := range []*peer{idle, stranger} {
			u.expect(proto.Unavailable)
			u.closed()
		}
		if err := <-sv.ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if _, err := sv.net.Host(ownerAddr).DialContext(t.Context(), "tcp", "10.0.0.1:2121"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dial after the end: %v", err)
		}
		ln, err := sv.net.Host(serverAddr).Listen(t.Context(), "tcp", ":21")
		if err != nil {
			t.Fatal(err)
		}
		if err := sv.srv.Serve(t.Context(), ln); !errors.Is(err, ErrClosed) {
			t.Errorf("Serve after Shutdown: %v", err)
		}
	})
}

// A transfer under way is finished, then the session is told; nobody new
// comes in meanwhile.
func TestShutdownDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sv := newDoor(t)
		u := sv.login("anna")
		u.do("TYPE I", 200)
		nc := u.passive()
		u.do("STOR f", proto.OpeningData)
		ended := make(chan error, 1)
		go func() { ended <- sv.srv.Shutdown(context.Background()) }()
		for range 10 {
			time.Sleep(10 * time.Second)
			fmt.Fprint(nc, "0123456789")
		}
		select {
		case err := <-ended:
			t.Fatalf("Shutdown did not wait for the transfer: %v", err)
		default:
		}
		nc.Close()
		u.expect(proto.TransferDone)
		u.expect(proto.Unavailable)
		u.closed()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if e, err := sv.files.Stat(t.Context(), "/f"); err != nil || e.Size != 100 {
			t.Errorf("the file has %d bytes, %v; want 100", e.Size, err)
		}
	})
}

// A transfer that does not end in time is cut, and what it overwrote stays.
func TestShutdownCuts(t *testing.T) {
	for _, c := range []struct {
		name     string
		patience time.Duration // of the context
		want     time.Duration
	}{
		{"after Limits.Drain", time.Hour, time.Minute},
		{"when the context ends", time.Second, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sv := newDoor(t, func(c *Config) { c.Limits.Drain = time.Minute })
				u := sv.login("anna")
				u.do("TYPE I", 200)
				nc := u.passive()
				u.do("STOR f", proto.OpeningData)
				fmt.Fprint(nc, "half of it")
				ctx, cancel := context.WithTimeout(t.Context(), c.patience)
				defer cancel()
				began := time.Now()
				if err := sv.srv.Shutdown(ctx); err == nil {
					t.Error("a transfer was cut, yet no error")
				}
				if took := time.Since(began); took < c.want || took > c.want+2*killGrace {
					t.Errorf("took %v, want %v", took, c.want)
				}
				if n := len(sv.srv.Sessions()); n != 0 {
					t.Errorf("%d sessions left", n)
				}
				if err := <-sv.ended; err != nil {
					t.Errorf("Serve: %v", err)
				}
				if _, err := sv.files.Stat(t.Context(), "/f"); err == nil {
					t.Error("half a file passes for a whole one")
				}
			})
		})
	}
}

// The end of Serve's context ends its sessions, also one whose peer does not
// read what it is sent.
func TestServeContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sv := newDoor(t)
		u, deaf := sv.login("anna"), sv.login("anna")
		go func() { // until the server has had enough of it
			for {
				if _, err := deaf.nc.Write([]byte("HELP\r\n")); err != nil {
					return
				}
			}
		}()
		synctest.Wait()
		cause, began := errors.New("power is out"), time.Now()
		sv.cancel(cause)
		u.expect(proto.Unavailable)
		u.closed()
		if err := <-sv.ended; !errors.Is(err, cause) {
			t.Errorf("Serve: got %v, want %v", err, cause)
		}
		if took := time.Since(began); took > 2*killGrace {
			t.Errorf("took %v", took)
		}
	})
}

// flaky is a listener that fails a few times before each connection.
type flaky struct {
	net.Listener
	fails int
	err   error
	at    []time.Time // of the failures
}

func (f *flaky) Accept() (net.Conn, error) {
	if len(f.at) < f.fails {
		f.at = append(f.at, time.Now())
		return nil, &net.OpError{Op: "accept", Err: f.err}
	}
	return f.Listener.Accept()
}

// Out of descriptors: the server waits and goes on, with two lines in the log.
func TestAcceptBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sv := newDoor(t)
		ln, err := sv.net.Host(serverAddr).Listen(t.Context(), "tcp", ":2122")
		if err != nil {
			t.Fatal(err)
		}
		f := &flaky{Listener: ln, fails: 20, err: syscall.EMFILE}
		go sv.srv.Serve(sv.ctx, f)
		nc, err := sv.net.Host(ownerAddr).DialContext(t.Context(), "tcp", "10.0.0.1:2122")
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		(&peer{w: sv.world, Conn: proto.NewConn(nc, nil), nc: nc}).expect(proto.Ready)
		for i := 1; i < len(f.at); i++ {
			if pause := f.at[i].Sub(f.at[i-1]); pause < acceptDelayMin || pause > acceptDelayMax {
				t.Errorf("pause %d is %v", i, pause)
			}
		}
		log := sv.log.String()
		if strings.Count(log, "accept failed") != 1 || strings.Count(log, "accept works again") != 1 || !strings.Contains(log, "ulimit") {
			t.Errorf("log:\n%s", log)
		}
	})
}

// A listener that is broken for good ends Serve, and its sessions.
func TestListenerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sv := newDoor(t)
		ln, err := sv.net.Host(serverAddr).Listen(t.Context(), "tcp", ":2122")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		synctest.Wait()
		f := &flaky{Listener: ln, fails: 1, err: syscall.EBADF}
		if err := sv.srv.Serve(sv.ctx, f); !errors.Is(err, syscall.EBADF) {
			t.Errorf("got %v, want %v", err, syscall.EBADF)
		}
	})
}

func TestOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sv := newDoor(t, func(c *Config) { c.Once = OneVisit })
		scanner := sv.dialFrom(thiefAddr)
		scanner.Close()
		one, two := sv.login("anna"), sv.login("anna")
		one.do("QUIT", proto.Closing)
		one.closed()
		synctest.Wait()
		two.do("NOOP", proto.OK)
		select {
		case err := <-sv.ended:
			t.Fatalf("ended while somebody was logged in: %v", err)
		default:
		}
		two.Close()
		if err := <-sv.ended; err != nil {
			t.Error(err)
		}
	})
}

func TestSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sv := newDoor(t)
		sv.login("anna")
		sv.dialFrom(thiefAddr)
		synctest.Wait()
		all := sv.srv.Sessions()
		if len(all) != 2 || all[0].User != "anna" || all[0].Peer.Addr() != ownerAddr || all[1].User != "" || all[1].Peer.Addr() != thiefAddr {
			t.Errorf("got %+v", all)
		}
	})
}

// Ten thousand idle sessions must not cost more than a goroutine each. Those that
// have been silent for long enough to be parked by now cost none, but for the one
// that watches them all.
func TestIdleSessionIsOneGoroutine(t *testing.T) {
	// Over the host's TCP, since memory connections may have goroutines.
	const sessions = 50
	srv, err := New(Config{Users: testUsers(), Open: func(context.Context, users.Record) (store.Store, error) { return store.NewMem(), nil }})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(t.Context(), ln) }()
	visit := func() {
		nc, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nc.Close() })
		p := &peer{w: &world{t: t}, nc: nc, Conn: proto.NewConn(nc, nil)}
		p.expect(proto.Ready)
		p.do("USER anna", proto.NeedPassword)
		p.do("PASS secret", proto.LoggedIn)
	}
	visit()
	before := settled()
	for range sessions {
		visit()
	}
	if grown := settled() - before; grown > sessions+1 {
		t.Errorf("%d sessions cost %d goroutines", sessions, grown)
	}
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// settled is the number of goroutines, once it has stopped changing.
func settled() int {
	n := runtime.NumGoroutine()
	for same := 0; same < 5; same++ {
		time.Sleep(10 * time.Millisecond)
		if now := runtime.NumGoroutine(); now != n {
			n, same = now, 0
		}
	}
	return n
}
