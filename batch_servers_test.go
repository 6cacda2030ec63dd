package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ferry/proto"
	"ferry/proto/client"
)

// dialServer logs in at a server as ferry does.
func dialServer(t *testing.T, s server, cfg client.Config) *client.Client {
	t.Helper()
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Dial(t.Context(), u.Host, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(t.Context(), client.Credentials{User: u.User.Username(), Pass: "secret"}); err != nil {
		t.Fatal(err)
	}
	return c
}

// batched moves files up and down in batches, with names in between that are
// refused, and looks at every byte.
func batched(t *testing.T, s server, c *client.Client) {
	ctx, want := t.Context(), map[string]string{}
	var pushes []client.Push
	var pulls []client.Pull
	got := map[string]*bytes.Buffer{}
	for i := range 60 {
		path := fmt.Sprintf("file-%03d.txt", i)
		if i%13 == 5 {
			path = "nowhere/" + path
		}
		text := strings.Repeat(path+"\n", i*i*8)
		want[path] = text
		pushes = append(pushes, client.Push{Path: path, Open: func() (io.Reader, error) { return strings.NewReader(text), nil }})
		pulls = append(pulls, client.Pull{Path: path, Open: func() (io.Writer, error) {
			got[path] = new(bytes.Buffer)
			return got[path], nil
		}})
	}
	judge := func(path string, v client.Verdict) {
		if missing := strings.HasPrefix(path, "nowhere"); (v.Err != nil) != missing || !missing && v.N != int64(len(want[path])) {
			t.Errorf("%s: %d bytes, %v", path, v.N, v.Err)
		}
	}
	for at := 0; at < len(pushes); {
		n, err := c.StoreBatch(ctx, pushes[at:], func(i int, v client.Verdict) { judge(pushes[at+i].Path, v) })
		if at += n; err != nil {
			t.Fatal(err)
		}
	}
	for at := 0; at < len(pulls); {
		n, err := c.RetrieveBatch(ctx, pulls[at:], func(i int, v client.Verdict) { judge(pulls[at+i].Path, v) })
		if at += n; err != nil {
			t.Fatal(err)
		}
	}
	for path, text := range want {
		if strings.HasPrefix(path, "nowhere") {
			continue
		}
		stored, err := os.ReadFile(filepath.Join(s.dir, path))
		if err != nil || string(stored) != text || got[path] == nil || got[path].String() != text {
			t.Errorf("%s is not what was sent (%v)", path, err)
		}
	}
}

// TestBatchServers: batches are used where servers stand them, and nowhere else.
func TestBatchServers(t *testing.T) {
	for name, start := range foreignServers() {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			c := dialServer(t, s, client.Config{})
			batched(t, s, c)
			batchesKnown(t, c, name != "pyftpdlib")
		})
	}
}

// TestBatchFerry: at ferry's own server they share one data connection.
func TestBatchFerry(t *testing.T) {
	dir := t.TempDir()
	s := server{url: "ftp://demo@" + ferryServe(t, dir), dir: dir}
	epsv := 0
	c := dialServer(t, s, client.Config{Trace: func(_ proto.Direction, line string) {
		if line == "EPSV" {
			epsv++
		}
	}})
	batched(t, s, c)
	if epsv != 1 {
		t.Errorf("%d data connections", epsv)
	}
}

func batchesKnown(t *testing.T, c *client.Client, stood bool) {
	if q := c.Quirks(); q.BatchDown != stood || q.BatchUp != stood || q.NoBatch == stood {
		t.Errorf("learned %+v", q)
	}
}

func TestBatchServersTLS(t *testing.T) {
	eachTLSServer(t, func(t *testing.T, s server, id identity, version string) {
		pin, err := client.ParsePin(id.pin)
		if err != nil {
			t.Fatal(err)
		}
		c := dialServer(t, s, client.Config{TLS: client.TLSRequired, Security: client.Security{Pins: []client.Pin{pin}}})
		batched(t, s, c)
		if !strings.Contains(t.Name(), "ferry") {
			batchesKnown(t, c, !strings.Contains(t.Name(), "pyftpdlib"))
		}
	})
}

// nameless hides who a server is, as an administrator may.
type nameless struct{ proto.Network }

func (n nameless) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := n.Network.DialContext(ctx, network, address)
	return &masked{Conn: nc}, err
}

type masked struct{ net.Conn }

func (m *masked) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	copy(p, bytes.ReplaceAll(p[:n], []byte("pyftpdlib"), []byte("something")))
	return n, err
}

// TestBatchTrialFails: a server that isn't known not to stand batches is found
// out, and served all the same.
func TestBatchTrialFails(t *testing.T) {
	s := pyftpdlib(t)
	c := dialServer(t, s, client.Config{Network: nameless{proto.TCP{}}})
	batched(t, s, c)
	batchesKnown(t, c, false)
}
