package about

import "strings"

// Page is one command, and those below it.
type Page struct {
	Path    []string // "ferry", "users", "add"
	Brief   string
	Usage   string // its synopsis, many lines where there are examples in it
	Text    string // description, "" for none
	Options []Option
	Subs    []Page
}

// Option is one flag.
type Option struct {
	Names   []string // without hyphens, the long one first
	Value   string   // placeholder of its value, "" when it takes none
	Usage   string
	Default string
}

// Name is that of the page's file: ferry-users-add.
func (p Page) Name() string { return strings.Join(p.Path, "-") }

// each calls f with a page and all below it.
func (p Page) each(f func(Page)) {
	f(p)
	for _, sub := range p.Subs {
		sub.each(f)
	}
}

// words are the subcommands.
func (p Page) words() (all []string) {
	for _, sub := range p.Subs {
		all = append(all, sub.Path[len(sub.Path)-1])
	}
	return all
}

// choices are the values of an option that has a few: its placeholder is
// a|b|c.
func (o Option) choices() []string {
	if !strings.Contains(o.Value, "|") {
		return nil
	}
	return strings.Split(o.Value, "|")
}

// written are the names with their hyphens.
func (o Option) written() (all []string) {
	for _, n := range o.Names {
		if len(n) == 1 {
			all = append(all, "-"+n)
			continue
		}
		all = append(all, "--"+n)
	}
	return all
}

// plain is a usage text without the marks around its placeholder.
func (o Option) plain() string { return strings.ReplaceAll(o.Usage, "`", "") }
