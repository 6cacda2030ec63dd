package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
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
	userAddr  = netip.MustParseAddr("192.0.2.1")
	proxyAddr = netip.MustParseAddr("192.0.2.2")
)

// talk is a proxy that says what it is told to, and notes what it got.
type talk struct {
	steps []string // "<" bytes that are expected, ">" bytes that are sent
}

// at runs a proxy of steps, and dials address through it. What comes behind
// the steps is echoed.
func (k talk) dial(t *testing.T, url, address string) (net.Conn, error) {
	t.Helper()
	n := memnet.New()
	n.Name("proxy.test", proxyAddr)
	ln, err := n.Host(proxyAddr).Listen(t.Context(), "tcp", ":1080")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go k.serve(t, ln)
	through, err := New(url, n.Host(userAddr))
	if err != nil {
		t.Fatal(err)
	}
	nc, err := through.DialContext(t.Context(), "tcp", address)
	if err == nil {
		t.Cleanup(func() { nc.Close() })
	}
	return nc, err
}

func (k talk) serve(t *testing.T, ln net.Listener) {
	nc, err := ln.Accept()
	if err != nil {
		return
	}
	defer nc.Close()
	for _, step := range k.steps {
		if step[0] == '>' {
			_, _ = io.WriteString(nc, step[1:])
			continue
		}
		got := make([]byte, len(step)-1)
		if _, err := io.ReadFull(nc, got); err != nil || string(got) != step[1:] {
			t.Errorf("got %q, want %q, %v", got, step[1:], err)
			return
		}
	}
	_, _ = io.Copy(nc, nc)
}

const socksOK = ">\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"

