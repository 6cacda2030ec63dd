package serve

import (
	"context"
	"strings"

	"ferry/proto"
)

// OPTS: RFC 2389 §4.
func (s *session) opts(ctx context.Context, arg string) (proto.Reply, error) {
	word, value, _ := strings.Cut(arg, " ")
	switch strings.ToUpper(word) {
	case "MLST":
		return s.optsMLST(value)
	case "UTF8", "UTF-8":
		return optsUTF8(value)
	case "HASH":
		return s.optsHash(value)
	case "MODE":
		return s.optsMode(value)
	}
	return proto.Reply{}, refuse(unknownParameter, "No options for that.")
}

// optsUTF8 is what Windows and many others send. Names are bytes here, so
// there is nothing to switch on; and nothing to switch off.
func optsUTF8(value string) (proto.Reply, error) {
	switch strings.ToUpper(strings.Trim(value, " ")) {
	case "", "ON", "NLST":
		return proto.Replyf(proto.OK, "Names are sent as they are, in UTF-8 as a rule."), nil
	}
	return proto.Reply{}, refuse(badParameter, "UTF8 can't be switched off.")
}

// optsMLST chooses the facts of MLST and MLSD. RFC 3659 §7.9: what is not
// known is passed over, and the reply tells what is chosen.
func (s *session) optsMLST(value string) (proto.Reply, error) {
	s.facts = []proto.Fact{} // none is a choice, too
	for _, f := range proto.Facts() {
		for name := range strings.SplitSeq(value, ";") {
			if strings.EqualFold(strings.Trim(name, " "), string(f)) {
				s.facts = append(s.facts, f)
				break
			}
		}
	}
	text := "MLST OPTS"
	if len(s.facts) > 0 {
		text += " "
	}
	for _, f := range s.facts {
		text += string(f) + ";"
	}
	return proto.Replyf(proto.OK, "%s", text), nil
}

// optsHash tells or chooses the algorithm of HASH. draft-bryan-ftpext-hash §3.2.
func (s *session) optsHash(value string) (proto.Reply, error) {
	if value = strings.Trim(value, " "); value != "" {
		d, ok := digestNamed(value)
		if !ok {
			return proto.Reply{}, refuse(unknownParameter, "Unknown algorithm, %s stays.", s.hash)
		}
		s.hash = d.name
	}
	return proto.Replyf(proto.OK, "%s", s.hash), nil
}

// optsMode sets what MODE Z does: draft-preston-ftpext-deflate §3.2. Pairs of
// a word and a value; without any, the defaults come back.
func (s *session) optsMode(value string) (proto.Reply, error) {
	words := strings.Fields(strings.ToUpper(value))
	if len(words) == 0 || len(words)%2 == 0 {
		return proto.Reply{}, refuse(badArgument, "Syntax: OPTS MODE Z [LEVEL <1 to 9>]")
	}
	if words[0] != "Z" {
		return proto.Reply{}, refuse(badParameter, "MODE %s has no options.", words[0])
	}
	level := 0
	for words = words[1:]; len(words) > 0; words = words[2:] {
		switch what, to := words[0], words[1]; {
		case what == "LEVEL":
			n, err := parseCount(to)
			switch {
			case err != nil:
				return proto.Reply{}, err
			case n < 1 || n > 9:
				return proto.Reply{}, refuse(badParameter, "The level may be 1 (fast) to 9 (small).")
			}
			level = int(n)
		case what == "ENGINE" && to == "ZLIB", what == "METHOD" && to == "8":
		case what == "ENGINE", what == "METHOD":
			return proto.Reply{}, refuse(badParameter, "MODE Z is served with ENGINE ZLIB and METHOD 8.")
		default:
			return proto.Reply{}, refuse(unknownParameter, "MODE Z has no such option.")
		}
	}
	s.level = level
	if level == 0 {
		return proto.Replyf(proto.OK, "MODE Z has its default level."), nil
	}
	return proto.Replyf(proto.OK, "MODE Z LEVEL is %d.", level), nil
}
