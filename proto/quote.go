package proto

import "strings"

// Quote writes a path as a 257 reply carries it: in double quotes, each one
// within doubled. RFC 959 appendix II.
func Quote(path string) string {
	return `"` + strings.ReplaceAll(path, `"`, `""`) + `"`
}

// Unquote reads the path from the text of a 257 reply. Servers that leave the
// quotes out get their first word believed if it looks like a path ("257 MKD
// command successful" has none).
func Unquote(text string) (path string, ok bool) {
	start := strings.IndexByte(text, '"')
	if start < 0 {
		path, _, _ = strings.Cut(strings.TrimLeft(text, " "), " ")
		return path, strings.ContainsAny(path, `/\:[.`)
	}
	var b strings.Builder
	for i := start + 1; i < len(text); i++ {
		if text[i] != '"' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		return b.String(), true
	}
	return "", false
}