func TestProxies(t *testing.T) {
	for _, tt := range []struct {
		name, url, to string
		steps         []string
	}{
		{"SOCKS5, by name", "socks5://proxy.test", "ftp.test:21", []string{
			"<\x05\x01\x00", ">\x05\x00", "<\x05\x01\x00\x03\x08ftp.test\x00\x15", socksOK,
		}},
		{"SOCKS5, by address", "socks5h://192.0.2.2:1080", "192.0.2.3:4096", []string{
			"<\x05\x01\x00", ">\x05\x00", "<\x05\x01\x00\x01\xc0\x00\x02\x03\x10\x00", socksOK,
		}},
		{"SOCKS5, IPv6", "socks5://proxy.test", "[2001:db8::1]:21", []string{
			"<\x05\x01\x00", ">\x05\x00", "<\x05\x01\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x15", socksOK,
		}},
		{"SOCKS5 with a password", "socks5://an%40na:p%3Aw@proxy.test", "ftp.test:21", []string{
			"<\x05\x02\x00\x02", ">\x05\x02", "<\x01\x05an@na\x03p:w", ">\x01\x00", "<\x05\x01\x00\x03\x08ftp.test\x00\x15", socksOK,
		}},
		{"HTTP", "http://proxy.test:1080/", "ftp.test:21", []string{
			"<CONNECT ftp.test:21 HTTP/1.1\r\nHost: ftp.test:21\r\n\r\n", ">HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n",
		}},
		{"HTTP with a password", "http://anna:secret@proxy.test:1080", "ftp.test:21", []string{
			"<CONNECT ftp.test:21 HTTP/1.1\r\nHost: ftp.test:21\r\nProxy-Authorization: Basic YW5uYTpzZWNyZXQ=\r\n\r\n", ">HTTP/1.0 200\n\n",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nc, err := talk{steps: append(tt.steps, ">220 hello\r\n")}.dial(t, tt.url, tt.to)
			if err != nil {
				t.Fatal(err)
			}
			// The greeting came with the proxy's answer, and is all there.
			line, err := bufio.NewReader(nc).ReadString('\n')
			if line != "220 hello\r\n" || err != nil {
				t.Errorf("got %q, %v", line, err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name, url string
		steps     []string
		says      string
	}{
		{"SOCKS5: not allowed", "socks5://proxy.test", []string{"<\x05\x01\x00", ">\x05\x00", "<\x05\x01\x00\x03\x08ftp.test\x00\x15", ">\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00"}, "not allowed"},
		{"SOCKS5: wants a password", "socks5://proxy.test", []string{"<\x05\x01\x00", ">\x05\xff"}, "authentication"},
		{"SOCKS5: wrong password", "socks5://a:CANARY@proxy.test", []string{"<\x05\x02\x00\x02", ">\x05\x02", "<\x01\x01a\x06CANARY", ">\x01\x01"}, "authentication"},
		{"HTTP: 407", "http://proxy.test:1080", []string{"<CONNECT", ">HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"}, "407 Proxy"},
		{"HTTP: 403", "http://a:CANARY@proxy.test:1080", []string{"<CONNECT", ">HTTP/1.1 403 Forbidden\r\n\r\n"}, "403 Forbidden"},
		{"HTTP: no HTTP", "http://proxy.test:1080", []string{"<CONNECT", ">220 FTP server\r\n\r\n"}, "not HTTP"},
		{"HTTP: almost a status", "http://proxy.test:1080", []string{"<CONNECT", ">HTTP/1.1 2000 What\r\n\r\n"}, "2000"},
		{"HTTP: endless", "http://proxy.test:1080", []string{"<CONNECT", ">HTTP/1.1 200 OK\r\n" + strings.Repeat("x: y\r\n", 5000)}, "no end"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := talk{steps: tt.steps}.dial(t, tt.url, "ftp.test:21")
			var pe *Error
			if !errors.As(err, &pe) || pe.Proxy != "proxy.test:1080" || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "CANARY") {
				t.Error("the password is shown")
			}
		})
	}
}

func TestProxyHangsUp(t *testing.T) {
	for _, url := range []string{"socks5://proxy.test", "http://proxy.test:1080"} {
		n := memnet.New()
		n.Name("proxy.test", proxyAddr)
		ln, err := n.Host(proxyAddr).Listen(t.Context(), "tcp", ":1080")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if nc, err := ln.Accept(); err == nil {
				nc.Close()
			}
		}()
		through, err := New(url, n.Host(userAddr))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := through.DialContext(t.Context(), "tcp", "ftp.test:21"); err == nil {
			t.Errorf("%s: no error", url)
		}
		ln.Close()
	}
}

// A proxy that never answers holds nobody beyond the context.
func TestSilentProxy(t *testing.T) {
	for _, url := range []string{"socks5://proxy.test", "http://proxy.test:1080"} {
		synctest.Test(t, func(t *testing.T) {
			n := memnet.New()
			n.Name("proxy.test", proxyAddr)
			ln, err := n.Host(proxyAddr).Listen(t.Context(), "tcp", ":1080")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			go func() {
				if nc, err := ln.Accept(); err == nil {
					_, _ = io.Copy(io.Discard, nc)
					nc.Close()
				}
			}()
			through, err := New(url, n.Host(userAddr))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if _, err := through.DialContext(ctx, "tcp", "ftp.test:21"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", url, err)
			}
		})
	}
}

func TestNoProxyThere(t *testing.T) {
	n := memnet.New()
	n.Host(proxyAddr)
	through, err := New("socks5://192.0.2.2", n.Host(userAddr))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := through.DialContext(t.Context(), "tcp", "ftp.test:21"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error(err)
	}
	if _, err := through.Listen(t.Context(), "tcp", ":0"); !errors.Is(err, ErrListen) {
		t.Error(err)
	}
}

func TestURLs(t *testing.T) {
	for _, bad := range []string{
		"", "proxy.test", "proxy.test:1080", "socks5://", "socks4://proxy.test", "https://proxy.test", "ftp://proxy.test",
		"http://proxy.test/path", "http://proxy.test?x", "http://proxy.test:0", "http://proxy.test:65536", "http://u:CANARY@proxy.test:x",
		"socks5://a:CANARY%zz@h",
	} {
		_, err := New(bad, nil)
		var se *SyntaxError
		if !errors.As(err, &se) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	var _ proto.Network = (*Network)(nil)
}

// SECURITY: what is dialled can't add headers.
func TestNoHeaderInAName(t *testing.T) {
	_, err := talk{}.dial(t, "http://proxy.test:1080", "ftp.test\r\nX: y:21")
	if err == nil {
		t.Error("it was sent")
	}
}

func FuzzHead(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\n\r\n")
	f.Add("HTTP/1.1 2\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		head, err := readHead(strings.NewReader(text))
		if err == nil && checkStatus(head) == nil && !strings.HasPrefix(head, "HTTP/1.") {
			t.Errorf("%q is taken", text)
		}
	})
}
