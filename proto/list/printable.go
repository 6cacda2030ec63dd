package list

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable is text as a terminal may be shown it, on one line: control
// characters, line separators, what turns the direction of writing or can't
// be seen, and bytes that are not UTF-8 are written as escapes (\n, \x1b,
// \u202e). Text that needs none comes back as it is. It is for eyes: a
// backslash that was there before is not marked.
//
// SECURITY: a name or a reply must not move the cursor, set the title, paint
// a prompt, or read "gpj.exe" as "exe.jpg".
func Printable(s string) string {
	i := 0
	for i < len(s) && s[i] >= ' ' && s[i] < 0x7f {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	for at, r := range s {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(s[at:])
		}
		if size == 1 && r == utf8.RuneError || !visible(r) {
			escape(&b, r, s[at])
			continue
		}
		b.WriteString(s[at : at+size])
	}
	return b.String()
}

func escape(b *strings.Builder, r rune, first byte) {
	const digits = "0123456789abcdef"
	switch {
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r < utf8.RuneSelf || r == utf8.RuneError:
		b.WriteString(`\x`)
		b.WriteByte(digits[first>>4])
		b.WriteByte(digits[first&15])
	default:
		b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
	}
}

// visible: all but controls (Cc), line and paragraph separators (Zl, Zp) and
// format characters (Cf). Of the last, joiners shape scripts and emoji, and
// the prepended marks can be seen.
func visible(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r >= ' ' && r != 0x7f
	case r == '\u200c' || r == '\u200d' || unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return true
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
