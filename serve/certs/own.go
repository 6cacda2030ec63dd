package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"time"
)

// ownFile holds the self-made certificate and its key.
const ownFile = "server.pem"

// Made makes a certificate for these names and addresses that lives as long as
// the process.
func Made(names []string) (*Set, error) {
	text, err := makePEM(names)
	if err != nil {
		return nil, err
	}
	c, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, err
	}
	return &Set{good: []*tls.Certificate{&c}}, nil
}

// Own is the file that Kept keeps the certificate and its key in.
func Own(dir string) string { return filepath.Join(dir, ownFile) }

// Kept returns the certificate that an earlier call has left in dir, else it
// makes one for these names and leaves it there. Servers that share dir share
// the certificate, also when they start at the same moment.
//
// SECURITY: the key is readable by its owner only, and a file that others
// could have changed is not used.
func Kept(dir string, names []string) (*Set, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := Own(dir)
	c, err := readOwn(path)
	if err == nil {
		return &Set{good: []*tls.Certificate{c}}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errOld) {
		return nil, err
	}
	text, merr := makePEM(names)
	if merr != nil {
		return nil, merr
	}
	if err := leave(path, text, err); err != nil {
		return nil, err
	}
	if c, err = readOwn(path); err != nil {
		return nil, err
	}
	return &Set{good: []*tls.Certificate{c}}, nil
}

// errOld reports a kept certificate that is about to end.
var errOld = errors.New("certificate is too old")

func readOwn(path string) (*tls.Certificate, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := private(f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, err
	}
	c, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if time.Until(c.Leaf.NotAfter) < early {
		return nil, fmt.Errorf("%s: %w", path, errOld)
	}
	return &c, nil
}

// leave puts a whole file at path, which another process may be doing too: the
// first one wins. Only what was too old is replaced.
func leave(path string, text []byte, why error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".server-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if errors.Is(why, errOld) {
		return os.Rename(tmp.Name(), path)
	}
	if err = os.Link(tmp.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return os.Rename(tmp.Name(), path) // a file system without links
}

// makePEM makes a key and a certificate that it signs itself.
func makePEM(names []string) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: first(names)},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(life),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, name := range names {
		if ip, err := netip.ParseAddr(name); err == nil {
			template.IPAddresses = append(template.IPAddresses, ip.AsSlice())
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: cert}, {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := pem.Encode(&b, block); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func first(names []string) string {
	if len(names) == 0 {
		return "ferry"
	}
	return names[0]
}
