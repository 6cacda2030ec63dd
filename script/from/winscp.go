package from

import (
	"strings"
)

// winscp reads scripts as WinSCP's /script does.
type winscp struct {
	*writer
	kind    string // of transfers, as option transfer has set it
	lenient bool   // option failonnomatch off
}

func (s *winscp) script(text string) {
	for line := range strings.Lines(text) {
		s.at++
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			s.line()
		case line[0] == '#' || line[0] == ';':
			s.comment("#" + line[1:])
		default:
			words, ok := s.words(line)
			if ok && len(words) > 0 {
				s.verb(strings.ToLower(words[0].text), words[1:])
			}
		}
	}
}

// words splits a line: "…" is one word, "" in it a quote; %…% is put in.
func (s *winscp) words(line string) (words []word, ok bool) {
	var w word
	in, quoted := false, false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '"' && quoted && i+1 < len(line) && line[i+1] == '"':
			w.add('"', false)
			i++
		case c == '"':
			quoted, in = !quoted, true
		case (c == ' ' || c == '\t') && !quoted:
			if in {
				words = append(words, w)
			}
			w, in = word{}, false
		case c == '%':
			end := strings.IndexByte(line[i+1:], '%')
			if end < 0 || !referred(line[i+1:i+1+end]) {
				w.add(c, true)
				in = true
				continue
			}
			ref, known := s.reference(line[i+1 : i+1+end])
			if !known {
				return nil, false
			}
			for j := range len(ref) {
				w.add(ref[j], true)
			}
			i += end + 1
			in = true
		default: // patterns are patterns in quotes too
			w.add(c, c != '-' || !quoted)
			in = true
		}
	}
	if quoted {
		s.cannot("a quote is never closed", `a quote in a quoted name is written ""`)
		return nil, false
	}
	if in {
		words = append(words, w)
	}
	return words, true
}

// referred reports whether what stands between two % can be a reference: else
// they are only themselves, as in a URL.
func referred(name string) bool {
	plain := strings.TrimRight(name, "0123456789")
	switch {
	case strings.HasPrefix(strings.ToUpper(name), "TIMESTAMP") || name == "" || plain == "":
		return true
	case name[0] >= '0' && name[0] <= '9':
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && r != '(' && r != ')' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}) < 0
}

// reference is ferry's for %1%, %NAME%, %TIMESTAMP% and %TIMESTAMP#FORMAT%.
func (s *winscp) reference(name string) (string, bool) {
	upper := strings.ToUpper(name)
	switch {
	case name == "":
		return "%", true
	case strings.Trim(name, "0123456789") == "":
		return "${" + name + "}", true
	case upper == "TIMESTAMP":
		return "${date:20060102150405}", true
	case strings.HasPrefix(upper, "TIMESTAMP#"):
		return "${date:" + layout(name[len("TIMESTAMP#"):]) + "}", true
	case strings.HasPrefix(upper, "TIMESTAMP"):
		s.cannot("a timestamp that is moved", "compute it before, and give it as an argument: ${1}")
		return "", false
	}
	return "${env:" + name + "}", true
}

// layout is Go's form of a date for one of WinSCP's. mm behind the hour, or
// before the seconds, are minutes.
func layout(format string) string {
	format = strings.ToLower(format)
	var b strings.Builder
	hour := false
	for format != "" {
		n := 1
		for n < len(format) && format[n] == format[0] {
			n++
		}
		own, known := datePart(format[:n], hour || strings.HasPrefix(strings.TrimLeft(format[n:], "-_:. "), "ss"))
		switch {
		case strings.HasPrefix(format, "am/pm"):
			own, n = "PM", len("am/pm")
		case !known:
			own = format[:n]
		default:
			hour = format[0] == 'h'
		}
		b.WriteString(own)
		format = format[n:]
	}
	return b.String()
}

func datePart(part string, minutes bool) (string, bool) {
	if minutes && part == "mm" {
		return "04", true
	}
	own, known := map[string]string{
		"yyyy": "2006", "yy": "06", "mmmm": "January", "mmm": "Jan", "mm": "01", "m": "1", "dddd": "Monday", "ddd": "Mon", "dd": "02", "d": "2",
		"hh": "15", "h": "15", "nn": "04", "n": "4", "ss": "05", "s": "5", "zzz": "000",
	}[part]
	return own, known
}
