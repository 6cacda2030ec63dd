package data

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"testing"

	"ferry/proto"
)

func TestSmoke(t *testing.T) {
	src := make([]byte, 300000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range src {
		src[i] = byte(r.IntN(256))
		if src[i] == '\r' {
			src[i] = '\n'
		}
	}
	src = append(src, '\n')
	for _, ty := range []proto.Type{proto.TypeA, proto.TypeE, proto.TypeI} {
		for _, st := range "FR" {
			for _, m := range "SBCZ" {
				p := proto.Params{Type: ty, Stru: proto.Stru(st), Mode: proto.Mode(m)}
				if Supported(p) != nil {
					continue
				}
				t.Run(p.String(), func(t *testing.T) {
					a, b := net.Pipe()
					go func() {
						c := NewConn(a)
						if _, err := Send(context.Background(), c, bytes.NewReader(src), Options{Params: p}); err != nil {
							t.Error(err)
						}
						c.Close()
					}()
					var out bytes.Buffer
					n, err := Receive(context.Background(), &out, NewConn(b), Options{Params: p})
					if err != nil || !bytes.Equal(out.Bytes(), src) {
						t.Fatal(n, err, out.Len(), len(src))
					}
				})
			}
		}
	}
}
