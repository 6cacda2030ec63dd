package doctor

import (
	"bufio"
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
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/memnet"
	"ferry/serve"
	"ferry/serve/users"
)

var (
	patientAddr = netip.MustParseAddr("198.51.100.7")
	doctorAddr  = netip.MustParseAddr("198.51.100.8")
)

// ferryWorld is ferry's own server in memory, with a file to look at.
func ferryWorld(t *testing.T) (*memnet.Network, string) {
	t.Helper()
	n, dir := memnet.New(), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "read.me"), []byte("some bytes to read"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC) // a bubble's time begins at the end of that month
	if err := os.Chtimes(filepath.Join(dir, "read.me"), before, before); err != nil {
		t.Fatal(err)
	}
	host := n.Host(patientAddr)
	srv, err := serve.New(serve.Config{Network: host, Users: users.Any(), Open: serve.Roots(dir), TLS: serve.TLS{Policy: serve.TLSOff}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := host.Listen(t.Context(), "tcp", ":21")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, ln) }()
	t.Cleanup(func() {
		if err := srv.Shutdown(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
		cancel()
		<-done
	})
	return n, dir
}

// twisted is a network between client and server that changes lines of the
// control connection: a server that is odd in one thing only.
type twisted struct {
	proto.Network
	command, reply func(line string) string
}

func (w twisted) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := w.Network.DialContext(ctx, network, address)
	if err != nil || !strings.HasSuffix(address, ":21") {
		return nc, err
	}
	return &twistedConn{Conn: nc, in: bufio.NewReader(nc), w: w}, nil
}

type twistedConn struct {
	net.Conn
	in   *bufio.Reader
	rest []byte
	w    twisted
}

func (c *twistedConn) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return 0, err
		}
		if c.w.reply != nil {
			line = c.w.reply(line)
		}
		c.rest = []byte(line)
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *twistedConn) Write(p []byte) (int, error) {
	if c.w.command == nil {
		return c.Conn.Write(p)
	}
	_, err := io.WriteString(c.Conn, c.w.command(string(p)))
	return len(p), err
}

// examine asks everything of the server at patientAddr.
func examine(t *testing.T, network proto.Network, edit ...func(*Patient)) (map[string]Finding, error) {
	t.Helper()
	p := Patient{Target: "ftp://patient/", Address: net.JoinHostPort(patientAddr.String(), "21"), Who: client.Credentials{User: "anna", Pass: "secret"},
		Client: client.Config{Network: network}}
	for _, e := range edit {
		e(&p)
	}
	report, err := Examine(t.Context(), p)
	found := map[string]Finding{}
	for _, f := range report.Findings {
		if _, twice := found[f.Name]; twice {
			t.Errorf("%s is answered twice", f.Name)
		}
		found[f.Name] = f
		if f.Result != Works && f.Result != Absent && f.Fix == "" && f.Found == "" {
			t.Errorf("%+v tells nothing", f)
		}
	}
	return found, err
}

// scripted is a server with TLS of its own, which knows just enough.
type scripted struct {
	t      *testing.T
	host   *memnet.Host
	config *tls.Config
	heard  []string // passwords
}

func (s *scripted) start() {
	ln, err := s.host.Listen(s.t.Context(), "tcp", ":21")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go s.session(nc)
		}
	}()
}

func (s *scripted) session(nc net.Conn) {
	defer func() { nc.Close() }()
	in := bufio.NewReader(nc)
	say := func(format string, args ...any) { fmt.Fprintf(nc, format+"\r\n", args...) }
	say("220 scripted")
	var data net.Listener
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch verb {
		case "AUTH":
			say("234 go on")
			nc = tls.Server(nc, s.config)
			in = bufio.NewReader(nc)
		case "PASS":
			s.heard = append(s.heard, arg)
			say("230 in")
		case "USER":
			say("331 and?")
		case "PBSZ", "PROT", "TYPE", "NOOP", "SYST":
			say("200 yes")
		case "PWD":
			say(`257 "/"`)
		case "EPSV":
			if data, err = s.host.Listen(s.t.Context(), "tcp", ":0"); err != nil {
				return
			}
			defer data.Close()
			_, port, _ := net.SplitHostPort(data.Addr().String())
			say("229 here (|||%s|)", port)
		case "LIST":
			say("150 it comes")
			raw, err := data.Accept()
			if err != nil {
				return
			}
			dc := tls.Server(raw, s.config)
			_, _ = io.WriteString(dc, "-rw-r--r-- 1 a a 3 Jan  1  2020 f\r\n")
			_ = dc.Close()
			say("226 all")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("502 no")
		}
	}
}

// selfSigned is a certificate for patientAddr that ends at a time.
func selfSigned(t *testing.T, end time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: end.AddDate(-1, 0, 0), NotAfter: end,
		IPAddresses: []net.IP{patientAddr.AsSlice()}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, roots
}
