package data

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"testing"
)

// What the layers cost, a byte. Sending goes to a connection that takes all at
// once, receiving comes from one that has all at hand.
func BenchmarkLayers(b *testing.B) {
	file := text(1 << 20)
	for _, p := range []string{"I F S", "A N F S", "E N F S", "A N R S", "I F B", "A N R B", "I F C", "A N F C", "I F Z"} {
		o := Options{Params: params(b, p), Level: 1}
		wire := encode(b, file, o)
		b.Run("send "+p, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				c := NewConn(&sink{})
				if _, err := Send(context.Background(), c, plainReader{bytes.NewReader(file)}, o); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("receive "+p, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Receive(context.Background(), plainWriter{io.Discard}, play(wire), o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// sink is a connection that takes everything.
type sink struct{ tape }

func (s *sink) Write(p []byte) (int, error) { return len(p), nil }

// text is about n bytes of lines and columns.
func text(n int) []byte {
	r := rand.New(rand.NewPCG(1, 1))
	var b bytes.Buffer
	for b.Len() < n {
		for range 3 + r.IntN(8) {
			b.WriteString([]string{"alpha ", "beta  ", "gamma,", "0042   ", "x", "    "}[r.IntN(6)])
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}
