package admin_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/admin"
)

// page is the page of a house.
func (h *house) page() (web *admin.Web, at string) {
	h.t.Helper()
	web = admin.NewWeb(h.admin, "correct-horse-battery")
	srv := httptest.NewUnstartedServer(web)
	ctx, cancel := context.WithCancel(context.Background())
	go web.Serve(ctx, srv.Listener)
	h.t.Cleanup(cancel)
	return web, "http://" + srv.Listener.Addr().String()
}

func TestPageWalls(t *testing.T) {
	h := newHouse(t)
	h.enter("ann")
	_, at := h.page()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method, path, body string, header ...string) (int, string, http.Header) {
		t.Helper()
		req, err := http.NewRequest(method, at+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			if header[i] == "Host" {
				req.Host = header[i+1]
			}
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text), resp.Header
	}
	const bearer = "Bearer correct-horse-battery"
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	status, _, header := ask("POST", "/login", url.Values{"token": {"correct-horse-battery"}}.Encode(), form...)
	cookie := header.Get("Set-Cookie")
	if status != http.StatusSeeOther || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
		t.Fatalf("login: %d, %s", status, cookie)
	}
	cookie, _, _ = strings.Cut(cookie, ";")
	for _, c := range []struct {
		name, method, path, body string
		header                   []string
		status                   int
		want                     string
	}{
		{"a stranger gets the form", "GET", "/", "", nil, 200, "Token"},
		{"and nothing else", "GET", "/v1/sessions", "", nil, 401, "token"},
		{"nor metrics", "GET", "/metrics", "", nil, 401, "token"},
		{"nor the script", "GET", "/page.js", "", nil, 401, "token"},
		{"nor acts", "POST", "/v1/kick", `{"who":"ann"}`, []string{"X-Ferry", "1"}, 401, "token"},
		{"a wrong token", "POST", "/login", "token=wrong", form, 401, "not the token"},
		{"an empty one", "POST", "/login", "token=", form, 401, "not the token"},
		{"a wrong bearer", "GET", "/v1/sessions", "", []string{"Authorization", "Bearer x"}, 401, "token"},
		{"a made-up cookie", "GET", "/v1/sessions", "", []string{"Cookie", "ferry="}, 401, "token"},
		{"the token", "GET", "/v1/sessions", "", []string{"Authorization", bearer}, 200, "ann"},
		{"the cookie", "GET", "/v1/sessions", "", []string{"Cookie", cookie}, 200, "ann"},
		{"the page", "GET", "/", "", []string{"Cookie", cookie}, 200, "Throughput"},
		{"DNS rebinding", "GET", "/v1/sessions", "", []string{"Cookie", cookie, "Host", "evil.example"}, 421, "not called that"},
		{"localhost is ours", "GET", "/v1/sessions", "", []string{"Cookie", cookie, "Host", "localhost:80"}, 200, "ann"},
		{"CSRF by a form", "POST", "/v1/kick", `{"who":"ann"}`, []string{"Cookie", cookie}, 403, "X-Ferry"},
		{"CSRF from another origin", "POST", "/v1/kick", `{"who":"ann"}`, []string{"Cookie", cookie, "X-Ferry", "1", "Origin", "http://evil.example"}, 403, "elsewhere"},
		{"CSRF from another site", "POST", "/v1/kick", `{"who":"ann"}`, []string{"Cookie", cookie, "X-Ferry", "1", "Sec-Fetch-Site", "cross-site"}, 403, "elsewhere"},
		{"login from elsewhere", "POST", "/login", "token=correct-horse-battery", append([]string{"Origin", "null"}, form...), 403, "elsewhere"},
		{"an act", "POST", "/v1/kick", `{"who":"ann"}`, []string{"Cookie", cookie, "X-Ferry", "1", "Origin", at, "Sec-Fetch-Site", "same-origin"}, 200, "1"},
		{"log out", "POST", "/logout", "", []string{"Cookie", cookie, "X-Ferry", "1"}, 200, ""},
		{"and the cookie is void", "GET", "/v1/sessions", "", []string{"Cookie", cookie}, 401, "token"},
	} {
		status, text, header := ask(c.method, c.path, c.body, c.header...)
		if status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s: %d %.200s; want %d, %q", c.name, status, text, c.status, c.want)
		}
		if csp := header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || header.Get("X-Frame-Options") != "DENY" || header.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: the policy is %q", c.name, csp)
		}
	}
}

// One address that holds connections open doesn't take all there are, and what
// it has closed it may open again.
func TestPageBoundsConnections(t *testing.T) {
	h := newHouse(t)
	_, at := h.page()
	addr := strings.TrimPrefix(at, "http://")
	dial := func() net.Conn {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nc.Close() })
		return nc
	}
	answers := func(nc net.Conn) bool {
		_ = nc.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.WriteString(nc, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		n, _ := nc.Read(make([]byte, 1))
		return n == 1
	}
	var open []net.Conn
	for range 64 {
		nc := dial()
		if !answers(nc) {
			t.Fatalf("connection %d is refused", len(open)+1)
		}
		open = append(open, nc)
	}
	if answers(dial()) {
		t.Fatal("one too many is let in")
	}
	for _, nc := range open {
		nc.Close()
	}
	for end := time.Now().Add(10 * time.Second); !answers(dial()); {
		if time.Now().After(end) {
			t.Fatal("nobody is let in again")
		}
	}
}

func TestTokenIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	one, err := admin.Token(path)
	if err != nil || len(one) < 20 {
		t.Fatalf("%d characters, %v", len(one), err)
	}
	if two, err := admin.Token(path); err != nil || two != one {
		t.Errorf("another one: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o644); err != nil {
		t.Fatal(err)
	}
	if three, err := admin.Token(path); err != nil || three == proto.Secret("short") {
		t.Errorf("a short token was taken, %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
