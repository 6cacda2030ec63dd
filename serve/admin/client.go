package admin

import (
	"bufio"
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
	"slices"
	"strings"
	"syscall"
)

// Client speaks to one server's control socket.
type Client struct {
	http  http.Client
	base  string
	path  string // that was dialled
	token string
	About About
}

// Dial connects to the control socket at path, and asks who is there.
func Dial(path string) (*Client, error) {
	c := &Client{base: "http://ferry", path: path}
	network, addr := "unix", path
	if strings.HasSuffix(path, portSuffix) {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var p portFile
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		network, addr, c.token = "tcp", p.Address, p.Token
	}
	c.http.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	ctx, cancel := context.WithTimeout(context.Background(), dialTime)
	defer cancel()
	if err := c.Get(ctx, "/v1/about", &c.About); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close lets go of the connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Get asks for a row of the interface.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	return c.do(ctx, "GET", path, nil, into)
}

// Post does what a row of the interface does.
func (c *Client) Post(ctx context.Context, path string, what, into any) error {
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	return c.do(ctx, "POST", path, text, into)
}

func (c *Client) do(ctx context.Context, method, path string, text []byte, into any) error {
	resp, err := c.send(ctx, method, path, text)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || into == nil {
		return err
	}
	if raw, ok := into.(*json.RawMessage); ok {
		*raw = b
		return nil
	}
	return json.Unmarshal(b, into)
}

// send returns the answer, errors of the interface as *Fault.
func (c *Client) send(ctx context.Context, method, path string, text []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, errors.Unwrap(err) // the URL says nothing: it is no host's
	}
	if resp.StatusCode < 400 {
		return resp, nil
	}
	defer resp.Body.Close()
	f := &Fault{Status: resp.StatusCode}
	if json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(f) != nil || f.Text == "" {
		f.Text = resp.Status
	}
	return nil, f
}

// Follow hands over what a streaming row sends, a line at a time, until f fails,
// ctx ends or the server does.
func (c *Client) Follow(ctx context.Context, path string, f func(line []byte) error) error {
	return c.follow(ctx, path, func(http.Header) {}, f)
}

// follow is Follow; began is told with what the answer begins.
func (c *Client) follow(ctx context.Context, path string, began func(http.Header), f func(line []byte) error) error {
	resp, err := c.send(ctx, "GET", path, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	began(resp.Header)
	lines := bufio.NewReader(resp.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF || ctx.Err() != nil {
			return nil
		}
		if err == nil {
			err = f(line)
		}
		if err != nil {
			return err
		}
	}
}

// Found are the sockets in a directory whose servers answer. Others' errors are
// told when there is none.
func Found(dir string) ([]*Client, error) {
	files, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var all []*Client
	var faults []error
	for _, f := range files {
		if ext := filepath.Ext(f.Name()); ext != socketSuffix && ext != portSuffix {
			continue
		}
		c, err := Dial(filepath.Join(dir, f.Name()))
		if errors.Is(err, syscall.ECONNREFUSED) {
			continue // left behind by one that could not clear it away
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *Client) int { return strings.Compare(a.About.Name, b.About.Name) })
	if len(all) > 0 {
		return all, nil
	}
	return nil, errors.Join(faults...)
}
