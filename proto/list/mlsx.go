package list

import (
	"strings"

	"ferry/proto"
)

// readFacts reads a line of MLSD. RFC 3659 §7.2. A line counts as one when its
// first word is facts from end to end, so that no other format is mistaken.
func readFacts(_ *Parser, text string) (proto.Entry, Verdict) {
	facts, _, ok := strings.Cut(strings.TrimPrefix(text, " "), " ")
	if !ok || !strings.HasSuffix(facts, ";") || !strings.Contains(facts, "=") {
		return proto.Entry{}, Unknown
	}
	e, err := proto.ParseFacts(text)
	if err != nil {
		return proto.Entry{}, Unknown
	}
	return e, Understood
}

// readName reads a line of NLST. What kind of thing the name is stays unknown.
func readName(_ *Parser, text string) (proto.Entry, Verdict) {
	return proto.Entry{Name: strings.TrimPrefix(text, "./"), Size: proto.NoSize}, Understood
}
