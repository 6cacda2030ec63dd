package serve

import (
	"crypto/tls"
	"net"
	"testing"
	"time"

	"ferry/serve/store"
)

// An owner holds a thread only while its session is the only one awake, logged in
// and in clear.
func TestLingers(t *testing.T) {
	for _, c := range []struct {
		name   string
		awake  int32
		login  bool
		sealed bool
		want   bool
	}{
		{"alone", 1, true, false, true},
		{"beside another", 2, true, false, false},
		{"before login", 1, false, false, false},
		{"in TLS, where bytes may have been read already", 1, true, true, false},
	} {
		s := &session{srv: new(Server)}
		s.srv.awake.Store(c.awake)
		if c.login {
			s.store = store.NewMem()
		}
		if c.sealed {
			s.tls = new(tls.Conn)
		}
		if got := s.lingers(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// Sessions are awake while they have a goroutine, and no longer.
func TestAwake(t *testing.T) {
	st := newStreet(t)
	p := st.member()
	st.member()
	if n := st.srv.awake.Load(); n < 1 {
		t.Errorf("%d sessions are awake", n)
	}
	st.parked(2)
	for st.srv.awake.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
	p.do("NOOP", 200)
	if n := st.srv.awake.Load(); n != 1 {
		t.Errorf("%d sessions are awake, one was asked", n)
	}
	p.do("QUIT", 221)
}

// A wait ends with what comes, and without it when its time is over.
func TestInputWithin(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	near, err := net.Dial("tcp4", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	raw := rawConn(far)
	if inputWithin(raw, time.Millisecond) {
		t.Error("something is there that nobody sent")
	}
	if _, err := near.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	for !inputWithin(raw, time.Minute) { // a signal ends it, too
	}
}
