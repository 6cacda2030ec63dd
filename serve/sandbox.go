package serve

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"ferry/proto"
	"ferry/proto/memnet"
	"ferry/serve/users"
)

// sandbox is where `--sandbox DIR` leads: whatever host is dialled is a
// server in this process. The first one is DIR itself, each further one the
// directory of its name below DIR.
type sandbox struct {
	*memnet.Host // the user's own machine
	net          *memnet.Network
	dir          string

	mu    sync.Mutex
	hosts map[string]*sandboxHost
}

type sandboxHost struct {
	*memnet.Host
	addr   netip.Addr
	server *Server
}

// Sandbox makes a network without a wire, whose servers keep files below dir.
func Sandbox(dir string) (proto.Network, error) {
	n := memnet.New()
	return &sandbox{Host: n.Host(sandboxAddr(1)), net: n, dir: dir, hosts: map[string]*sandboxHost{}}, nil
}

// sandboxAddr is the n-th address of the sandbox. RFC 5737: nobody else has it.
func sandboxAddr(n int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, 100, byte(n)}) }

func sandboxBlock() netip.Prefix { return netip.PrefixFrom(sandboxAddr(0), 24) }

// maxSandboxHosts is what one block of documentation addresses holds.
const maxSandboxHosts = 200

// DialContext leads data connections to where they belong and everything
// else to the host's server, made at its first use.
func (s *sandbox) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if addr, err := netip.ParseAddr(name); err == nil && sandboxBlock().Contains(addr) {
		return s.Host.DialContext(ctx, network, address)
	}
	h, err := s.host(strings.ToLower(name))
	if err != nil {
		return nil, fmt.Errorf("sandbox: %s: %w", name, err)
	}
	at := net.JoinHostPort(h.addr.String(), port)
	if l, err := h.Listen(ctx, "tcp", at); err == nil { // else it listens there already
		go func() { _ = h.server.Serve(context.Background(), l) }()
	}
	return s.Host.DialContext(ctx, network, at)
}

// host returns the host of a name. Its server lets everybody in and ends with
// the process.
func (s *sandbox) host(name string) (*sandboxHost, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.hosts[name]; h != nil {
		return h, nil
	}
	if len(s.hosts) == maxSandboxHosts {
		return nil, fmt.Errorf("more than %d hosts", maxSandboxHosts)
	}
	root, addr := s.dir, sandboxAddr(len(s.hosts)+2)
	if len(s.hosts) > 0 {
		root = filepath.Join(s.dir, filepath.Base(name))
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	machine := s.net.Host(addr)
	server, err := New(Config{
		Network: machine, Users: users.Any(), Open: Roots(root), Greeting: "Sandbox: nothing leaves this process",
		TLS: TLS{Policy: TLSOff},
	})
	if err != nil {
		return nil, err
	}
	s.hosts[name] = &sandboxHost{Host: machine, addr: addr, server: server}
	return s.hosts[name], nil
}
