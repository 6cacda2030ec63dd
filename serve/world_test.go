package serve

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/memnet"
	"ferry/serve/store"
	"ferry/serve/users"
)

// world is a server on a network in memory, in a bubble of virtual time.
type world struct {
	t     *testing.T
	net   *memnet.Network
	srv   *Server
	files store.Store
	log   *logText
	addr  string
}

// book is a Directory for tests: anna may all, reader only reads, clerk wants
// an account. All passwords are "secret".
type book map[string]users.Record

func testUsers() book {
	return book{
		"anna":   {Name: "anna", Home: "/", Perm: users.All},
		"bert":   {Name: "bert", Home: "/", Perm: users.All},
		"reader": {Name: "reader", Home: "/docs", Perm: users.ReadOnly},
		"logger": {Name: "logger", Home: "/", Perm: users.List | users.Append},
		"clerk":  {Name: "clerk", Home: "/", Perm: users.All, Account: "books"},
	}
}

func (b book) Login(_ context.Context, name string, pass proto.Secret) (users.Record, error) {
	if r, ok := b[name]; ok && pass == "secret" {
		return r, nil
	}
	return users.Record{}, users.ErrDenied
}

func (b book) Lookup(name string) (users.Record, error) {
	if r, ok := b[name]; ok {
		return r, nil
	}
	return users.Record{}, users.ErrDenied
}

// logText is a log that several goroutines write.
type logText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// inWorld runs a test against a server with its own files and settings.
func inWorld(t *testing.T, test func(w *world), edit ...func(*Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, edit...)
		test(w)
	})
}

func newWorld(t *testing.T, edit ...func(*Config)) *world {
	t.Helper()
	w := &world{t: t, net: memnet.New(), files: store.NewMem(), log: &logText{}}
	cfg := Config{
		Network: w.net.Host(serverAddr),
		Users:   testUsers(),
		Open:    func(context.Context, users.Record) (store.Store, error) { return unclosed{w.files}, nil },
		Logger:  NewLogger(w.log, LogText, slog.LevelDebug),
		TLS:     TLS{Policy: TLSOff},
	}
	for _, f := range edit {
		f(&cfg)
	}
	srv, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.srv = srv
	ln, err := cfg.Network.Listen(t.Context(), "tcp", ":21")
	if err != nil {
		t.Fatal(err)
	}
	w.addr = ln.Addr().String()
	if host, port, _ := net.SplitHostPort(w.addr); host == "::" || host == "0.0.0.0" {
		w.addr = net.JoinHostPort(serverAddr.String(), port)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(t.Context(), ln) }()
	t.Cleanup(func() {
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Logf("shutdown: %v", err)
		}
		// ErrClosed: a test that ends its server itself may be quicker than this Serve.
		if err := <-served; err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return w
}

// unclosed is a store that outlives the sessions that use it.
type unclosed struct{ store.Store }

func (unclosed) Close() error { return nil }

// put makes a file, and the directories above it.
func (w *world) put(name, content string) {
	w.t.Helper()
	for i := 1; i < len(name); i++ {
		if name[i] == '/' {
			_ = w.files.Mkdir(w.t.Context(), name[:i])
		}
	}
	u, err := w.files.Create(w.t.Context(), name, store.CreateOptions{})
	if err == nil {
		_, err = io.WriteString(u, content)
	}
	if err == nil {
		err = u.Commit(w.t.Context())
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// get is the content of a file, or "(none)".
func (w *world) get(name string) string {
	f, err := w.files.Open(w.t.Context(), name)
	if err != nil {
		return "(none)"
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

// peer is a client that says what it is told to.
type peer struct {
	*proto.Conn
	w    *world
	host *memnet.Host
	nc   net.Conn
}

func (w *world) dial() *peer { return w.dialFrom(ownerAddr) }

func (w *world) dialFrom(from netip.Addr) *peer {
	w.t.Helper()
	host := w.net.Host(from)
	nc, err := host.DialContext(w.t.Context(), "tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(time.Hour))
	p := &peer{Conn: proto.NewConn(nc, nil), w: w, host: host, nc: nc}
	p.expect(220)
	return p
}

// login is dial, USER and PASS.
func (w *world) login(user string) *peer {
	w.t.Helper()
	p := w.dial()
	p.do("USER "+user, 331)
	p.do("PASS secret", 230)
	return p
}

// send writes lines in one write.
func (p *peer) send(lines ...string) {
	p.w.t.Helper()
	p.raw(strings.Join(lines, "\r\n") + "\r\n")
}

func (p *peer) raw(text string) {
	p.w.t.Helper()
	if _, err := io.WriteString(p.nc, text); err != nil {
		p.w.t.Fatalf("send %.40q: %v", text, err)
	}
}

func (p *peer) expect(code proto.Code) proto.Reply {
	p.w.t.Helper()
	r, err := p.ReadReply()
	if err != nil {
		p.w.t.Fatalf("want %d: %v", code, err)
	}
	if r.Code != code {
		p.w.t.Fatalf("want %d, got %s", code, r)
	}
	return r
}

func (p *peer) do(line string, code proto.Code) proto.Reply {
	p.w.t.Helper()
	p.send(line)
	r, err := p.ReadReply()
	if err != nil {
		p.w.t.Fatalf("%s: want %d: %v", line, code, err)
	}
	if r.Code != code {
		p.w.t.Fatalf("%s: want %d, got %s", line, code, r)
	}
	return r
}

// silent checks that no reply comes for a while.
func (p *peer) silent() {
	p.w.t.Helper()
	_ = p.nc.SetReadDeadline(time.Now().Add(time.Minute))
	if r, err := p.ReadReply(); !timeout(err) {
		p.w.t.Fatalf("want silence, got %v, %v", r, err)
	}
	_ = p.nc.SetReadDeadline(time.Now().Add(time.Hour))
}

// closed checks that the server has nothing more to say and hangs up.
func (p *peer) closed() {
	p.w.t.Helper()
	if r, err := p.ReadReply(); !errors.Is(err, io.EOF) && !isReset(err) {
		p.w.t.Fatalf("want the end of the connection, got %v, %v", r, err)
	}
}

func isReset(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && !op.Timeout()
}

// passive opens a data connection.
func (p *peer) passive() net.Conn {
	p.w.t.Helper()
	port, err := proto.ParseExtendedPassive(p.do("EPSV", 229).Text())
	if err != nil {
		p.w.t.Fatal(err)
	}
	return p.dialPort(port)
}

func (p *peer) dialPort(port uint16) net.Conn {
	p.w.t.Helper()
	nc, err := p.host.DialContext(p.w.t.Context(), "tcp", netip.AddrPortFrom(serverAddr, port).String())
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.w.t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(time.Hour))
	return nc
}

// fetch is a whole transfer to the client.
func (p *peer) fetch(line string) string {
	p.w.t.Helper()
	nc := p.passive()
	p.do(line, 150)
	b, err := io.ReadAll(nc)
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.expect(226)
	return string(b)
}

// store is a whole transfer to the server; it returns the mark.
func (p *peer) store(line, content string) proto.Reply {
	p.w.t.Helper()
	nc := p.passive()
	mark := p.do(line, 150)
	if _, err := io.WriteString(nc, content); err != nil {
		p.w.t.Fatal(err)
	}
	nc.Close()
	p.expect(226)
	return mark
}
