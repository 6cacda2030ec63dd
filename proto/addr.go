package proto

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// FormatHostPort writes h1,h2,h3,h4,p1,p2 as PORT and 227 carry it. RFC 959
// §5.3.2. The address must be IPv4, plain or mapped.
func FormatHostPort(ap netip.AddrPort) string {
	a := ap.Addr().Unmap().As4()
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
// §4.1.2.6: the parentheses may be missing, so the digits are searched for.
func ParsePassive(text string) (netip.AddrPort, error) {
	for start := 0; start < len(text); start++ {
		if !digit(text[start]) || start > 0 && digit(text[start-1]) {
			continue
		}
		end := start
		for end < len(text) && (digit(text[end]) || text[end] == ',' || text[end] == ' ') {
			end++
		}
		if ap, err := ParseHostPort(strings.TrimRight(text[start:end], ", ")); err == nil {
			return ap, nil
		}
	}
	return netip.AddrPort{}, &SyntaxError{What: "227 reply", Text: text}
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
// is a *ParamError (the server answers 522), all else a *SyntaxError.
func ParseExtended(arg string) (netip.AddrPort, error) {
	bad := &SyntaxError{What: "EPRT address", Text: arg}
	arg = strings.TrimSpace(arg)
	if len(arg) < 7 || digit(arg[0]) {
		return netip.AddrPort{}, bad
	}
	f := strings.Split(arg, arg[:1])
	if len(f) != 5 || f[0] != "" || f[4] != "" {
		return netip.AddrPort{}, bad
	}
	if f[1] != "1" && f[1] != "2" {
		return netip.AddrPort{}, &ParamError{Param: "EPRT", Value: f[1]}
	}
	addr, err := netip.ParseAddr(f[2])
	if err != nil || addr.Is4() != (f[1] == "1") || addr.Zone() != "" {
		return netip.AddrPort{}, bad
	}
	port, err := strconv.ParseUint(f[3], 10, 16)
	if err != nil {
		return netip.AddrPort{}, bad
	}
	return netip.AddrPortFrom(addr, uint16(port)), nil
}

// FormatExtendedPassive writes the text that a 229 reply has in parentheses.
// RFC 2428 §3.
func FormatExtendedPassive(port uint16) string { return fmt.Sprintf("(|||%d|)", port) }

// ParseExtendedPassive reads the port from the text of a 229 reply. Text
// without a port in this very form is refused: some servers answer 229 with
// something else, and PASV must then be tried.
func ParseExtendedPassive(text string) (port uint16, err error) {
	bad := &SyntaxError{What: "229 reply", Text: text}
	open := strings.LastIndexByte(text, '(')
	end := strings.LastIndexByte(text, ')')
	if open < 0 || end < open+6 {
		return 0, bad
	}
	body := text[open+1 : end]
	f := strings.Split(body, body[:1])
	if len(f) != 5 || f[0] != "" || f[4] != "" {
		return 0, bad
	}
	n, err := strconv.ParseUint(f[3], 10, 16)
	if err != nil || n == 0 {
		return 0, bad
	}
	return uint16(n), nil
}
