package admin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve"
	"ferry/serve/admin"
	"ferry/serve/store"
	"ferry/serve/users"
)

// house is a server with its control socket.
type house struct {
	t      *testing.T
	dir    string // of sockets
	addr   string
	srv    *serve.Server
	ln     *admin.Listener
	client *admin.Client
	admin  *admin.Admin
	out    *bytes.Buffer
	ctl    admin.Ctl
	stop   chan struct{}
}

func newHouse(t *testing.T, edit ...func(*admin.Config)) *house {
	t.Helper()
	dir, err := os.MkdirTemp("", "ctl") // t.TempDir is too long for a socket's name on some systems
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	hub := admin.NewHub()
	srv, err := serve.New(serve.Config{
		Users: users.Any(), TLS: serve.TLS{Policy: serve.TLSOff}, Observe: hub.Observe,
		Open:   func(context.Context, users.Record) (store.Store, error) { return store.NewMem(), nil },
		Limits: serve.Limits{PerAddress: 10_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ftp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(ctx, ftp)
	ln, err := admin.Listen(filepath.Join(dir, "ctl"), "21")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, dir: filepath.Join(dir, "ctl"), addr: ftp.Addr().String(), srv: srv, ln: ln, out: &bytes.Buffer{}, stop: make(chan struct{})}
	cfg := admin.Config{Server: srv, Hub: hub, Tell: hub.Observe, Stop: func() { close(h.stop) }, About: admin.About{Name: ln.Name}}
	for _, f := range edit {
		f(&cfg)
	}
	served := make(chan error, 1)
	h.admin = admin.New(cfg)
	go func() { served <- h.admin.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		_ = srv.Shutdown(ctx)
		if err := <-served; err != nil {
			t.Error(err)
		}
		ln.Close()
	})
	if h.client, err = admin.Dial(ln.Path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.client.Close)
	h.ctl = admin.Ctl{Dir: h.dir, Out: h.out, Err: h.out}
	return h
}

// enter is a client that has logged in; names of any kind are users here.
func (h *house) enter(user string) *proto.Conn {
	h.t.Helper()
	nc, err := net.Dial("tcp", h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(time.Minute))
	c := proto.NewConn(nc, nil)
	for _, step := range []struct {
		line string
		code proto.Code
	}{{"", 220}, {"USER " + user, 331}, {"PASS x", 230}} {
		if step.line != "" {
			if _, err := io.WriteString(nc, step.line+"\r\n"); err != nil {
				h.t.Fatal(err)
			}
		}
		if r, err := c.ReadReply(); err != nil || r.Code != step.code {
			h.t.Fatalf("%s: %v, %v", step.line, r, err)
		}
	}
	return c
}

// run is one call of ferry ctl.
func (h *house) run(args ...string) (string, error) {
	h.t.Helper()
	h.out.Reset()
	err := h.ctl.Run(h.t.Context(), args)
	return h.out.String(), err
}

func (h *house) must(args ...string) string {
	h.t.Helper()
	out, err := h.run(args...)
	if err != nil {
		h.t.Fatalf("ctl %q: %v", args, err)
	}
	return out
}

func TestCtl(t *testing.T) {
	h := newHouse(t)
	ann, bob := h.enter("ann"), h.enter("bob")
	for _, c := range []struct {
		line string
		want []string
	}{
		{"who", []string{"ann", "bob", "127.0.0.1"}},
		{"stats", []string{"sessions   2, of 2 users"}},
		{"bans", []string{"nobody is banned"}},
		{"limit", []string{"records' limits hold"}},
		{"limit ann down 2M", []string{"2.0M/s", "as the record"}},
		{"limit ann sessions 3", []string{"2.0M/s", "3"}},
		{"limit", []string{"ann"}},
		{"limit ann off", []string{"as the record"}},
		{"kick 1 too long", []string{"1 session ended"}},
		{"ban bob 1h", []string{"1 session ended"}},
		{"bans", []string{"bob", "59m", "administrator"}},
		{"unban bob", []string{"let in again"}},
		{"drain Back at noon.", []string{"nobody is let in"}},
		{"stats", []string{"draining"}},
		{"resume", []string{"people are let in"}},
		{"servers", []string{"21"}},
		{"log --event act", []string{"kick session 1", "ban user bob", "uid"}},
		{"log -n 1 --user ann --event login", []string{"login"}},
		{"api", []string{"/v1/kick"}},
		{"help", []string{"kick ID|USER|ADDR"}},
		{"stop", []string{"the server ends"}},
	} {
		out := h.must(strings.Fields(c.line)...)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("ctl %s: no %q in\n%s", c.line, want, out)
			}
		}
	}
	if r, err := ann.ReadReply(); err != nil || r.Code != 421 || r.Text() != "too long" {
		t.Errorf("ann read %v, %v", r, err)
	}
	if r, err := bob.ReadReply(); err != nil || r.Code != 421 {
		t.Errorf("bob read %v, %v", r, err)
	}
	<-h.stop
}

