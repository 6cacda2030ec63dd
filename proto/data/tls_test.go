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
