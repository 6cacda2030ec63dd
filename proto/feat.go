package proto

import (
	"slices"
	"strings"
)

// Features is what a server says in FEAT: word → parameters, both as sent but
// the word in upper case. RFC 2389 §3.
type Features map[string]string

// ParseFeatures reads a 211 reply to FEAT; a refusal has no features. Servers
// that repeat the code on every line or leave the indentation out are
// understood.
func ParseFeatures(r Reply) Features {
	f := Features{}
	if r.Code.Class() != Done || len(r.Lines) < 2 {
		return f
	}
	for _, line := range r.Lines[1 : len(r.Lines)-1] {
		word, params, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "" {
			continue
		}
		word = strings.ToUpper(word)
		if old := f[word]; old != "" { // "SITE COPY", "SITE MKDIR": one word, many lines
			params = old + ";" + params
		}
		f[word] = params
	}
	return f
}

// Has reports whether the server announced the word.
func (f Features) Has(word string) bool {
	_, ok := f[word]
	return ok
}

// HasParam reports whether one of the parameters of word, separated by
// semicolons, commas or blanks, is param. A trailing asterisk (what is on by
// default) does not count.
func (f Features) HasParam(word, param string) bool {
	return slices.ContainsFunc(f.Params(word), func(p string) bool {
		return strings.EqualFold(strings.TrimSuffix(p, "*"), param)
	})
}

// Params are the parameters of word, split.
func (f Features) Params(word string) []string {
	return strings.FieldsFunc(f[word], func(r rune) bool { return r == ';' || r == ',' || r == ' ' })
}

// FeatReply is the reply to FEAT: one line a feature, each with one blank in
// front. RFC 2389 §3.2.
func FeatReply(features []string) Reply {
	if len(features) == 0 {
		return Replyf(SystemStatus, "No extensions")
	}
	lines := make([]string, 0, len(features)+2)
	lines = append(lines, "Extensions supported:")
	for _, f := range features {
		lines = append(lines, " "+f)
	}
	return Reply{Code: SystemStatus, Lines: append(lines, "End")}
}