func TestCtlAnswersInJSON(t *testing.T) {
	h := newHouse(t)
	h.enter("ann")
	for _, line := range []string{"who --json", "--json who", "stats --json", "bans --json", "limit --json", "users --json", "servers --json", "top --json", "kick ann --json", "drain --json", "resume --json", "help --json", "api --json", "ban eve 1h --json", "unban eve --json", "limit eve up 1M --json"} {
		if out := h.must(strings.Fields(line)...); !json.Valid([]byte(out)) {
			t.Errorf("ctl %s: %s", line, out)
		}
	}
	for line := range strings.Lines(h.must("log", "--json")) {
		if !json.Valid([]byte(line)) {
			t.Errorf("ctl log --json: %s", line)
		}
	}
}

func TestCtlMistakes(t *testing.T) {
	h := newHouse(t)
	for line, status := range map[string]int{
		"nonsense": 2, "kick": 2, "ban": 2, "unban": 2, "limit ann": 2, "limit ann width 3": 2, "limit ann up x": 2,
		"who me": 2, "log --event nonsense": 0, "log more": 2, "kick nobody": 0, "unban nobody": 0, "ban id:7": 0,
		"ban ann soon": 0, "reload": 0, "users add ann": 0, "drain --for x": 2, "--socket /none who": 3, "--server none who": 3,
	} {
		out, err := h.run(strings.Fields(line)...)
		if err == nil {
			t.Errorf("ctl %s did something: %s", line, out)
			continue
		}
		var s interface{ ExitStatus() int }
		if got := 0; errors.As(err, &s) {
			if got = s.ExitStatus(); got != status {
				t.Errorf("ctl %s: %v has status %d, want %d", line, err, got, status)
			}
		} else if status != 0 {
			t.Errorf("ctl %s: %v has no status, want %d", line, err, status)
		}
	}
}

// Names that strangers choose don't drive the administrator's terminal.
func TestCtlShowsHostileNames(t *testing.T) {
	h := newHouse(t)
	evil := "a\x1b[2J\x07\u202e\u009bb"
	h.enter(evil)
	for _, line := range []string{"who", "top", "log", "stats"} {
		if out := h.must(line); strings.ContainsAny(out, "\x1b\x07\u202e\u009b") || strings.Contains(out, "\x9b") && !strings.Contains(out, "…") {
			t.Errorf("ctl %s prints %q", line, out)
		}
	}
	if out := h.must("who"); !strings.Contains(out, "a?[2J??") {
		t.Errorf("the name can't be seen: %q", out)
	}
	if out := h.must("who", "--json"); strings.ContainsAny(out, "\x1b\x07") {
		t.Errorf("JSON holds controls: %q", out)
	}
}

func TestLogFollows(t *testing.T) {
	h := newHouse(t)
	got := make(chan string, 16)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	listening := make(chan struct{})
	go func() {
		first := true
		_ = h.client.Follow(ctx, "/v1/events?follow=1&event=login", func(line []byte) error {
			if first {
				close(listening)
				first = false
				return nil
			}
			got <- string(line)
			return nil
		})
	}()
	h.enter("first")
	select {
	case <-listening:
	case <-time.After(30 * time.Second):
		t.Fatal("nothing is heard")
	}
	h.enter("second")
	select {
	case line := <-got:
		if !strings.Contains(line, `"second"`) {
			t.Errorf("heard %s", line)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("nothing is heard")
	}
}

// What changes is shown, and nothing else.
func TestLookingOn(t *testing.T) {
	h := newHouse(t)
	h.enter("ann")
	var changes []admin.Change
	enough := errors.New("enough")
	kicked := false
	err := h.client.Follow(t.Context(), "/v1/live", func(line []byte) error {
		var c admin.Change
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		changes = append(changes, c)
		if !kicked {
			kicked = true
			return h.client.Post(t.Context(), "/v1/kick", map[string]string{"who": "ann"}, nil)
		}
		if len(c.Gone) > 0 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || len(changes[0].Changed) != 1 || changes[0].Changed[0].User != "ann" {
		t.Errorf("%v: %+v", err, changes)
	}
}

func TestTwoServersInOneDirectory(t *testing.T) {
	h := newHouse(t)
	second, err := admin.Listen(h.dir, "21")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if want := fmt.Sprintf("21-%d", os.Getpid()); second.Name != want {
		t.Errorf("the second is called %q, want %q", second.Name, want)
	}
	go admin.New(admin.Config{Server: h.srv, Hub: admin.NewHub(), About: admin.About{Name: second.Name}}).Serve(t.Context(), second)
	_, err = h.run("who")
	var none *admin.NoServerError
	if !errors.As(err, &none) || !strings.Contains(none.Hint(), second.Name) {
		t.Errorf("ctl chose: %v", err)
	}
	h.must("--server", second.Name, "who")
}

func TestStaleSocketsMakeRoom(t *testing.T) {
	dir, err := os.MkdirTemp("", "ctl")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "21.sock"), Net: "unix"})
	if err != nil {
		t.Skip("no Unix sockets here:", err)
	}
	old.SetUnlinkOnClose(false)
	old.Close()
	if all, err := admin.Found(dir); len(all) != 0 || err != nil {
		t.Errorf("found %v, %v", all, err)
	}
	ln, err := admin.Listen(dir, "21")
	if err != nil || ln.Name != "21" {
		t.Fatalf("%+v, %v", ln, err)
	}
	ln.Close()
}

