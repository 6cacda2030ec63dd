package client_test

import (
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"ferry/proto/client"
	"ferry/proto/memnet"
	"ferry/proto/wiretest"
)

// sealedBetween is between two servers of implicit TLS with these features.
func sealedBetween(t *testing.T, source, target []string, scripts [2]string, f func(t *testing.T, from, to client.Place)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		cert := makeCertificate(t, "ftp.test")
		cfg := client.Config{Network: n.Host(clientAddr), TLS: client.TLSImplicit}
		cfg.Security.Pins = []client.Pin{client.PinFor(cert.Leaf)}
		var places []client.Place
		for i, at := range []netip.Addr{serverAddr, thirdAddr} {
			feat := featured([][]string{source, target}[i]...)
			text := strings.Replace(feat, "S: 220 ready\n", "S: 220 ready\nC: PBSZ 0\nS: 200 ok\nC: PROT P\nS: 200 ok\n", 1)
			script, err := wiretest.Parse([]string{"source", "target"}[i], text+strings.ReplaceAll(scripts[i], "; ", "\n"))
			if err != nil {
				t.Fatal(err)
			}
			veil := wiretest.Veil{Network: n.Host(at), Wrap: func(nc net.Conn) net.Conn {
				return tls.Server(nc, &tls.Config{Certificates: []tls.Certificate{cert}})
			}}
			s := &stage{t: t, cfg: cfg, addr: wiretest.Serve(t, veil, netip.AddrPortFrom(at, 990).String(), script)}
			places = append(places, client.Place{Client: s.login(t.Context()), Path: []string{"a.txt", "b.txt"}[i]})
		}
		f(t, places[0], places[1])
	})
}

// Who begins TLS between two servers, and by which command.
func TestCopyUnderTLS(t *testing.T) {
	const (
		on      = "C: SSCN ON; S: 200 SSCN:CLIENT METHOD; "
		off     = "C: SSCN OFF; S: 200 SSCN:SERVER METHOD; "
		listen  = "C: PASV; S: 227 here (192,0,2,3,16,0); "
		turned  = "C: PASV; S: 227 here (192,0,2,1,16,0); "
		connect = "C: PORT 192,0,2,3,16,0; S: 200 ok; "
		back    = "C: PORT 192,0,2,1,16,0; S: 200 ok; "
		cut     = "C: ABOR; S: 426 cut; S: 226 aborted; C: PWD; S: 257 \"/\"; "
	)
	sscn, cpsv, none := []string{"SSCN"}, []string{"CPSV"}, []string{"MDTM"}
	for _, tt := range []struct {
		name           string
		source, target []string
		scripts        [2]string
		o              client.CopyOptions
	}{
		{"the one that connects begins", sscn, sscn, [2]string{fxpSize + on + connect + fxpRetr, listen + fxpStor + fxpGot}, client.CopyOptions{}},
		{"or else the one that listens", none, sscn, [2]string{fxpSize + connect + fxpRetr, on + listen + fxpStor + fxpGot}, client.CopyOptions{}},
		{"CPSV", none, cpsv, [2]string{fxpSize + connect + fxpRetr, "C: CPSV; S: 227 here (192,0,2,3,16,0); " + fxpStor + fxpGot}, client.CopyOptions{}},
		{
			"CPSV is known at the source only: it listens", cpsv, none,
			[2]string{fxpSize + "C: CPSV; S: 227 here (192,0,2,1,16,0); " + fxpRetr, back + fxpStor + fxpGot},
			client.CopyOptions{},
		},
		{
			"SSCN is announced and refused", []string{"SSCN"}, []string{"SSCN", "CPSV"},
			[2]string{
				fxpSize + "C: SSCN ON; S: 502 no; " + connect + fxpRetr,
				"C: SSCN ON; S: 504 no; C: CPSV; S: 227 here (192,0,2,3,16,0); " + fxpStor + fxpGot,
			},
			client.CopyOptions{},
		},
		{
			"a server that wants its own TLS session resumed begins, with the sides changed", sscn, sscn,
			[2]string{
				fxpSize + on + connect + "C: RETR a.txt; " + cut + off + turned + fxpRetr,
				listen + "C: STOR b.txt; S: 522 session reuse required; " + on + back + fxpStor + fxpGot,
			},
			client.CopyOptions{},
		},
		{
			"once told, it stays so", sscn, none,
			[2]string{
				fxpSize + on + connect + fxpRetr + fxpSize + connect + fxpRetr,
				listen + fxpStor + fxpGot + "; " + listen + fxpStor + fxpGot,
			},
			client.CopyOptions{},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sealedBetween(t, tt.source, tt.target, tt.scripts, func(t *testing.T, from, to client.Place) {
				for range strings.Count(tt.scripts[1], "C: SIZE") {
					if n, err := client.Copy(t.Context(), from, to, tt.o); n != 5 || err != nil {
						t.Errorf("%d bytes, %v", n, err)
					}
				}
			})
		})
	}
}

