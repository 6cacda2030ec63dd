package wiretest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// piece is a part of a step's text.
type piece struct {
	lit  string // bytes
	star bool
	name string // of a variable
}

type pattern []piece

// parsePattern takes the text of a step apart.
func parsePattern(text string) (pattern, error) {
	var p pattern
	var lit strings.Builder
	flush := func(next ...piece) {
		if lit.Len() > 0 {
			p = append(p, piece{lit: lit.String()})
			lit.Reset()
		}
		p = append(p, next...)
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			b, n, err := unescape(text[i:])
			if err != nil {
				return nil, err
			}
			lit.WriteByte(b)
			i += n - 1
		case text[i] == '*':
			flush(piece{star: true})
		case strings.HasPrefix(text[i:], "${"):
			end := strings.IndexByte(text[i:], '}')
			if end < 3 {
				return nil, fmt.Errorf("variable without a name or an end: %q", text[i:])
			}
			flush(piece{name: text[i+2 : i+end]})
			i += end
		default:
			lit.WriteByte(text[i])
		}
	}
	flush()
	return p, nil
}

// unescape reads one escape and tells how long it is.
func unescape(s string) (b byte, n int, err error) {
	if len(s) > 1 {
		switch s[1] {
		case 'r':
			return '\r', 2, nil
		case 'n':
			return '\n', 2, nil
		case 't':
			return '\t', 2, nil
		case '\\', '*':
			return s[1], 2, nil
		case 'x':
			if len(s) >= 4 {
				v, err := strconv.ParseUint(s[2:4], 16, 8)
				return byte(v), 4, err
			}
		}
	}
	return 0, 0, fmt.Errorf("unknown escape: %.4q", s)
}

// expand returns the bytes to send.
func (p pattern) expand(vars map[string]string) (string, error) {
	var b strings.Builder
	for _, x := range p {
		value, ok := vars[x.name]
		switch {
		case x.star:
			b.WriteByte('*')
		case x.name == "":
			b.WriteString(x.lit)
		case ok:
			b.WriteString(value)
		default:
			return "", fmt.Errorf("variable %s has no value", x.name)
		}
	}
	return b.String(), nil
}

// match compares with what arrived and fills variables that have no value.
func (p pattern) match(got string, vars map[string]string) (bool, error) {
	var re strings.Builder
	var names []string
	for _, x := range p {
		value, ok := vars[x.name]
		switch {
		case x.star:
			re.WriteString(".*")
		case x.name == "":
			re.WriteString(regexp.QuoteMeta(wide(x.lit)))
		case ok:
			re.WriteString(regexp.QuoteMeta(wide(value)))
		default:
			re.WriteString("(.+?)")
			names = append(names, x.name)
		}
	}
	exp, err := regexp.Compile(`(?s)\A` + re.String() + `\z`)
	if err != nil {
		return false, err
	}
	m := exp.FindStringSubmatch(wide(got))
	if m == nil {
		return false, nil
	}
	for i, name := range names {
		vars[name] = narrow(m[i+1])
	}
	return true, nil
}

// has reports whether one of the variables stands in the pattern.
func (p pattern) has(names ...string) bool {
	for _, x := range p {
		for _, name := range names {
			if x.name == name {
				return true
			}
		}
	}
	return false
}

// wide makes a character of each byte, so that regexp leaves bytes alone.
func wide(s string) string {
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}

func narrow(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}
