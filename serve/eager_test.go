package serve

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A client that has begun TLS before it sends STOR gets the mark when the
// handshake is done; one that has not, at once. Both upload.
func TestMarkOfAnUpload(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		cfg := tlsClient(v)
		p := w.loginTLS("anna", cfg)
		p.do("TYPE I", 200)
		p.put("patient", "text", cfg).Close() // begins at the first write, after the mark
		p.expect(226)
		for _, name := range []string{"first", "second"} {
			below := &stopped{Conn: p.passive(), release: make(chan struct{})}
			tc := tls.Client(below, cfg)
			hello := make(chan error, 1)
			go func() { hello <- tc.Handshake() }()
			if name == "first" { // the second is known from it
				synctest.Wait()
			}
			p.send("STOR " + name)
			synctest.Wait()
			if p.Pending() || p.readable() {
				t.Error("the mark comes before the handshake is done")
			}
			close(below.release)
			if err := <-hello; err != nil {
				t.Fatal(err)
			}
			p.expect(150)
			if err := tc.Close(); err != nil { // an empty file, well ended
				t.Fatal(err)
			}
			p.expect(226)
			if got := w.get("/" + name); got != "" {
				t.Errorf("%s holds %q", name, got)
			}
		}
	})
}

// Where the handshake does not go on, the mark comes after a while, ABOR and
// the next command are heard, and a line that is none does not block.
func TestMarkThatWaits(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		cfg := tlsClient(v)
		stuck := func() *peer {
			p := w.loginTLS("anna", cfg)
			below := &stopped{Conn: p.passive(), release: make(chan struct{})}
			w.t.Cleanup(func() { close(below.release) })
			go func() { _ = tls.Client(below, cfg).Handshake() }()
			synctest.Wait()
			p.send("STOR f")
			synctest.Wait()
			return p
		}
		p := stuck()
		start := time.Now()
		p.expect(150)
		if took := time.Since(start); took != eagerPatience {
			t.Errorf("the mark came after %v", took)
		}
		p.send("ABOR")
		p.expect(426)
		p.expect(226)
		p = stuck()
		p.send("ABOR")
		p.expect(426)
		p.expect(226)
		p.do("NOOP", 200)
		p = stuck()
		p.send("\x00")
		p.expect(150)
		if w.get("/f") != "(none)" {
			t.Error("a file was made")
		}
	})
}

// A cut is a cut, empty or not, whenever the mark came: T20.
func TestEmptyUploadCut(t *testing.T) {
	inTLSWorld(t, func(w *world, v uint16) {
		w.put("/f", "old")
		cfg := tlsClient(v)
		p := w.loginTLS("anna", cfg)
		nc := p.passive()
		tc := tls.Client(nc, cfg)
		hello := make(chan error, 1)
		go func() { hello <- tc.Handshake() }()
		synctest.Wait()
		p.do("STOR f", 150)
		if err := <-hello; err != nil {
			t.Fatal(err)
		}
		nc.Close()
		if got := p.expect(426).Text(); !strings.Contains(got, "close_notify") {
			t.Errorf("told: %s", got)
		}
		if got := w.get("/f"); got != "old" {
			t.Errorf("the file holds %q", got)
		}
	})
}

// stopped lets one write through, and the others after a signal.
type stopped struct {
	net.Conn
	release chan struct{}
	writes  int
}

func (s *stopped) Write(p []byte) (int, error) {
	if s.writes++; s.writes > 1 {
		<-s.release
	}
	return s.Conn.Write(p)
}

// readable reports whether a reply has begun to come.
func (p *peer) readable() bool {
	nc := p.nc
	if tc, ok := nc.(*tls.Conn); ok {
		nc = tc.NetConn()
	}
	return unread(nc)
}
