package admin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"

	"ferry/proto"
)

// assets are the page: no build step, nothing from elsewhere.
//
//go:embed page
var assets embed.FS

// Web is the page, and the interface for it, for whoever knows the token.
type Web struct {
	Name   string // the host name that it may be called by, beside addresses and localhost; "": none
	Secure bool   // it is reached by https

	// Kept is called when a login has ended before its time; nil: it need not
	// be remembered elsewhere. It is set before anybody is served.
	Kept func()

	token proto.Secret
	api   http.Handler
	files http.Handler

	mu    sync.Mutex
	ended Ended
}

// NewWeb is the page of an Admin.
func NewWeb(a *Admin, token proto.Secret) *Web {
	page, err := fs.Sub(assets, "page")
	if err != nil {
		panic(err) // the name is a constant
	}
	return &Web{token: token, api: a.Handler(), files: http.FileServerFS(page)}
}

// Token is the one that is kept in a file, or a new one that is kept there from
// now on. There is no default.
func Token(path string) (proto.Secret, error) {
	text, err := os.ReadFile(path)
	if token := strings.TrimSpace(string(text)); err == nil && len(token) >= minToken {
		return proto.Secret(token), os.Chmod(path, 0o600)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	token := NewToken()
	return token, writePrivate(path, []byte(token.Reveal()+"\n"))
}

// NewToken is one that nobody can guess: 130 bits.
func NewToken() proto.Secret { return proto.Secret(rand.Text()) }

// Serve answers on a listener until ctx ends.
func (w *Web) Serve(ctx context.Context, ln net.Listener) error { return serveHTTP(ctx, ln, w) }

// ServeHTTP lets in who may come, and has the interface answer them.
//
// SECURITY: what a browser is made to do by a page from elsewhere ends here. A
// name that was pointed at this machine (DNS rebinding) is not one of ours; the
// cookie is not sent from other sites, and what acts wants a header that other
// sites can't send (CSRF); no frame may hold the page (clickjacking); no script
// but the page's own runs, whatever names files have.
func (w *Web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h := rw.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer browsers say that the login form comes from nowhere
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	r = r.WithContext(context.WithValue(r.Context(), peerKey{}, "page from "+r.RemoteAddr))
	switch {
	case !w.isOurs(r.Host):
		reply(rw, nil, &Fault{"this server is not called that", http.StatusMisdirectedRequest})
	case !w.sameOrigin(r):
		reply(rw, nil, &Fault{"a page from elsewhere has no say here", http.StatusForbidden})
	case r.Method == http.MethodPost && r.URL.Path == "/login":
		w.login(rw, r)
	case r.URL.Path == "/page.css":
		w.files.ServeHTTP(rw, r)
	case !w.knows(r) && r.URL.Path == "/":
		http.ServeFileFS(rw, r, assets, "page/login.html")
	case !w.knows(r):
		reply(rw, nil, &Fault{"log in with the token first", http.StatusUnauthorized})
	case r.Method == http.MethodPost && r.Header.Get("X-Ferry") == "":
		reply(rw, nil, &Fault{"the header X-Ferry is missing", http.StatusForbidden})
	case r.Method == http.MethodPost && r.URL.Path == "/logout":
		w.logout(r)
		reply(rw, Count{}, nil)
	case strings.HasPrefix(r.URL.Path, "/v1/"), r.URL.Path == "/metrics":
		w.api.ServeHTTP(rw, r)
	default:
		w.files.ServeHTTP(rw, r)
	}
}

// isOurs reports whether a Host header can be one that a person has typed:
// addresses have no DNS to be rebound.
func (w *Web) isOurs(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	_, err := netip.ParseAddr(host)
	return err == nil || strings.EqualFold(host, "localhost") || w.Name != "" && strings.EqualFold(host, w.Name)
}

func (w *Web) sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); r.Method == http.MethodPost && site != "" && site != "same-origin" {
		return false
	}
	origin := r.Header.Get("Origin")
	return origin == "" || origin == "http://"+r.Host && !w.Secure || origin == "https://"+r.Host && w.Secure
}

// same compares in a time that tells nothing.
func (w *Web) same(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(w.token.Reveal())) == 1
}
