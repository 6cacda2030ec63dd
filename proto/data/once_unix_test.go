//go:build unix

package data

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What has no room in the kernel is left to Send, which goes on where the first
// bytes ended; a file that is too large stays as it is.
func TestSendAtOnce(t *testing.T) {
	content := randomBytes(20 << 20)
	const room = 128 << 10
	for _, c := range []struct {
		name       string
		size, most int
		before     int // bytes that fill the connection
		whole      bool
	}{
		{"empty", 0, room, 0, true},
		{"small", 4096, room, 0, true},
		{"just fits", room, room, 0, true},
		{"too large", room + 1, room, 0, false},
		{"no room", room, room, 16 << 20, false},
	} {
		near, far := tcpPair(t)
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, content[:c.size], 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		filled := 0
		if c.before > 0 { // to where the kernel takes no more
			raw, err := near.SyscallConn()
			for n := int64(1); err == nil && n > 0; filled += int(n) {
				n, err = writeNow(raw, content[filled:][:64<<10])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		sent, whole, err := SendAtOnce(near, f, c.most)
		if err != nil || whole != c.whole || whole && sent != int64(c.size) {
			t.Errorf("%s: %d sent, whole %v, %v", c.name, sent, whole, err)
		}
		got := make(chan []byte)
		go func() {
			b, _ := io.ReadAll(far)
			got <- b
		}()
		if !whole {
			rest, err := Send(t.Context(), NewConn(near), f, Options{Params: params(t, "I F S")})
			if err != nil || sent+rest != int64(c.size) {
				t.Errorf("%s: %d and %d sent, %v", c.name, sent, rest, err)
			}
		}
		near.Close()
		f.Close()
		if b := <-got; !bytes.Equal(b, append(content[:filled:filled], content[:c.size]...)) {
			t.Errorf("%s: %d bytes came", c.name, len(b)-filled)
		}
	}
}

func TestSendAtOnceToNobody(t *testing.T) {
	near, far := tcpPair(t)
	near.Close()
	far.Close()
	if _, whole, err := SendAtOnce(near, diskFile(t, []byte("x")), 10); err == nil || whole {
		t.Errorf("whole %v, %v", whole, err)
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if sent, whole, err := SendAtOnce(a, diskFile(t, []byte("x")), 10); sent != 0 || whole || err != nil {
		t.Errorf("no TCP: %d, %v, %v", sent, whole, err)
	}
}

// What has not come in time is left to Receive, which goes on behind it.
func TestReceiveAtOnce(t *testing.T) {
	content := randomBytes(1 << 20)
	for _, c := range []struct {
		name        string
		size, early int
		whole       bool
	}{
		{"empty", 0, 0, true},
		{"small", 4096, 4096, true},
		{"its end is late", 4096, 2000, false},
		{"large", 1 << 20, 1 << 20, false},
	} {
		near, far := tcpPair(t)
		path := filepath.Join(t.TempDir(), "f")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		patience := 10 * time.Second
		if c.early < c.size {
			patience = 20 * time.Millisecond
		}
		late := make(chan struct{})
		go func() {
			far.Write(content[:c.early])
			if c.early < c.size {
				<-late
				far.Write(content[c.early:c.size])
			}
			far.Close()
		}()
		n, whole, err := ReceiveAtOnce(near, f, 32<<10, patience)
		if err != nil || whole != c.whole {
			t.Errorf("%s: %d came, whole %v, %v", c.name, n, whole, err)
		}
		close(late)
		if !whole {
			rest, err := Receive(t.Context(), f, NewConn(near), Options{Params: params(t, "I F S")})
			if n += rest; err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		near.Close()
		f.Close()
		if got, err := os.ReadFile(path); err != nil || n != int64(c.size) || !bytes.Equal(got, content[:c.size]) {
			t.Errorf("%s: %d bytes came, %v", c.name, n, err)
		}
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if n, whole, err := ReceiveAtOnce(a, io.Discard, 10, time.Minute); n != 0 || whole || err != nil {
		t.Errorf("no TCP: %d, %v, %v", n, whole, err)
	}
}
