package serve

import "strings"

// words splits an argument that holds several names. A name with blanks
// stands in double quotes, where a double quote is doubled. RFC 959 has no such
// commands; SITE COPY, COMB and the hash commands of practice do it so.
func words(arg string) ([]string, error) {
	var all []string
	for {
		arg = strings.TrimLeft(arg, " ")
		if arg == "" {
			return all, nil
		}
		word, rest, err := firstWord(arg)
		if err != nil {
			return nil, err
		}
		all, arg = append(all, word), rest
	}
}

// firstWord cuts the first word off. A quote inside a word is part of it.
func firstWord(arg string) (word, rest string, err error) {
	if !strings.HasPrefix(arg, `"`) {
		word, rest, _ = strings.Cut(arg, " ")
		return word, rest, nil
	}
	var b strings.Builder
	for i := 1; i < len(arg); i++ {
		switch {
		case arg[i] != '"':
			b.WriteByte(arg[i])
		case strings.HasPrefix(arg[i+1:], `"`):
			b.WriteByte('"')
			i++
		case arg[i+1:] != "" && arg[i+1] != ' ' || b.Len() == 0:
			return "", "", refuse(badArgument, "A quoted name is followed by a blank, and not empty.")
		default:
			return b.String(), arg[i+1:], nil
		}
	}
	return "", "", refuse(badArgument, "A quote is not closed.")
}

// paths are the words of an argument as paths, at least least of them.
func (s *session) paths(arg string, least int, syntax string) ([]string, error) {
	names, err := words(arg)
	if err != nil {
		return nil, err
	}
	if len(names) < least {
		return nil, refuse(badArgument, "Syntax: %s; names with blanks stand in double quotes", syntax)
	}
	for i, name := range names {
		if names[i], err = resolve(s.cwd, name); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// twoPaths reads an argument that is two paths.
func (s *session) twoPaths(arg, syntax string) (from, to string, err error) {
	names, err := s.paths(arg, 2, syntax)
	if err != nil {
		return "", "", err
	}
	if len(names) > 2 {
		return "", "", refuse(badArgument, "Syntax: %s; names with blanks stand in double quotes", syntax)
	}
	return names[0], names[1], nil
}
