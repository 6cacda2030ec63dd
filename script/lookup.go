package script

import (
	"fmt"
	"slices"
	"strings"
)

// Table is a set of verbs that can be looked up.
type Table struct {
	verbs   []Verb
	names   map[string]*Verb  // names and aliases
	aliases map[string]string // the user's own, by what they mean
}

// NewTable makes a table. It panics when two verbs share a name: that is a
// mistake in the program.
func NewTable(verbs []Verb) *Table {
	t := &Table{verbs: verbs, names: map[string]*Verb{}}
	for i := range verbs {
		for _, name := range verbs[i].Names() {
			if t.names[name] != nil {
				panic("script: two verbs are called " + name)
			}
			t.names[name] = &verbs[i]
		}
	}
	return t
}

// Names are the verb's name and its aliases.
func (v *Verb) Names() []string { return append([]string{v.Name}, v.Aliases...) }

// Verbs are the verbs of the table, in its order.
func (t *Table) Verbs() []Verb { return t.verbs }

// Names are all names and aliases, sorted.
func (t *Table) Names() []string {
	names := make([]string, 0, len(t.names))
	for name := range t.names {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Lookup finds a verb by name, alias or a prefix that only one verb has. The
// error of an unknown one has a hint with what was probably meant.
func (t *Table) Lookup(name string) (*Verb, error) {
	name = strings.ToLower(name)
	if v := t.names[name]; v != nil {
		return v, nil
	}
	var found []*Verb
	var begins []string
	for _, n := range t.Names() {
		if v := t.names[n]; name != "" && strings.HasPrefix(n, name) && !slices.Contains(found, v) {
			found, begins = append(found, v), append(begins, n)
		}
	}
	switch len(found) {
	case 0:
		return nil, &UnknownError{What: "verb", Name: name, Hint: t.instead(name)}
	case 1:
		return found[0], nil
	}
	return nil, &UnknownError{What: "verb", Name: name, Hint: "more of it, please: it may be " + strings.Join(begins, ", ")}
}

// instead is the hint for a verb that there is not.
func (t *Table) instead(name string) string {
	if h := elsewhere(name); h != "" {
		return h
	}
	if near := nearest(name, t.Names()); near != "" {
		return fmt.Sprintf("did you mean %s? `help %s` explains it", near, near)
	}
	return "`help` lists the verbs"
}

// elsewhere is ferry's way to say what other clients have a verb for.
func elsewhere(name string) string {
	switch name {
	case "xcopy", "robocopy":
		return "trees are moved by `get -r` and `put -r`, and compared by `mirror`"
	case "synchronize", "keepuptodate", "sync":
		return "`mirror REMOTE LOCAL` and `mirror -R LOCAL REMOTE` do it, with --delete for what is too much"
	case "mrm", "mmv":
		return "`rm` and `rename` read patterns by themselves"
	case "lumask":
		return "set the umask before ferry is started"
	case "session", "slot":
		return "a script has one connection; `parallel` and & have their own"
	case "chown", "chgrp":
		return "FTP has no such command; some servers have one behind `site`"
	case "deltree":
		return "`rm -r` deletes a directory with all that is in it"
	case "attrib", "icacls":
		return "`chmod` changes permissions, `dir` shows them"
	case "where":
		return "`find . PATTERN` looks for names at the server"
	case "version":
		return "`ferry version` tells it; `system` tells the server's"
	case "bg":
		return "a job runs beside from the start: put & behind a command, or queue before it"
	case "while", "until":
		return "`for` and `retry` are the loops; `watch` waits for files"
	case "proxy", "nmap", "ntrans", "case":
		return "ferry has no such verb; rename files with `rename`, or give get and put a second name"
	case "call":
		return "a command for the server goes behind `quote`"
	case "repeat", "at":
		return "schedules belong to cron or systemd, which run `ferry run`"
	case "gate", "xferbuf", "sndbuf", "rcvbuf", "usage":
		return "ferry has no such verb"
	}
	return ""
}
