package from

import (
	"strings"
)

// winscp reads scripts as WinSCP's /script does.
type winscp struct{ *writer }

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
				s.verb(strings.ToLower(words[0].text), words[1:], line)
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
			if end < 0 {
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

// layout is Go's form of a date for one of WinSCP's.
func layout(format string) string {
	return strings.NewReplacer(
		"yyyy", "2006", "yy", "06", "mmmm", "January", "mmm", "Jan", "mm", "01", "dddd", "Monday", "ddd", "Mon", "dd", "02",
		"hh", "15", "nn", "04", "ss", "05", "zzz", "000", "am/pm", "PM",
	).Replace(strings.ToLower(format))
}