// A data connection of our own after a copy: the server must expect the
// handshake again.
func TestOwnTransferAfterSSCN(t *testing.T) {
	source := fxpSize + "C: SSCN ON; S: 200 ok; C: PORT 192,0,2,3,16,0; S: 200 ok; " + fxpRetr +
		"C: SSCN OFF; S: 200 ok; C: EPSV; S: 229 here (|||${port}|); C: NLST; S: 150 here; DS: one\\r\\n; S: 226 done"
	target := "C: PASV; S: 227 here (192,0,2,3,16,0); " + fxpStor + fxpGot
	sealedBetween(t, []string{"SSCN"}, []string{"MDTM"}, [2]string{source, target}, func(t *testing.T, from, to client.Place) {
		if _, err := client.Copy(t.Context(), from, to, client.CopyOptions{}); err != nil {
			t.Fatal(err)
		}
		if names, err := from.Client.Names(t.Context(), ""); len(names) != 1 || err != nil {
			t.Error(names, err)
		}
	})
}

// Where neither can begin TLS, or one of the sessions is in clear, nothing is
// sent, and nothing in clear above all.
func TestCopyThatCantBeEncrypted(t *testing.T) {
	sealedBetween(t, []string{"MDTM"}, []string{"MDTM"}, [2]string{}, func(t *testing.T, from, to client.Place) {
		_, err := client.Copy(t.Context(), from, to, client.CopyOptions{})
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "SSCN or CPSV") {
			t.Error(err)
		}
	})
	// CPSV has the listener begin, so it can't help the other way round.
	sealedBetween(t, []string{"CPSV"}, []string{"MDTM"}, [2]string{fxpSize}, func(t *testing.T, from, to client.Place) {
		if _, err := client.Copy(t.Context(), from, to, client.CopyOptions{Listens: client.TargetSide}); !errors.Is(err, errors.ErrUnsupported) {
			t.Error(err)
		}
	})
	sealedBetween(t, []string{"SSCN"}, []string{"SSCN"}, [2]string{}, func(t *testing.T, from, to client.Place) {
		script, err := wiretest.Parse("clear", plain)
		if err != nil {
			t.Fatal(err)
		}
		n := memnet.New()
		s := &stage{t: t, cfg: client.Config{Network: n.Host(clientAddr), TLS: client.TLSOff}}
		s.addr = wiretest.Serve(t, n.Host(thirdAddr), netip.AddrPortFrom(thirdAddr, 21).String(), script)
		clear := client.Place{Client: s.login(t.Context()), Path: "c"}
		for _, pair := range [][2]client.Place{{from, clear}, {clear, to}} {
			if _, err := client.Copy(t.Context(), pair[0], pair[1], client.CopyOptions{}); !errors.Is(err, errors.ErrUnsupported) {
				t.Error(err)
			}
		}
	})
}
