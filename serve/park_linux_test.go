package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

// street is a server on a real listener, since only sockets can be watched.
type street struct {
	*world
	cancel context.CancelCauseFunc
}

func newStreet(t *testing.T, edit ...func(*Config)) *street {
	t.Helper()
	st := &street{world: &world{t: t, files: store.NewMem(), log: &logText{}}}
	cfg := Config{
		Users:  testUsers(),
		Open:   func(context.Context, users.Record) (store.Store, error) { return unclosed{st.files}, nil },
		Logger: NewLogger(st.log, LogText, slog.LevelDebug),
	}
	for _, f := range edit {
		f(&cfg)
	}
	var err error
	if st.srv, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	st.addr = ln.Addr().String()
	ctx, cancel := context.WithCancelCause(t.Context())
	st.cancel = cancel
	go func() { _ = st.srv.Serve(ctx, ln) }()
	t.Cleanup(func() { _ = st.srv.Shutdown(context.Background()) })
	return st
}

func (st *street) visit() *peer {
	st.t.Helper()
	nc, err := net.Dial("tcp4", st.addr)
	if err != nil {
		st.t.Fatal(err)
	}
	st.t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(time.Minute))
	p := &peer{Conn: proto.NewConn(nc, nil), w: st.world, nc: nc}
	p.expect(220)
	return p
}

func (st *street) member() *peer {
	p := st.visit()
	p.do("USER anna", 331)
	p.do("PASS secret", 230)
	return p
}

// parked waits until so many sessions are.
func (st *street) parked(want int) {
	st.t.Helper()
	n := -1
	for range 1000 {
		n = 0
		st.srv.reg.each(func(s *session) {
			s.lot.mu.Lock()
			n += len(s.lot.parked)
			s.lot.mu.Unlock()
		})
		if all := st.srv.reg.count(); all > 0 {
			n /= all // each of them has told of the whole lot
		}
		if n == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	st.t.Fatalf("%d sessions are parked, want %d", n, want)
}

// gone waits until nobody is connected.
func (st *street) gone() {
	st.t.Helper()
	for range 1000 {
		if st.srv.reg.count() == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	st.t.Fatal("sessions are left")
}

func TestParkedSession(t *testing.T) {
	st := newStreet(t)
	p := st.member()
	st.parked(1)
	if s := st.srv.Sessions(); len(s) != 1 || s[0].User != "anna" {
		t.Errorf("sessions: %+v", s)
	}
	p.do("NOOP", 200)
	st.parked(1)
	p.raw("NO") // half a line wakes it, and is kept while it rests again
	st.parked(1)
	p.raw("OP\r\nPWD\r\n")
	p.expect(200)
	p.expect(257)
	p.send("NOOP", "NOOP", "NOOP")
	for range 3 {
		p.expect(200)
	}
	st.parked(1)
	p.do("QUIT", 221)
	p.closed()
	st.gone()
}

// RFC 959 §4.1.3: urgent data wake it like others.
func TestParkedSynch(t *testing.T) {
	st := newStreet(t)
	p := st.member()
	st.parked(1)
	p.raw("\xff\xf4\xff\xf2ABOR\r\n")
	p.expect(226)
}

func TestParkedMany(t *testing.T) {
	const n = 300 // more than give memory back
	st := newStreet(t, func(c *Config) { c.Limits.PerAddress = 2 * n })
	before := runtime.NumGoroutine()
	var all []*peer
	for range n {
		all = append(all, st.visit())
	}
	st.parked(n)
	for range 1000 { // the last of them may be about to leave
		if runtime.NumGoroutine() < before+20 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if now := runtime.NumGoroutine(); now >= before+20 {
		t.Errorf("%d goroutines for %d parked sessions", now-before, n)
	}
	for _, p := range all {
		p.do("NOOP", 200)
	}
	for _, p := range all {
		p.nc.Close()
	}
	st.gone()
}

func TestParkedUnderTLS(t *testing.T) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(v), func(t *testing.T) {
			st := newStreet(t, encrypted(t))
			p := st.visit()
			p.startTLS(tlsClient(v))
			st.parked(1)
			p.do("USER anna", 331)
			p.do("PASS secret", 230)
			st.parked(1)
			p.raw("NO")
			st.parked(1)
			p.raw("OP\r\nNOOP\r\n")
			p.expect(200)
			p.expect(200)
			st.parked(1)
			p.nc.Close()
			st.gone()
		})
	}
}

// A client may take longer for a handshake than a session waits before it parks.
func TestSlowHandshake(t *testing.T) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		st := newStreet(t, encrypted(t))
		p := st.visit()
		p.do("AUTH TLS", 234)
		time.Sleep(2 * parkAfter)
		if err := p.handshake(tlsClient(v)); err != nil {
			t.Fatal(tls.VersionName(v), err)
		}
		p.do("USER anna", 331)
		p.nc.Close()
		st.gone()
	}
}

// Whoever ends sessions reaches those that are parked.
func TestParkedEnds(t *testing.T) {
	for name, end := range map[string]func(st *street){
		"kick":     func(st *street) { st.srv.reg.each(func(s *session) { s.eject(kicked("")) }) },
		"shutdown": func(st *street) { go st.srv.Shutdown(context.Background()) },
		"cancel":   func(st *street) { st.cancel(errors.New("enough")) },
	} {
		t.Run(name, func(t *testing.T) {
			st := newStreet(t)
			p, q := st.member(), st.visit()
			st.parked(2)
			end(st)
			p.expect(421)
			p.closed()
			q.expect(421)
			q.closed()
			st.gone()
		})
	}
}

// A connection that is closed under a parked session ends it.
func TestParkedClosed(t *testing.T) {
	st := newStreet(t)
	st.visit()
	st.parked(1)
	st.srv.reg.each(func(s *session) { st.srv.reg.cutOne(s) })
	st.gone()
	st.visit()
	st.parked(1)
	st.srv.mu.Lock()
	var lns []net.Listener
	for ln := range st.srv.listeners {
		lns = append(lns, ln)
	}
	st.srv.mu.Unlock()
	for _, ln := range lns {
		st.srv.reg.cut(ln)
	}
	st.gone()
}

func TestParkedClocks(t *testing.T) {
	st := newStreet(t, func(c *Config) { c.Limits.Idle, c.Limits.Login = 2*time.Second, 2*time.Second })
	p, q := st.member(), st.visit()
	st.parked(2)
	if r := p.expect(421); r.Text() != "Idle for too long, goodbye." {
		t.Errorf("idle: %v", r)
	}
	p.closed()
	if r := q.expect(421); r.Text() != "Login took too long, goodbye." {
		t.Errorf("login: %v", r)
	}
	q.closed()
	st.gone()
}

// New limits hold for those who are parked.
func TestParkedChange(t *testing.T) {
	st := newStreet(t)
	p := st.member()
	st.parked(1)
	cfg := st.srv.cfg
	cfg.Limits.Idle = time.Second
	if err := st.srv.Change(cfg); err != nil {
		t.Fatal(err)
	}
	p.expect(421)
}

// A promise that was made before the rest holds after it.
func TestParkedPromise(t *testing.T) {
	st := newStreet(t)
	st.put("/f", "what came")
	p := st.member()
	port, err := proto.ParseExtendedPassive(p.do("EPSV", 229).Text())
	if err != nil {
		t.Fatal(err)
	}
	st.parked(1)
	nc, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	p.do("RETR f", 150)
	if b, err := io.ReadAll(nc); string(b) != "what came" {
		t.Errorf("%q, %v", b, err)
	}
	p.expect(226)
	st.parked(1)
}
