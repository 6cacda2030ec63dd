package serve

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/admin"
)

// A daemon writes down what happens, is steered by its socket, and ends by it.
func TestDaemonIsSteeredAndKeepsBooks(t *testing.T) {
	dir, err := os.MkdirTemp("", "ctl") // a socket's name is short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := func(name string) string { return filepath.Join(dir, name) }
	r := runDaemon(t, Daemon{
		User: "ann", Password: Password{Env: "secret"}, TLS: Encryption{Policy: TLSOff}, LogFile: file("log"),
		Written: Written{Journal: file("journal"), Xferlog: file("xferlog")},
		Control: Control{Socket: file("s.sock"), Metrics: "0"},
	})
	p := visit(t, r.said(t, `ftp://([0-9.:]+)/\n`), "ann", "secret")
	r.said(t, `control   ferry ctl --socket (.*s\.sock)`)
	send(t, p, "f", "hello")
	c, err := admin.Dial(file("s.sock"))
	if err != nil {
		t.Fatal(err)
	}
	var metrics string
	if err := c.Get(t.Context(), "/v1/about", nil); err != nil {
		t.Error(err)
	}
	if err := c.Follow(t.Context(), "/metrics", func(line []byte) error { metrics += string(line); return nil }); err != nil || !strings.Contains(metrics, "ferry_sessions 1\n") {
		t.Errorf("metrics: %v\n%s", err, metrics)
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) { // books are kept beside the sessions
		if text, err := os.ReadFile(file("xferlog")); err == nil && len(text) > 0 {
			break
		}
	}
	if err := os.Rename(file("xferlog"), file("xferlog.old")); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		path string
		body any
	}{{"/v1/reload", nil}, {"/v1/kick", map[string]string{"who": "ann"}}, {"/v1/stop", nil}} {
		if err := c.Post(t.Context(), step.path, step.body, nil); err != nil {
			t.Errorf("%s: %v", step.path, err)
		}
	}
	p.expect(proto.Unavailable)
	select {
	case err := <-r.ended:
		if err != nil {
			t.Errorf("the daemon ended: %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the daemon goes on")
	}
	if _, err := os.Stat(file("s.sock")); err == nil {
		t.Error("the socket is left")
	}
	for name, want := range map[string]string{
		"journal":     `"event":"upload".*"path":"/f".*"bytes":5(?s:.*)"event":"act".*"verb":"kick","path":"user ann"`,
		"xferlog.old": ` 127\.0\.0\.1 5 /f b _ i r ann ftp 0 \* c\n$`,
		"xferlog":     `^$`,
		"log":         `msg=transfer .*path=/f bytes=5(?s:.*)act=kick`,
	} {
		got, err := os.ReadFile(file(name))
		if err != nil || !regexp.MustCompile(want).Match(got) {
			t.Errorf("%s, %v, is not like %s:\n%s", name, err, want, got)
		}
	}
	if info, err := os.Stat(file("journal")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the journal is %v", info.Mode())
	}
}

// send is an upload over TCP.
func send(t *testing.T, p *peer, name, content string) {
	t.Helper()
	port, err := proto.ParseExtendedPassive(p.do("EPSV", proto.ExtendedPassive).Text())
	if err != nil {
		t.Fatal(err)
	}
	host, _, _ := net.SplitHostPort(p.nc.RemoteAddr().String())
	nc, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
	if err != nil {
		t.Fatal(err)
	}
	p.do("STOR "+name, proto.OpeningData)
	_, _ = io.WriteString(nc, content)
	nc.Close()
	p.expect(proto.TransferDone)
}

func TestMetricsAddress(t *testing.T) {
	for in, want := range map[string]string{"9100": "127.0.0.1:9100", ":9100": "127.0.0.1:9100", "10.0.0.1:9": "10.0.0.1:9", "[::]:9": "[::]:9"} {
		if got := localAddress(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	ln, err := Daemon{Control: Control{Metrics: "0"}}.openMetrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go admin.ServeMetrics(ctx, ln, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "m 1\n") }))
	for path, status := range map[string]int{"/metrics": 200, "/v1/sessions": 404, "/": 404} {
		resp, err := http.Get("http://" + ln.Addr().String() + path)
		if err != nil || resp.StatusCode != status {
			t.Errorf("%s: %v, %v", path, resp, err)
		}
	}
}

func TestNoStateMeansNoSocket(t *testing.T) {
	r := runDaemon(t, Daemon{NoState: true, User: "ann", Password: Password{Env: "secret"}, TLS: Encryption{Policy: TLSOff}})
	r.said(t, `control   (none): --no-state`)
	dir, err := stateDir()
	if err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(admin.Dir(dir)); len(files) > 0 {
		t.Errorf("there are %v, %v", files, err)
	}
	r.end(t)
}

func TestPriority(t *testing.T) {
	for line, want := range map[string]int{"time=x level=ERROR msg=y": 3, `{"level":"WARN"}`: 4, "level=INFO": 6, "level=DEBUG": 7} {
		if got := priority(line); got != want {
			t.Errorf("%s: %d, want %d", line, got, want)
		}
	}
}
