package serve

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/memnet"
	"ferry/serve/parent"
)

// sharers are two servers on one machine that take ports of the same range.
func sharers(t *testing.T, ports PortRange) (former, next *Server, owner *memnet.Host) {
	n := memnet.New()
	host := n.Host(serverAddr)
	made := func() *Server {
		srv := &Server{data: newPassivePorts(Config{Network: host, Passive: Passive{Ports: ports}}.complete())}
		t.Cleanup(srv.data.close)
		return srv
	}
	return made(), made(), n.Host(ownerAddr)
}

// While a server is being replaced, both processes take passive ports of one
// range: neither starves the other, and each data connection reaches the one
// that has promised it.
func TestRangeIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ports := PortRange{50000, 50001}
		former, next, owner := sharers(t, ports)
		both := []*Server{former, next}
		for range 2 { // the former one has opened both
			for range 20 {
				once(t, former, owner, ownerAddr)
			}
		}
		if n := len(former.data.host(serverAddr).ports); n != 2 {
			t.Fatalf("%d ports are open, not 2", n)
		}
		for _, srv := range both {
			srv.share(parent.Others)
		}
		for i := range 40 {
			once(t, both[i%2], owner, ownerAddr)
		}
		a, b := mustPromise(t, former, thiefAddr), mustPromise(t, former, ownerAddr) // both ports, perhaps
		began := time.Now()
		go func() {
			time.Sleep(time.Second)
			a.cancel()
			b.cancel()
		}()
		c := mustPromise(t, next, ownerAddr)
		if a.port.number != b.port.number && time.Since(began) < time.Second {
			t.Errorf("port %d was promised twice", c.port.number)
		}
		c.cancel()
		time.Sleep(2 * lateTime)
		next.share(parent.Alone)
		once(t, next, owner, ownerAddr)
		if len(next.data.host(serverAddr).ports) == 0 {
			t.Error("alone again, it opens its ports anew for each connection")
		}
	})
}

// Nobody gives a port up: the wait has the bound that it always has.
func TestSharedRangeIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		former, next, _ := sharers(t, PortRange{50000, 50000})
		former.share(parent.Others)
		next.share(parent.Others)
		mustPromise(t, former, ownerAddr)
		began := time.Now()
		if _, err := next.data.promise(t.Context(), serverAddr, ownerAddr); err == nil {
			t.Error("one port for two processes")
		} else if took := time.Since(began); took < 29*time.Second || took > 31*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func mustPromise(t *testing.T, srv *Server, peer netip.Addr) *promise {
	t.Helper()
	p, err := srv.data.promise(t.Context(), serverAddr, peer)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// once is one data connection that arrives where it was promised.
func once(t *testing.T, srv *Server, from proto.Network, peer netip.Addr) {
	t.Helper()
	p := mustPromise(t, srv, peer)
	c := mustDial(t, from, p.port.number)
	defer c.Close()
	nc, err := p.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
}
