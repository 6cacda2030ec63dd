package script

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"

	"ferry/proto/client"
)

// known is what is remembered of servers: certificates that somebody has
// accepted, and who has had TLS. On disk it is a text file to which lines are
// added; what stands further down counts.
//
//	ftp.example.com:21 tls 2026-03-04T05:06:07Z
//	nas.home:21 sha256:2f… 2026-03-04T05:06:07Z
//	nas.home:21 tls1.2 2026-03-04T05:06:07Z
//	nas.home:21 forget 2026-03-05T05:06:07Z
type known struct {
	path  string // "" when it is not kept
	sites map[string]*knownSite
}

// knownSite is what is known of one host:port.
type knownSite struct {
	pins  []client.Pin // accepted, the last one last
	tls   bool         // seen with TLS
	tls12 bool         // does not know data connections in TLS 1.3
}

// Words of the file, besides fingerprints.
const (
	seenTLS   = "tls"
	needsTLS2 = "tls1.2"
	forgetAll = "forget"
)

// StateDir is where ferry keeps what outlives a run; "" when nowhere.
func StateDir() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "ferry")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "state", "ferry")
}

// openKnown is the memory that a directory holds; "" for one that ends with
// the process.
func openKnown(dir string) *known {
	k := &known{sites: map[string]*knownSite{}}
	if dir != "" {
		k.path = filepath.Join(dir, "known_hosts")
	}
	return k
}

// read takes in what was added since, by whomever.
//
// SECURITY: a file that is there and can't be read is a failure: it may be
// what says that a password must not go out in clear.
func (k *known) read() error {
	if k.path == "" {
		return nil
	}
	f, err := os.Open(k.path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil
	case err != nil:
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(io.LimitReader(f, maxKnown))
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) >= 2 && words[0][0] != '#' {
			k.note(words[0], words[1])
		}
	}
	return lines.Err()
}

func (k *known) note(site, what string) {
	s := k.sites[site]
	if s == nil {
		s = &knownSite{}
		k.sites[site] = s
	}
	switch what {
	case seenTLS:
		s.tls = true
	case needsTLS2:
		s.tls12 = true
	case forgetAll:
		delete(k.sites, site)
	default:
		if pin, err := client.ParsePin(what); err == nil {
			s.tls = true
			s.pins = append(slices.DeleteFunc(s.pins, func(p client.Pin) bool { return p == pin }), pin)
		}
	}
}

// remember adds something, here and on disk.
func (k *known) remember(site, what string, now time.Time) error {
	if strings.ContainsFunc(site, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return fmt.Errorf("%q is no host", site)
	}
	k.note(site, what)
	if k.path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(k.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(k.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %s %s\n", site, what, now.UTC().Format(time.RFC3339))
	return errors.Join(err, f.Close())
}

// at is what is known of one host and port.
func (k *known) at(site string) knownSite {
	if s := k.sites[site]; s != nil {
		return *s
	}
	return knownSite{}
}

// seen reports whether a host has had TLS, at any port.
func (k *known) seen(host string) bool {
	host = strings.ToLower(host)
	for site, s := range k.sites {
		if h, _, err := net.SplitHostPort(site); err == nil && h == host && s.tls {
			return true
		}
	}
	return false
}

// site is the name under which a target is remembered.
func (t *target) site() string {
	return net.JoinHostPort(strings.ToLower(strings.TrimSuffix(t.host, ".")), t.port)
}
