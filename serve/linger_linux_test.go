package serve

import (
	"testing"
	"time"

	"ferry/serve/store"
)

// An owner holds a thread only while its session is the only one awake, and logged in.
func TestAlone(t *testing.T) {
	for _, c := range []struct {
		name  string
		awake int32
		login bool
		want  bool
	}{
		{"alone", 1, true, true},
		{"beside another", 2, true, false},
		{"before login", 1, false, false},
	} {
		s := &session{srv: new(Server)}
		s.srv.awake.Store(c.awake)
		if c.login {
			s.store = store.NewMem()
		}
		if got := s.alone(); got != c.want {
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
