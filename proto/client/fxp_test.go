package client_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/memnet"
	"ferry/proto/wiretest"
)

// between plays two servers, the source at serverAddr and the target at
// thirdAddr, and hands over a session with each.
func between(t *testing.T, source, target string, edit func(*client.Config), f func(ctx context.Context, from, to client.Place)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		inBetween(t, serverAddr, thirdAddr, clientAddr, source, target, edit, f)
	})
}

func inBetween(t *testing.T, a, b, near netip.Addr, source, target string, edit func(*client.Config), f func(ctx context.Context, from, to client.Place)) {
	t.Helper()
	n := memnet.New()
	cfg := client.Config{Network: n.Host(near), TLS: client.TLSOff}
	if edit != nil {
		edit(&cfg)
	}
	var places []client.Place
	for i, text := range []string{source, target} {
		script, err := wiretest.Parse([]string{"source", "target"}[i], plain+strings.ReplaceAll(text, "; ", "\n"))
		if err != nil {
			t.Fatal(err)
		}
		at := []netip.Addr{a, b}[i]
		s := &stage{t: t, cfg: cfg}
		s.addr = wiretest.Serve(t, n.Host(at), netip.AddrPortFrom(at, 21).String(), script)
		places = append(places, client.Place{Client: s.login(t.Context()), Path: "a.txt"})
	}
	places[1].Path = "b.txt"
	f(t.Context(), places[0], places[1])
}

const (
	fxpSize = "C: SIZE a.txt; S: 213 5; "
	fxpRetr = "C: RETR a.txt; S: 150 here; S: 226 done; "
	fxpStor = "C: STOR b.txt; S: 150 send; S: 226 done; "
	fxpGot  = "C: SIZE b.txt; S: 213 5"
)

func TestCopyBetweenServers(t *testing.T) {
	for _, tt := range []struct {
		name, source, target string
		o                    client.CopyOptions
	}{
		{
			name:   "the target listens",
			source: fxpSize + "C: PORT 192,0,2,3,16,0; S: 200 ok; " + fxpRetr,
			target: "C: PASV; S: 227 here (192,0,2,3,16,0); " + fxpStor + fxpGot,
		},
		{
			name:   "the source listens",
			source: fxpSize + "C: PASV; S: 227 here (192,0,2,1,16,0); " + fxpRetr,
			target: "C: PORT 192,0,2,1,16,0; S: 200 ok; " + fxpStor + fxpGot,
			o:      client.CopyOptions{Listens: client.SourceSide},
		},
		{
			name:   "SECURITY: a third address in a 227 goes nowhere",
			source: fxpSize + "C: PORT 192,0,2,3,16,0; S: 200 ok; " + fxpRetr,
			target: "C: PASV; S: 227 here (10,0,0,7,16,0); " + fxpStor + fxpGot,
		},
		{
			name:   "EPSV where PASV is refused",
			source: fxpSize + "C: PORT 192,0,2,3,16,0; S: 200 ok; " + fxpRetr,
			target: "C: PASV; S: 502 no; C: EPSV; S: 229 here (|||4096|); " + fxpStor + fxpGot,
		},
		{
			name:   "the source may not connect to others: it listens",
			source: fxpSize + "C: PORT 192,0,2,3,16,0; S: 500 Illegal PORT command.; C: PASV; S: 227 here (192,0,2,1,16,1); " + fxpRetr,
			target: "C: PASV; S: 227 here (192,0,2,3,16,0); C: PORT 192,0,2,1,16,1; S: 200 ok; " + fxpStor + fxpGot,
		},
		{
			name:   "the target may not listen",
			source: fxpSize + "C: PASV; S: 227 here (192,0,2,1,16,1); " + fxpRetr,
			target: "C: PASV; S: 502 no; C: EPSV; S: 502 no; C: PORT 192,0,2,1,16,1; S: 200 ok; " + fxpStor + fxpGot,
		},
		{
			name: "vsftpd turns the stranger away: 425, and the other way round",
			source: fxpSize + "C: PORT 192,0,2,3,16,0; S: 200 ok; C: RETR a.txt; C: ABOR; S: 426 cut; S: 226 aborted; C: PWD; S: 257 \"/\"; " +
				"C: PASV; S: 227 here (192,0,2,1,16,1); " + fxpRetr,
			target: "C: PASV; S: 227 here (192,0,2,3,16,0); C: STOR b.txt; S: 425 Security: Bad IP connecting.; " +
				"C: PORT 192,0,2,1,16,1; S: 200 ok; " + fxpStor + fxpGot,
		},
		{
			name:   "from an offset",
			source: fxpSize + "C: PORT 192,0,2,3,16,0; S: 200 ok; C: REST 3; S: 350 ok; " + fxpRetr,
			target: "C: PASV; S: 227 here (192,0,2,3,16,0); C: REST 3; S: 350 ok; " + fxpStor + fxpGot,
			o:      client.CopyOptions{Offset: 3},
		},
		{
			name:   "servers that say everything twice",
			source: fxpSize + "C: PORT 192,0,2,3,16,0; S: 200 ok; C: RETR a.txt; S: 150 here; S: 150 here; S: 226 done; ",
			target: "C: PASV; S: 227 here (192,0,2,3,16,0); C: STOR b.txt; S: 125 send; S: 226 done; S: 226 done; " + fxpGot,
		},
		{
			name:   "servers that know no SIZE",
			source: "C: SIZE a.txt; S: 502 no; C: PORT 192,0,2,3,16,0; S: 200 ok; " + fxpRetr,
			target: "C: PASV; S: 227 here (192,0,2,3,16,0); " + fxpStor + "C: SIZE b.txt; S: 500 no",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			between(t, tt.source, tt.target, nil, func(ctx context.Context, from, to client.Place) {
				n, err := client.Copy(ctx, from, to, tt.o)
				if err != nil || n != 5 && !strings.Contains(tt.name, "no SIZE") {
					t.Errorf("%d bytes, %v", n, err)
				}
			})
		})
	}
}

