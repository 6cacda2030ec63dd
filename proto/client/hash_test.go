package client_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"ferry/proto/client"
)

var (
	md5hex    = strings.Repeat("5d41402a", 4)
	sha1hex   = strings.Repeat("aaf4c61d", 5)
	sha256hex = strings.Repeat("2cf24dba", 8)
	sha512hex = strings.Repeat("9b71d224", 16)
)

func TestHashDialects(t *testing.T) {
	hash := "HASH SHA-256;MD5*;CRC32;"
	for _, tt := range []struct {
		name   string
		feat   string
		algo   client.HashAlgo
		script string
		want   string
	}{
		{"draft", hash, client.SHA256, "C: OPTS HASH SHA-256\nS: 200 SHA-256\nC: HASH a.txt\nS: 213 SHA-256 0-5 " + sha256hex + " a.txt\n", sha256hex},
		{"FileZilla, Cerberus: no range, no name", hash, client.SHA256, "C: OPTS HASH SHA-256\nS: 200 x\nC: HASH a.txt\nS: 213 SHA-256 " + sha256hex + "\n", sha256hex},
		{"Apache MINA: name first", "MD5", client.MD5, "C: MD5 a.txt\nS: 251 \"/x/a.txt\" " + strings.ToUpper(md5hex) + "\n", md5hex},
		{"WS_FTP: 220", "XMD5", client.MD5, "C: XMD5 a.txt\nS: 220 " + md5hex + "\n", md5hex},
		{"ProFTPD", "XMD5", client.MD5, "C: XMD5 a.txt\nS: 250-Computing MD5 digest\nS: 250 " + md5hex + "\n", md5hex},
		{"Serv-U", "XCRC", client.CRC32, "C: XCRC a.txt\nS: 250 XCRC Command Completed. 3610A686\n", "3610a686"},
		{"CRC without its zeros", "XCRC", client.CRC32, "C: XCRC a.txt\nS: 250 10A686\n", "0010a686"},
		{"213", "XSHA256", client.SHA256, "C: XSHA256 a.txt\nS: 213 " + sha256hex + "\n", sha256hex},
		{"HASH of another algorithm", "HASH SHA-1;SHA-512*;", client.SHA1, "C: OPTS HASH SHA-1\nS: 200 SHA-1\nC: HASH a.txt\nS: 213 SHA-1 0-5 " + sha1hex + " a.txt\n", sha1hex},
		{"XSHA1", "XSHA1", client.SHA1, "C: XSHA1 a.txt\nS: 250 " + strings.ToUpper(sha1hex) + "\n", sha1hex},
		{"XSHA", "XSHA", client.SHA1, "C: XSHA a.txt\nS: 250 " + sha1hex + "\n", sha1hex},
		{"XSHA512", "XSHA512", client.SHA512, "C: XSHA512 a.txt\nS: 250 " + sha512hex + "\n", sha512hex},
		{"a sum that is cut", "XSHA1", client.SHA1, "C: XSHA1 a.txt\nS: 250 " + sha1hex[:39] + "\n", ""},
		{"a sum of another length", "XSHA1", client.SHA1, "C: XSHA1 a.txt\nS: 250 " + md5hex + "\n", ""},
		{"no sum", "XMD5", client.MD5, "C: XMD5 a.txt\nS: 250 done\n", ""},
		{"refused", "XMD5", client.MD5, "C: XMD5 a.txt\nS: 550 none\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, featured(tt.feat)+tt.script, func(ctx context.Context, s *stage) {
				got, err := s.login(ctx).Hash(ctx, "a.txt", tt.algo, 0, 0)
				if got.Hex != tt.want || (err == nil) != (tt.want != "") {
					t.Errorf("got %v %v", got, err)
				}
			})
		})
	}
}

// The name in the reply may itself look like a sum.
func TestHashOfANameThatLooksLikeOne(t *testing.T) {
	name := strings.Repeat("f", 32)
	for _, reply := range []string{
		"251 \"" + name + "\" " + md5hex,
		"213 MD5 0-5 " + md5hex + " " + name,
	} {
		play(t, featured("XMD5")+"C: XMD5 "+name+"\nS: "+reply+"\n", func(ctx context.Context, s *stage) {
			if got, err := s.login(ctx).Hash(ctx, name, client.MD5, 0, 0); got.Hex != md5hex || err != nil {
				t.Errorf("got %v %v", got, err)
			}
		})
	}
}

