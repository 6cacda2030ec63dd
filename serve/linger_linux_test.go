package serve

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/live"
	"ferry/serve/store"
	"ferry/serve/users"
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

// A transfer is told of before its client hears that it is over: a server that is
// killed then has told it. While the owner lingers, the client doesn't wait for the
// rest; but if it has asked for more already: then the answers go together.
func TestAnswerComesFirst(t *testing.T) {
	for name, c := range map[string]struct {
		lingers bool
		ahead   string
		first   bool
	}{
		"lingering": {lingers: true, first: true},
		"pipelined": {lingers: true, ahead: "NOOP\r\nNOOP\r\n"},
		"otherwise": {},
	} {
		near, far := net.Pipe()
		go io.Copy(io.Discard, far)
		var s *session
		left, after := -1, -1
		srv, err := New(Config{
			Users:   book{},
			Open:    func(context.Context, users.Record) (store.Store, error) { return store.NewMem(), nil },
			TLS:     TLS{Policy: TLSOff},
			Observe: func(live.Event) { left = s.conn.Queued() },
		})
		if err != nil {
			t.Fatal(err)
		}
		s = &session{srv: srv, conn: proto.NewConn(near, nil), nc: near, lingers: c.lingers, xfer: &transfer{job: job{verb: "RETR"}, reply: transferComplete()}}
		if c.ahead != "" {
			go far.Write([]byte(c.ahead))
			if _, err := s.conn.ReadCommand(); err != nil {
				t.Fatal(err)
			}
		}
		s.xfer.after = new(afterwards)
		s.xfer.after.add(func() { after = s.conn.Queued() })
		s.finish()
		if left <= 0 || after < 0 || (after == 0) != c.first {
			t.Errorf("%s: %d bytes of the answer waited when the transfer was told of, %d while it was tidied up", name, left, after)
		}
		near.Close()
		far.Close()
	}
}
