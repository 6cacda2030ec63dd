package client_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/memnet"
)

// tlsPeer is a server under TLS whose every answer a test can change. It
// shares no code with package serve.
type tlsPeer struct {
	t      *testing.T
	net    *memnet.Network
	host   *memnet.Host
	config *tls.Config
	pin    client.Pin

	implicit bool
	greeting string
	file     string                                   // what RETR sends
	answer   map[string]string                        // in place of the usual reply, by verb
	auth     func(s *peerSession) bool                // in place of the handshake; false ends the session
	data     func(nc net.Conn, cfg *tls.Config) error // in place of how data are sent, for RETR and LIST
	chatter  int                                      // bytes said on an upload's connection, in place of key updates, which crypto/tls can't begin
	late     string                                   // the reply after the data, "" for 226
	resume   uint16                                   // the version in which data connections must resume; 0: none

	mu      sync.Mutex
	got     []string // commands
	resumed []bool   // of each data connection
	stored  string
	ended   bool   // the upload was ended by close_notify
	shown   string // the name of the client's certificate
}

type peerSession struct {
	*tlsPeer
	raw    net.Conn
	conn   *proto.Conn
	tc     *tls.Conn
	config *tls.Config
	ln     net.Listener
	prot   string
}

func newTLSPeer(t *testing.T) *tlsPeer {
	p := &tlsPeer{t: t, net: memnet.New(), file: "the content", greeting: "220 ready", answer: map[string]string{}}
	p.host = p.net.Host(serverAddr)
	p.net.Name("ftp.test", serverAddr)
	p.renew()
	return p
}

// renew gives the server another certificate.
func (p *tlsPeer) renew() {
	cert := makeCertificate(p.t, "ftp.test")
	p.pin = client.PinFor(cert.Leaf)
	p.config = &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"ftp"}, ClientAuth: tls.RequestClientCert}
}

func makeCertificate(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(1000 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// roots are those that vouch for the server.
func (p *tlsPeer) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.config.Certificates[0].Leaf)
	return pool
}

// listen serves until the test ends.
func (p *tlsPeer) listen(port string) {
	ln, err := p.host.Listen(context.Background(), "tcp", ":"+port)
	if err != nil {
		p.t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer nc.Close()
				(&peerSession{tlsPeer: p, raw: nc, conn: proto.NewConn(nc, nil), config: p.config.Clone()}).run()
			})
		}
	})
	p.t.Cleanup(func() { ln.Close(); wg.Wait() })
}

func (p *tlsPeer) dial(cfg client.Config) (*client.Client, error) {
	if cfg.Network == nil {
		cfg.Network = p.net.Host(clientAddr)
	}
	c, err := client.Dial(p.t.Context(), "ftp.test", cfg)
	if err == nil {
		p.t.Cleanup(func() { c.Close() })
	}
	return c, err
}

func (p *tlsPeer) login(cfg client.Config) *client.Client {
	p.t.Helper()
	c, err := p.dial(cfg)
	if err == nil {
		err = c.Login(p.t.Context(), client.Credentials{User: "anna", Pass: "secret"})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// sent are the commands of a verb that came.
func (p *tlsPeer) sent(verb string) (lines []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.got {
		if l == verb || strings.HasPrefix(l, verb+" ") {
			lines = append(lines, l)
		}
	}
	return lines
}

func (s *peerSession) say(text string) error {
	_, err := s.conn.NetConn().Write([]byte(text + "\r\n"))
	return err
}

func (s *peerSession) handshake() bool {
	_ = s.conn.Upgrade(func(nc net.Conn) net.Conn {
		s.tc = tls.Server(nc, s.config)
		return s.tc
	})
	if s.tc.Handshake() != nil {
		return false
	}
	if certs := s.tc.ConnectionState().PeerCertificates; len(certs) > 0 {
		s.mu.Lock()
		s.shown = certs[0].DNSNames[0]
		s.mu.Unlock()
	}
	return true
}

func (s *peerSession) run() {
	if s.implicit && !s.handshake() {
		return
	}
	_ = s.say(s.greeting)
	for {
		cmd, err := s.conn.ReadCommand()
		if err != nil {
			return
		}
		line := strings.TrimRight(cmd.Verb+" "+cmd.Arg, " ")
		s.mu.Lock()
		s.got = append(s.got, line)
		s.mu.Unlock()
		if reply, ok := s.answer[cmd.Verb]; ok {
			_ = s.say(reply)
			continue
		}
		if !s.serve(cmd) {
			return
		}
	}
}

func (s *peerSession) serve(cmd proto.Command) bool {
	switch cmd.Verb {
	case "AUTH":
		if s.auth != nil {
			return s.auth(s)
		}
		_ = s.say("234 go on")
		return s.handshake()
	case "PROT":
		s.prot = cmd.Arg
		_ = s.say("200 ok")
	case "USER":
		_ = s.say("331 ?")
	case "PASS":
		_ = s.say("230 in")
	case "FEAT":
		_ = s.say("211-\r\n SIZE\r\n211 end")
	case "PWD":
		_ = s.say(`257 "/home"`)
	case "SIZE":
		_ = s.say(fmt.Sprint("213 ", len(s.file)))
	case "EPSV":
		s.ln, _ = s.host.Listen(context.Background(), "tcp", ":0")
		_ = s.say(fmt.Sprintf("229 (|||%d|)", netip.MustParseAddrPort(s.ln.Addr().String()).Port()))
	case "RETR", "STOR", "LIST":
		_ = s.say("150 now")
		_ = s.say(s.transfer(cmd.Verb == "STOR"))
	case "QUIT":
		_ = s.say("221 bye")
		return false
	default:
		_ = s.say("200 ok")
	}
	return true
}

// transfer meets the client and returns the last reply.
func (s *peerSession) transfer(up bool) string {
	nc, err := s.ln.Accept()
	s.ln.Close()
	if err != nil {
		return "425 nobody came"
	}
	defer nc.Close()
	if s.prot != "P" {
		if up {
			b, _ := io.ReadAll(nc)
			s.stored = string(b)
		} else {
			_, _ = io.WriteString(nc, s.file)
		}
		return "226 done"
	}
	if s.data != nil && !up {
		if err := s.data(nc, s.config); err != nil {
			return "426 " + err.Error()
		}
		return "226 done"
	}
	tc := tls.Server(nc, s.config)
	if err := tc.Handshake(); err != nil {
		return "425 " + err.Error()
	}
	state := tc.ConnectionState()
	s.mu.Lock()
	s.resumed = append(s.resumed, state.DidResume)
	s.mu.Unlock()
	if s.resume != 0 && (state.Version != s.resume || !state.DidResume) {
		return "522 SSL connection failed: session reuse required"
	}
	if up {
		_, _ = tc.Write(make([]byte, s.chatter)) // waits until it is read
		b, err := io.ReadAll(tc)
		s.mu.Lock()
		s.stored, s.ended = string(b), err == nil
		s.mu.Unlock()
	} else {
		_, _ = io.WriteString(tc, s.file)
	}
	_ = tc.Close()
	if s.late != "" {
		return s.late
	}
	return "226 done"
}
