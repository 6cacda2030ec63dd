package serve

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/parent"
)

// SECURITY: a probe's password is good for one login, by its own way only, and
// opens nothing.
func TestProbeIsNoWayIn(t *testing.T) {
	var log logText
	inWorld(t, func(w *world) { noWayIn(w, &log) }, func(c *Config) { c.Logger = NewLogger(&log, LogText, slog.LevelDebug) })
}

func noWayIn(w *world, log *logText) {
	t := w.t
	p, err := newProbed(w.srv)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	const token = "c4nary-t0ken"
	knock := func() *peer {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { ours.Close() })
		go func() { p.ln.conns <- probeConn{theirs} }()
		q := &peer{w: w, nc: ours, Conn: proto.NewConn(ours, nil)}
		q.expect(proto.Ready)
		return q
	}
	p.mu.Lock()
	p.tokens = append(p.tokens, token)
	p.mu.Unlock()

	// The real server knows nothing of it.
	stranger := w.dial()
	stranger.do("USER "+parent.ProbeUser, proto.NeedPassword)
	stranger.do("PASS "+token, proto.NotLoggedIn)

	first := knock()
	first.do("USER "+parent.ProbeUser, proto.NeedPassword)
	first.do("PASS "+token, proto.LoggedIn)
	first.do("NOOP", proto.OK)
	first.do("MKD d", proto.Refused)
	first.do("QUIT", proto.Closing)

	for _, wrong := range []string{token, "", "x"} { // spent, none, another
		q := knock()
		q.do("USER "+parent.ProbeUser, proto.NeedPassword)
		q.do("PASS "+wrong, proto.NotLoggedIn)
		q.nc.Close()
	}
	if strings.Contains(log.String(), token) {
		t.Errorf("the log tells the token:\n%s", log.String())
	}
}

// A probe is not let in while the server itself is stuck.
func TestProbeWaitsForTheServer(t *testing.T) {
	w := newWorld(t)
	p, err := newProbed(w.srv)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	p.tokens = []proto.Secret{"a", "b"}
	in := func(token proto.Secret) chan error {
		ended := make(chan error, 1)
		go func() {
			_, err := p.Login(t.Context(), parent.ProbeUser, token)
			ended <- err
		}()
		return ended
	}
	if err := <-in("a"); err != nil {
		t.Fatal(err)
	}
	w.srv.crowd.mu.Lock()
	ended := in("b")
	select {
	case <-ended:
		t.Error("a lock is held for ever, and the probe does not notice")
	case <-time.After(50 * time.Millisecond):
	}
	w.srv.crowd.mu.Unlock()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
