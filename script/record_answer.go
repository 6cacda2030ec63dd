package script

import (
	"maps"
	"slices"
	"strings"

	"ferry/script/bulk"
)

// What was answered while a line ran becomes its names and flags.

// chosen is a command about the names that were chosen, one by one.
func (r *recording) chosen(v *Verb, l Line) string {
	parts := []string{l.Verb}
	if a, err := bind(v, l, r.st.expand); err == nil {
		for _, name := range slices.Sorted(maps.Keys(a.flags)) {
			parts = append(parts, name)
			if value := a.flags[name]; value != "" {
				parts = append(parts, QuoteWord(value, 0))
			}
		}
	}
	parts = append(parts, "--")
	for _, name := range r.heard.names {
		parts = append(parts, QuoteWord(name, 0))
	}
	return strings.Join(parts, " ")
}

// policies puts what was answered about names that exist into a command. Where
// the answers differ, it leaves all of them alone, and one line for each that
// was not to be left follows.
func (r *recording) policies(v *Verb, l Line, lines []string) []string {
	all := r.heard.conflicts
	if len(all) == 0 {
		return lines
	}
	policy, alike := all[0].answer.Policy, true
	for _, x := range all {
		alike = alike && x.answer.Policy == policy && x.answer.Name == ""
	}
	if alike {
		return existing(v, l, lines, policy)
	}
	var own []string
	for _, x := range all {
		if x.answer.Policy != bulk.Skip {
			own = append(own, r.own(x))
		}
	}
	if a, err := bind(v, l, r.st.expand); err == nil && len(l.Body) == 0 && len(all) == 1 && v.long("--existing") != nil &&
		!a.Flag("-r") && !a.Many && a.Len() <= 2 && !a.Words[0].Pattern() {
		return own // it is about this one file
	}
	return append(existing(v, l, lines, bulk.Skip), own...)
}

// own is the line for one file about which something of its own was answered.
func (r *recording) own(x answered) string {
	policy, local, remote := x.answer.Policy, r.st.short(x.about.Item.Local), x.about.Item.Remote
	target := &remote
	if x.about.Direction == bulk.Down {
		target = &local
	}
	if name := x.answer.Name; name != "" {
		if x.about.Direction == bulk.Down {
			name = r.st.short(name)
		}
		policy, *target = bulk.Overwrite, name
	}
	if x.about.Direction == bulk.Down {
		return "get --existing " + bulkName(policy) + " " + QuoteWord(remote, 0) + " " + QuoteWord(local, 0)
	}
	return "put --existing " + bulkName(policy) + " " + QuoteWord(local, 0) + " " + QuoteWord(remote, 0)
}

// existing makes a command follow a policy: by its flag, or by the setting
// around it.
func existing(v *Verb, l Line, lines []string, p bulk.Policy) []string {
	if v.long("--existing") == nil || len(lines) != 1 {
		return slices.Concat([]string{"set existing " + bulkName(p)}, lines, []string{"unset existing"})
	}
	at := strings.Index(strings.ToLower(lines[0]), l.Verb) + len(l.Verb)
	return []string{lines[0][:at] + " --existing " + bulkName(p) + lines[0][at:]}
}

func bulkName(p bulk.Policy) string {
	for _, v := range policies() {
		if v.v == p {
			return v.name
		}
	}
	return ""
}