func TestCopyOverIPv6(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		addr := func(s string) netip.Addr { return netip.MustParseAddr("2001:db8::" + s) }
		source := fxpSize + "C: EPRT |2|2001:db8::3|4096|; S: 200 ok; " + fxpRetr
		target := "C: EPSV; S: 229 here (|||4096|); " + fxpStor + fxpGot
		inBetween(t, addr("1"), addr("3"), addr("2"), source, target, nil, func(ctx context.Context, from, to client.Place) {
			if n, err := client.Copy(ctx, from, to, client.CopyOptions{}); n != 5 || err != nil {
				t.Error(n, err)
			}
		})
	})
}

// Types, structures and modes are the servers' business; both get the same.
func TestCopyInOtherParams(t *testing.T) {
	const set = "C: TYPE E; S: 200 ok; C: STRU R; S: 200 ok; C: MODE B; S: 200 ok; "
	source := set + "C: TYPE I; S: 200 ok; " + fxpSize + "C: TYPE E; S: 200 ok; C: PORT 192,0,2,3,16,0; S: 200 ok; " + fxpRetr
	target := set + "C: PASV; S: 227 here (192,0,2,3,16,0); " + fxpStor
	between(t, source, target, nil, func(ctx context.Context, from, to client.Place) {
		if err := from.Client.SetParams(ctx, proto.Params{Type: proto.TypeE, Stru: proto.Record, Mode: proto.Block}); err != nil {
			t.Fatal(err)
		}
		if n, err := client.Copy(ctx, from, to, client.CopyOptions{}); n != 5 || err != nil {
			t.Error(n, err)
		}
	})
}

func TestCopyFails(t *testing.T) {
	const (
		listen  = "C: PASV; S: 227 here (192,0,2,3,16,0); "
		connect = fxpSize + "C: PORT 192,0,2,3,16,0; S: 200 ok; "
		aborted = "C: ABOR; S: 426 cut; S: 226 aborted; C: PWD; S: 257 \"/\"; "
		noop    = "C: NOOP; S: 200 ok"
	)
	for _, tt := range []struct {
		name, source, target string
		is                   error
		code                 proto.Code
		says                 string
	}{
		{
			name: "no such file: the target is left alone", source: "C: SIZE a.txt; S: 550 no; " + noop, target: noop,
			code: 550, says: "192.0.2.1:21: SIZE: 550 no",
		},
		{
			name: "the target refuses", source: connect + "C: RETR a.txt; S: 150 here; " + aborted + noop,
			target: listen + "C: STOR b.txt; S: 553 no; " + noop, code: 553, says: "192.0.2.3:21: STOR: 553 no",
		},
		{
			name: "the source refuses", source: connect + "C: RETR a.txt; S: 550 no; " + noop,
			target: listen + "C: STOR b.txt; S: 150 send; " + aborted + noop, code: 550, says: "192.0.2.1:21: RETR: 550 no",
		},
		{
			name: "the disk is full", source: connect + "C: RETR a.txt; S: 150 here; S: 426 cut; " + noop,
			target: listen + "C: STOR b.txt; S: 150 send; C: ABOR; S: 452 full; S: 226 ok; C: PWD; S: 257 \"/\"; " + noop, code: 452,
		},
		{
			name: "half of it arrives", source: connect + "C: RETR a.txt; S: 150 here; S: 226 done; " + noop,
			target: listen + "C: STOR b.txt; S: 150 send; S: 226 done; C: SIZE b.txt; S: 213 2; " + noop,
			is:     client.ErrTruncated, says: "192.0.2.3:21: \"b.txt\": 2 bytes arrived, but the source has 5",
		},
		{
			name: "they never meet, in either way",
			source: connect + "C: RETR a.txt; ~ 1s; S: 425 no; " +
				"C: PASV; S: 227 here (192,0,2,1,16,1); C: RETR a.txt; ~ 1s; S: 425 neither; " + noop,
			target: listen + "C: STOR b.txt; C: ABOR; S: 426 cut; S: 226 ok; C: PWD; S: 257 \"/\"; " +
				"C: PORT 192,0,2,1,16,1; S: 200 ok; C: STOR b.txt; C: ABOR; S: 426 cut; S: 226 ok; C: PWD; S: 257 \"/\"; " + noop,
			code: 425, says: "192.0.2.1:21: RETR: 425 no",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			between(t, tt.source, tt.target, nil, func(ctx context.Context, from, to client.Place) {
				_, err := client.Copy(ctx, from, to, client.CopyOptions{})
				checkError(t, err, tt.is, tt.code, tt.says)
				for _, p := range []client.Place{from, to} {
					if err := p.Client.Noop(ctx); err != nil {
						t.Errorf("%s afterwards: %v", p.Client.Host(), err)
					}
				}
			})
		})
	}
}

