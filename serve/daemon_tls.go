package serve

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"

	"ferry/serve/certs"
)

// Encryption is the TLS of `ferry serve` as its flags describe it.
type Encryption struct {
	Policy   TLSPolicy
	Data     DataTLS
	End      UploadEnd
	Pairs    []certs.Pair // none: a certificate is made, and kept in the state directory
	ClientCA string       // file of PEM certificates; "": no client is asked for one
	CertUse  CertUse
	Implicit []string // addresses where TLS comes first
	CCC      CCCRule
}

// pairs joins --cert and --key, which belong together in their order. A file
// may hold both.
func pairs(cert, key []string) ([]certs.Pair, error) {
	if len(key) > len(cert) {
		return nil, fmt.Errorf("--key: there are %d, but %d --cert", len(key), len(cert))
	}
	var all []certs.Pair
	for i, c := range cert {
		p := certs.Pair{Cert: c}
		if i < len(key) {
			p.Key = key[i]
		}
		all = append(all, p)
	}
	return all, nil
}

// check refuses what can't be meant.
func (e Encryption) check() error {
	switch {
	case e.Policy == TLSOff && len(e.Pairs)+len(e.Implicit) > 0:
		return &UsageError{errors.New("serve: --cert and --implicit need TLS, and --tls is off"), "leave --tls off out"}
	case e.Policy == TLSOff && e.ClientCA != "":
		return &UsageError{errors.New("serve: --client-ca needs TLS, and --tls is off"), "leave --tls off out"}
	}
	return nil
}

func (e Encryption) config(set *certs.Set, cas *x509.CertPool) TLS {
	t := TLS{Policy: e.Policy, Data: e.Data, End: e.End, CCC: e.CCC, Clients: ClientCerts{CAs: cas, Use: e.CertUse}}
	if set != nil {
		t.Certificate = set.Get
	}
	return t
}

// certificates loads those of the flags, else the self-made one. nil: no TLS.
func (d Daemon) certificates(log *slog.Logger, auth *issuer) (*certs.Set, error) {
	if err := d.TLS.check(); err != nil {
		return nil, err
	}
	switch {
	case d.TLS.Policy == TLSOff:
		return nil, nil
	case auth == nil && d.Handed.Estate != nil:
		return certs.Handed(d.Handed.Estate.Certs)
	case auth != nil:
		return certs.Managed(auth.get), nil
	case len(d.allPairs()) == 0:
		return d.ownCertificate()
	}
	report := func(err error) {
		log.Error("certificate can't be read, the last good one stays in force", "err", err)
	}
	var first *certs.Set
	if len(d.TLS.Pairs) == 0 { // virtual servers have some, this one has none
		var err error
		if first, err = d.ownCertificate(); err != nil {
			return nil, err
		}
	}
	set, err := certs.LoadBeside(first, d.allPairs(), report)
	if err != nil {
		return nil, &StartError{fmt.Errorf("serve: --cert: %w", err), "--cert names a PEM file with the certificate, --key one with its key"}
	}
	return set, nil
}

// allPairs are the daemon's, then those of its virtual servers: the first one
// is shown to who names none.
func (d Daemon) allPairs() []certs.Pair {
	all := slices.Clone(d.TLS.Pairs)
	for _, v := range d.Servers {
		if v.Pair.Cert != "" {
			all = append(all, v.Pair)
		}
	}
	return all
}

// ownCertificate is kept where there is a place for it, so that its
// fingerprint stays the same.
func (d Daemon) ownCertificate() (*certs.Set, error) {
	names := certNames(d.Passive.Public)
	if d.NoState {
		return certs.Made(names)
	}
	dir, err := stateDir()
	if err == nil {
		var set *certs.Set
		if set, err = certs.Kept(dir, names); err == nil {
			return set, nil
		}
	}
	if !noPlace(err) {
		return nil, &StartError{fmt.Errorf("serve: own certificate: %w", err), "--cert FILE names another one, --no-state makes one for this run"}
	}
	fmt.Fprintf(d.Err, "ferry: the certificate can't be kept (%v): the next start has another fingerprint\n", err)
	return certs.Made(names)
}

// noPlace reports whether nothing can be kept because of where, not of what.
func noPlace(err error) bool {
	var path *fs.PathError
	var link *os.LinkError
	return errors.As(err, &path) || errors.As(err, &link) || errors.Is(err, errNoHome)
}

// certNames are the names that clients may know this machine by.
func certNames(public string) []string {
	var names []string
	if public != "" {
		names = append(names, public)
	}
	if host, err := os.Hostname(); err == nil && host != "" {
		names = append(names, host)
	}
	return append(names, "localhost", "127.0.0.1", "::1")
}

// clientCAs reads --client-ca. nil when there is none.
func (d Daemon) clientCAs() (*x509.CertPool, error) {
	if d.TLS.ClientCA == "" {
		return nil, nil
	}
	text, err := os.ReadFile(d.TLS.ClientCA)
	pool := x509.NewCertPool()
	if err == nil && !pool.AppendCertsFromPEM(text) {
		err = fmt.Errorf("%s holds no certificate", d.TLS.ClientCA)
	}
	if err != nil {
		return nil, &StartError{fmt.Errorf("serve: --client-ca: %w", err), "it wants the PEM file of the authority that signs clients' certificates"}
	}
	return pool, nil
}
