package serve

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/bare"
)

// A connection that has come stays bare for its mover, one that comes later is the
// poller's.
func TestBareMeeting(t *testing.T) {
	pp := portedWorld(t)
	for _, early := range []bool{true, false} {
		p := pp.mustPromise(t)
		var knocks sync.WaitGroup
		ctx := askedContext{t.Context(), make(chan struct{})}
		if early {
			rested(p)
			knock(t, p, portedAddr)
			mustArrive(t, p)
		} else {
			knocks.Go(func() {
				<-ctx.asked
				knock(t, p, portedAddr)
			})
		}
		nc, err := bareMeeting{p}.connect(ctx)
		if err != nil {
			t.Fatal(err)
		}
		c, ok := nc.(*bare.Conn)
		if is := ok && c.IsBare(); is != early {
			t.Errorf("early %v: a %T, bare: %v", early, nc, is)
		}
		nc.Close()
		knocks.Wait() // who knocks may hear of it later than we
	}
}

// askedContext tells when it is waited for.
type askedContext struct {
	context.Context
	asked chan struct{}
}

func (w askedContext) Done() <-chan struct{} {
	close(w.asked) // it is asked once
	return w.Context.Done()
}

// An owner stays with a transfer that is over soon, and hears its client when it is
// not.
func TestStay(t *testing.T) {
	for took, want := range map[time.Duration]int{time.Millisecond: 1, time.Hour: 0} {
		synctest.Test(t, func(t *testing.T) {
			s, x := new(session), &transfer{done: make(chan struct{}), signal: make(chan struct{}, 1)}
			over := time.AfterFunc(took, func() { close(x.done) })
			defer over.Stop()
			began := time.Now()
			s.stay(x)
			if waited := time.Since(began); s.spell != want || waited != min(took, briefWait) {
				t.Errorf("a transfer of %v: waited %v, a spell of %d", took, waited, s.spell)
			}
		})
	}
}

// Small files over TLS, of a client that begins the handshake before the mark and
// of one that does not; and an ABOR is heard while the peer keeps silent.
func TestSmallFilesOverTLS(t *testing.T) {
	st := newStreet(t, encrypted(t))
	for _, eager := range []bool{false, true} {
		cfg := tlsClient(tls.VersionTLS13)
		p := st.visit().startTLS(cfg)
		p.do("USER anna", 331)
		for _, line := range []string{"PASS secret", "TYPE I", "PBSZ 0", "PROT P"} {
			p.send(line)
			if r, err := p.ReadReply(); err != nil || r.Code/100 != 2 {
				t.Fatal(line, r, err)
			}
		}
		if !eager {
			p.connectTCP()
			p.do("STOR never", 150)
			p.send("ABOR")
			p.expect(426)
			p.expect(226)
		}
		for i := range 20 {
			p.upAndDown(i, cfg, eager)
		}
	}
}

// connectTCP opens a data connection on loopback.
func (p *peer) connectTCP() net.Conn {
	p.w.t.Helper()
	port, err := proto.ParseExtendedPassive(p.do("EPSV", 229).Text())
	if err != nil {
		p.w.t.Fatal(err)
	}
	nc, err := net.Dial("tcp4", netip.AddrPortFrom(portedAddr, port).String())
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.w.t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(time.Minute))
	return nc
}

func (p *peer) upAndDown(i int, cfg *tls.Config, eager bool) {
	p.w.t.Helper()
	text := strings.Repeat("ferry.", i*400)
	tc := tls.Client(p.connectTCP(), cfg)
	p.send("STOR f")
	if !eager {
		p.expect(150)
	}
	if err := tc.Handshake(); err != nil {
		p.w.t.Fatal(err)
	}
	if eager {
		p.expect(150)
	}
	_, _ = io.WriteString(tc, text)
	tc.Close()
	p.expect(226)

	tc = tls.Client(p.connectTCP(), cfg)
	p.do("RETR f", 150)
	got, err := io.ReadAll(tc)
	tc.Close()
	if err != nil || string(got) != text {
		p.w.t.Fatalf("%d bytes came, not %d: %v", len(got), len(text), err)
	}
	p.expect(226)
}