func TestHashRanges(t *testing.T) {
	for _, tt := range []struct {
		name   string
		length int64
		script string
	}{
		{"RANG", 20, featured("HASH MD5*", "RANG STREAM") + "C: OPTS HASH MD5\nS: 200 x\nC: RANG 10 29\nS: 350 ok\nC: HASH a b\nS: 213 MD5 10-30 " + md5hex + " a b\n"},
		{"RANG to the end", 0, featured("HASH MD5*", "RANG STREAM") + "C: OPTS HASH MD5\nS: 200 x\nC: SIZE a b\nS: 213 30\nC: RANG 10 29\nS: 350 ok\nC: HASH a b\nS: 213 MD5 10-30 " + md5hex + " a b\n"},
		{"X commands", 20, featured("XMD5") + "C: XMD5 \"a b\" 10 30\nS: 250 " + md5hex + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, tt.script, func(ctx context.Context, s *stage) {
				if got, err := s.login(ctx).Hash(ctx, "a b", client.MD5, 10, tt.length); got.Hex != md5hex || err != nil {
					t.Errorf("got %v %v", got, err)
				}
			})
		})
	}
}

// ProFTPD's HASH knows nothing of RANG, and its next RETR would be cut by it.
func TestHashThatKnowsNoRange(t *testing.T) {
	const (
		ask   = "C: OPTS HASH MD5\nS: 200 x\nC: RANG 10 29\nS: 350 ok\n"
		reset = "C: RANG 1 0\nS: 350 reset\n"
	)
	xmd5 := "C: XMD5 \"a\" 10 30\nS: 250 " + md5hex + "\n"
	for _, tt := range []struct {
		name, script string
		ok           bool
	}{
		{"ProFTPD: X commands do", featured("HASH MD5*", "RANG STREAM", "XMD5") + ask +
			"C: HASH a\nS: 213-Computing\nS: 213 MD5 0-50 " + md5hex + " a\n" + reset + xmd5 + xmd5, true},
		{"no X commands", featured("HASH MD5*", "RANG STREAM") + ask + "C: HASH a\nS: 213 MD5 0-50 " + md5hex + " a\n" + reset, false},
		{"the reply tells no range", featured("HASH MD5*", "RANG STREAM") + ask + "C: HASH a\nS: 213 MD5 " + md5hex + "\n" + reset, false},
		{"refused", featured("HASH MD5*", "RANG STREAM") + ask + "C: HASH a\nS: 550 no\n" + reset + ask[strings.Index(ask, "C: RANG"):] + "C: HASH a\nS: 550 no\n" + reset, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, tt.script, func(ctx context.Context, s *stage) {
				c := s.login(ctx)
				for range 2 {
					if got, err := c.Hash(ctx, "a", client.MD5, 10, 20); (err == nil && got.Hex == md5hex) != tt.ok {
						t.Errorf("got %v %v", got, err)
					}
				}
			})
		})
	}
}

// Serv-U wants quotes around a name with a blank, others take them for part
// of it.
func TestHashQuotes(t *testing.T) {
	script := featured("XMD5") + "C: XMD5 \"a b\"\nS: 550 no \"a b\"\nC: XMD5 a b\nS: 250 " + md5hex + "\n"
	play(t, script, func(ctx context.Context, s *stage) {
		if got, err := s.login(ctx).Hash(ctx, "a b", client.MD5, 0, 0); got.Hex != md5hex || err != nil {
			t.Errorf("got %v %v", got, err)
		}
	})
}

func TestHashNotOffered(t *testing.T) {
	play(t, featured("HASH MD5*", "XSHA1"), func(ctx context.Context, s *stage) {
		c := s.login(ctx)
		if got := c.HashAlgos(); !slices.Equal(got, []client.HashAlgo{client.SHA1, client.MD5}) {
			t.Errorf("got %v", got)
		}
		for _, ask := range []struct {
			algo   client.HashAlgo
			length int64
		}{{client.SHA512, 0}, {client.MD5, 5}, {"WHIRLPOOL", 0}} {
			if _, err := c.Hash(ctx, "a", ask.algo, 0, ask.length); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("%v: got %v", ask, err)
			}
		}
	})
}
