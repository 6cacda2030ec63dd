package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/serve"
	"ferry/serve/certs"
)

// veil is how both ends encrypt. The zero value is not at all.
type veil struct {
	version  uint16
	implicit bool
}

func (v veil) String() string {
	switch {
	case v.version == 0:
		return "in clear"
	case v.implicit:
		return tls.VersionName(v.version) + " implicit"
	}
	return tls.VersionName(v.version)
}

func veils() []veil {
	return []veil{
		{tls.VersionTLS12, false}, {tls.VersionTLS13, false}, {tls.VersionTLS12, true}, {tls.VersionTLS13, true},
	}
}

// server is the server's TLS: what it can, and nothing in clear.
func (v veil) server(t *testing.T) serve.TLS {
	t.Helper()
	if v.version == 0 {
		return serve.TLS{Policy: serve.TLSOff}
	}
	set, err := certs.Made([]string{"ftp.example"})
	if err != nil {
		t.Fatal(err)
	}
	return serve.TLS{Certificate: set.Get, Policy: serve.TLSRequired, Data: serve.DataRequire}
}

// client is how the client has to meet that.
func (v veil) client(t *testing.T, cfg client.Config, at serve.TLS) client.Config {
	t.Helper()
	if v.version == 0 {
		cfg.TLS = client.TLSOff
		return cfg
	}
	cert, err := at.Certificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	cfg.TLS = client.TLSRequired
	if v.implicit {
		cfg.TLS = client.TLSImplicit
	}
	cfg.Security.Pins = []client.Pin{client.PinFor(cert.Leaf)}
	cfg.Quirks.NoTLS13 = v.version == tls.VersionTLS12
	return cfg
}

// TestFunctionalMatrixOverTLS is TestFunctionalMatrix under TLS: {1.2, 1.3} ×
// {explicit, implicit} × all of its ways and combinations. The wire is only
// looked at for what must not be seen there. A seeded sample of the files
// goes: one in 16, in CI one in 4, and with FERRY_MATRIX=whole all of them.
func TestFunctionalMatrixOverTLS(t *testing.T) {
	seed, share := uint64(time.Now().UnixNano()), scale(4, 16)
	if os.Getenv("FERRY_MATRIX") == "whole" {
		share = 1
	}
	for _, v := range veils() {
		for _, f := range ways() {
			t.Run(v.String()+" "+f.name, func(t *testing.T) {
				t.Logf("seed %d", seed)
				rnd := rand.New(rand.NewPCG(seed, 0))
				synctest.Test(t, func(t *testing.T) {
					p := newBothEndsOver(t, v, f.hosts, f.method)
					for _, params := range combinations() {
						for _, n := range sizes() {
							if n <= f.most && fits(params, n) && rnd.IntN(share) == 0 {
								p.thereAndBackUnseen(params, n)
							}
						}
					}
				})
			})
		}
	}
}

// thereAndBackUnseen is thereAndBack where the wire can't be read.
func (p *bothEnds) thereAndBackUnseen(params proto.Params, n int) {
	p.t.Helper()
	file := content(params, n)
	what := fmt.Sprintf("%s, %d bytes", params, len(file))
	tr := client.Transfer{Params: &params, Layers: recordWords()}
	if _, err := p.c.Store(p.t.Context(), "f", bytes.NewReader(file), tr); err != nil {
		p.t.Fatalf("%s: store: %v", what, err)
	}
	if got := p.stored("/f"); !bytes.Equal(got, file) {
		p.t.Fatalf("%s: stored %d bytes: %.60q", what, len(got), got)
	}
	sent, _ := p.tap.last()
	var back bytes.Buffer
	if _, err := p.c.Retrieve(p.t.Context(), "f", &back, tr); err != nil || !bytes.Equal(back.Bytes(), file) {
		p.t.Fatalf("%s: retrieved %d bytes, %v: %.60q", what, back.Len(), err, back.Bytes())
	}
	_, received := p.tap.last()
	for _, wire := range [][]byte{sent, received} {
		if n >= 254 && bytes.Contains(wire, file[:40]) {
			p.t.Fatalf("%s: the file can be read on the wire", what)
		}
		if len(wire) < 3 || wire[0] != 0x16 || wire[1] != 3 { // RFC 8446 §5.1: a handshake record
			p.t.Fatalf("%s: no TLS on the wire: %.20q", what, wire)
		}
	}
}
