package client

import (
	"net"
	"sync"

	"ferry/proto"
)

// Probe looks at the data connection of a transfer while it runs. It may be
// used by any goroutine.
type Probe struct {
	mu   sync.Mutex
	conn net.Conn // below TLS
}

func (p *Probe) look(nc net.Conn) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conn = nc
}

// Arrival is how its packets have come so far; ok is false where nobody tells.
func (p *Probe) Arrival() (a proto.Arrival, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn == nil {
		return a, false
	}
	return proto.ArrivalOf(p.conn)
}
