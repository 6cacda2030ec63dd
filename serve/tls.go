package serve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"time"
)

// TLS is how a server encrypts. The zero value has no certificate: there is no
// TLS, and passwords are taken from loopback only.
type TLS struct {
	// Certificate chooses what handshakes show; see certs.Set. nil: no TLS.
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	Policy      TLSPolicy
	Data        DataTLS
	End         UploadEnd
	Clients     ClientCerts
	CCC         CCCRule
}

// TLSPolicy says what may go over the wire in clear.
type TLSPolicy int

const (
	TLSOptional TLSPolicy = iota // everything but passwords; those from loopback only
	TLSRequired                  // nothing but the way to TLS
	TLSOff                       // everything: there is no TLS
)

// ParseTLSPolicy reads "off", "optional" or "required".
func ParseTLSPolicy(word string) (TLSPolicy, error) {
	return oneOf(word, []string{"off", "optional", "required"}, []TLSPolicy{TLSOff, TLSOptional, TLSRequired})
}

// DataTLS says how an encrypted data connection shows that it comes from the
// client of the control connection: by resuming its TLS session.
type DataTLS int

const (
	DataPrefer  DataTLS = iota // a ticket of somebody else is refused, none at all is logged
	DataRequire                // a ticket of one's own is wanted
	DataAny                    // the peer's address is enough
)

// ParseDataTLS reads "prefer", "require" or "off".
func ParseDataTLS(word string) (DataTLS, error) {
	return oneOf(word, []string{"prefer", "require", "off"}, []DataTLS{DataPrefer, DataRequire, DataAny})
}

// UploadEnd says what an encrypted upload without its close_notify is.
type UploadEnd int

const (
	EndStrict   UploadEnd = iota // cut: 426, and nothing is committed
	EndTolerant                  // whole, with a line in the log
)

// ParseUploadEnd reads "strict" or "tolerant".
func ParseUploadEnd(word string) (UploadEnd, error) {
	return oneOf(word, []string{"strict", "tolerant"}, []UploadEnd{EndStrict, EndTolerant})
}

// CCCRule says whether clients may go on with commands in clear after login.
type CCCRule int

const (
	CCCRefused CCCRule = iota
	CCCAllowed         // where neither the policy nor the user's record wants TLS
)

// ParseCCCRule reads "refuse" or "allow".
func ParseCCCRule(word string) (CCCRule, error) {
	return oneOf(word, []string{"refuse", "allow"}, []CCCRule{CCCRefused, CCCAllowed})
}

// ClientCerts says what certificates of clients are good for. A certificate
// speaks for the user that its common name, or a mail address or DNS name
// among its alternative names, spells.
type ClientCerts struct {
	CAs *x509.CertPool // who signs them; nil: nobody is asked for one
	Use CertUse
}

// CertUse is what a client's certificate does at login.
type CertUse int

const (
	CertAndPassword CertUse = iota // both are wanted
	CertInstead                    // it stands for the password; who has none gives the password
)

// ParseCertUse reads "second" or "instead".
func ParseCertUse(word string) (CertUse, error) {
	return oneOf(word, []string{"second", "instead"}, []CertUse{CertAndPassword, CertInstead})
}

// on reports whether AUTH TLS is served.
func (t TLS) on() bool { return t.Certificate != nil && t.Policy != TLSOff }

// encryption is the TLS of one server.
type encryption struct {
	TLS
	log       *slog.Logger
	handshake func() time.Duration // how long one may take
	tickets   tickets
}

// newEncryption returns nil when there is no TLS.
func newEncryption(cfg Config) *encryption {
	if !cfg.TLS.on() {
		return nil
	}
	return &encryption{TLS: cfg.TLS, log: cfg.Logger, handshake: func() time.Duration { return cfg.Limits.Handshake }}
}

// config is what control and data connections have in common.
//
// SECURITY: TLS 1.2 and 1.3 with authenticated encryption and forward secrecy
// only. With NextProtos set, a client that offers protocols must offer one of
// these: a browser that was sent here speaks http/1.1 and gets an alert
// (ALPACA, CVE-2021-3618). Those who offer none are let in: most FTP clients.
func (e *encryption) config(protocols ...string) *tls.Config {
	c := &tls.Config{
		GetCertificate: e.Certificate,
		MinVersion:     tls.VersionTLS12,
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		NextProtos:                  protocols,
		DynamicRecordSizingDisabled: true, // files, not pages: large records from the first on
	}
	if e.Clients.CAs != nil {
		// Data connections ask, too: else Go does not resume a session in
		// which a certificate was shown.
		c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, e.Clients.CAs
	}
	return c
}

// control does the handshake of a control connection. The error closes it.
func (e *encryption) control(ctx context.Context, nc net.Conn, sid uint64) (*tls.Conn, error) {
	cfg := e.config("ftp")
	cfg.WrapSession = e.tickets.wrap(sid)
	cfg.UnwrapSession = func(ticket []byte, _ tls.ConnectionState) (*tls.SessionState, error) {
		ss, _ := e.tickets.open(ticket) // one of an earlier session is welcome
		return ss, nil
	}
	tc := tls.Server(&records{Conn: nc}, cfg)
	ctx, cancel := context.WithTimeout(ctx, e.handshake())
	defer cancel()
	return tc, tc.HandshakeContext(ctx)
}