// A server that never begins, or never ends, holds nobody for good.
func TestCopyIsBounded(t *testing.T) {
	const cut = "~ 85s; C: ABOR; S: 426 cut; S: 226 ok; C: PWD; S: 257 \"/\"; "
	for _, tt := range []struct{ name, source, target, says string }{
		{
			name:   "neither begins",
			source: fxpSize + "C: PORT 192,0,2,3,16,0; S: 200 ok; C: RETR a.txt; " + cut,
			target: "C: PASV; S: 227 here (192,0,2,3,16,0); C: STOR b.txt; " + cut,
			says:   "no start of the transfer within 1m30s",
		},
		{
			name:   "the target doesn't end",
			source: fxpSize + "C: PORT 192,0,2,3,16,0; S: 200 ok; " + fxpRetr,
			target: "C: PASV; S: 227 here (192,0,2,3,16,0); C: STOR b.txt; S: 150 send; " + cut,
			says:   "no end of the transfer within 1m30s",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			between(t, tt.source, tt.target, nil, func(ctx context.Context, from, to client.Place) {
				_, err := client.Copy(ctx, from, to, client.CopyOptions{Listens: client.TargetSide})
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Error(err)
				}
			})
		})
	}
}

// While bytes move nothing is heard here, and that may take hours.
func TestCopyOfALargeFile(t *testing.T) {
	source := fxpSize + "C: PORT 192,0,2,3,16,0; S: 200 ok; C: RETR a.txt; S: 150 here; ~ 5h; S: 226 done; "
	target := "C: PASV; S: 227 here (192,0,2,3,16,0); C: STOR b.txt; S: 150 send; ~ 5h; S: 226 done; " + fxpGot
	between(t, source, target, nil, func(ctx context.Context, from, to client.Place) {
		if _, err := client.Copy(ctx, from, to, client.CopyOptions{}); err != nil {
			t.Error(err)
		}
	})
}

func TestCopyCancelled(t *testing.T) {
	const cut = "S: 150 go; ~ 55s; C: ABOR; S: 426 cut; S: 226 ok; C: PWD; S: 257 \"/\"; C: NOOP; S: 200 ok"
	source := fxpSize + "C: PORT 192,0,2,3,16,0; S: 200 ok; C: RETR a.txt; " + cut
	target := "C: PASV; S: 227 here (192,0,2,3,16,0); C: STOR b.txt; " + cut
	between(t, source, target, nil, func(ctx context.Context, from, to client.Place) {
		short, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if _, err := client.Copy(short, from, to, client.CopyOptions{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		for _, p := range []client.Place{from, to} {
			if err := p.Client.Noop(ctx); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestCopyWantsTwoSessions(t *testing.T) {
	loggedIn(t, "", func(ctx context.Context, c *client.Client) {
		p := client.Place{Client: c, Path: "a"}
		if _, err := client.Copy(ctx, p, p, client.CopyOptions{}); !errors.Is(err, client.ErrOneSession) {
			t.Error(err)
		}
	})
}

func TestCopyOfNamesThatCantBeSent(t *testing.T) {
	between(t, "", "", nil, func(ctx context.Context, from, to client.Place) {
		to.Path = "b\r\nDELE c"
		var se *proto.SyntaxError
		if _, err := client.Copy(ctx, from, to, client.CopyOptions{}); !errors.As(err, &se) {
			t.Error(err)
		}
	})
}

// SECURITY: what one reads over TLS does not go to another server in clear.
func TestCopyIsNotMadeInClear(t *testing.T) {
	encrypted(t, func(t *testing.T, p *tlsPeer) {
		p.listen("21")
		from, to := p.login(p.trusted()), p.login(p.trusted())
		before := len(p.got)
		_, err := client.Copy(t.Context(), client.Place{Client: from, Path: "f"}, client.Place{Client: to, Path: "g"}, client.CopyOptions{})
		if !errors.Is(err, errors.ErrUnsupported) || len(p.got) != before {
			t.Errorf("%v; sent %v", err, p.got[before:])
		}
	})
}
