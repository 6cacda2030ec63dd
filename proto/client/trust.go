package client

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
)

// Security says which servers are trusted, and what this end shows of itself.
// The zero value trusts whom the system's roots vouch for.
type Security struct {
	Roots *x509.CertPool    // nil: the system's
	Own   []tls.Certificate // for servers that ask for one
	Pins  []Pin             // if any, the server's certificate is one of them, and nothing else counts
	Known []Pin             // good besides those that the roots vouch for: somebody has accepted them
	Seen  bool              // the server has had TLS before: without it there is no session (ErrDowngrade)

	// InClear is asked before a password or an account leaves unencrypted for
	// another machine; an error keeps it here. nil: it may leave.
	InClear func(context.Context) error
}

// Pin is the SHA-256 of a certificate, or of its public key.
type Pin struct {
	Sum [sha256.Size]byte
	Of  PinOf
}

// PinOf says what a Pin is the sum of.
type PinOf byte

const (
	PinCertificate PinOf = iota
	PinKey               // survives a renewal with the same key
)

// PinFor is the pin of a certificate.
func PinFor(c *x509.Certificate) Pin { return Pin{Sum: sha256.Sum256(c.Raw)} }

// String is sha256:HEX for a certificate, sha256//BASE64 for a key, as curl
// has it.
func (p Pin) String() string {
	if p.Of == PinKey {
		return "sha256//" + base64.StdEncoding.EncodeToString(p.Sum[:])
	}
	return "sha256:" + hex.EncodeToString(p.Sum[:])
}

// ParsePin reads what String writes, and fingerprints as openssl and browsers
// print them: AB:CD:…, with or without "sha256:" in front.
func ParsePin(text string) (Pin, error) {
	var p Pin
	var sum []byte
	var err error
	if key, ok := strings.CutPrefix(text, "sha256//"); ok {
		p.Of = PinKey
		sum, err = base64.StdEncoding.DecodeString(key)
	} else {
		if len(text) > 7 && strings.EqualFold(text[:6], "sha256") && strings.IndexByte(":=-", text[6]) >= 0 {
			text = text[7:]
		}
		sum, err = hex.DecodeString(strings.ReplaceAll(text, ":", ""))
	}
	if err != nil || len(sum) != sha256.Size {
		return Pin{}, errors.New("a fingerprint is sha256: and 64 hexadecimal digits, or sha256// and a key's sum in base64")
	}
	copy(p.Sum[:], sum)
	return p, nil
}

// matches reports whether a certificate is the one that p was made of.
func (p Pin) matches(c *x509.Certificate) bool {
	if p.Of == PinKey {
		return p.Sum == sha256.Sum256(c.RawSubjectPublicKeyInfo)
	}
	return p == PinFor(c)
}

// CertificateError is a server whose certificate is not trusted.
type CertificateError struct {
	Chain  []*x509.Certificate // as the server has sent it, its own first
	Pinned bool                // it is not among Security.Pins; else Err says what is wrong
	Err    error               // of crypto/x509
}

func (e *CertificateError) Error() string {
	if e.Pinned {
		return fmt.Sprintf("the certificate is not the pinned one, but %s", PinFor(e.Chain[0]))
	}
	return fmt.Sprintf("the certificate is not trusted: %v", e.Err)
}
func (e *CertificateError) Unwrap() error { return e.Err }

// judge decides whether the server at the other end of a handshake is the one
// that was meant.
//
// SECURITY: nothing that isn't pinned, known or vouched for gets further than
// this. There is no way to turn it off: whoever can't have a certificate
// signed pins it.
func (s *Security) judge(host string, cs tls.ConnectionState) error {
	chain := cs.PeerCertificates
	if len(chain) == 0 {
		return errors.New("the server has no certificate")
	}
	good := func(p Pin) bool { return p.matches(chain[0]) }
	switch {
	case slices.ContainsFunc(s.Pins, good):
		return nil
	case len(s.Pins) > 0:
		return &CertificateError{Chain: chain, Pinned: true}
	case slices.ContainsFunc(s.Known, good):
		return nil
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: s.Roots, Intermediates: between})
	if err != nil {
		return &CertificateError{Chain: chain, Err: err}
	}
	return nil
}

// serverName is the name that a server's certificate must have: the host as
// it was dialled. An IPv6 zone is only known here.
func serverName(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host, _, _ = strings.Cut(host, "%")
	return strings.TrimSuffix(host, ".")
}
