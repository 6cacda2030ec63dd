package data

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// tlsPair is two ends of an encrypted connection over memory.
func tlsPair(t *testing.T) (server, client *tls.Conn) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	a, b := net.Pipe()
	server = tls.Server(a, &tls.Config{
		Certificates:           []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: key}},
		SessionTicketsDisabled: true,
	})
	client = tls.Client(b, &tls.Config{InsecureSkipVerify: true})
	done := make(chan error)
	go func() { done <- client.Handshake() }()
	if err := errors.Join(server.Handshake(), <-done); err != nil {
		t.Fatal(err)
	}
	return server, client
}

func TestOverTLS(t *testing.T) {
	content := randomBytes(1 << 20)
	for _, p := range []string{"I F S", "I F B", "I F Z"} {
		synctest.Test(t, func(t *testing.T) {
			o := Options{Params: params(t, p), Stall: time.Minute}
			server, client := tlsPair(t)
			conn := NewConn(server)
			go func() {
				if n, err := Send(t.Context(), conn, diskFile(t, content), o); err != nil {
					t.Errorf("MODE %s: %d sent, %v", p, n, err)
				}
				conn.Close()
			}()
			var got bytes.Buffer
			if n, err := Receive(t.Context(), &got, NewConn(client), o); err != nil || !bytes.Equal(got.Bytes(), content) {
				t.Errorf("MODE %s: %d received, %v", p, n, err)
			}
			io.Copy(io.Discard, client) // the sender's farewell
			if conn.route == routeKernel {
				t.Error("sent past TLS")
			}
		})
	}
}

func TestStallsOverTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Options{Params: params(t, "I F S"), Stall: time.Minute}
		server, client := tlsPair(t)
		begin := time.Now()
		if _, err := Send(t.Context(), NewConn(server), file(), o); err != ErrStalled || time.Since(begin) != time.Minute {
			t.Errorf("send: %v after %v", err, time.Since(begin))
		}
		server.NetConn().Close()
		client.NetConn().Close()

		server, client = tlsPair(t)
		go io.ReadFull(client, make([]byte, 20<<10)) // a record or two, and no more
		begin = time.Now()
		if _, err := Send(t.Context(), NewConn(server), file(), o); err != ErrStalled || time.Since(begin) != time.Minute {
			t.Errorf("send to one that stops: %v after %v", err, time.Since(begin))
		}
		server.NetConn().Close()
		client.NetConn().Close()

		server, client = tlsPair(t)
		begin = time.Now()
		if _, err := Receive(t.Context(), &bytes.Buffer{}, NewConn(client), o); err != ErrStalled || time.Since(begin) != time.Minute {
			t.Errorf("receive: %v after %v", err, time.Since(begin))
		}
		server.NetConn().Close()
	})
}

// A slow line is no stall, and no write over TLS is ended in its middle, also
// where TLS is wrapped: by a client, which keeps its deadlines apart, or by a
// server, which bounds the rate.
func TestSlowOverTLS(t *testing.T) {
	type embedding struct{ *tls.Conn }
	for name, wrap := range map[string]func(*tls.Conn) net.Conn{
		"itself":  func(c *tls.Conn) net.Conn { return c },
		"wrapped": func(c *tls.Conn) net.Conn { return embedding{c} },
		"twice":   func(c *tls.Conn) net.Conn { return hiding{embedding{c}} },
	} {
		synctest.Test(t, func(t *testing.T) {
			o := Options{Params: params(t, "I F S"), Stall: time.Minute}
			server, client := tlsPair(t)
			content := randomBytes(256 << 10)
			sent := make(chan error)
			go func() {
				_, err := Send(t.Context(), NewConn(wrap(server)), bytes.NewReader(content), o)
				sent <- err
			}()
			var got bytes.Buffer
			for piece := make([]byte, 4<<10); got.Len() < len(content); time.Sleep(700 * time.Millisecond) {
				n, err := client.Read(piece)
				if got.Write(piece[:n]); err != nil {
					t.Errorf("%s: %d bytes came, then %v", name, got.Len(), err)
					break
				}
			}
			server.NetConn().Close()
			client.NetConn().Close()
			if err := <-sent; err != nil || !bytes.Equal(got.Bytes(), content) {
				t.Errorf("%s: sent: %v; %d bytes came", name, err, got.Len())
			}
		})
	}
}

// hiding is a connection that doesn't show what it is.
type hiding struct{ net.Conn }

func (h hiding) Below() net.Conn { return h.Conn }

// records hands out one piece a read, as TLS does, and knows of those behind it.
type records struct {
	net.Conn
	pieces [][]byte
}

func (r *records) NetConn() net.Conn           { return r }
func (r *records) Stocked() bool               { return len(r.pieces) > 0 }
func (r *records) SetDeadline(time.Time) error { return nil }

func (r *records) Read(p []byte) (int, error) {
	if len(r.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.pieces[0])
	if r.pieces[0] = r.pieces[0][n:]; len(r.pieces[0]) == 0 {
		r.pieces = r.pieces[1:]
	}
	return n, nil
}

// gathered counts what is written to a file.
type gathered struct {
	bytes.Buffer
	calls int
}

func (g *gathered) Write(p []byte) (int, error) {
	g.calls++
	return g.Buffer.Write(p)
}

// Records that have come are written together.
func TestRecordsAreWrittenTogether(t *testing.T) {
	content := randomBytes(1 << 20)
	in := &records{}
	for piece := range slices.Chunk(content, 16<<10) {
		in.pieces = append(in.pieces, piece)
	}
	got := new(gathered)
	n, err := Receive(t.Context(), struct{ io.Writer }{got}, NewConn(in), Options{Params: params(t, "I F S")})
	if err != nil || n != int64(len(content)) || !bytes.Equal(got.Bytes(), content) {
		t.Errorf("%d bytes came, %v", n, err)
	}
	if most := len(content)/bufferSize + 1; got.calls > most {
		t.Errorf("%d writes, more than %d", got.calls, most)
	}
}
