package script

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Usage is the verb's synopsis: "put [-r] LOCAL [REMOTE]".
func (v *Verb) Usage() string {
	b := []string{v.Name}
	for _, f := range v.Flags {
		if f.Arg != "" {
			b = append(b, fmt.Sprintf("[%s %s]", f.Name, f.Arg))
			continue
		}
		b = append(b, "["+f.Name+"]")
	}
	for _, a := range v.Args {
		s := a.Name
		if len(a.Values) > 0 {
			s = strings.Join(a.Values, "|")
		}
		if a.Many {
			s += "…"
		}
		if a.Opt {
			s = "[" + s + "]"
		}
		b = append(b, s)
	}
	return strings.Join(b, " ")
}

// Groups are the topics of help, in the order in which they are shown.
func Groups() []Group {
	return []Group{ConnectionVerbs, TransferVerbs, ListingVerbs, RemoteVerbs, LocalVerbs, SettingVerbs, ScriptVerbs, HelpVerbs}
}

func (t *Table) group(g Group) []*Verb {
	var found []*Verb
	for i := range t.verbs {
		if t.verbs[i].Group == g {
			found = append(found, &t.verbs[i])
		}
	}
	return found
}

// Help writes what there is to know about a topic: "" for all verbs, a group,
// a verb, an alias or a setting.
func (t *Table) Help(w io.Writer, topic string) error {
	if topic == "" {
		for _, g := range Groups() {
			t.groupHelp(w, g)
		}
		topicsHelp(w)
		_, err := fmt.Fprintln(w, "help VERB explains one, help TOPIC a topic or a group. A verb may be shortened while it stays clear.")
		return err
	}
	if g := Group(strings.ToLower(topic)); slices.Contains(Groups(), g) && t.names[string(g)] == nil {
		t.groupHelp(w, g)
		return nil
	}
	if text, ok := findTopic(topic); ok && t.names[text.Name] == nil {
		_, err := fmt.Fprintln(w, text.Text)
		return err
	}
	if command, ok := t.aliases[topic]; ok {
		shown, _ := t.ShownText(command)
		_, err := fmt.Fprintf(w, "%s is your alias for: %s\n", topic, shown)
		return err
	}
	v, err := t.Lookup(topic)
	row := findSetting(topic)
	switch {
	case err == nil:
		return v.help(w)
	case row == nil:
		return t.noTopic(topic, err)
	}
	_, err = fmt.Fprintf(w, "%[1]s is a setting: %[2]s\n  set %[1]s VALUE changes it for this session, set -k %[1]s VALUE for good; set lists them all\n", row.Name, row.Brief)
	return err
}

// noTopic adds what else help knows to the failure of a lookup.
func (t *Table) noTopic(topic string, err error) error {
	if near := nearest(strings.ToLower(topic), TopicNames()); near != "" {
		return &UnknownError{What: "verb or topic", Name: topic, Hint: "did you mean `help " + near + "`?"}
	}
	return err
}

func (t *Table) groupHelp(w io.Writer, g Group) {
	fmt.Fprintln(w, strings.ToUpper(string(g)))
	for _, v := range t.group(g) {
		fmt.Fprintf(w, "  %-12s %s\n", v.Name, v.Brief)
	}
}

func (v *Verb) help(w io.Writer) error {
	fmt.Fprintf(w, "%s\n  %s\n", v.Usage(), v.Brief)
	if len(v.Aliases) > 0 {
		fmt.Fprintf(w, "  also: %s\n", strings.Join(v.Aliases, ", "))
	}
	for _, f := range v.Flags {
		name := f.Name
		if f.Long != "" && f.Long != f.Name {
			name += ", " + f.Long
		}
		if f.Arg != "" {
			name += " " + f.Arg
		}
		fmt.Fprintf(w, "  %-22s %s\n", name, f.Brief)
	}
	if v.Detail != "" {
		fmt.Fprintf(w, "\n%s\n", v.Detail)
	}
	for i, line := range v.Examples {
		if i == 0 {
			fmt.Fprintln(w, "\nfor example")
		}
		fmt.Fprintf(w, "  %s\n", line)
	}
	return nil
}

// Markdown is the README's table of verbs.
func (t *Table) Markdown() string {
	var b strings.Builder
	b.WriteString("| verb | what it does | also |\n|---|---|---|\n")
	for _, g := range Groups() {
		for _, v := range t.group(g) {
			usage := strings.ReplaceAll(v.Usage(), "|", `\|`)
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", usage, v.Brief, strings.Join(v.Aliases, ", "))
		}
	}
	return b.String()
}
