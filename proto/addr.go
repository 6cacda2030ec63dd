package proto

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// FormatHostPort writes h1,h2,h3,h4,p1,p2 as PORT and 227 carry it. RFC 959
// §5.3.2. An address that is not IPv4, plain or mapped, can't be written and
// comes out as 0.0.0.0.
func FormatHostPort(ap netip.AddrPort) string {
	var a [4]byte
	if addr := ap.Addr().Unmap(); addr.Is4() {
		a = addr.As4()
	}
	p := ap.Port()
	return fmt.Sprintf("%d,%d,%d,%d,%d,%d", a[0], a[1], a[2], a[3], p>>8, p&0xff)
}

// ParseHostPort reads the argument of PORT; blanks around the numbers are
// forgiven. Anything else but six numbers of 0 to 255 is a *SyntaxError.
func ParseHostPort(arg string) (netip.AddrPort, error) {
	bad := &SyntaxError{What: "host and port", Text: arg}
	f := strings.Split(arg, ",")
	if len(f) != 6 {
		return netip.AddrPort{}, bad
	}
	var n [6]byte
	for i, s := range f {
		v, err := strconv.ParseUint(strings.TrimSpace(s), 10, 8)
		if err != nil {
			return netip.AddrPort{}, bad
		}
		n[i] = byte(v)
	}
	port := uint16(n[4])<<8 | uint16(n[5])
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(n[:4])), port), nil
}

// ParsePassive finds the address in the text of a 227 reply. RFC 1123
// §4.1.2.6: the parentheses may be missing, so six numbers are searched for.
// Port 0 is refused.
func ParsePassive(text string) (netip.AddrPort, error) {
	isPart := func(b byte) bool { return digit(b) || b == ',' || b == ' ' }
	for start := 0; start < len(text); start++ {
		end := start
		for end < len(text) && isPart(text[end]) {
			end++
		}
		if ap, ok := hostPortIn(text[start:end]); ok {
			return ap, nil
		}
		start = end
	}
	return netip.AddrPort{}, &SyntaxError{What: "227 reply", Text: text}
}

// hostPortIn reads the six numbers of a run of digits, commas and blanks, in
// which other numbers may stand around them ("42 192,0,2,1,4,5"). A seventh
// with a comma makes them something else.
func hostPortIn(run string) (netip.AddrPort, bool) {
	f := strings.Split(strings.Trim(run, ", "), ",")
	if len(f) != 6 {
		return netip.AddrPort{}, false
	}
	before, after := strings.Fields(f[0]), strings.Fields(f[5])
	if len(before) == 0 || len(after) == 0 {
		return netip.AddrPort{}, false
	}
	f[0], f[5] = before[len(before)-1], after[0]
	ap, err := ParseHostPort(strings.Join(f, ","))
	return ap, err == nil && ap.Port() != 0
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

// FormatExtended writes |1|132.235.1.2|6275| as EPRT carries it. RFC 2428 §2.
func FormatExtended(ap netip.AddrPort) string {
	family, addr := 1, ap.Addr().Unmap().WithZone("")
	if addr.Is6() {
		family = 2
	}
	return fmt.Sprintf("|%d|%s|%d|", family, addr, ap.Port())
}

// ParseExtended reads the argument of EPRT. A family that is neither 1 nor 2
// is a *ParamError (the server answers 522), all else a *SyntaxError. A
// mapped IPv4 address is returned as IPv4.
func ParseExtended(arg string) (netip.AddrPort, error) {
	bad := &SyntaxError{What: "EPRT address", Text: arg}
	arg = strings.TrimSpace(arg)
	f := delimited(arg)
	if f == nil {
		return netip.AddrPort{}, bad
	}
	if f[0] != "1" && f[0] != "2" {
		if _, err := strconv.ParseUint(f[0], 10, 32); err != nil {
			return netip.AddrPort{}, bad
		}
		return netip.AddrPort{}, &ParamError{Param: "EPRT", Value: f[0]}
	}
	addr, err := netip.ParseAddr(f[1])
	if err != nil || addr.Is4() != (f[0] == "1") || addr.Zone() != "" {
		return netip.AddrPort{}, bad
	}
	port, err := strconv.ParseUint(f[2], 10, 16)
	if err != nil {
		return netip.AddrPort{}, bad
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(port)), nil
}

// delimited splits "|a|b|c|" at its first character, which may be any that is
// printable (RFC 2428 §2: 33 to 126) and no digit. nil: not of that form.
func delimited(s string) []string {
	if s == "" || s[0] < 33 || s[0] > 126 || digit(s[0]) {
		return nil
	}
	f := strings.Split(s, s[:1])
	if len(f) != 5 || f[4] != "" {
		return nil
	}
	return f[1:4]
}

// FormatExtendedPassive writes the text that a 229 reply has in parentheses.
// RFC 2428 §3.
func FormatExtendedPassive(port uint16) string { return fmt.Sprintf("(|||%d|)", port) }

// ParseExtendedPassive reads the port from the text of a 229 reply. Text
// without a port in this very form is refused: some servers answer 229 with
// something else, and PASV must then be tried.
func ParseExtendedPassive(text string) (port uint16, err error) {
	bad := &SyntaxError{What: "229 reply", Text: text}
	_, text, _ = strings.Cut(text, "(")
	for part := range strings.SplitSeq(text, "(") {
		body, _, ok := strings.Cut(part, ")")
		f := delimited(body)
		if !ok || f == nil || f[0] != "" || f[1] != "" {
			continue
		}
		if n, err := strconv.ParseUint(f[2], 10, 16); err == nil && n != 0 {
			return uint16(n), nil
		}
	}
	return 0, bad
}
