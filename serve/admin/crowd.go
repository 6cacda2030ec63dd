package admin

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// crowd counts the connections of an HTTP server.
//
// SECURITY: a page that strangers reach would else hold as many descriptors as
// they like, until the FTP server can accept nobody; and one address alone must
// not keep the administrator out.
type crowd struct {
	mu   sync.Mutex
	here map[net.Conn]netip.Addr // of a Unix socket: none
	from map[netip.Addr]int

	silent map[net.Conn]bool // have asked nothing yet
	heard  chan struct{}     // closed when there is none of those; nil: nobody waits
}

func newCrowd() *crowd {
	return &crowd{here: map[net.Conn]netip.Addr{}, from: map[netip.Addr]int{}, silent: map[net.Conn]bool{}}
}

// changed is http.Server's ConnState: it closes connections that are too many.
func (c *crowd) changed(nc net.Conn, to http.ConnState) {
	c.asks(nc, to)
	switch to {
	case http.StateNew:
		if !c.enters(nc) {
			nc.Close()
		}
	case http.StateClosed, http.StateHijacked:
		c.leaves(nc)
	}
}

func (c *crowd) asks(nc net.Conn, to http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to == http.StateNew {
		c.silent[nc] = true
		return
	}
	delete(c.silent, nc)
	c.tell()
}

// tell ends the wait for those who are silent. It is called with mu held.
func (c *crowd) tell() {
	if c.heard != nil && len(c.silent) == 0 {
		close(c.heard)
		c.heard = nil
	}
}

// quiet is closed when everybody who has connected has asked for something.
func (c *crowd) quiet() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	heard := make(chan struct{})
	c.heard = heard
	c.tell()
	return heard
}

func (c *crowd) enters(nc net.Conn) bool {
	var from netip.Addr
	if tcp, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
		from = tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.here) >= maxConns || from.IsValid() && c.from[from] >= maxConnsFrom {
		return false
	}
	c.here[nc] = from
	c.from[from]++
	return true
}

func (c *crowd) leaves(nc net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	from, ok := c.here[nc]
	if !ok {
		return
	}
	delete(c.here, nc)
	if c.from[from]--; c.from[from] == 0 {
		delete(c.from, from)
	}
}

// looksOn counts one who looks on. leave ends that; nil: there are too many.
func (a *Admin) looksOn() (leave func()) {
	if a.lookers.Add(1) > maxListeners {
		a.lookers.Add(-1)
		return nil
	}
	return func() { a.lookers.Add(-1) }
}
