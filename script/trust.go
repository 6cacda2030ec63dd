package script

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"ferry/proto/client"
	"ferry/proto/list"
)

// TrustError is a server that is not trusted, or not with a password.
type TrustError struct {
	Host string
	What string
	Hint string
	Err  error // of package client; nil for none
}

func (e *TrustError) Error() string { return e.Host + ": " + e.What }
func (e *TrustError) Unwrap() error { return e.Err }

// visitor is one attempt to reach a server: what is known of it, and what its
// user has decided.
type visitor struct {
	st    *State
	to    target
	site  knownSite
	cfg   client.Config
	once  bool // the certificate is accepted for this time only
	clear bool // the user wants to go on in clear
	told  bool // that the password goes in clear
}

// reach connects to a server, over TLS as the settings have it. A person is
// asked about a certificate that nobody vouches for; a script fails.
func (st *State) reach(ctx context.Context, t target) (*client.Client, error) {
	c, _, err := st.contact(ctx, t)
	return c, err
}

// Trust is what the identity of a server rests on.
type Trust string

const (
	Unknown  Trust = ""         // there is no TLS, so nobody knows
	Verified Trust = "verified" // an authority vouches for it
	Pinned   Trust = "pinned"   // it is the one that a person or a setting named
	OnceOnly Trust = "once"     // somebody let it pass this time
)

// contact is reach, and tells what the trust rests on.
func (st *State) contact(ctx context.Context, t target) (*client.Client, Trust, error) {
	v := &visitor{st: st, to: t, cfg: st.clientConfig(t)}
	if err := v.prepare(); err != nil {
		return nil, Unknown, err
	}
	for range maxJudgements {
		c, err := st.traced(t.host, v.cfg, func(cfg client.Config) (*client.Client, error) { return client.Dial(ctx, t.address(), cfg) })
		if err == nil {
			v.remember(c)
			return c, v.trust(c), nil
		}
		if err = v.judge(ctx, err); err != nil {
			return nil, Unknown, err
		}
	}
	return nil, Unknown, &TrustError{Host: t.host, What: "the server shows another certificate each time"}
}

// prepare fills in what TLS needs.
func (v *visitor) prepare() error {
	st, s := v.st, &v.cfg.Security
	if err := st.Settings.apply(&v.cfg, st.cfg.Network, st.cfg.Sandbox); err != nil {
		return err
	}
	if st.cfg.Sandbox {
		return nil
	}
	if err := st.known.read(); err != nil {
		return fmt.Errorf("what is known of servers: %w", err)
	}
	v.site = st.known.at(v.to.site())
	s.Known, s.Seen, s.InClear = v.site.pins, st.known.seen(v.to.host), v.inClear
	v.cfg.Quirks.NoTLS13 = v.cfg.Quirks.NoTLS13 || v.site.tls12
	var err error
	if s.Pins, err = parsePins(st.Settings.Pin); err != nil {
		return err
	}
	if st.Settings.CA != "" {
		if s.Roots, err = readRoots(st.Settings.CA); err != nil {
			return err
		}
	}
	if st.Settings.Cert == "" {
		return nil
	}
	key := st.Settings.Key
	if key == "" {
		key = st.Settings.Cert
	}
	own, err := tls.LoadX509KeyPair(st.Settings.Cert, key)
	if err != nil {
		return fmt.Errorf("the client certificate: %w", err)
	}
	s.Own = []tls.Certificate{own}
	return nil
}

func parsePins(text string) (pins []client.Pin, err error) {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		pin, err := client.ParsePin(word)
		if err != nil {
			return nil, err
		}
		pins = append(pins, pin)
	}
	return pins, nil
}

func readRoots(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: no certificate in PEM form", path)
	}
	return roots, nil
}

// remember notes what a connection has shown.
func (v *visitor) remember(c *client.Client) {
	state, encrypted := c.TLS()
	if !encrypted {
		return
	}
	pin := client.PinFor(state.PeerCertificates[0])
	switch {
	case v.once:
	case len(v.cfg.Security.Known) > len(v.site.pins):
		v.note(pin.String())
	case !v.site.tls:
		v.note(seenTLS)
	}
}

// trust is what a connection that stands rests on.
func (v *visitor) trust(c *client.Client) Trust {
	state, encrypted := c.TLS()
	switch {
	case !encrypted:
		return Unknown
	case v.once:
		return OnceOnly
	case len(v.cfg.Security.Pins) > 0, slices.Contains(v.cfg.Security.Known, client.PinFor(state.PeerCertificates[0])):
		return Pinned
	}
	return Verified
}

// note remembers something of the server. That it can't be kept is told, and
// no failure: it was no precondition.
func (v *visitor) note(what string) {
	if err := v.st.known.remember(v.to.site(), what, v.st.now()); err != nil {
		v.st.warn("what is known of %s is only remembered for this run: %v", v.to.host, err)
		v.st.known.path = ""
	}
}

