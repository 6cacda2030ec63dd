package certs

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"
)

// Text is a certificate and its key in PEM, as a process that may read the
// files gives it to one that may not.
type Text struct{ Cert, Key []byte }

// Texts are the certificates in force.
//
// SECURITY: this holds the keys. It goes over nothing but the channel between
// a parent and its child.
func (s *Set) Texts() ([]Text, error) {
	var all []Text
	for _, c := range s.List() {
		var chain bytes.Buffer
		for _, der := range c.Certificate {
			if err := pem.Encode(&chain, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
				return nil, err
			}
		}
		der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
		if err != nil {
			return nil, fmt.Errorf("key of %s: %w", c.Leaf.Subject, err)
		}
		all = append(all, Text{chain.Bytes(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})})
	}
	return all, nil
}

// Handed is a set whose certificates somebody else reads.
func Handed(texts []Text) (*Set, error) {
	s := &Set{}
	return s, s.Put(texts)
}

// Put replaces the certificates in force, all or none.
func (s *Set) Put(texts []Text) error {
	var fresh []*tls.Certificate
	for _, t := range texts {
		c, err := tls.X509KeyPair(t.Cert, t.Key)
		if err != nil {
			return fmt.Errorf("certificate that was handed over: %w", err)
		}
		fresh = append(fresh, &c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.good = fresh
	s.count++
	return nil
}

// Version is another number whenever the certificates have changed.
func (s *Set) Version() uint64 {
	s.List()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Look makes the next use look at the files, however short ago that was.
func (s *Set) Look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked, s.stamps = time.Time{}, nil
}
