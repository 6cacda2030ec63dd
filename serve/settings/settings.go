package settings

import (
	"fmt"
	"strings"
)

// Kind is what an option takes.
type Kind int

const (
	Text   Kind = iota // a string
	Many               // strings: an array, or one of them alone
	Switch             // true or false
	Count              // an integer
	Time               // a duration in quotes, such as "15m"
)

// Option is one setting.
type Option struct {
	Name    string
	Kind    Kind
	Help    string   // one line
	Default []string // nil: none
}

// Values are what one source says, by option; several for Many.
type Values map[string][]string

// Table is one table of an array of tables, such as [[server]].
type Table struct {
	Values
	Places map[string]Place
	Place
}

// Place is where something stands in the file, both counted from 1.
type Place struct{ Line, Column int }

// Mistake is something in the file that can't be obeyed.
type Mistake struct {
	File string
	Place
	What string
	Next string // what may have been meant; "" when nobody can tell
}

func (m *Mistake) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.What)
}

// Hint is what to do about it.
func (m *Mistake) Hint() string { return m.Next }

// ExitStatus is that of usage errors.
func (m *Mistake) ExitStatus() int { return 2 }

// Variable is the name of an option in the environment.
func Variable(prefix, option string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(option, "-", "_"))
}

// Environment is what variables say; an empty one says nothing. Several values
// stand one a line.
func Environment(prefix string, options []Option, lookup func(string) (string, bool)) Values {
	v := Values{}
	for _, o := range options {
		if text, ok := lookup(Variable(prefix, o.Name)); ok && text != "" {
			v[o.Name] = []string{text}
			if o.Kind == Many {
				v[o.Name] = strings.Split(text, "\n")
			}
		}
	}
	return v
}

func find(options []Option, name string) (Option, bool) {
	for _, o := range options {
		if o.Name == name {
			return o, true
		}
	}
	return Option{}, false
}
