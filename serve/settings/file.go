package settings

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// File is what a file says.
type File struct {
	Values
	Places map[string]Place   // of the options that it names
	Tables map[string][]Table // arrays of tables, by name
}

// reader goes through a file once.
type reader struct {
	name    string
	options []Option
	tables  map[string][]Option // which arrays of tables there may be
	parser  unstable.Parser

	file     File
	into     *Table // the table that the next lines belong to; nil: none
	unknown  bool   // they belong to a table that does not exist
	mistakes []error
}

// Read understands a file. The mistakes are all that there are, as *Mistake:
// unknown names, values of the wrong kind, names that come twice; a line that
// is no TOML is the last of them.
func Read(name string, text []byte, options []Option, tables map[string][]Option) (File, []error) {
	r := &reader{name: name, options: options, tables: tables,
		file: File{Values: Values{}, Places: map[string]Place{}, Tables: map[string][]Table{}}}
	r.parser.Reset(text)
	for r.parser.NextExpression() {
		r.expression(r.parser.Expression())
	}
	r.flush()
	var bad *unstable.ParserError
	if err := r.parser.Error(); errors.As(err, &bad) {
		at := Place{strings.Count(string(text), "\n") + 1, 1}
		if len(bad.Highlight) > 0 {
			at = r.place(r.parser.Range(bad.Highlight))
		}
		r.wrong(at, "", "no TOML: %s", bad.Message)
	} else if err != nil {
		r.wrong(Place{1, 1}, "", "no TOML: %v", err)
	}
	return r.file, r.mistakes
}

func (r *reader) wrong(at Place, next, format string, args ...any) {
	r.mistakes = append(r.mistakes, &Mistake{r.name, at, fmt.Sprintf(format, args...), next})
}

func (r *reader) place(raw unstable.Range) Place {
	p := r.parser.Shape(raw).Start
	return Place{p.Line, p.Column}
}

func (r *reader) expression(n *unstable.Node) {
	switch n.Kind {
	case unstable.Table:
		r.flush()
		key, at := r.key(n)
		r.unknown = true
		if r.tables[key] != nil {
			r.wrong(at, "[["+key+"]] begins one of several", "[%s] is written with two brackets", key)
			return
		}
		r.wrong(at, "settings stand at the top, without a table", "there is no table [%s]", key)
	case unstable.ArrayTable:
		r.flush()
		key, at := r.key(n)
		if r.tables[key] == nil {
			r.unknown = true
			r.wrong(at, meant(near(key, names(r.tables)), "[[%s]]"), "there are no tables [[%s]]", key)
			return
		}
		r.unknown = false
		r.file.Tables[key] = append(r.file.Tables[key], Table{Values: Values{}, Places: map[string]Place{}, Place: at})
		all := r.file.Tables[key]
		r.into = &all[len(all)-1]
	case unstable.KeyValue:
		r.setting(n)
	}
}

// flush ends a table.
func (r *reader) flush() { r.into, r.unknown = nil, false }

// key is a key as it is written, dots and all, and where it begins.
func (r *reader) key(n *unstable.Node) (key string, at Place) {
	var parts []string
	for it := n.Key(); it.Next(); {
		if len(parts) == 0 {
			at = r.place(it.Node().Raw)
		}
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, "."), at
}

// setting is one line.
func (r *reader) setting(n *unstable.Node) {
	if r.unknown {
		return // told where the table begins
	}
	key, at := r.key(n)
	options, values, places := r.options, r.file.Values, r.file.Places
	if r.into != nil {
		options, values, places = r.optionsOf(r.into), r.into.Values, r.into.Places
	}
	o, ok := find(options, key)
	switch {
	case !ok:
		r.wrong(at, meant(near(key, optionNames(options)), "%s"), "there is no setting %s", key)
		return
	case values[key] != nil:
		r.wrong(at, "", "%s is set twice; the first time in line %d", key, places[key].Line)
		return
	}
	v, err := value(o, n.Value())
	if err != nil {
		r.wrong(at, "", "%s: %v", key, err)
		return
	}
	values[key], places[key] = v, at
}

func (r *reader) optionsOf(t *Table) []Option {
	for name, all := range r.file.Tables {
		if len(all) > 0 && t == &all[len(all)-1] {
			return r.tables[name]
		}
	}
	return nil
}

// value is a value as the command line would have it.
func value(o Option, n *unstable.Node) ([]string, error) {
	wants := func(what string) error { return fmt.Errorf("it wants %s", what) }
	text := string(n.Data)
	switch o.Kind {
	case Switch:
		if n.Kind != unstable.Bool {
			return nil, wants("true or false")
		}
	case Count:
		if n.Kind != unstable.Integer {
			return nil, wants("a number without quotes")
		}
		text = strings.ReplaceAll(text, "_", "")
	case Time:
		if n.Kind != unstable.String {
			return nil, wants(`a time in quotes, such as "15m"`)
		}
	case Many:
		if n.Kind == unstable.Array {
			return texts(n)
		}
		if n.Kind != unstable.String {
			return nil, wants("text in quotes, or an array of it")
		}
	default:
		if n.Kind != unstable.String {
			return nil, wants("text in quotes")
		}
	}
	return []string{text}, nil
}

func texts(n *unstable.Node) ([]string, error) {
	all := []string{}
	for it := n.Children(); it.Next(); {
		if it.Node().Kind != unstable.String {
			return nil, errors.New("it wants an array of texts in quotes")
		}
		all = append(all, string(it.Node().Data))
	}
	return all, nil
}

func meant(name, format string) string {
	if name == "" {
		return ""
	}
	return "did you mean " + fmt.Sprintf(format, name) + "?"
}

func optionNames(options []Option) (all []string) {
	for _, o := range options {
		all = append(all, o.Name)
	}
	return all
}

func names(tables map[string][]Option) (all []string) {
	for name := range tables {
		all = append(all, name)
	}
	return all
}
