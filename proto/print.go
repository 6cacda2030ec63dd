package proto

import (
	"strings"
	"unicode/utf8"
)

// harmless returns s without what terminals act upon: control characters, and
// those that turn the direction of text, become question marks. Other bytes
// stay, also those that are not UTF-8, so that a trace can be played again;
// names for eyes go through list.Printable.
//
// SECURITY: a reply or a file name must not command the terminal.
func harmless(s string) string {
	var b strings.Builder
	clean := true
	for i, n := 0, 0; i < len(s); i += n {
		var r rune
		r, n = utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			r = rune(s[i]) // C1 controls are controls as bare bytes, too
		}
		if !commands(r) {
			if !clean {
				b.WriteString(s[i : i+n])
			}
			continue
		}
		if clean {
			clean = false
			b.WriteString(s[:i])
		}
		b.WriteByte('?')
	}
	if clean {
		return s
	}
	return b.String()
}

// commands reports whether terminals act upon r instead of showing it.
func commands(r rune) bool {
	switch {
	case r == '\t':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0: // C0, DEL, C1
		return true
	case r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // line ends, directions
		return true
	}
	return false
}
