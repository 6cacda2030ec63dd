package client

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"ferry/proto"
)

// sealed is a data connection under TLS.
type sealed struct {
	*tls.Conn
	below *below
	ended sync.Once
	heard chan struct{} // closed at the end of what the peer says; nil: the transfer itself reads
}

// below is the connection under TLS. It tells apart what tls.Conn does not: an
// end that the peer has announced (close_notify), and a connection that was
// cut between two records.
type below struct {
	net.Conn
	cut atomic.Bool
}

func (b *below) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	if n == 0 && errors.Is(err, io.EOF) {
		b.cut.Store(true)
	}
	return n, err
}

// protect wraps the standing data connection as PROT has it.
func (t *transfer) protect(ctx context.Context) (net.Conn, error) {
	if !t.c.DataEncrypted() {
		return t.ch.nc, nil
	}
	t.sealing = true
	config := t.c.dataConfig()
	if t.flying {
		config.ClientSessionCache = keeper{config.ClientSessionCache}
	}
	s, err := t.c.seal(ctx, t.ch.nc, config)
	if err != nil {
		return nil, err
	}
	t.ch.tls, t.resumed = s, s.ConnectionState().DidResume
	t.c.in.ticket = t.resumed
	if !t.toServer {
		return s, nil
	}
	s.listen()
	return uplink{s}, nil
}

// seal does the handshake of a data connection. It resumes the control
// connection's session, by which servers know that it is the same client.
func (c *Client) seal(ctx context.Context, nc net.Conn, config *tls.Config) (*sealed, error) {
	hctx, cancel := bound(ctx, c.cfg.Timeouts.Meet)
	defer cancel()
	s := &sealed{below: &below{Conn: nc}}
	s.Conn = tls.Client(s.below, config)
	err := s.HandshakeContext(hctx)
	switch {
	case err == nil:
		return s, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case hctx.Err() != nil:
		err = &TimeoutError{What: "TLS handshake", After: c.cfg.Timeouts.Meet}
	}
	return nil, &DataError{Addr: nc.RemoteAddr().String(), Err: err}
}

// keeper keeps a session that could not be resumed: in a flight the handshake
// may be with a server that has just refused the file, and crypto/tls would
// drop the session that the next one needs.
type keeper struct{ tls.ClientSessionCache }

func (k keeper) Put(key string, cs *tls.ClientSessionState) {
	if cs != nil {
		k.ClientSessionCache.Put(key, cs)
	}
}

// dataConfig is the control connection's, but for ALPN, which is not for
// data.
//
// SECURITY: the other end shows the certificate of the control connection, or
// one that is as good: who only guesses the port is neither.
func (c *Client) dataConfig() *tls.Config {
	config := c.tls.config.Clone()
	config.NextProtos = nil
	judge, own := config.VerifyConnection, c.tls.conn.ConnectionState().PeerCertificates[0]
	config.VerifyConnection = func(cs tls.ConnectionState) error {
		if len(cs.PeerCertificates) > 0 && cs.PeerCertificates[0].Equal(own) {
			return nil
		}
		return judge(cs)
	}
	return config
}

// listen reads while the transfer writes, to the peer's end.
//
// TLS 1.3 servers may ask for new keys on a long upload, and crypto/tls only
// answers from within Read. What is left unread would also turn our close into
// a reset, and lose the end of the upload.
func (s *sealed) listen() {
	s.heard = make(chan struct{})
	go func() {
		defer close(s.heard)
		_, _ = io.CopyN(io.Discard, s.Conn, maxChatter)
	}()
}

// end tells the peer that all was sent, and goes on listening.
func (s *sealed) end() {
	s.ended.Do(func() {
		_ = s.Conn.SetWriteDeadline(time.Now().Add(parting))
		_ = s.CloseWrite()
		if half, ok := s.below.Conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	})
}

// Close ends the connection in the orderly way: an upload waits a moment for
// the peer's end.
func (s *sealed) Close() error {
	s.end()
	if s.heard != nil {
		select {
		case <-s.heard:
		case <-time.After(parting):
		}
	}
	return s.below.Close()
}

// cutOff reports an end that the peer did not announce.
func (s *sealed) cutOff() bool { return s != nil && s.below.cut.Load() }

// uplink is the sending half of a sealed connection: its deadlines leave the
// reader alone.
type uplink struct{ *sealed }

func (u uplink) SetDeadline(t time.Time) error   { return u.SetWriteDeadline(t) }
func (u uplink) SetReadDeadline(time.Time) error { return nil }

// cutMatters reports a download whose end was not announced, in a mode that
// has no other end than the connection's.
//
// SECURITY: whoever sits in between can close a TCP connection at any moment.
func (t *transfer) cutMatters() bool {
	return !t.toServer && t.ch != nil && t.ch.tls.cutOff() &&
		t.params.Mode == proto.Stream && t.params.Stru == proto.File
}
