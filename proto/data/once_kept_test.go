//go:build unix

package data

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"ferry/proto"
)

// Files that are packed are those that Send sends, also where the kernel has no
// room for them and the rest follows; and they wait until they are sent.
func TestPack(t *testing.T) {
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
		keep := &Keep{Facts: strings.Repeat("a=b;", i%3)}
		before := c.Packed()
		n, err := c.Pack(struct{ io.Reader }{bytes.NewReader(file)}, int64(len(file)+i%2), keep)
		if err != nil || n != int64(len(file)) || !keep.InStep || c.Packed() <= before {
			t.Fatalf("file %d: %d bytes, %d packed, in step %v, %v", i, n, c.Packed(), keep.InStep, err)
		}
		if i%3 == 0 {
			if err := c.SendPackedNow(); err != nil {
				t.Fatal(err)
			}
			if c.Packed() > 0 {
				if full++; full == 1 {
					close(read)
				}
				if err := c.SendPacked(t.Context(), keptOptions(keep)); err != nil || c.Packed() > 0 {
					t.Fatalf("the rest of file %d: %v", i, err)
				}
			}
		}
		rec := &tape{}
		if _, err := Send(t.Context(), NewConn(rec), bytes.NewReader(file), keptOptions(&Keep{Facts: keep.Facts})); err != nil {
			t.Fatal(err)
		}
		want.Write(rec.sent.Bytes())
	}
	if err := c.SendPacked(t.Context(), keptOptions(&Keep{})); err != nil || c.packed != nil {
		t.Error("the end:", err, c.packed)
	}
	near.Close()
	if full == 0 {
		t.Error("the kernel had room for all: nothing was left to SendPacked")
	}
	if b := <-got; !bytes.Equal(b, want.Bytes()) {
		t.Errorf("%d bytes came, not the %d that Send makes", len(b), want.Len())
	}
}

// A file that can't be read to its end is not taken for whole, and costs those
// around it nothing. One that no block has room for is refused.
func TestPackBrokenFile(t *testing.T) {
	rec := &tape{}
	c := NewConn(rec)
	for _, src := range []io.Reader{strings.NewReader("one"), io.MultiReader(strings.NewReader("t"), iotest.ErrReader(io.ErrClosedPipe)), strings.NewReader("two")} {
		keep := &Keep{}
		n, err := c.Pack(src, 3, keep)
		var fe *FileError
		if broken := errors.As(err, &fe); broken != (n == 1) || !keep.InStep {
			t.Errorf("%d bytes, %v, in step %v", n, err, keep.InStep)
		}
	}
	if _, err := c.Pack(strings.NewReader(""), maxBlock+1, &Keep{}); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if err := c.SendPacked(t.Context(), keptOptions(&Keep{})); err != nil {
		t.Fatal(err)
	}
	from := NewConn(&tape{Reader: bytes.NewReader(rec.sent.Bytes())})
	for _, want := range []struct {
		text string
		err  error
	}{{"one", nil}, {"?", ErrSuspect}, {"two", nil}} {
		var got bytes.Buffer
		keep := &Keep{}
		if _, err := Receive(t.Context(), &got, from, keptOptions(keep)); err != want.err || err == nil && got.String() != want.text || !keep.InStep {
			t.Errorf("%q came, %v, want %q, %v", got.String(), err, want.text, want.err)
		}
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
