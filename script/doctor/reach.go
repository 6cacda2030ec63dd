package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"ferry/proto/client"
)

// connect makes the control connection and tells how it is protected.
func connect(ctx context.Context, x *exam) (Finding, error) {
	c, err := client.Dial(ctx, x.Address, x.Client)
	if err != nil {
		var bad *client.CertificateError
		if errors.As(err, &bad) {
			return Finding{}, nil // certificate tells
		}
		f := fails(err, "is the address right, the server running, and the port open in the firewalls between?")
		var ce *client.ConnectError
		if errors.As(err, &ce) && ce.Step == client.Handshake {
			f.Fix = "ftps:// begins with TLS and wants port 990; ftpes:// and ftp:// ask with AUTH TLS on port 21"
		}
		return f, err
	}
	x.client = c
	text := fmt.Sprintf("%q", strings.Join(c.Greeting().Lines, " "))
	state, ok := c.TLS()
	switch {
	case ok:
		return works("%s, %s", tls.VersionName(state.Version), text), nil
	case x.Client.TLS == client.TLSOff:
		return Finding{Result: Weak, Found: "in clear, as asked; " + text, Fix: "leave --tls off out"}, nil
	case nearby(c):
		return works("in clear, on this machine; %s", text), nil
	}
	return Finding{Result: Weak, Found: "no TLS: passwords and files can be read on the way; " + text,
		Fix: "switch TLS on (vsftpd ssl_enable, ProFTPD TLSEngine, Pure-FTPd --tls, ferry serve does by itself)"}, nil
}

func nearby(c *client.Client) bool { return c.Peer().IsLoopback() }

// certificate says what the server shows, and whether it is good.
//
// SECURITY: a server that is not trusted gets no password, and the examination
// ends here.
func certificate(ctx context.Context, x *exam) (Finding, error) {
	if x.client == nil { // connect was turned away by it: once more, for its error
		c, err := client.Dial(ctx, x.Address, x.Client)
		var bad *client.CertificateError
		switch {
		case errors.As(err, &bad):
			return untrusted(bad), err
		case err != nil:
			return fails(err, ""), err
		}
		x.client = c
	}
	state, ok := x.client.TLS()
	if !ok {
		return Finding{}, nil
	}
	return chain(state.PeerCertificates, time.Now()), nil
}

// chain looks at a certificate that is trusted: for how long still?
func chain(certs []*x509.Certificate, now time.Time) Finding {
	c := certs[0]
	about := fmt.Sprintf("for %s, by %s, until %s, %d in the chain", names(c), c.Issuer.CommonName, c.NotAfter.Format(time.DateOnly), len(certs))
	switch {
	case now.After(c.NotAfter):
		return Finding{Result: Weak, Found: "expired; trusted since it is pinned: " + about, Fix: "renew it: others turn away"}
	case now.Before(c.NotBefore):
		return Finding{Result: Weak, Found: fmt.Sprintf("not valid before %s: %s", c.NotBefore.Format(time.RFC3339), about), Fix: "set the clocks, here and there"}
	case c.NotAfter.Sub(now) < soon:
		return Finding{Result: Weak, Found: "ends soon: " + about, Fix: "renew it now; ACME does by itself"}
	}
	return works("%s", about)
}

// untrusted says why a certificate is turned away, and what mends it.
func untrusted(bad *client.CertificateError) Finding {
	c := bad.Chain[0]
	pin := "or trust this one alone: --pin " + client.PinFor(c).String()
	f := Finding{Result: Fails, Found: fmt.Sprintf("%v (for %s, until %s)", bad, names(c), c.NotAfter.Format(time.DateOnly))}
	var (
		invalid x509.CertificateInvalidError
		host    x509.HostnameError
		issuer  x509.UnknownAuthorityError
	)
	switch {
	case bad.Pinned:
		f.Fix = "if the server's certificate was changed on purpose: --pin " + client.PinFor(c).String()
	case errors.As(bad.Err, &invalid) && invalid.Reason == x509.Expired:
		f.Fix = "renew the certificate, or set the clock here; " + pin
	case errors.As(bad.Err, &host):
		f.Fix = "get a certificate for the name that clients use, or use one of its names; " + pin
	case errors.As(bad.Err, &issuer) && len(bad.Chain) == 1 && c.CheckSignatureFrom(c) != nil:
		f.Fix = "let the server send its whole chain (the authority's intermediate certificates too); " + pin
	case errors.As(bad.Err, &issuer):
		f.Fix = "get one from an authority that clients know, or --ca FILE has yours; " + pin
	default:
		f.Fix = pin
	}
	return f
}

// names are whom a certificate is for.
func names(c *x509.Certificate) string {
	all := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return "nobody by name"
	}
	if len(all) > 4 {
		all = append(all[:4], "…")
	}
	return strings.Join(all, " ")
}

func login(ctx context.Context, x *exam) (Finding, error) {
	if err := x.client.Login(ctx, x.Who); err != nil {
		return fails(err, "is the name right, and the password (FERRY_PASSWORD, --password-file, .netrc)?"), err
	}
	if x.Path != "" {
		if err := x.enter(ctx); err != nil {
			return fails(err, "name a directory that this user can enter"), err
		}
	}
	dir, err := x.client.Pwd(ctx)
	if err != nil {
		return Finding{Result: Weak, Found: "logged in, but PWD says " + err.Error()}, nil
	}
	who := x.Who.User
	if who == "" {
		who = "anonymous"
	}
	return works("%s, in %q", who, dir), nil
}

// otherTLS tries TLS from the first byte where it was asked for, and the other
// way round; only on the usual ports, since nobody knows where else.
func otherTLS(ctx context.Context, x *exam) (Finding, error) {
	host, port, err := net.SplitHostPort(x.Address)
	if err != nil || x.Client.TLS == client.TLSOff {
		return Finding{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, otherPort)
	defer cancel()
	cfg, what := x.Client, ""
	switch {
	case port == "21" && cfg.TLS != client.TLSImplicit:
		port, cfg.TLS, what = "990", client.TLSImplicit, "implicit TLS on port 990"
	case port == "990" && cfg.TLS == client.TLSImplicit:
		port, cfg.TLS, what = "21", client.TLSRequired, "AUTH TLS on port 21"
	default:
		return Finding{}, nil
	}
	cfg.Timeouts.Connect, cfg.Timeouts.Reply = otherPort, otherPort
	c, err := client.Dial(ctx, net.JoinHostPort(host, port), cfg)
	if err != nil {
		return Finding{Result: Absent, Found: "no " + what + ": " + err.Error()}, nil
	}
	_ = c.Quit(ctx)
	return works("%s too", what), nil
}

// features are the words of FEAT that matter.
func features(_ context.Context, x *exam) Finding {
	f := x.client.Features()
	if len(f) == 0 {
		return Finding{Result: Weak, Found: "FEAT tells nothing: clients have to try everything", Fix: "a server from this century"}
	}
	var has []string
	for _, word := range []string{"UTF8", "EPSV", "MLST", "SIZE", "MDTM", "MFMT", "REST", "HASH", "TVFS", "RANG", "MODE"} {
		if f.Has(word) {
			has = append(has, word)
		}
	}
	return works("%d, among them %s", len(f), strings.Join(has, " "))
}

func unicode(_ context.Context, x *exam) Finding {
	if x.client.Features().Has("UTF8") {
		return works("FEAT says UTF8")
	}
	return Finding{Result: Weak, Found: "not announced: names beyond ASCII may be garbled",
		Fix: "switch it on where there is a switch (vsftpd utf8_filesystem, ProFTPD mod_lang); `set charset` tells ferry which one it is"}
}
