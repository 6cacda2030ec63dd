package wiretest

import (
	"context"
	"testing"

	"ferry/proto"
)

// Serve plays the server's part of the scripts, one for each connection that
// comes in, and returns the address. A difference fails the test, and so does
// a script that nobody has come for when the test ends.
func Serve(t testing.TB, network proto.Network, address string, scripts ...Script) string {
	t.Helper()
	l, err := network.Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, s := range scripts {
			nc, err := l.Accept()
			if err != nil {
				t.Errorf("%s: nobody came: %v", s.Name, err)
				return
			}
			play(t, &Player{Role: proto.FromServer, Conn: nc, Network: network}, s)
			_ = nc.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

// Drive connects to a server and plays the client's part of the script. A
// difference fails the test.
func Drive(t testing.TB, network proto.Network, address string, s Script) {
	t.Helper()
	nc, err := network.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	play(t, &Player{Role: proto.FromClient, Conn: nc, Network: network}, s)
}

func play(t testing.TB, p *Player, s Script) {
	t.Helper()
	if err := p.Play(context.WithoutCancel(t.Context()), s); err != nil {
		t.Error(err)
	}
}
