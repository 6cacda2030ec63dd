package proto_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing/iotest"
	"time"

	"ferry/proto"
)

// wire is a connection whose peer has said all that it will say.
type wire struct {
	io.Reader
	sent   bytes.Buffer
	writes int
	fail   error // of writes
}

func (w *wire) Write(p []byte) (int, error) {
	w.writes++
	if w.fail != nil {
		return 0, w.fail
	}
	return w.sent.Write(p)
}

func (w *wire) Close() error                     { return nil }
func (w *wire) LocalAddr() net.Addr              { return &net.TCPAddr{Port: 21} }
func (w *wire) RemoteAddr() net.Addr             { return &net.TCPAddr{Port: 50000} }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

func hears(text string) (*proto.Conn, *wire) {
	w := &wire{Reader: strings.NewReader(text)}
	return proto.NewConn(w, nil), w
}

// chunkings are the ways in which the same bytes may arrive.
var chunkings = map[string]func(io.Reader) io.Reader{
	"at once":   func(r io.Reader) io.Reader { return r },
	"bytewise":  iotest.OneByteReader,
	"halves":    iotest.HalfReader,
	"data+EOF":  iotest.DataErrReader,
	"127 bytes": func(r io.Reader) io.Reader { return &sized{r, 127} },
	"128 bytes": func(r io.Reader) io.Reader { return &sized{r, 128} },
	"129 bytes": func(r io.Reader) io.Reader { return &sized{r, 129} },
}

type sized struct {
	r io.Reader
	n int
}

func (s *sized) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.n)]) }

// isSyntax reports whether err is a *proto.SyntaxError about what.
func isSyntax(err error, what string) bool {
	var e *proto.SyntaxError
	return errors.As(err, &e) && e.What == what
}
