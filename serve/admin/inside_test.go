package admin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/serve/live"
)

func TestWho(t *testing.T) {
	for word, want := range map[string]string{
		"7": "session 7", "id:7": "session 7", "user:7": "user 7", "ann": "user ann", "10.1.2.3": "10.1.2.3", "10.1.2.3/8": "10.0.0.0/8",
		"::1": "::1", "addr:::1": "::1", "::ffff:10.0.0.1": "10.0.0.1", "user:10.0.0.1": "user 10.0.0.1", "0": "user 0",
		"id:0": "", "id:x": "", "addr:ann": "", "": "", "user:": "", "a\nb": "",
	} {
		w, err := parseWho(word)
		if got := w.String(); err == nil && got != want || (err != nil) != (want == "") {
			t.Errorf("%q is %q, %v; want %q", word, got, err, want)
		}
	}
}

func TestHubForgetsAndNeverWaits(t *testing.T) {
	h := NewHub()
	_, l := h.listen()
	for i := range keptEvents + 10 {
		h.Observe(live.Event{Session: uint64(i)})
	}
	past, _ := h.listen()
	if len(past) != keptEvents || past[0].Session != 10 || past[len(past)-1].Session != keptEvents+9 {
		t.Errorf("%d are kept, from %d to %d", len(past), past[0].Session, past[len(past)-1].Session)
	}
	if n := h.missed(l); n != keptEvents+10-waitingEvents || h.missed(l) != 0 {
		t.Errorf("%d were missed", n)
	}
	for range maxListeners {
		h.listen()
	}
	if _, l := h.listen(); l != nil {
		t.Error("one too many listens")
	}
}

func TestFewLookOn(t *testing.T) {
	a := New(Config{Hub: NewHub()})
	leave := a.looksOn()
	for range maxListeners - 1 {
		if a.looksOn() == nil {
			t.Fatal("too few may look on")
		}
	}
	w := httptest.NewRecorder()
	a.lookOn(w, httptest.NewRequest("GET", "/v1/live", nil))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("one too many is answered %d", w.Code)
	}
	leave()
	if a.looksOn() == nil {
		t.Error("the place of one who has left is not free")
	}
}

func TestCrowd(t *testing.T) {
	c, all := newCrowd(), []net.Conn{}
	for range maxConns {
		one, other := net.Pipe()
		defer other.Close()
		all = append(all, one)
		if !c.enters(one) {
			t.Fatal("too few are let in")
		}
	}
	one, other := net.Pipe()
	defer other.Close()
	c.changed(one, http.StateNew)
	if _, err := one.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("one too many is open: %v", err)
	}
	c.changed(one, http.StateClosed) // which it was never counted as
	c.changed(all[0], http.StateClosed)
	if !c.enters(one) || c.enters(all[0]) {
		t.Error("one place should be free")
	}
}

func TestSplit(t *testing.T) {
	for line, want := range map[string]string{
		"": "", "a  b": "a|b", "kick 'a b' \"c'd\"": "kick|a b|c'd", "x ''": "x|", "a'b'c": "abc",
	} {
		words, err := split(line)
		if got := strings.Join(words, "|"); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", line, got, err, want)
		}
	}
	if _, err := split("a 'b"); err == nil {
		t.Error("an open quote was taken")
	}
}

func TestMayControl(t *testing.T) {
	me := os.Geteuid()
	for uid, want := range map[int]bool{0: true, me: true, 4711: true, 4712: false} {
		if got := mayControl(uid, 4711); got != want {
			t.Errorf("uid %d: %v", uid, got)
		}
	}
}

// The control port of systems without such sockets wants its token.
func TestPortWantsItsToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "21"+portSuffix)
	ln, err := ListenAt(path)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	a := New(Config{Hub: NewHub(), About: About{Name: "21"}})
	go a.Serve(t.Context(), ln)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the token's file is %v, %v", info.Mode(), err)
	}
	if resp, err := http.Get("http://" + ln.Addr().String() + "/v1/about"); err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: %v, %v", resp, err)
	}
	c, err := Dial(path)
	if err != nil || c.About.Name != "21" {
		t.Fatalf("with the token: %v", err)
	}
	c.Close()
}

