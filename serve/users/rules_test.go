package users

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func withField(field string) []byte {
	return []byte(`{"users": [{"name": "ann", "password": "` + someHash + `", "permissions": "all", ` + field + `}]}`)
}

// Every rule of a record survives the way to the file and back.
func TestRulesRoundTrip(t *testing.T) {
	text := withField(`"directories": {"/inbox": "write", "/private": "none"}, "addresses": ["192.0.2.0/24", "2001:db8::1"],
		"tls": "bound", "expires": "2027-01-31",
		"limits": {"sessions": 4, "up": "512K", "down": 1000000, "bytes": "10G", "files": 1000, "largest": "2g"}`)
	got, err := parse("users.json", text)
	if err != nil {
		t.Fatal(err)
	}
	want := []Record{{
		Name: "ann", Password: someHash, Perm: All,
		Dirs:    map[string]Perm{"/inbox": Write, "/private": 0},
		From:    []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::1/128")},
		TLS:     TLSBound,
		Expires: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC),
		Limits:  Limits{Sessions: 4, Up: 512 << 10, Down: 1000000, Bytes: 10 << 30, Files: 1000, Largest: 2 << 30},
	}}
	prefixes := cmpopts.EquateComparable(netip.Prefix{})
	if diff := cmp.Diff(want, got, prefixes); diff != "" {
		t.Fatal(diff)
	}
	out, err := format(got)
	if err != nil {
		t.Fatal(err)
	}
	again, err := parse("users.json", out)
	if diff := cmp.Diff(want, again, prefixes); err != nil || diff != "" {
		t.Errorf("%v\n%s\n%s", err, diff, out)
	}
}

func TestRulesRefused(t *testing.T) {
	for field, want := range map[string]string{
		`"directories": {"inbox": "write"}`:  `directory "inbox"`,
		`"directories": {"/a/../b": "read"}`: `directory "/a/../b"`,
		`"directories": {"/a": "fly"}`:       "fly",
		`"directories": []`:                  "want {",
		`"addresses": ["example.org"]`:       "example.org",
		`"addresses": "192.0.2.1"`:           "want [",
		`"tls": "on"`:                        `"required" or "bound"`,
		`"limits": {"speed": 1}`:             `unknown limit "speed"`,
		`"limits": {"bytes": -1}`:            "limits.bytes",
		`"limits": {"bytes": 1.5}`:           "limits.bytes",
		`"limits": {"bytes": "9999999999T"}`: "limits.bytes",
		`"limits": {"bytes": true}`:          "limits.bytes",
		`"limits": {"up": 1, "up": 2}`:       "twice",
		`"expires": "tomorrow"`:              "tomorrow",
		`"expires": 5`:                       "string",
	} {
		if _, err := parse("users.json", withField(field)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s in it", field, err, want)
		}
	}
}

func TestPermAt(t *testing.T) {
	r := Record{Perm: ReadOnly, Dirs: map[string]Perm{"/in": Write, "/in/deep/x": All, "/none": 0}}
	for name, want := range map[string]Perm{
		"/": ReadOnly, "/a": ReadOnly, "/in": Write, "/in/a/b": Write, "/inner": ReadOnly,
		"/in/deep": Write, "/in/deep/x": All, "/in/deep/x/y": All, "/none/a": 0,
	} {
		if got := r.PermAt(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if got := r.PermBelow("/in"); got != Write {
		t.Errorf("below /in: %v", got)
	}
	if got := r.PermBelow("/"); got != 0 {
		t.Errorf("below /: %v", got)
	}
	if got := r.PermAnywhere(); got != All {
		t.Errorf("anywhere: %v", got)
	}
}

func TestSizes(t *testing.T) {
	for word, want := range map[string]int64{"0": 0, "1023": 1023, "1024": 1024, "1k": 1024, "3M": 3 << 20, "10G": 10 << 30, "2T": 2 << 40} {
		n, err := ParseSize(word)
		if err != nil || n != want {
			t.Errorf("%s: %d, %v", word, n, err)
		}
		if again, err := ParseSize(FormatSize(n)); err != nil || again != n {
			t.Errorf("%s: %s is not it", word, FormatSize(n))
		}
	}
	for _, word := range []string{"", "K", "-1", "1.5G", "1X", "8388608T", "+"} {
		if n, err := ParseSize(word); err == nil {
			t.Errorf("%q: %d", word, n)
		}
	}
}

// An expired user is refused like one that does not exist, and found out by
// Lookup.
func TestExpiredUser(t *testing.T) {
	now := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
	r := Record{Expires: now}
	if r.Ended(now.Add(-time.Second)) || !r.Ended(now) || !(Record{Disabled: true}).Ended(now) || (Record{}).Ended(now) {
		t.Error("Ended does not hold")
	}
	a := netip.MustParseAddr("::ffff:192.0.2.9")
	from := Record{From: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	if !from.FromOK(a) || from.FromOK(netip.MustParseAddr("192.0.3.1")) || !(Record{}).FromOK(a) {
		t.Error("FromOK does not hold")
	}
}
