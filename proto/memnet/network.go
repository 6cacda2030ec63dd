package memnet

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Network holds hosts and their names.
type Network struct {
	mu      sync.Mutex
	hosts   map[netip.Addr]*Host
	names   map[string][]netip.Addr
	unknown func(host string) error
	asked   map[string]*question
	delay   time.Duration
	filter  func(from, to netip.AddrPort) Verdict
}

// Verdict is what becomes of a dial.
type Verdict int

const (
	Pass   Verdict = iota
	Refuse         // ECONNREFUSED, as from a firewall that says so
	Drop           // nothing is heard: the dial waits until its context ends, or ETIMEDOUT
)

// Delay sets what every byte takes from end to end from now on; a dial takes
// twice as long, a round trip. In a synctest bubble it costs no time.
func (n *Network) Delay(oneWay time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.delay = oneWay
}

// Filter sets a firewall: f is asked about each dial that would be accepted.
// from has no port yet.
func (n *Network) Filter(f func(from, to netip.AddrPort) Verdict) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.filter = f
}

// question is a call of the function that ServeUnknown has set.
type question struct {
	done chan struct{}
	err  error
}

// New returns a network without hosts.
func New() *Network {
	return &Network{
		hosts: map[netip.Addr]*Host{},
		names: map[string][]netip.Addr{},
		asked: map[string]*question{},
	}
}

// Host returns the host that has addr, and makes it if nobody has. A host
// may have more addresses. Dials come from the first of the wanted family.
// Loopback addresses that nobody has are each host's own.
func (n *Network) Host(addr netip.Addr, more ...netip.Addr) *Host {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.hosts[addr.Unmap()]
	if h == nil {
		h = &Host{network: n, listeners: map[uint16][]*Listener{}, port: firstPort}
	}
	for _, a := range append([]netip.Addr{addr}, more...) {
		a = a.Unmap()
		n.hosts[a] = h
		if !slices.Contains(h.addrs, a) {
			h.addrs = append(h.addrs, a)
		}
	}
	return h
}

// Name gives an address to a host name, or one more. Case doesn't count.
func (n *Network) Name(host string, addr netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	host = strings.ToLower(host)
	n.names[host] = append(n.names[host], addr.Unmap())
}

// ServeUnknown sets what is called, once, for a name or an address dialled
// that nobody has. It may make the host, and name it; its error fails the
// dial, and the next dial asks again.
func (n *Network) ServeUnknown(f func(host string) error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.unknown = f
}

// resolve returns the addresses of a host, which may itself be an address.
func (n *Network) resolve(host string) ([]netip.Addr, error) {
	if addrs := n.lookup(host); addrs != nil {
		return addrs, nil
	}
	err := n.ask(strings.ToLower(host))
	if addrs := n.lookup(host); addrs != nil && err == nil {
		return addrs, nil
	}
	if a, perr := netip.ParseAddr(host); perr == nil && err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	dns := &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	if err != nil {
		dns.Err, dns.UnwrapErr = err.Error(), err
	}
	return nil, dns
}

func (n *Network) lookup(host string) []netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		if a.IsLoopback() || a.IsUnspecified() || n.hosts[a] != nil {
			return []netip.Addr{a}
		}
		return nil
	}
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	if addrs := n.names[name]; addrs != nil || name != "localhost" {
		return addrs
	}
	return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
}

// ask calls what ServeUnknown has set; callers that come meanwhile wait.
func (n *Network) ask(host string) error {
	n.mu.Lock()
	q, f := n.asked[host], n.unknown
	if f == nil {
		n.mu.Unlock()
		return nil
	}
	if q != nil {
		n.mu.Unlock()
		<-q.done
		return q.err
	}
	q = &question{done: make(chan struct{})}
	n.asked[host] = q
	n.mu.Unlock()

	defer close(q.done)
	if q.err = f(host); q.err != nil {
		n.mu.Lock()
		delete(n.asked, host)
		n.mu.Unlock()
	}
	return q.err
}