func TestGuardedSaysNothingOnASocket(t *testing.T) {
	w := httptest.NewRecorder()
	(&Listener{}).Guarded(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 204 {
		t.Errorf("status %d", w.Code)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{"a\x1b[2J": "a?[2J", "ü…": "ü…", "\u202eb": "?b", "\u009b": "?", "a\xff": "a?", "\u200f": "?"} {
		if got := clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// slowWriter fails behind its deadline, as a connection does.
type slowWriter struct {
	httptest.ResponseRecorder
	until time.Time
}

func (w *slowWriter) SetWriteDeadline(t time.Time) error { w.until = t; return nil }
func (w *slowWriter) SetReadDeadline(time.Time) error    { return nil }

func (w *slowWriter) Write(p []byte) (int, error) {
	if !w.until.IsZero() && time.Now().After(w.until) {
		return 0, os.ErrDeadlineExceeded
	}
	return w.ResponseRecorder.Write(p)
}

// A stream on which nothing has happened for long takes more than a buffer holds.
func TestStreamAfterSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &slowWriter{ResponseRecorder: *httptest.NewRecorder()}
		s := newStream(w, httptest.NewRequest("GET", "/v1/events", nil))
		if err := s.flush(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := s.put("event", live.Event{}); err != nil {
			t.Error("after an hour:", err)
		}
	})
}

// Who listens anew asks for what is behind the last event that arrived, is told how
// many of those are kept no more, and hears what had happened before the end.
func TestListeningGoesOn(t *testing.T) {
	hub := NewHub()
	a := New(Config{Hub: hub})
	hub.Observe(live.Event{Path: "a"})
	hub.Observe(live.Event{Path: "b"})
	ask := func(ctx context.Context, query string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		a.events(w, httptest.NewRequestWithContext(ctx, "GET", "/v1/events?"+query, nil))
		return w
	}
	if w := ask(t.Context(), "last=0"); w.Header().Get(heardBefore) != "2" || w.Body.Len() > 0 {
		t.Errorf("of none: %v %s", w.Header(), w.Body)
	}
	if text := ask(t.Context(), "after=1").Body.String(); strings.Contains(text, `"a"`) || !strings.Contains(text, `"seq":2`) {
		t.Errorf("behind the first: %s", text)
	}
	if w := ask(t.Context(), "after=x"); w.Code != http.StatusBadRequest {
		t.Errorf("after=x is answered %d", w.Code)
	}
	for range keptEvents {
		hub.Observe(live.Event{})
	}
	if text := ask(t.Context(), "after=1&failed=1").Body.String(); !strings.HasPrefix(text, `{"lost":1}`) {
		t.Errorf("of one that is kept no more: %.80s", text)
	}
	if text := ask(t.Context(), "after=2").Body.String(); strings.Contains(text, "lost") || strings.Count(text, "\n") != keptEvents {
		t.Errorf("of all that are kept: %.80s", text)
	}
	over, cancel := context.WithCancel(t.Context())
	go func() {
		for n := 0; n == 0; time.Sleep(time.Millisecond) {
			hub.mu.Lock()
			n = len(hub.listeners)
			hub.mu.Unlock()
		}
		for range waitingEvents {
			hub.Observe(live.Event{Path: "late"})
		}
		cancel()
	}()
	if n := strings.Count(ask(over, "follow=1&last=0").Body.String(), "late"); n != waitingEvents {
		t.Errorf("%d of %d events before the end are told", n, waitingEvents)
	}
}

// A server does not end under one who has connected and is about to ask.
func TestWhoHasConnectedIsAnswered(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	accepted := make(chan struct{})
	over := make(chan error, 1)
	go func() {
		over <- serveHTTP(ctx, tellingListener{ln, accepted}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }))
	}()
	nc, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	<-accepted
	end()
	for err == nil { // until nobody else is accepted
		var more net.Conn
		if more, err = net.Dial("tcp", ln.Addr().String()); err == nil {
			more.Close()
		}
	}
	select {
	case err := <-over:
		t.Fatalf("it has ended: %v", err)
	default:
	}
	fmt.Fprint(nc, "GET / HTTP/1.1\r\nHost: ferry\r\n\r\n")
	if resp, err := http.ReadResponse(bufio.NewReader(nc), nil); err != nil || resp.StatusCode != 204 {
		t.Errorf("%v, %v", resp, err)
	}
	if err := <-over; err != nil {
		t.Error(err)
	}
}

