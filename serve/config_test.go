package serve

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ferry/serve/store"
	"ferry/serve/users"
)

func noFiles(context.Context, users.Record) (store.Store, error) { return nil, errors.ErrUnsupported }

func TestValidate(t *testing.T) {
	good := Config{Users: testUsers(), Open: noFiles}
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string // part of the message, "" for none
	}{
		{"good", func(*Config) {}, ""},
		{"no users", func(c *Config) { c.Users = nil }, "nobody could log in"},
		{"no files", func(c *Config) { c.Open = nil }, "Roots(dir)"},
		{"range upside down", func(c *Config) { c.Passive.Ports = PortRange{2, 1} }, "try 1-2"},
		{"port 0", func(c *Config) { c.Passive.Ports = PortRange{0, 9} }, "port 0"},
		{"public IPv6", func(c *Config) { c.Passive.Public = "2001:db8::1" }, "EPSV"},
		{"public IPv4", func(c *Config) { c.Passive.Public = "192.0.2.1" }, ""},
		{"greeting of two lines", func(c *Config) { c.Greeting = "hello\r\n220 again" }, "one line"},
		{"idle in seconds", func(c *Config) { c.Limits.Idle = 5 }, "did you mean"},
		{"negative sessions", func(c *Config) { c.Limits.Sessions = -1 }, "negative"},
		{"negative time", func(c *Config) { c.Limits.Meet = -time.Second }, "meet"},
		{"two faults", func(c *Config) { c.Open, c.Limits.Stall = nil, -1 }, "stall"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := good
			c.change(&cfg)
			_, err := New(cfg)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestOverwriteFollowsProfile(t *testing.T) {
	for _, c := range []struct {
		replies Profile
		asked   Overwrite
		want    Overwrite
	}{
		{RFC, OverwriteDefault, OverwriteAllow},
		{RFC, OverwriteDeny, OverwriteDeny},
		{Report, OverwriteDefault, OverwriteDeny},
		{Report, OverwriteAllow, OverwriteAllow},
	} {
		got := Config{Replies: c.replies, Files: Files{Overwrite: c.asked}}.complete().Files.Overwrite
		if got != c.want {
			t.Errorf("profile %d, asked %d: got %d, want %d", c.replies, c.asked, got, c.want)
		}
	}
}

func TestParsePortRange(t *testing.T) {
	for _, c := range []struct {
		in   string
		want PortRange
		ok   bool
	}{
		{"", PortRange{}, true},
		{"50000-50009", PortRange{50000, 50009}, true},
		{" 50000 - 50009 ", PortRange{50000, 50009}, true},
		{"50000", PortRange{50000, 50000}, true},
		{"65535-65535", PortRange{65535, 65535}, true},
		{"0-5", PortRange{}, false},
		{"5-0", PortRange{}, false},
		{"50009-50000", PortRange{}, false},
		{"50000-70000", PortRange{}, false},
		{"a-b", PortRange{}, false},
		{"-5", PortRange{}, false},
		{"1-2-3", PortRange{}, false},
	} {
		got, err := ParsePortRange(c.in)
		if ok := err == nil; ok != c.ok || ok && got != c.want {
			t.Errorf("%q: got %v, %v; want %v, %v", c.in, got, err, c.want, c.ok)
		}
	}
}
