package data

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"ferry/proto"
)

// tape is a connection that plays one side and records the other.
type tape struct {
	io.Reader
	sent bytes.Buffer
}

func (t *tape) Write(p []byte) (int, error)      { return t.sent.Write(p) }
func (t *tape) Close() error                     { return nil }
func (t *tape) LocalAddr() net.Addr              { return nil }
func (t *tape) RemoteAddr() net.Addr             { return nil }
func (t *tape) SetDeadline(time.Time) error      { return nil }
func (t *tape) SetReadDeadline(time.Time) error  { return nil }
func (t *tape) SetWriteDeadline(time.Time) error { return nil }

// play is a connection on which wire arrives and is then closed.
func play(wire []byte) *Conn { return NewConn(&tape{Reader: bytes.NewReader(wire)}) }

// plainReader hides everything but Read.
type plainReader struct{ io.Reader }

// plainWriter hides everything but Write.
type plainWriter struct{ io.Writer }

// encode is what Send puts on the wire.
func encode(t testing.TB, file []byte, o Options) []byte {
	t.Helper()
	rec := &tape{Reader: bytes.NewReader(nil)}
	n, err := Send(context.Background(), NewConn(rec), plainReader{bytes.NewReader(file)}, o)
	if err != nil || n != int64(len(file)) {
		t.Fatalf("send %s: %d of %d bytes, %v", o.Params, n, len(file), err)
	}
	return rec.sent.Bytes()
}

// decode is what Receive makes of a wire.
func decode(wire io.Reader, o Options) ([]byte, error) {
	var file bytes.Buffer
	n, err := Receive(context.Background(), plainWriter{&file}, NewConn(&tape{Reader: wire}), o)
	if n != int64(file.Len()) {
		panic("Receive counts wrong")
	}
	return file.Bytes(), err
}

// params parses "A N F S".
func params(t testing.TB, s string) proto.Params {
	t.Helper()
	n := len(s)
	ty, err := proto.ParseType(s[:n-4])
	if err != nil {
		t.Fatal(err)
	}
	return proto.Params{Type: ty, Stru: proto.Stru(s[n-3]), Mode: proto.Mode(s[n-1])}
}

// every calls f for all combinations that are served, records by RDW.
func every(t *testing.T, f func(t *testing.T, o Options)) {
	for _, ty := range []string{"A N", "A T", "A C", "E N", "E T", "E C", "I", "L 8"} {
		for _, stru := range "FRP" {
			for _, mode := range "SBCZ" {
				p := params(t, ty+" "+string(stru)+" "+string(mode))
				o := Options{Params: p, Records: RDW}
				if o.Supported() == nil {
					t.Run(p.String(), func(t *testing.T) { f(t, o) })
				}
			}
		}
	}
}
