package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"ferry/proto"
	"ferry/serve/admin"
	"ferry/serve/certs"
)

// webPage is where the administrator's page is, and what opens it.
type webPage struct {
	ln     net.Listener
	token  proto.Secret
	kept   string // file of the token; "": it is this run's
	secure bool
	name   string
}

// openWeb listens where --web says, before privileges are given up.
//
// SECURITY: the token must not go over a network in clear: an address that
// others reach is served by https only.
func (d Daemon) openWeb(ctx context.Context, set *certs.Set) (*webPage, error) {
	ln, err := d.openLocal(ctx, webSocket, d.Control.Web)
	if ln == nil || err != nil {
		return nil, err
	}
	w := &webPage{ln: ln}
	w.name, _, _ = net.SplitHostPort(localAddress(d.Control.Web))
	if !addrPort(ln.Addr()).Addr().IsLoopback() {
		if set == nil {
			ln.Close()
			return nil, &UsageError{errors.New("serve: --web: others could read the token, since TLS is off"), "--web PORT is for this machine only; leave --tls off out"}
		}
		w.ln, w.secure = tls.NewListener(ln, &tls.Config{GetCertificate: set.Get, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}), true
	}
	if e := d.Handed.Estate; e != nil {
		w.token = proto.Secret(e.Token)
	} else if err := d.keepToken(w); err != nil {
		ln.Close()
		return nil, err
	}
	return w, nil
}

// keepToken takes the token of the state directory, or makes one for this run.
func (d Daemon) keepToken(w *webPage) error {
	w.token = admin.NewToken()
	if d.NoState {
		return nil
	}
	dir, err := stateDir()
	if err != nil {
		return nil
	}
	kept := filepath.Join(admin.Dir(dir), "web-token")
	var token proto.Secret
	if err = os.MkdirAll(admin.Dir(dir), 0o700); err == nil {
		token, err = admin.Token(kept)
	}
	switch {
	case noPlace(err):
		return nil
	case err != nil:
		return &StartError{fmt.Errorf("serve: --web: %w", err), "--no-state makes a token for this run"}
	}
	w.token, w.kept = token, kept
	return nil
}

// tell prints where the page is.
func (w *webPage) tell(d Daemon) {
	if w == nil {
		return
	}
	scheme := "http"
	if w.secure {
		scheme = "https"
	}
	fmt.Fprintf(d.Out, "  page      %s://%s/\n", scheme, w.ln.Addr())
	if w.kept != "" {
		fmt.Fprintf(d.Out, "  token     in %s\n", w.kept)
		return
	}
	fmt.Fprintf(d.Out, "  token     %s\n", w.token.Reveal())
}

// open is the page of a server.
func (w *webPage) open(a *admin.Admin) *admin.Web {
	page := admin.NewWeb(a, w.token)
	page.Secure, page.Name = w.secure, w.name
	return page
}

func (w *webPage) serve(ctx context.Context, page *admin.Web, log *slog.Logger) {
	if err := page.Serve(ctx, w.ln); err != nil {
		log.Error("page failed", "err", err)
	}
}

// look takes the token that stands in its file now.
func (w *webPage) look() {
	if w.kept == "" {
		return
	}
	if token, err := admin.Token(w.kept); err == nil {
		w.token = token
	}
}
