package script

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// alias lists, shows or makes short words for what is typed often.
func alias(_ context.Context, st *State, a Args) error {
	if st.cfg.Ask == nil {
		return &StateError{What: "aliases are for the prompt", Hint: "a script has macdef"}
	}
	rest, kept := cutKeep(a.Rest)
	name, command, _ := strings.Cut(rest, " ")
	command = strings.TrimSpace(command)
	switch {
	case name == "":
		return st.listAliases()
	case command == "":
		text, ok := st.table.aliases[name]
		if !ok {
			return &UnknownError{What: "alias", Name: name, Hint: "`alias` lists them"}
		}
		return st.print(text)
	case verbName(name) != name || strings.ContainsAny(name[:1], "-@#;") || name == "alias" || name == "unalias":
		return &CallError{Verb: a.Verb, What: fmt.Sprintf("%q can't be an alias", name)}
	}
	if err := st.table.setAlias(name, command); err != nil {
		return err
	}
	if !kept {
		return nil
	}
	return st.keep(aliasOf(name), "alias "+name+" "+command)
}

// cutKeep takes the flag off a line that is taken raw.
func cutKeep(rest string) (string, bool) {
	for _, flag := range []string{"--keep", "-k"} {
		if after, ok := strings.CutPrefix(rest, flag); ok && (after == "" || after[0] == ' ') {
			return strings.TrimSpace(after), true
		}
	}
	return rest, false
}

// aliasOf tells the line that makes an alias from all others.
func aliasOf(name string) func(Line) bool {
	return func(l Line) bool {
		first, _, _ := strings.Cut(l.Rest, " ")
		return l.Verb == "alias" && first == name
	}
}

func (st *State) listAliases() error {
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(st.table.aliases)) {
		text, _ := st.table.ShownText(st.table.aliases[name])
		rows = append(rows, []string{name, text})
	}
	return st.printRows(rows)
}

func unalias(_ context.Context, st *State, a Args) error {
	name := a.Text(0)
	if _, ok := st.table.aliases[name]; !ok {
		return &UnknownError{What: "alias", Name: name, Hint: "`alias` lists them"}
	}
	delete(st.table.aliases, name)
	if !a.Flag("-k") {
		return nil
	}
	return st.keep(aliasOf(name), "")
}

// setAlias makes an alias whose first word is a verb or another alias.
func (t *Table) setAlias(name, command string) error {
	verb := verbName(strings.TrimLeft(command, "-@ "))
	if _, known := t.aliases[verb]; !known && verb != name {
		if _, err := t.Lookup(verb); err != nil {
			return err
		}
	}
	if t.aliases == nil {
		t.aliases = map[string]string{}
	}
	t.aliases[name] = command
	return nil
}

// Aliases are the names that alias has made.
func (t *Table) Aliases() []string { return slices.Sorted(maps.Keys(t.aliases)) }

// meant writes out the alias that begins a command at byte at of text. One
// that stands in what it means is not written out again, so there is an end.
func (t *Table) meant(text string, at int) string {
	seen := map[string]bool{}
	for {
		i := at + len(text[at:]) - len(strings.TrimLeft(text[at:], "-@ \t"))
		name := verbName(text[i:])
		command, ok := t.aliases[name]
		if !ok || seen[name] || len(text)+len(command) > MaxLine {
			return text
		}
		seen[name] = true
		text = text[:i] + command + text[i+len(name):]
	}
}
