package serve

import (
	"bytes"
	"compress/zlib"
	"io"
	"strings"

	"ferry/proto"
)

// encode is how letters a to h and line ends travel, written by hand after
// RFC 959 §3.
func encode(text string, p proto.Params) string {
	if p.Type.Code == 'E' {
		text = strings.Map(func(r rune) rune {
			if r == '\n' {
				return 0x15
			}
			return r - 'a' + 0x81
		}, text)
		text = latin(text)
	}
	eol := map[proto.TypeCode]string{'A': "\r\n", 'E': "\x15"}[p.Type.Code]
	if p.Type.Code == 'A' {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	records := []string{text}
	switch p.Stru {
	case 'R':
		records = strings.SplitAfter(text, eol)
		if records[len(records)-1] == "" {
			records = records[:len(records)-1]
		}
		for i := range records {
			records[i] = strings.TrimSuffix(records[i], eol)
		}
	case 'P':
		records = []string{"\x04\x00" + string(rune(len(text))) + "\x01" + text + "\x04\x01\x00\x00"}
	}
	return framed(records, p)
}

// latin makes one byte of each character.
func latin(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
	}
	return b.String()
}

// framed puts structure R and the mode around records.
func framed(records []string, p proto.Params) string {
	var b strings.Builder
	for _, r := range records {
		switch p.Mode {
		case 'B':
			b.WriteString(map[bool]string{true: "\x80", false: "\x00"}[p.Stru == 'R'] + "\x00" + string(rune(len(r))) + r)
		case 'C':
			if p.Stru == 'R' {
				b.WriteString("\x00\x80")
			}
			switch {
			case r != "": // short ones only
				b.WriteString(string(rune(len(r))) + r)
			case p.Stru == 'R':
				b.WriteString("\xc0") // no fillers
			}
		default:
			b.WriteString(r)
			if p.Stru == 'R' {
				b.WriteString("\xff\x01")
			}
		}
	}
	switch {
	case p.Mode == 'B':
		return b.String() + "\x40\x00\x00"
	case p.Mode == 'C':
		return b.String() + "\x00\x40\xc0"
	case p.Stru == 'R':
		b.WriteString("\xff\x02")
	}
	if p.Mode == 'Z' {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		_, _ = io.WriteString(w, b.String())
		_ = w.Close()
		return z.String()
	}
	return b.String()
}
