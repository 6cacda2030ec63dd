package certs

import (
	"crypto/tls"
	"slices"
	"sync"
	"time"
)

// Set is the certificates of a server, one at least. It is safe for use by
// many goroutines.
type Set struct {
	pairs  []Pair                                               // where they come from; none for a self-made one
	report func(error)                                          // told when changed files can't be used
	get    func(*tls.ClientHelloInfo) (*tls.Certificate, error) // chooses; nil: Get does

	first []*tls.Certificate // that don't change

	mu     sync.Mutex
	good   []*tls.Certificate // in force
	stamps []stamp            // the files as they were when last read, good or not
	looked time.Time          // when they were last looked at
	told   string             // what was last reported
	count  uint64             // of changes
}

// Managed is a set that somebody else keeps, and renews: it lists none.
func Managed(get func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *Set { return &Set{get: get} }

// Get chooses the certificate of a handshake: the first that fits the name
// that the client asks for (SNI) and its algorithms, else the first. It is
// made for tls.Config.GetCertificate.
func (s *Set) Get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if s.get != nil {
		return s.get(hello)
	}
	all := s.List()
	if len(all) > 1 {
		for _, c := range all {
			if hello.SupportsCertificate(c) == nil {
				return c, nil
			}
		}
	}
	return all[0], nil
}

// List returns the certificates in force. Files that have changed are read
// again; one that can't be used is told to report once, and the former ones
// stay in force.
func (s *Set) List() []*tls.Certificate {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pairs) == 0 || time.Since(s.looked) < lookEvery {
		return s.good
	}
	s.looked = time.Now()
	now := stampsOf(s.pairs)
	if same(now, s.stamps) {
		return s.good
	}
	s.stamps = now
	fresh, err := load(s.pairs)
	if err == nil {
		s.good, s.told = append(slices.Clip(s.first), fresh...), ""
		s.count++
	} else if s.report != nil && s.told != err.Error() {
		s.told = err.Error()
		s.report(err)
	}
	return s.good
}
