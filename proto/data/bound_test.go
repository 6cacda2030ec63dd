package data

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"runtime"
	"sync/atomic"
	"testing"
)

// endless repeats a pattern for ever.
type endless struct {
	pattern []byte
	at      int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k := copy(p[n:], e.pattern[e.at:])
		e.at = (e.at + k) % len(e.pattern)
		n += k
	}
	return n, nil
}

// bomb is a small wire that becomes a large file.
func bomb(t *testing.T) io.Reader {
	var b bytes.Buffer
	z, _ := zlib.NewWriterLevel(&b, zlib.BestCompression)
	for range 8 {
		z.Write(make([]byte, 1<<20))
	}
	z.Close()
	if b.Len() > 1<<14 {
		t.Fatalf("a poor bomb: %d bytes", b.Len())
	}
	return &b
}

// What grows without end stops at Max, and no memory grows with it.
func TestMaxStopsBombs(t *testing.T) {
	block := append([]byte{0, 0xFF, 0xFF}, make([]byte, 0xFFFF)...)
	for name, wire := range map[string]func() io.Reader{
		"I F S":   func() io.Reader { return &endless{pattern: bytes.Repeat([]byte{'x'}, 500)} },
		"I F B":   func() io.Reader { return &endless{pattern: block} },
		"I F C":   func() io.Reader { return &endless{pattern: bytes.Repeat([]byte{0xFF}, 500)} },
		"A N R C": func() io.Reader { return &endless{pattern: bytes.Repeat([]byte{0, 128, 0xC0}, 500)} },
		"A N R S": func() io.Reader { return &endless{pattern: bytes.Repeat([]byte{0xFF, 1}, 500)} },
		"E N F C": func() io.Reader { return &endless{pattern: bytes.Repeat([]byte{0xBF, 0xC1}, 500)} },
		"I F Z":   func() io.Reader { return bomb(t) },
	} {
		const max = 1<<18 + 77
		var moved atomic.Int64
		o := Options{Params: params(t, name), Max: max, Moved: &moved}
		r := wire()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := Receive(t.Context(), plainWriter{io.Discard}, NewConn(&tape{Reader: r}), o)
		runtime.ReadMemStats(&after)
		if err != ErrTooLarge || n != max || moved.Load() != max {
			t.Errorf("%s: %d bytes, %d moved, %v", name, n, moved.Load(), err)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 2<<20 {
			t.Errorf("%s: %d bytes of memory", name, grown)
		}
	}
}

func TestMaxIsAllowed(t *testing.T) {
	every(t, func(t *testing.T, o Options) {
		wire := encode(t, []byte{}, o)
		if o.Params.Stru == 'F' {
			wire = encode(t, []byte("12345678"), o)
			o.Max = 8
		}
		if _, err := decode(bytes.NewReader(wire), o); err != nil {
			t.Error(err)
		}
	})
}

func TestEndlessRecord(t *testing.T) {
	for _, name := range []string{"I R S", "I R C", "I R Z"} {
		o := Options{Params: params(t, name), Records: RDW}
		var r io.Reader = &endless{pattern: bytes.Repeat([]byte{0x7F}, 500)}
		if o.Params.Mode == 'Z' {
			r = bomb(t)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Receive(t.Context(), io.Discard, NewConn(&tape{Reader: r}), o)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrRecord) {
			t.Errorf("%s: %v", name, err)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 2<<20 {
			t.Errorf("%s: %d bytes of memory", name, grown)
		}
	}
}

// The longest record that a descriptor word can describe passes, both ways.
func TestLongestRecord(t *testing.T) {
	file := append([]byte{0xFF, 0xFF, 0, 0}, bytes.Repeat([]byte{0xFF}, maxRecord)...)
	for _, mode := range []string{"S", "B", "C", "Z"} {
		o := Options{Params: params(t, "I R "+mode), Records: RDW}
		if got, err := decode(bytes.NewReader(encode(t, file, o)), o); err != nil || !bytes.Equal(got, file) {
			t.Errorf("MODE %s: %d bytes, %v", mode, len(got), err)
		}
	}
}
