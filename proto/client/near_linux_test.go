package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/bare"
)

// host is a server on this machine, with the least that flights want of one. Each
// data connection is kept waiting for pause.
type host struct {
	net.Listener
	pause time.Duration
	mu    sync.Mutex
	port  net.Listener // of the data connection that comes next
	over  bool         // no more of them
	has   map[string]string
}

func listenHere(t *testing.T, pause time.Duration) *host {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &host{Listener: ln, pause: pause, has: map[string]string{}}
	var ended sync.WaitGroup
	ended.Go(func() {
		if nc, err := ln.Accept(); err == nil {
			h.serve(nc)
			nc.Close()
		}
	})
	t.Cleanup(func() { ln.Close(); h.end(); ended.Wait() })
	return h
}

func (h *host) serve(nc net.Conn) {
	fmt.Fprint(nc, "220 (vsFTPd 3.0.3)\r\n")
	var port net.Listener
	defer h.listen(nil)
	for in := bufio.NewScanner(nc); in.Scan(); {
		verb, name, _ := strings.Cut(in.Text(), " ")
		switch verb {
		case "PASS":
			fmt.Fprint(nc, "230 in\r\n")
		case "PWD":
			fmt.Fprint(nc, "257 \"/\"\r\n")
		case "EPSV":
			port, _ = net.Listen("tcp4", "127.0.0.1:0")
			h.listen(port)
			fmt.Fprintf(nc, "229 ok (|||%d|)\r\n", port.Addr().(*net.TCPAddr).Port)
		case "RETR", "STOR":
			if err := h.move(nc, port, verb, name); err != nil {
				return
			}
		case "TYPE":
			fmt.Fprint(nc, "200 ok\r\n")
		case "USER":
			fmt.Fprint(nc, "331 who?\r\n")
		default:
			fmt.Fprint(nc, "500 what?\r\n")
		}
	}
}

// listen has port in place of the one before.
func (h *host) listen(port net.Listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.port != nil {
		h.port.Close()
	}
	if h.over && port != nil {
		port.Close()
	}
	h.port = port
}

// end keeps nobody waiting.
func (h *host) end() {
	h.mu.Lock()
	h.over = true
	h.mu.Unlock()
	h.listen(nil)
}

func (h *host) move(nc net.Conn, port net.Listener, verb, name string) error {
	dc, err := port.Accept()
	if err != nil {
		return err
	}
	defer dc.Close()
	fmt.Fprint(nc, "150 here\r\n")
	time.Sleep(h.pause)
	if verb == "RETR" {
		fmt.Fprint(dc, "what is in "+name)
	} else {
		b, err := io.ReadAll(dc)
		if err != nil {
			return err
		}
		h.mu.Lock()
		h.has[name] = string(b)
		h.mu.Unlock()
	}
	dc.Close()
	_, err = fmt.Fprint(nc, "226 done\r\n")
	return err
}

