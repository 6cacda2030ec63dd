//go:build acme

package serve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
)

// acmeBuilt says that --acme works.
const acmeBuilt = true

// acmePatience is how long a start may wait for certificates of an authority:
// it connects back, more than once, and looks names up.
const acmePatience = 3 * time.Minute

// issuer gets certificates and renews them, for as long as it lives.
type issuer struct {
	names []string
	magic *certmagic.Config
	cache *certmagic.Cache
	web   *http.Server
	dir   string
}

// newIssuer opens the port of the challenges, which root may be needed for,
// and the place where certificates are kept. Nobody is asked yet.
func (d Daemon) newIssuer(log *slog.Logger) (*issuer, error) {
	a := d.ACME
	if err := a.check(d); err != nil || !a.on() {
		return nil, err
	}
	at := a.HTTP
	if at == "" {
		at = ":80"
	}
	host, port, err := net.SplitHostPort(listenAddress(at, "80"))
	if err != nil {
		return nil, &UsageError{Err: fmt.Errorf("serve: --acme-http: %w", err)}
	}
	dir, err := a.place(d)
	if err != nil {
		return nil, &StartError{fmt.Errorf("serve: --acme: %w", err), "--acme-dir DIR names a place where certificates can be kept"}
	}
	ln, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, listenError("--acme-http "+at, err)
	}
	roots, err := a.roots()
	if err != nil {
		ln.Close()
		return nil, err
	}
	number, _ := strconv.Atoi(port) // the listener's own, where it was 0
	if t, ok := ln.Addr().(*net.TCPAddr); ok {
		number = t.Port
	}
	auth := &issuer{names: a.Names, dir: dir}
	auth.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return auth.magic, nil },
		Logger:           zap.NewNop(),
	})
	auth.magic = certmagic.New(auth.cache, certmagic.Config{
		Storage:            &certmagic.FileStorage{Path: dir},
		DefaultServerName:  a.Names[0], // most FTP clients name none, or an address
		FallbackServerName: a.Names[0],
		OnEvent:            tellACME(log),
		Logger:             zap.NewNop(),
	})
	acme := certmagic.NewACMEIssuer(auth.magic, certmagic.ACMEIssuer{
		CA: a.Directory, Email: a.Email, Agreed: true, TrustedRoots: roots,
		DisableTLSALPNChallenge: true, // port 443 is not ours
		ListenHost:              host, AltHTTPPort: number,
		Logger: zap.NewNop(),
	})
	auth.magic.Issuers = []certmagic.Issuer{unasked{acme}}
	// The port stays ours, so that renewals find it after root was given up:
	// certmagic leaves a port alone that is served already.
	auth.web = &http.Server{
		Handler:           acme.HTTPChallengeHandler(http.NotFoundHandler()),
		ReadHeaderTimeout: refusalWrite, MaxHeaderBytes: 8 << 10,
	}
	go auth.web.Serve(ln)
	return auth, nil
}

// check refuses what can't be meant.
func (a ACME) check(d Daemon) error {
	switch {
	case !a.on():
		return nil
	case d.TLS.Policy == TLSOff:
		return &UsageError{errors.New("serve: --acme needs TLS, and --tls is off"), "leave --tls off out"}
	case len(d.TLS.Pairs) > 0:
		return &UsageError{errors.New("serve: --acme and --cert: one of them is enough"), "leave one of them out"}
	case d.NoState && a.Dir == "":
		return &UsageError{errors.New("serve: --acme keeps its certificates, and --no-state nothing"), "--acme-dir DIR names a place for them"}
	}
	return nil
}

// place makes the directory that is kept, for the user that the process is
// going to be: renewals come after root was given up.
func (a ACME) place(d Daemon) (string, error) {
	dir := a.Dir
	if dir == "" {
		state, err := stateDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(state, "acme")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if id, err := d.identity(); err == nil && id.uid > 0 && os.Geteuid() == 0 && (d.RunAs != "" || d.Confine != Unconfined) {
		return dir, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, id.uid, id.gid)
		})
	}
	return dir, nil
}

// unasked never asks a question at the terminal: without a mail address there
// is an account without one.
type unasked struct{ *certmagic.ACMEIssuer }

func (u unasked) PreCheck(ctx context.Context, names []string, _ bool) error {
	return u.ACMEIssuer.PreCheck(ctx, names, false)
}

func (a ACME) roots() (*x509.CertPool, error) {
	if a.Root == "" {
		return nil, nil
	}
	text, err := os.ReadFile(a.Root)
	pool := x509.NewCertPool()
	if err == nil && !pool.AppendCertsFromPEM(text) {
		err = fmt.Errorf("%s holds no certificate", a.Root)
	}
	if err != nil {
		return nil, &StartError{fmt.Errorf("serve: --acme-root: %w", err), "it wants the PEM file of who signed the ACME server's own certificate"}
	}
	return pool, nil
}

// tellACME puts what certmagic does into the log.
func tellACME(log *slog.Logger) func(context.Context, string, map[string]any) error {
	return func(_ context.Context, event string, data map[string]any) error {
		switch event {
		case "cert_obtained":
			log.Info("certificate obtained", "name", data["identifier"], "renewal", data["renewal"])
		case "cert_failed":
			log.Error("certificate can't be obtained", "name", data["identifier"], "err", data["error"])
		}
		return nil
	}
}

// obtain loads or gets the certificates, and goes on renewing them until ctx
// ends.
func (auth *issuer) obtain(ctx context.Context) error {
	if auth == nil {
		return nil
	}
	limit, cancel := context.WithTimeoutCause(ctx, acmePatience, errors.New("the authority takes too long"))
	defer cancel()
	for _, name := range auth.names {
		err := auth.magic.ObtainCertSync(limit, name)
		if err != nil {
			return &StartError{fmt.Errorf("serve: --acme %s: %w", name, err),
				"the authority must reach this machine by that name at port 80; --acme-directory names another authority"}
		}
	}
	return auth.magic.ManageAsync(ctx, auth.names)
}

// get is what handshakes show.
func (auth *issuer) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if name := strings.ToLower(hello.ServerName); !knownName(auth.names, name) {
		other := *hello
		other.ServerName = ""
		hello = &other
	}
	return auth.magic.GetCertificate(hello)
}

func knownName(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

func (auth *issuer) close() {
	if auth != nil {
		auth.web.Close()
		auth.cache.Stop()
	}
}

// keeps is the directory that must stay within reach; "" for none.
func (auth *issuer) keeps() string {
	if auth == nil {
		return ""
	}
	return auth.dir
}
