package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/memnet"
	"ferry/serve"
	"ferry/serve/store"
	"ferry/serve/users"
)

// bothEnds is both ends of ferry on a network in memory, with a look at what flows
// over data connections. It belongs into a bubble of virtual time.
type bothEnds struct {
	t     *testing.T
	files store.Store
	tap   *tap
	c     *client.Client
}

// kept is a store that outlives the sessions that use it.
type kept struct{ store.Store }

func (kept) Close() error { return nil }

// withRecords lets everybody in; binary files hold record descriptor words.
type withRecords struct{ users.Directory }

func (d withRecords) Login(ctx context.Context, name string, pass proto.Secret) (users.Record, error) {
	r, err := d.Directory.Login(ctx, name, pass)
	r.Records = users.RDW
	return r, err
}

func (d withRecords) Lookup(name string) (users.Record, error) {
	r, err := d.Directory.Lookup(name)
	r.Records = users.RDW
	return r, err
}

type family struct{ server, client netip.Addr }

func ipv4() family {
	return family{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")}
}

func ipv6() family {
	return family{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")}
}

// serveOver starts a server at port 21 of a host, and stops it with the test.
func serveOver(t *testing.T, v veil, crypt serve.TLS, network *memnet.Network, at netip.Addr, dir users.Directory) (store.Store, string) {
	t.Helper()
	files := store.NewMem()
	srv, err := serve.New(serve.Config{
		Network: network.Host(at),
		Users:   dir,
		Open:    func(context.Context, users.Record) (store.Store, error) { return kept{files}, nil },
		TLS:     crypt,
	})
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.AddrPortFrom(at, 21).String()
	ln, err := network.Host(at).Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if v.implicit {
			_ = srv.ServeImplicit(context.Background(), ln)
			return
		}
		_ = srv.Serve(context.Background(), ln)
	}()
	t.Cleanup(func() {
		_ = srv.Shutdown(context.Background())
		<-done
	})
	return files, addr
}

func newBothEnds(t *testing.T, f family, m client.Method) *bothEnds {
	t.Helper()
	return newBothEndsOver(t, veil{}, f, m)
}

func newBothEndsOver(t *testing.T, v veil, f family, m client.Method) *bothEnds {
	t.Helper()
	network, crypt := memnet.New(), v.server(t)
	files, addr := serveOver(t, v, crypt, network, f.server, withRecords{users.Any()})
	p := &bothEnds{t: t, files: files, tap: &tap{Network: network.Host(f.client)}}
	c, err := client.Dial(t.Context(), addr, v.client(t, client.Config{Network: p.tap, Data: m}, crypt))
	if err == nil {
		err = c.Login(t.Context(), client.Credentials{User: "anna", Pass: "secret"})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	p.c = c
	return p
}

// stored is the content of a file at the server.
func (p *bothEnds) stored(name string) []byte {
	p.t.Helper()
	f, err := p.files.Open(p.t.Context(), name)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

// put makes a file at the server.
func (p *bothEnds) put(name string, content []byte) {
	p.t.Helper()
	u, err := p.files.Create(p.t.Context(), name, store.CreateOptions{})
	if err == nil {
		_, err = u.Write(content)
	}
	if err == nil {
		err = u.Commit(p.t.Context())
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// tap is the client's network. It keeps what the last data connection carried,
// and can break data connections.
type tap struct {
	proto.Network
	mu       sync.Mutex
	sent     bytes.Buffer // client to server
	received bytes.Buffer
	cut      int64 // bytes after which a data connection breaks, 0: never
}

func (n *tap) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := n.Network.DialContext(ctx, network, address)
	if err != nil || strings.HasSuffix(address, ":21") {
		return nc, err
	}
	return n.data(nc), nil
}

func (n *tap) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	ln, err := n.Network.Listen(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return tappedListener{ln, n}, nil
}

type tappedListener struct {
	net.Listener
	n *tap
}

func (l tappedListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.n.data(nc), nil
}

func (n *tap) data(nc net.Conn) net.Conn {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sent.Reset()
	n.received.Reset()
	return &tapped{Conn: nc, n: n, left: n.cut}
}

// last is what the last data connection carried, both ways.
func (n *tap) last() (sent, received []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return bytes.Clone(n.sent.Bytes()), bytes.Clone(n.received.Bytes())
}

// tapped is a data connection.
type tapped struct {
	net.Conn
	n    *tap
	left int64
}

func (c *tapped) Read(b []byte) (int, error) {
	if err := c.spend(&b); err != nil {
		return 0, err
	}
	k, err := c.Conn.Read(b)
	c.note(&c.n.received, b[:k])
	return k, err
}

func (c *tapped) Write(b []byte) (int, error) {
	whole := len(b)
	if err := c.spend(&b); err != nil {
		return 0, err
	}
	k, err := c.Conn.Write(b)
	c.note(&c.n.sent, b[:k])
	if err == nil && k < whole {
		return k, c.spend(&b)
	}
	return k, err
}

func (c *tapped) note(to *bytes.Buffer, b []byte) {
	c.n.mu.Lock()
	defer c.n.mu.Unlock()
	to.Write(b)
	if c.left > 0 {
		if c.left -= int64(len(b)); c.left == 0 {
			c.left = -1 // broken
		}
	}
}

// spend shortens b to what may still pass, and breaks the connection when
// nothing may.
func (c *tapped) spend(b *[]byte) error {
	c.n.mu.Lock()
	left := c.left // under TLS the client reads while it sends
	c.n.mu.Unlock()
	switch {
	case left > 0:
		*b = (*b)[:min(int64(len(*b)), left)]
	case left < 0:
		time.Sleep(time.Millisecond) // virtual: the server has read what came before the break
		_ = c.SetLinger(0)
		_ = c.Conn.Close()
		return io.ErrClosedPipe
	}
	return nil
}

func (c *tapped) SetLinger(sec int) error {
	return c.Conn.(interface{ SetLinger(int) error }).SetLinger(sec)
}

func (c *tapped) CloseWrite() error {
	return c.Conn.(interface{ CloseWrite() error }).CloseWrite()
}
