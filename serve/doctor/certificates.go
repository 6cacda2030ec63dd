package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"ferry/serve/certs"
)

// certificates looks at what handshakes would show.
func certificates(_ context.Context, h Host) (all []Finding) {
	switch {
	case !h.TLS:
		return []Finding{{Name: "TLS", Result: weak, Found: "off: passwords and files go in clear", Fix: "leave --tls off out"}}
	case len(h.Pairs) > 0:
		for _, p := range h.Pairs {
			all = append(all, pair(p, h.Public)...)
		}
		return all
	case h.State == "":
		return []Finding{{Name: "own", Result: weak, Found: "made anew at each start: clients that have pinned it turn away", Fix: "give it a state directory, or --cert FILE"}}
	}
	return []Finding{made(certs.Own(h.State))}
}

// made is the certificate that ferry makes for itself.
func made(path string) Finding {
	const name = "own"
	hint := "nobody vouches for it: clients pin its fingerprint, which ferry serve prints"
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return good(name, "will be made at the first start; %s", hint)
	}
	if err != nil {
		return bad(name, "ferry must be able to read what it has made", err)
	}
	both, err := tls.X509KeyPair(text, text)
	if err != nil {
		return bad(name, "delete it to get a new one, with a new fingerprint: "+path, err)
	}
	if f, ok := exposed(name, path); ok {
		return f
	}
	return good(name, "until %s; %s", both.Leaf.NotAfter.Format(time.DateOnly), hint)
}

// pair looks at one --cert and its --key.
func pair(p certs.Pair, public string) (all []Finding) {
	key := p.Key
	if key == "" {
		key = p.Cert
	}
	both, err := tls.LoadX509KeyPair(p.Cert, key)
	if err != nil {
		return []Finding{bad(p.Cert, "--cert names a PEM file with the certificate, --key one with its key", err)}
	}
	all = append(all, judged(p.Cert, both, public, time.Now()))
	if f, ok := exposed(key, key); ok {
		all = append(all, f)
	}
	return all
}

// judged says what clients will think of a certificate.
func judged(name string, pair tls.Certificate, public string, now time.Time) Finding {
	c := pair.Leaf
	between := x509.NewCertPool()
	for _, der := range pair.Certificate[1:min(len(pair.Certificate), maxChain)] {
		if inter, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(inter)
		}
	}
	about := fmt.Sprintf("for %s, until %s", strings.Join(c.DNSNames, " "), c.NotAfter.Format(time.DateOnly))
	f := Finding{Name: name, Result: weak}
	_, err := c.Verify(x509.VerifyOptions{Intermediates: between, CurrentTime: now})
	switch {
	case now.After(c.NotAfter):
		f.Result, f.Found, f.Fix = fails, "expired: "+about, "renew it; ferry takes the new file by itself"
	case now.Before(c.NotBefore):
		f.Result, f.Found, f.Fix = fails, "not valid before "+c.NotBefore.Format(time.RFC3339), "is the clock right?"
	case c.NotAfter.Sub(now) < soon:
		f.Found, f.Fix = "ends soon: "+about, "renew it now; ferry takes the new file by itself"
	case public != "" && c.VerifyHostname(public) != nil:
		f.Found, f.Fix = fmt.Sprintf("not for %s, but %s", public, about), "get one for the name that clients use"
	case err != nil && len(pair.Certificate) == 1 && c.CheckSignatureFrom(c) != nil:
		f.Found, f.Fix = "the chain is not complete: "+about, "put the authority's intermediate certificates behind it in the file (fullchain.pem)"
	case err != nil:
		f.Found, f.Fix = "no authority that this machine knows vouches for it: "+about, "clients must pin it, or trust your own authority"
	default:
		return good(name, "%s, the chain is complete", about)
	}
	return f
}
