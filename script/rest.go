package script

import "strings"

// restWords splits a raw rest at blanks; a word in quotes may hold some. Of
// single quotes nothing is put in.
func restWords(rest string) []Word {
	var words []Word
	for rest = strings.Trim(rest, " \t"); rest != ""; rest = strings.TrimLeft(rest, " \t") {
		word, after := restWord(rest)
		words, rest = append(words, word), after
	}
	return words
}

func restWord(rest string) (word Word, after string) {
	if q := rest[0]; q == '"' || q == '\'' {
		end := strings.IndexByte(rest[1:], q) + 1
		if end > 0 && (end+1 == len(rest) || blank(rest[end+1])) {
			word = Literal(rest[1:end])
			if q == '"' {
				word = Bare(rest[1:end])
			}
			return word, rest[end+1:]
		}
	}
	if end := strings.IndexAny(rest, " \t"); end > 0 {
		return Bare(rest[:end]), rest[end:]
	}
	return Bare(rest), ""
}

// expandRest splits first and puts values in then, so that a value is one word.
func (st *State) expandRest(rest string) ([]string, error) {
	words := restWords(rest)
	for i, w := range words {
		var err error
		if words[i], err = st.expand(w); err != nil {
			return nil, err
		}
	}
	return texts(words), nil
}
