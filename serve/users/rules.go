package users

import (
	"errors"
	"fmt"
	"net/netip"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode"
)

// TLSRule is what a user's connections must be, beyond what the server asks of
// everybody.
type TLSRule string

const (
	NoTLSRule   TLSRule = ""         // the server's own policy
	TLSRequired TLSRule = "required" // control and data connections are encrypted
	TLSBound    TLSRule = "bound"    // and data connections resume the TLS session of their control connection
)

// Limits bounds what one user may take of a server. Zero is no bound.
type Limits struct {
	Sessions int   // at once
	Up, Down int64 // bytes a second, of all the user's transfers together: to the server, and from it
	Bytes    int64 // quota: what the files below the user's root may have in all, parts of broken uploads too
	Files    int64 // quota: how many files, links and directories may be there
	Largest  int64 // bytes of one file
}

// Quota reports whether uploads have to be counted.
func (l Limits) Quota() bool { return l.Bytes > 0 || l.Files > 0 || l.Largest > 0 }

// PermAt is what the user may do with a name, which is rooted and clean: what
// the nearest directory above it in Dirs says (or the name itself), else Perm.
func (r Record) PermAt(name string) Perm {
	if len(r.Dirs) == 0 {
		return r.Perm
	}
	for {
		if p, ok := r.dir(name); ok {
			return p
		}
		if name == "/" || name == "." {
			return r.Perm
		}
		name = path.Dir(name)
	}
}

// dir finds what Dirs says of exactly this name.
//
// SECURITY: where file systems don't tell case apart, another spelling must not
// lead past it.
func (r Record) dir(name string) (Perm, bool) {
	if p, ok := r.Dirs[name]; ok || !foldedNames() {
		return p, ok
	}
	for at, p := range r.Dirs {
		if strings.EqualFold(at, name) {
			return p, true
		}
	}
	return 0, false
}

func foldedNames() bool { return runtime.GOOS == "windows" || runtime.GOOS == "darwin" }

// PermBelow is what the user may do with everything from a directory down.
func (r Record) PermBelow(dir string) Perm {
	p := r.PermAt(dir)
	for at, q := range r.Dirs {
		if within(dir, at) {
			p &= q
		}
	}
	return p
}

func within(dir, name string) bool {
	return dir == "/" || name == dir || strings.HasPrefix(name, dir+"/")
}

// PermAnywhere is what the user may do somewhere.
func (r Record) PermAnywhere() Perm {
	p := r.Perm
	for _, q := range r.Dirs {
		p |= q
	}
	return p
}

// Ended reports whether the user may not be here any more.
func (r Record) Ended(now time.Time) bool {
	return r.Disabled || !r.Expires.IsZero() && !now.Before(r.Expires)
}

// FromOK reports whether the user may come from an address.
func (r Record) FromOK(a netip.Addr) bool { return len(r.From) == 0 || Contains(r.From, a) }

// Contains reports whether one of the networks holds the address; IPv4 that
// came in by an IPv6 socket is IPv4.
func Contains(all []netip.Prefix, a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Contains(a) })
}

// ParseNetworks reads addresses and networks: 192.0.2.7, 192.0.2.0/24, 2001:db8::/32.
func ParseNetworks(words []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, w := range words {
		p, err := netip.ParsePrefix(w)
		if !strings.Contains(w, "/") {
			var a netip.Addr
			a, err = netip.ParseAddr(w)
			a = a.Unmap().WithZone("")
			p = netip.PrefixFrom(a, a.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("%q: want an address or a network, as in 192.0.2.7 or 192.0.2.0/24", w)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// ParseExpiry reads "2027-01-31", of which the whole day (UTC) is still good,
// or a time as in 2027-01-31T18:00:00Z. "" and "never" are no expiry.
func ParseExpiry(word string) (time.Time, error) {
	if word == "" || word == "never" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, word); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	t, err := time.Parse(time.RFC3339, word)
	if err != nil {
		return t, fmt.Errorf("%q is neither a day as in 2027-01-31 nor a time as in 2027-01-31T18:00:00Z", word)
	}
	return t.UTC(), nil
}

// ParseTLSRule reads "required", "bound" or "".
func ParseTLSRule(word string) (TLSRule, error) {
	switch r := TLSRule(word); r {
	case NoTLSRule, TLSRequired, TLSBound:
		return r, nil
	}
	return "", fmt.Errorf(`%q: want %q or %q, or nothing`, word, TLSRequired, TLSBound)
}

// checkRules refuses what could not be obeyed.
func (r Record) checkRules() error {
	for dir := range r.Dirs {
		if dir == "" || dir[0] != '/' || path.Clean(dir) != dir || strings.ContainsFunc(dir, unicode.IsControl) {
			return fmt.Errorf(`directory %q is not of the form "/" or "/a/b"`, dir)
		}
	}
	l := r.Limits
	if l.Sessions < 0 || min(l.Up, l.Down, l.Bytes, l.Files, l.Largest) < 0 {
		return errors.New("limits can't be negative")
	}
	if l.Up != 0 && l.Up < minRate || l.Down != 0 && l.Down < minRate {
		return fmt.Errorf("a rate below %d bytes a second would look like a stalled transfer", minRate)
	}
	_, err := ParseTLSRule(string(r.TLS))
	return err
}

// Ruled reports whether something below dir, or dir itself, has permissions of
// its own.
func (r Record) Ruled(dir string) bool {
	for at := range r.Dirs {
		if at != "/" && within(dir, at) {
			return true
		}
	}
	return false
}
