package serve

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"ferry/proto"
	"ferry/serve/certs"
)

// shownAccount is the account that the daemon tells its administrator.
type shownAccount struct {
	name   string
	pass   proto.Secret
	origin origin
}

// greet prints all that somebody needs to use this server: where it is, who
// may log in, how to know it again, and a line for the other machine. set is
// nil without TLS.
func (d Daemon) greet(listeners []net.Listener, who *shownAccount, set *certs.Set) {
	places := d.reachable(listeners)
	dir, err := filepath.Abs(d.Dir)
	if err != nil {
		dir = d.Dir
	}
	fmt.Fprintf(d.Out, "ferry serves %s\n", dir)
	for _, at := range places {
		fmt.Fprintf(d.Out, "  address   %s://%s/\n", at.scheme, at.host)
	}
	if d.Passive.Ports.count() > 0 {
		fmt.Fprintf(d.Out, "  passive   ports %s: a firewall must let them in, too\n", d.Passive.Ports)
	}
	login := d.tellAccount(who)
	d.tellCertificates(set)
	d.tellControl()
	best := places[0]
	fmt.Fprintf(d.Out, "on the other machine:\n")
	pin := pinFor(set, best)
	fmt.Fprintf(d.Out, "  curl %s%s%s://%s/\n", curlTLS(set, pin), curlLogin(login), best.scheme, best.host)
	fmt.Fprintf(d.Out, "  ferry shell %s%s://%s%s/\n", shellPin(pin), best.scheme, urlLogin(login), best.host)
	if set == nil {
		fmt.Fprintf(d.Err, "ferry: warning: TLS is off: passwords and files travel in clear, use it on networks that you trust\n")
	}
}

// tellControl prints how the administrator reaches this server. That is not
// said where it goes without saying.
func (d Daemon) tellControl() {
	switch {
	case d.NoState && d.Control.Socket == "":
		fmt.Fprintf(d.Out, "  control   none: --no-state leaves no socket\n")
	case d.Control.Socket != "" && d.Control.Socket != noControl:
		fmt.Fprintf(d.Out, "  control   ferry ctl --socket %s\n", d.Control.Socket)
	}
}

// tellCertificates prints what a person compares before trusting this server.
func (d Daemon) tellCertificates(set *certs.Set) {
	if set == nil {
		return
	}
	for _, name := range d.ACME.Names {
		fmt.Fprintf(d.Out, "  TLS       %s (ACME)\n", name)
	}
	for i, c := range set.List() {
		if i < len(d.TLS.Pairs) {
			fmt.Fprintf(d.Out, "  TLS       %s\n", d.TLS.Pairs[i].Cert)
		}
		fmt.Fprintf(d.Out, "  SHA-256   %s\n", certs.Fingerprint(c))
	}
}

// pinFor is by what the other machine knows this server, "" where an authority
// that everybody knows vouches for its name: such certificates change.
func pinFor(set *certs.Set, at place) string {
	if set == nil || set.Vouched(hostOf(at.host)) {
		return ""
	}
	return certs.KeyPin(set.List()[0])
}

// hostOf is the host of a URL's authority, whose port may be missing.
func hostOf(authority string) string {
	if host, _, err := net.SplitHostPort(authority); err == nil {
		return host
	}
	return strings.Trim(authority, "[]")
}

// curlTLS makes curl insist on TLS, and on the key of a certificate that no
// authority has signed.
func curlTLS(set *certs.Set, pin string) string {
	switch {
	case set == nil:
		return ""
	case pin == "":
		return "--ssl-reqd "
	}
	return "--ssl-reqd -k --pinnedpubkey " + pin + " "
}

// shellPin spares the other machine the question whether it trusts this one.
func shellPin(pin string) string {
	if pin == "" {
		return ""
	}
	return "--pin " + pin + " "
}

// place is where a listener can be reached: a URL without its path.
type place struct{ scheme, host string }

