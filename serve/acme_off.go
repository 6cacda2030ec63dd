//go:build !acme

package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
)

// acmeBuilt says that --acme does not work: see acme.go.
const acmeBuilt = false

var errNoACME = &UsageError{errors.New("serve: --acme: this ferry was built without it"), "go build -tags acme makes one that has it; --cert FILE shows a certificate that another program renews"}

type issuer struct{}

func (d Daemon) newIssuer(*slog.Logger) (*issuer, error) {
	if d.ACME.on() {
		return nil, errNoACME
	}
	return nil, nil
}

func (*issuer) obtain(context.Context) error { return nil }
func (*issuer) close()                       {}
func (*issuer) keeps() string                { return "" }

func (*issuer) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return nil, errors.ErrUnsupported
}