// judge decides about a failure to connect: nil means to try again.
func (v *visitor) judge(ctx context.Context, err error) error {
	var bad *client.CertificateError
	switch {
	case errors.As(err, &bad) && bad.Pinned:
		return &TrustError{Host: v.to.host, What: bad.Error(), Err: err,
			Hint: "`set pin` has another; if this one is the server's own, say so with: set pin " + client.PinFor(bad.Chain[0]).String()}
	case errors.As(err, &bad):
		return v.certificate(ctx, bad)
	case errors.Is(err, client.ErrDowngrade):
		return v.downgrade(ctx, err)
	}
	return err
}

// certificate asks about one that nobody vouches for.
func (v *visitor) certificate(ctx context.Context, bad *client.CertificateError) error {
	pin, changed := client.PinFor(bad.Chain[0]), len(v.site.pins) > 0
	if v.st.cfg.Ask == nil {
		e := &TrustError{Host: v.to.host, What: bad.Error(), Err: bad, Hint: "to trust this certificate and no other, put before `open`: set pin " + pin.String()}
		if changed {
			e.What = fmt.Sprintf("THE CERTIFICATE HAS CHANGED: it was %s and is now %s", last(v.site.pins), pin)
			e.Hint = "somebody may be in between. If the change was meant: trust -d " + v.to.host + ", or before `open`: set pin " + pin.String()
		}
		return e
	}
	v.st.notice(bad, v.site.pins)
	answer, err := v.st.cfg.Ask.Choose(ctx, "trust it?", No, Yes, Once)
	if err != nil {
		return err
	}
	if answer == No {
		return &TrustError{Host: v.to.host, What: "not trusted", Err: bad}
	}
	v.once = answer == Once
	v.cfg.Security.Known = append(v.cfg.Security.Known, pin)
	return nil
}

func last(pins []client.Pin) client.Pin { return pins[len(pins)-1] }

// notice shows a certificate to the person who decides about it.
func (st *State) notice(bad *client.CertificateError, before []client.Pin) {
	c := bad.Chain[0]
	lines := []string{
		"subject      " + c.Subject.String(),
		"for          " + strings.Join(namesOf(c), " "),
		"issuer       " + c.Issuer.String(),
		"valid        " + c.NotBefore.Format(time.DateOnly) + " to " + c.NotAfter.Format(time.DateOnly),
		"fingerprint  " + client.PinFor(c).String(),
	}
	if len(before) > 0 {
		lines = append([]string{
			"THE CERTIFICATE OF THIS SERVER HAS CHANGED.",
			"Somebody may be in between, and listen. Or the server has got a new one: ask who runs it.",
		}, append(lines, "before       "+last(before).String())...)
	}
	for _, l := range append(lines, bad.Error()) {
		fmt.Fprintln(st.Err, list.Printable(l))
	}
}

func namesOf(c *x509.Certificate) []string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) > maxShownNames {
		names = append(names[:maxShownNames], "…")
	}
	return names
}

// downgrade decides about a server that had TLS and refuses it now.
func (v *visitor) downgrade(ctx context.Context, err error) error {
	if v.st.cfg.Ask == nil {
		return &TrustError{Host: v.to.host, What: "it had TLS before and refuses it now", Err: err,
			Hint: "somebody may be in between. If TLS is gone for good: trust -d " + v.to.host}
	}
	if err := v.confirmClear(ctx, err); err != nil {
		return err
	}
	v.cfg.Security.Seen = false
	return nil
}

func (v *visitor) confirmClear(ctx context.Context, cause error) error {
	v.st.warn("%s HAD TLS BEFORE AND HAS NONE NOW. Somebody may be in between, and read along", v.to.host)
	answer, err := v.st.cfg.Ask.Choose(ctx, "go on in clear?", No, Yes)
	if err == nil && answer != Yes {
		err = &TrustError{Host: v.to.host, What: "not in clear", Err: cause}
	}
	v.clear = err == nil
	return err
}

// inClear is asked before a password leaves in clear.
//
// SECURITY: a host that had TLS once never gets one that way unasked.
func (v *visitor) inClear(ctx context.Context) error {
	switch {
	case v.clear:
	case v.st.known.seen(v.to.host) && v.st.cfg.Ask == nil:
		return &TrustError{Host: v.to.host, What: "the password is not sent in clear to a server that had TLS before",
			Hint: "`set tls on` encrypts; trust -d " + v.to.host + " forgets that it had TLS"}
	case v.st.known.seen(v.to.host):
		return v.confirmClear(ctx, nil)
	case !v.told && v.cfg.TLS != client.TLSOff:
		v.told = true
		v.st.warn("the password goes to %s in clear: it offers no TLS", v.to.host)
	}
	return nil
}