// tellAccount prints who may log in, and returns what stands in front of the
// host in a URL: "name", "name:password", or "" for anonymous.
func (d Daemon) tellAccount(who *shownAccount) (login string) {
	if d.UsersFile != "" {
		fmt.Fprintf(d.Out, "  users     %s\n", d.UsersFile)
	}
	if d.Anonymous {
		fmt.Fprintf(d.Out, "  user      anonymous, any password, to read only\n")
	}
	if d.asksOutside() {
		fmt.Fprintf(d.Out, "  users     asked for at each login\n")
	}
	switch {
	case who == nil && d.Anonymous:
		return ""
	case who == nil:
		return "USER"
	}
	fmt.Fprintf(d.Out, "  user      %s\n", who.name)
	if who.origin == given {
		fmt.Fprintf(d.Out, "  password  as given\n")
		return who.name
	}
	fmt.Fprintf(d.Out, "  password  %s\n", who.pass.Reveal())
	return who.name + ":" + who.pass.Reveal()
}

func curlLogin(login string) string {
	if login == "" {
		return ""
	}
	return "-u '" + strings.ReplaceAll(login, "'", `'\''`) + "' "
}

func urlLogin(login string) string {
	if login == "" {
		return ""
	}
	return urlEscape(login) + "@"
}

// urlEscape leaves the colon between name and password alone.
func urlEscape(login string) string {
	var b strings.Builder
	for i := 0; i < len(login); i++ {
		c := login[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~:", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// urlHost leaves out the port that everybody assumes.
func urlHost(at netip.AddrPort, usual uint16) string {
	switch {
	case at.Port() != usual:
		return at.String()
	case at.Addr().Is6():
		return "[" + at.Addr().String() + "]"
	}
	return at.Addr().String()
}

// reachable is where others may find the listeners; the most likely place
// first.
func (d Daemon) reachable(listeners []net.Listener) []place {
	var all []place
	for _, ln := range listeners {
		scheme, usual := "ftp", uint16(21)
		if isImplicit(ln) {
			scheme, usual = "ftps", 990
		}
		add := func(host string) { all = append(all, place{scheme, host}) }
		at := addrPort(ln.Addr())
		if d.Passive.Public != "" && !at.Addr().IsLoopback() {
			add(urlName(d.Passive.Public, at.Port(), usual))
		}
		if !at.Addr().IsUnspecified() {
			add(urlHost(at, usual))
			continue
		}
		for _, a := range machineAddrs() {
			add(urlHost(netip.AddrPortFrom(a, at.Port()), usual))
		}
	}
	return all
}

// urlName is host and port of a name.
func urlName(host string, port, usual uint16) string {
	if port == usual {
		return host
	}
	return fmt.Sprintf("%s:%d", host, port)
}

// machineAddrs are the addresses of this machine that others can reach;
// loopback when it has no other.
func machineAddrs() []netip.Addr {
	interfaces, _ := net.InterfaceAddrs() // an error means that there are none
	var all []netip.Addr
	for _, i := range interfaces {
		p, ok := i.(*net.IPNet)
		if !ok {
			continue
		}
		a, ok := netip.AddrFromSlice(p.IP)
		if a = a.Unmap(); ok && a.IsGlobalUnicast() {
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	}
	first := routed()
	slices.SortStableFunc(all, func(a, b netip.Addr) int {
		return cmp.Or(rank(a, first)-rank(b, first), 0)
	})
	return all
}

func rank(a, first netip.Addr) int {
	switch {
	case a == first:
		return 0
	case a.Is4():
		return 1
	}
	return 2
}

// routed is the address that packets to the world leave from. Nothing is
// sent: connecting a UDP socket only asks for the route.
func routed() netip.Addr {
	c, err := net.Dial("udp4", "192.0.2.1:9") // RFC 5737: nobody's address
	if err != nil {
		return netip.Addr{}
	}
	defer c.Close()
	u, ok := c.LocalAddr().(*net.UDPAddr)
	if !ok {
		return netip.Addr{}
	}
	return u.AddrPort().Addr().Unmap()
}
