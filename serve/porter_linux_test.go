package serve

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

var portedAddr = netip.MustParseAddr("127.0.0.1")

// portedWorld is the passive ports of a server on loopback, where sessions take
// their connections themselves.
func portedWorld(t *testing.T) *passivePorts {
	t.Helper()
	pp := newPassivePorts(Config{}.complete())
	t.Cleanup(pp.close)
	return pp
}

func (pp *passivePorts) mustPromise(t *testing.T) *promise {
	t.Helper()
	p, err := pp.promise(t.Context(), portedAddr, portedAddr)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// knock connects to a promise's port, from an address of its own.
func knock(t *testing.T, p *promise, from netip.Addr) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))}
	c, err := d.DialContext(t.Context(), "tcp4", netip.AddrPortFrom(portedAddr, p.port.number).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// rested has the goroutine of a port out of the way, as long as nobody calls it.
func rested(p *promise) {
	p.all.mu.Lock()
	p.port.porter.calm = time.Now().Add(time.Hour)
	p.all.mu.Unlock()
	p.port.porter.turn.Lock() // it is not in accept
	defer p.port.porter.turn.Unlock()
}

// mustArrive has the session find its connection while the goroutine rests.
func mustArrive(t *testing.T, p *promise) {
	t.Helper()
	for range 100 { // the goroutine may be looking what it should do
		if p.open() {
			return
		}
		rested(p)
	}
	t.Fatal("the connection is not there")
}

// While the goroutine of a port rests, sessions find their own connection,
// whoever came before it, and whether it is there or not.
func TestPortedConnection(t *testing.T) {
	pp := portedWorld(t)
	thief := netip.MustParseAddr("127.0.0.9")
	for range 20 {
		p := pp.mustPromise(t)
		rested(p)
		stranger := knock(t, p, thief)
		c := knock(t, p, portedAddr)
		mustArrive(t, p)
		nc, err := p.connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		mustSpeak(t, nc, c)
		mustBeClosed(t, stranger)
		nc.Close()
		p = pp.mustPromise(t)
		if p.open() {
			t.Fatal("a connection is there that nobody made")
		}
		got := make(chan net.Conn, 1)
		go func() {
			nc, err := p.connect(t.Context())
			if err != nil {
				t.Error(err)
			}
			got <- nc
		}()
		c = knock(t, p, portedAddr)
		if nc := <-got; nc != nil {
			mustSpeak(t, nc, c)
			nc.Close()
		}
	}
	if n := pp.inUse(); n != 1 {
		t.Errorf("%d ports were opened, want 1", n)
	}
}

// Who comes uncalled is closed, and is not what the next promise gets.
func TestPortedUncalled(t *testing.T) {
	pp := portedWorld(t)
	p := pp.mustPromise(t)
	rested(p)
	c, uncalled := knock(t, p, portedAddr), knock(t, p, portedAddr)
	mustArrive(t, p)
	mine := <-p.arrived
	mustSpeak(t, mine, c)
	p = pp.mustPromise(t)
	mustBeClosed(t, uncalled)
	if p.open() {
		t.Error("a promise is kept by who came before it")
	}
	c = knock(t, p, portedAddr)
	nc, err := p.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustSpeak(t, nc, c)
	if n := pp.strangers.Load(); n != 1 {
		t.Errorf("%d strangers counted, want 1", n)
	}
}

// A promise that is given up takes its connection with it, there or on its way;
// and a port closes while its goroutine rests.
func TestPortedCancel(t *testing.T) {
	pp := portedWorld(t)
	for _, early := range []bool{true, false} {
		p := pp.mustPromise(t)
		var c net.Conn
		if early {
			rested(p) // it is taken when the promise is given up, or never
			c = knock(t, p, portedAddr)
		}
		p.cancel()
		if !early {
			c = knock(t, p, portedAddr)
		}
		mustBeClosed(t, c)
	}
	pp.mustPromise(t)
	pp.close()
}
