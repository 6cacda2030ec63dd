//go:build acme

package serve

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"

	"ferry/proto"
)

// pebble is Let's Encrypt's server for tests, in this process. It connects back
// to this machine at a port. It returns its directory's URL, the file of who
// signed its own certificate, and who signs those that it gives out.
func pebble(t *testing.T, port int) (web *httptest.Server, directory, root string, signers *x509.CertPool) {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	logger := log.New(io.Discard, "", 0)
	memory := db.NewMemoryStore()
	profiles := map[string]ca.Profile{"default": {Description: "for tests"}}
	authority := ca.New(logger, memory, "", "ecdsa", 0, 1, profiles)
	front := wfe.New(logger, memory, va.New(logger, port, 0, false, "", memory), authority, []string{"pebble.example"}, false, false, 1, 1)
	web = httptest.NewTLSServer(front.Handler())
	t.Cleanup(web.Close)
	root = filepath.Join(t.TempDir(), "pebble.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(root, text, 0o644); err != nil {
		t.Fatal(err)
	}
	signers = x509.NewCertPool()
	signers.AddCert(authority.GetRootCert(0).Cert)
	return web, web.URL + wfe.DirectoryPath, root, signers
}

// A daemon gets its certificate from an ACME server, shows it whoever asks, and
// has it still when it starts again and nobody answers.
func TestACME(t *testing.T) {
	port := unused(t)
	web, directory, root, signers := pebble(t, port)
	kept := t.TempDir()
	d := Daemon{User: "ann", Password: Password{Env: "secret"}, ACME: ACME{
		Names: []string{"localhost"}, Directory: directory, Root: root, Dir: kept,
		HTTP: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
	}}
	var serials []string
	for i := range 2 {
		if i > 0 {
			web.Close()
		}
		r := runDaemon(t, d)
		at := r.said(t, `address +ftp://(\S+)/`)
		r.said(t, `TLS +(localhost) \(ACME\)`)
		r.said(t, `curl --ssl-reqd (-u) `) // no pin: it is going to change
		for _, name := range []string{"localhost", ""} {
			p := reach(t, at)
			p.do("AUTH TLS", proto.SecurityOK)
			tc := tls.Client(p.nc, &tls.Config{ServerName: name, InsecureSkipVerify: true})
			if err := tc.Handshake(); err != nil {
				t.Fatalf("%q: %v\n%s", name, err, r.err.String())
			}
			chain := tc.ConnectionState().PeerCertificates
			between := x509.NewCertPool()
			for _, c := range chain[1:] {
				between.AddCert(c)
			}
			if _, err := chain[0].Verify(x509.VerifyOptions{DNSName: "localhost", Roots: signers, Intermediates: between}); err != nil {
				t.Errorf("%q: %v", name, err)
			}
			serials = append(serials, chain[0].SerialNumber.String())
		}
		r.end(t)
	}
	for _, s := range serials {
		if s != serials[0] {
			t.Errorf("certificates %v: it was got again", serials)
		}
	}
}

// An authority that can't reach the machine, or does not answer, is told in one
// line with a hint.
func TestACMEFails(t *testing.T) {
	port := unused(t)
	_, directory, root, _ := pebble(t, port)
	for name, a := range map[string]ACME{
		"nobody answers": {Directory: "https://127.0.0.1:1/nobody", HTTP: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))},
		"not reached":    {Directory: directory, HTTP: "127.0.0.1:0"},
	} {
		t.Run(name, func(t *testing.T) {
			a.Names, a.Root, a.Dir = []string{"localhost"}, root, t.TempDir()
			var out bytes.Buffer
			d := Daemon{Dir: t.TempDir(), Listen: []string{"127.0.0.1:0"}, User: "ann", Password: Password{Env: "secret"}, ACME: a, Out: &out, Err: &out, NoState: true}
			auth, err := d.newIssuer(slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer auth.close()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			err = auth.obtain(ctx)
			start, ok := err.(*StartError)
			if !ok || !strings.Contains(start.Error(), "localhost") || !regexp.MustCompile(`port 80`).MatchString(start.Hint()) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// unused is a port that nobody has just now.
func unused(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}