// tellingListener tells of its first connection.
type tellingListener struct {
	net.Listener
	accepted chan struct{}
}

func (l tellingListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err == nil {
		select {
		case <-l.accepted:
		default:
			close(l.accepted)
		}
	}
	return nc, err
}

// ^C ends what runs at the prompt, and the prompt only when nothing does.
func TestInterruptEndsTheVerb(t *testing.T) {
	ended := make(chan bool)
	v := newInterrupts(func() error { close(ended); return nil })
	defer v.end()
	for range 2 {
		err := v.run(t.Context(), func(ctx context.Context) error {
			v.come <- os.Interrupt
			<-ctx.Done()
			return ctx.Err()
		})
		if err != nil {
			t.Errorf("an interrupted verb ends with %v", err)
		}
	}
	if err := v.run(t.Context(), func(context.Context) error { return io.ErrUnexpectedEOF }); err != io.ErrUnexpectedEOF {
		t.Errorf("a verb that fails ends with %v", err)
	}
	select {
	case <-ended:
		t.Fatal("the prompt is over")
	default:
	}
	v.come <- os.Interrupt
	<-ended
}

// A login holds for every process of the same token until its time is over, it is
// ended, or too many are.
func TestLogins(t *testing.T) {
	w, next, other := &Web{token: "a"}, &Web{token: "a"}, &Web{token: "b"}
	in := w.cookie("ann", time.Now().Add(loginTime))
	good := func(w *Web, cookie string) bool { _, _, ok := w.read(cookie); return ok }
	if !good(w, in) || !good(next, in) || good(other, in) {
		t.Error("the login is good where it should not be, or not where it should")
	}
	forged := strings.Replace(in, "ann", "bob", 1)
	old := w.cookie("ann", time.Now().Add(-time.Second))
	for _, bad := range []string{"", ".", "..", forged, old, in + "0", in[:len(in)-1], "x" + in} {
		if good(w, bad) {
			t.Errorf("%q is a login", bad)
		}
	}
	id, until, _ := w.read(in)
	w.End(Ended{IDs: map[string]time.Time{id: until, "past": time.Now().Add(-time.Second)}})
	next.End(w.Ended())
	if good(w, in) || good(next, in) || len(next.Ended().IDs) != 1 {
		t.Errorf("an ended login holds; kept: %v", next.Ended())
	}
	many := map[string]time.Time{}
	for i := range maxLogouts + 1 {
		many[fmt.Sprint(i)] = time.Now().Add(time.Hour)
	}
	bob := next.cookie("bob", time.Now().Add(loginTime-time.Minute))
	next.End(Ended{IDs: many})
	if good(next, bob) || len(next.Ended().IDs) > 0 {
		t.Error("what was ended is not known any more, yet old logins hold")
	}
	if late := next.cookie("late", time.Now().Add(loginTime+2*time.Second)); !good(next, late) {
		t.Error("nobody can log in any more")
	}
}

// Where a server was killed, its socket is no obstacle; what is no socket, or
// answers, stays.
func TestAbandonedSocketIsTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.sock")
	first, err := ListenAt(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ListenAt(path); err == nil {
		t.Fatal("a socket that somebody answers on is taken away")
	}
	if f, err := first.HandOver(); err == nil {
		f.Close()
	}
	second, err := ListenAt(path)
	if err != nil {
		t.Fatal("a dead server's socket stands in the way:", err)
	}
	second.Close()
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ListenAt(path); err == nil {
		t.Error("a file is taken for a socket")
	}
	if text, _ := os.ReadFile(path); string(text) != "precious" {
		t.Error("a file that is no socket was removed")
	}
}