func (h *host) login(t *testing.T) *Client {
	t.Helper()
	c, err := Dial(t.Context(), h.Addr().String(), Config{TLS: TLSOff})
	if err == nil {
		err = c.Login(t.Context(), Credentials{User: "u", Pass: "p"})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// Whatever is late, by more than a goroutine holds its thread for, comes all the same.
func TestFlightOnThisMachine(t *testing.T) {
	for _, pause := range []time.Duration{0, 2 * briefWait} {
		h := listenHere(t, pause)
		c := h.login(t)
		got := make([]bytes.Buffer, 5)
		var pulls []Pull
		var pushes []Push
		for i := range got {
			name := fmt.Sprint("f", i)
			pulls = append(pulls, Pull{Path: name, Open: func() (io.Writer, error) { return &got[i], nil }})
			pushes = append(pushes, Push{Path: name, Transfer: Transfer{Check: CheckAnnounced},
				Open: func() (io.Reader, error) { return strings.NewReader("for " + name), nil }})
		}
		fine := func(i int, v Verdict) {
			if v.Err != nil {
				t.Error(i, v.Err)
			}
		}
		if n, err := c.RetrieveBatch(t.Context(), pulls, fine); n != 5 || err != nil {
			t.Fatal(n, err)
		}
		if n, err := c.StoreBatch(t.Context(), pushes, fine); n != 5 || err != nil {
			t.Fatal(n, err)
		}
		for i := range got {
			name := fmt.Sprint("f", i)
			if got[i].String() != "what is in "+name || h.has[name] != "for "+name {
				t.Errorf("%s: %q came, %q went", name, got[i].String(), h.has[name])
			}
		}
	}
}

// Who gives up is not held by a server that says nothing.
func TestFlightOnThisMachineGivenUp(t *testing.T) {
	c := listenHere(t, 20*briefWait).login(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(3*briefWait, cancel)
	open := func() (io.Writer, error) { return io.Discard, nil }
	_, err := c.RetrieveBatch(ctx, []Pull{{Path: "a", Open: open}, {Path: "b", Open: open}}, func(int, Verdict) {})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Only TCP on this machine and in clear goes past the poller.
func TestPastThePoller(t *testing.T) {
	h := listenHere(t, 0)
	c := h.login(t)
	c.linger()
	if !c.wire.IsBare() {
		t.Error("the control connection of a flight is the poller's")
	}
	other := listenHere(t, 0)
	nc, ok, err := c.dialBrief(t.Context(), other.Addr().String())
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	nc.Close()
	if err := c.Noop(t.Context()); !isRefusal(err) { // it knows none
		t.Error(err)
	}
	c.tls = &protection{}
	if _, ok, _ := c.dialBrief(t.Context(), other.Addr().String()); ok {
		t.Error("TLS goes past the poller")
	}
	c.tls = nil
	if _, ok, _ := c.dialBrief(t.Context(), "192.0.2.1:21"); ok {
		t.Error("a connection elsewhere goes past the poller")
	}
	for _, network := range []proto.Network{struct{ proto.Network }{proto.TCP{}}, proto.TCP{LocalAddr: &net.TCPAddr{}}} {
		far := &Client{cfg: Config{Network: network}, peer: c.peer}
		if far.under(nc); far.wire != nil {
			t.Errorf("%T goes past the poller", network)
		}
	}
}

// An upload to this machine arrives whole, and can be given up.
func TestUploadOnThisMachine(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	h := listenHere(t, 2*briefWait)
	c := h.login(t)
	if n, err := c.Store(t.Context(), "a", f, Transfer{Check: CheckAnnounced}); n != int64(len(content)) || err != nil {
		t.Fatal(n, err)
	}
	if h.has["a"] != string(content) {
		t.Errorf("%d bytes arrived, or others", len(h.has["a"]))
	}

	f.Seek(0, 0)
	c = listenHere(t, 40*briefWait).login(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(3*briefWait, cancel)
	if _, err := c.Store(ctx, "a", f, Transfer{Check: CheckAnnounced}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What is sent to this machine in clear goes past the poller, and nothing else.
func TestHold(t *testing.T) {
	c := listenHere(t, 0).login(t)
	other := listenHere(t, 0)
	dial := func() net.Conn {
		nc, err := net.Dial("tcp4", other.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nc.Close() })
		return nc
	}
	nc := c.hold(dial())
	if b, ok := nc.(*bare.Conn); !ok || !b.IsBare() {
		t.Errorf("it is a %T", nc)
	}
	nc.Close()
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if c.hold(a) != a {
		t.Error("a pipe is none of TCP")
	}
	c.tls = &protection{}
	if tcp := dial(); c.hold(tcp) != tcp {
		t.Error("TLS goes past the poller")
	}
	c.tls, c.wire = nil, nil
	if tcp := dial(); c.hold(tcp) != tcp {
		t.Error("what goes elsewhere goes past the poller")
	}
}