// curl's view: the interface as it is documented, without ctl.
func TestInterface(t *testing.T) {
	h := newHouse(t)
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", h.ln.Path)
	}}}
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/", "", 200, "/v1/sessions"},
		{"GET", "/v1/sessions", "", 200, "[]"},
		{"GET", "/v1/history", "", 200, "[]"},
		{"GET", "/v1/kick", "", 405, ""},
		{"POST", "/v1/kick", "", 400, "error"},
		{"POST", "/v1/kick", `{"who":"ann","why":"x"}`, 400, "unknown field"},
		{"POST", "/v1/kick", `{"who":"ann"} {}`, 400, "more behind it"},
		{"POST", "/v1/kick", `{"who":"ann"}`, 404, "nobody"},
		{"POST", "/v1/kick", `{"who":"ann","reason":"a\r\n230 b"}`, 400, "one line"},
		{"POST", "/v1/ban", `{"who":"10.0.0.0/8","for":"-1s"}`, 400, "no time"},
		{"POST", "/v1/users/add", `{"name":"ann","password":"x"}`, 501, "no users file"},
		{"POST", "/v1/kick", `{"who":"` + strings.Repeat("x", 100_000) + `"}`, 400, "too large"},
		{"GET", "/metrics", "", 404, "no metrics"},
		{"GET", "/v1/nonsense", "", 404, ""},
	} {
		req, err := http.NewRequest(c.method, "http://ferry"+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != c.status || !strings.Contains(string(text), c.want) {
			t.Errorf("%s %s %.40s: %d %.200s; want %d, %q", c.method, c.path, c.body, resp.StatusCode, text, c.status, c.want)
		}
	}
}

// Five thousand sessions, and acts that take effect at once.
func TestFiveThousandSessions(t *testing.T) {
	many := 300
	if os.Getenv("FERRY_NEED_PEERS") != "" {
		many = 5000
	}
	h := newHouse(t)
	var all []*proto.Conn
	for i := range many {
		all = append(all, h.enter(fmt.Sprintf("user%d", i)))
	}
	began := time.Now()
	out := h.must("who")
	took := time.Since(began)
	if n := strings.Count(out, "\n"); n != many+1 {
		t.Errorf("who shows %d lines of %d", n, many)
	}
	var worst time.Duration
	for i := range 20 {
		began := time.Now()
		if err := h.client.Post(t.Context(), "/v1/kick", map[string]string{"who": fmt.Sprintf("user%d", i)}, nil); err != nil {
			t.Fatal(err)
		}
		if r, err := all[i].ReadReply(); err != nil || r.Code != 421 {
			t.Fatalf("user%d read %v, %v", i, r, err)
		}
		worst = max(worst, time.Since(began))
	}
	t.Logf("%d sessions: who in %v; slowest of 20 kicks until the client knew: %v", many, took, worst)
}

var _ admin.Server = (*serve.Server)(nil)

// What ctl does to the users file, with rights of its own, stands in the log and
// the journal as what the page does.
func TestEditsBesideTheServerAreTold(t *testing.T) {
	h := newHouse(t, func(c *admin.Config) { c.Users, c.About.Users = "users.toml", "users.toml" })
	var fails error
	h.ctl.Users = func(_ context.Context, out io.Writer, file string, args []string) error {
		fmt.Fprintln(out, file, args)
		return fails
	}
	h.ctl.Err = io.Discard
	h.must("users", "add", "--perm", "all", "ann")
	if out := h.must("--json", "users", "passwd", "bob"); !json.Valid([]byte(out)) {
		t.Errorf("with --json: %s", out)
	}
	fails = errors.New("exists")
	if err := h.ctl.Run(context.Background(), []string{"users", "remove", "eve"}); !errors.Is(err, fails) {
		t.Error(err)
	}
	log := h.must("log", "--event", "act")
	for want, is := range map[string]bool{"users add": true, "users passwd": true, "bob": true, "eve": false} {
		if strings.Contains(log, want) != is {
			t.Errorf("%q in the log: %v\n%s", want, !is, log)
		}
	}
	for _, bad := range []map[string]string{{"act": "shred", "name": "ann"}, {"act": "add"}} {
		if err := h.client.Post(context.Background(), "/v1/users/edited", bad, nil); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}
