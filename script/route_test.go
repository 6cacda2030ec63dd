package script

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ferry/proto/memnet"
)

// hop is a proxy for SOCKS5 and HTTP CONNECT that shares no code with package
// proxy; it notes where it was asked to connect.
type hop struct {
	host  *memnet.Host
	mu    sync.Mutex
	asked []string
}

// hopTo puts a proxy between the world's script and its server.
func hopTo(t *testing.T, w *world) *hop {
	t.Helper()
	near := w.cfg.Network.(*memnet.Host)
	h := &hop{host: near}
	ln, err := near.Listen(t.Context(), "tcp", "192.0.2.9:8080")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go h.serve(nc)
		}
	}()
	t.Cleanup(func() { ln.Close() })
	return h
}

func (h *hop) serve(nc net.Conn) {
	defer nc.Close()
	in := bufio.NewReader(nc)
	first, err := in.Peek(1)
	if err != nil {
		return
	}
	to, granted := "", "HTTP/1.1 200 OK\r\n\r\n"
	if first[0] == 5 {
		to, granted = socksWants(in, nc), "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
	} else {
		for line, err := in.ReadString('\n'); err == nil && line != "\r\n"; line, err = in.ReadString('\n') {
			if rest, ok := strings.CutPrefix(line, "CONNECT "); ok {
				to, _, _ = strings.Cut(rest, " ")
			}
		}
	}
	h.mu.Lock()
	h.asked = append(h.asked, to)
	h.mu.Unlock()
	far, err := h.host.DialContext(context.Background(), "tcp", to)
	if err != nil {
		return
	}
	defer far.Close()
	_, _ = io.WriteString(nc, granted)
	go func() { _, _ = io.Copy(far, in); far.Close() }()
	_, _ = io.Copy(nc, far)
}

func socksWants(in io.Reader, out io.Writer) string {
	var b [256]byte
	_, _ = io.ReadFull(in, b[:3])
	_, _ = out.Write([]byte{5, 0})
	_, _ = io.ReadFull(in, b[:5])
	n := int(b[4]) + 2
	if b[3] == 1 { // an address, of which one byte is here already
		_, _ = io.ReadFull(in, b[5:10])
		return netip.AddrFrom4([4]byte(b[4:8])).String() + ":" + strconv.Itoa(int(b[8])<<8|int(b[9]))
	}
	_, _ = io.ReadFull(in, b[:n])
	return string(b[:n-2]) + ":" + strconv.Itoa(int(b[n-2])<<8|int(b[n-1]))
}

func TestThroughAProxy(t *testing.T) {
	for _, scheme := range []string{"socks5", "http"} {
		t.Run(scheme, func(t *testing.T) {
			w := newWorld(t)
			w.server.file("/a.txt", "hello")
			h := hopTo(t, w)
			err := w.run("set proxy " + scheme + "://192.0.2.9:8080\nset tls off\nopen ftp.test\nuser anna secret\nget a.txt\nls")
			if err != nil {
				t.Fatal(err, w.err.String())
			}
			if w.read("a.txt") != "hello" || len(h.asked) != 3 || h.asked[0] != "ftp.test:21" || !strings.HasPrefix(h.asked[1], "ftp.test:") {
				t.Errorf("asked for %q", h.asked)
			}
		})
	}
}

func TestNoActiveModeThroughAProxy(t *testing.T) {
	w := newWorld(t)
	hopTo(t, w)
	err := w.run("set proxy http://192.0.2.9:8080\nset tls off\nopen ftp.test\nuser anna secret\nactive\nls")
	if err == nil || !strings.Contains(err.Error(), "active mode can't go through a proxy") || HintOf(err) != "`passive` lets this end connect" {
		t.Errorf("%v; %s", err, HintOf(err))
	}
	if sent := w.server.sent("PORT", "EPRT"); len(sent) > 0 {
		t.Error(sent)
	}
}

func TestFTPProxies(t *testing.T) {
	for style, want := range map[string]string{
		"user@host": "USER wall,PASS secret,USER anna@ftp.far.example,PASS secret",
		"open":      "USER wall,PASS secret,OPEN ftp.far.example,USER anna,PASS secret",
		"site":      "USER wall,PASS secret,SITE ftp.far.example,USER anna,PASS secret",
	} {
		t.Run(style, func(t *testing.T) {
			w := newWorld(t)
			w.server.relay = true
			err := w.run("set ftp-proxy wall:secret@ftp.test\nset ftp-proxy-style " + style + "\nopen ftp.far.example\nuser anna secret\npwd")
			if got := strings.Join(w.server.sent("USER", "PASS", "OPEN", "SITE"), ","); err != nil || got != want {
				t.Errorf("sent %q, %v", got, err)
			}
		})
	}
}

// A charset counts at once and in both directions.
func TestCharsetSetting(t *testing.T) {
	w := newWorld(t)
	w.server.file("/gr\xfc\xdfe.txt", "hello")
	w.local("für dich", "x")
	w.mustIn("set charset latin1\nls\nget gr*\nput 'für dich'\nset charset none")
	if w.out.String() != "grüße.txt\n" || w.read("grüße.txt") != "hello" {
		t.Error(w.out.String())
	}
	if got, ok := w.server.content("/f\xfcr dich"); got != "x" || !ok {
		t.Error("not there under its name")
	}
	if err := w.in("set charset latin1\nrm 日本"); err == nil || len(w.server.sent("DELE")) > 0 {
		t.Error(err)
	}
}

func TestRouteSettings(t *testing.T) {
	for line, ok := range map[string]bool{
		"set proxy socks5://h":           true,
		"set proxy socks5://u:CANARY@h":  true,
		"set proxy none":                 true,
		"set proxy ftp://u:CANARY@h":     false,
		"set proxy h:1080":               false,
		"set ftp-proxy h":                true,
		"set ftp-proxy u:CANARY@h:2121":  true,
		"set ftp-proxy u:CANARY@h:0":     false,
		"set ftp-proxy ftp://u:CANARY@h": false,
		"set ftp-proxy-style site":       true,
		"set ftp-proxy-style what":       false,
		"set active-ports 50000-50009":   true,
		"set active-ports 50000":         true,
		"set active-ports 2-1":           false,
		"set active-ports 0":             false,
		"set active-ports 1-65536":       false,
		"set active-address 192.0.2.1":   true,
		"set active-address h":           false,
		"set charset windows-1251":       true,
		"set charset utf-16":             false,
	} {
		w := newWorld(t)
		err := w.run(line + "\nset\necho ${proxy} ${ftp-proxy}")
		if (err == nil) != ok {
			t.Errorf("%s: %v", line, err)
		}
		if err != nil && ExitCode(err) != exitUsage {
			t.Errorf("%s: exit code %d", line, ExitCode(err))
		}
		all := w.out.String() + w.err.String()
		if err != nil {
			all += err.Error() + HintOf(err)
		}
		if strings.Contains(all, "CANARY") {
			t.Errorf("%s: the password is shown:\n%s", line, all)
		}
	}
}

// In a rehearsal there is no proxy to be asked.
func TestNoProxyInASandbox(t *testing.T) {
	w := newWorld(t)
	w.cfg.Sandbox = true
	if err := w.run("set proxy socks5://192.0.2.77\nset ftp-proxy 192.0.2.78\nopen ftp.test\nuser anna secret\npwd"); err != nil {
		t.Error(err)
	}
}
