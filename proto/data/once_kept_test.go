//go:build unix

package data

import (
	"bytes"
	"io"
	"testing"

	"ferry/proto"
)

// Files that are sent at once are those that Send sends, also where the kernel
// has no room for them and the rest follows.
func TestSendKeptAtOnce(t *testing.T) {
	near, far := tcpPair(t)
	c := NewConn(near)
	var want bytes.Buffer
	got := make(chan []byte)
	read := make(chan struct{})
	go func() {
		<-read
		b, _ := io.ReadAll(far)
		got <- b
	}()
	full := 0
	for i := range 2000 {
		file := randomBytes(i * 7)
		keep := &Keep{}
		n, rest, err := SendKeptAtOnce(c, bytes.NewReader(file), keptOptions(keep))
		if err != nil || n != int64(len(file)) || keep.InStep != (len(rest) == 0) {
			t.Fatalf("file %d: %d sent, %d left, in step %v, %v", i, n, len(rest), keep.InStep, err)
		}
		if len(rest) > 0 {
			if full++; full == 1 {
				close(read)
			}
			if err := SendRest(t.Context(), c, rest, keptOptions(keep)); err != nil || !keep.InStep {
				t.Fatalf("the rest of file %d: %v", i, err)
			}
		}
		rec := &tape{}
		if _, err := Send(t.Context(), NewConn(rec), bytes.NewReader(file), keptOptions(&Keep{})); err != nil {
			t.Fatal(err)
		}
		want.Write(rec.sent.Bytes())
	}
	near.Close()
	if full == 0 {
		t.Error("the kernel had room for all: nothing was left to SendRest")
	}
	if b := <-got; !bytes.Equal(b, want.Bytes()) {
		t.Errorf("%d bytes came, not the %d that Send makes", len(b), want.Len())
	}
}

// Arrived knows a whole file, and takes nothing from those behind it.
func TestArrived(t *testing.T) {
	near, far := tcpPair(t)
	c := NewConn(near)
	rec := &tape{}
	file := randomBytes(4096)
	if _, err := Send(t.Context(), NewConn(rec), bytes.NewReader(file), keptOptions(&Keep{})); err != nil {
		t.Fatal(err)
	}
	wire := rec.sent.Bytes()
	if c.Arrived(8192) || c.ahead != nil {
		t.Error("something has arrived, or a buffer is held")
	}
	for _, cut := range []int{1, 2, 3, 100, len(wire) - 1} {
		for _, part := range [][]byte{wire[:cut], wire[cut:]} {
			if c.Arrived(8192) {
				t.Errorf("%d bytes of a file are a whole one", cut)
			}
			if _, err := far.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		for !c.Arrived(8192) { // loopback may need a moment
		}
		if c.Arrived(4000) {
			t.Error("a large file is a small one")
		}
		var got bytes.Buffer
		if _, err := Receive(t.Context(), &got, c, keptOptions(&Keep{})); err != nil || !bytes.Equal(got.Bytes(), file) {
			t.Errorf("%d bytes came, %v", got.Len(), err)
		}
	}
}

func keptOptions(k *Keep) Options {
	p := proto.Binary()
	p.Mode = proto.Block
	return Options{Params: p, Keep: k}
}
