package script

import (
	"path/filepath"
	"strings"
)

// arity is how many words a verb made by def takes.
type arity int

// verb finds a verb: one that def has made, or one of the table.
func (p *parser) verb(name string) (*Verb, error) {
	if n, ok := p.defs[strings.ToLower(name)]; ok {
		return callOf(strings.ToLower(name), n), nil
	}
	v, err := p.table.Lookup(name)
	if err != nil && p.blind && validName(name) {
		return callOf(strings.ToLower(name), -1), nil
	}
	return v, err
}

// callOf is the row of a verb that def has made; n is -1 for any number of words.
func callOf(name string, n arity) *Verb {
	v := &Verb{Name: name, Group: ScriptVerbs, Leads: true, Run: callRoutine}
	for range max(n, 0) {
		v.Args = append(v.Args, Arg{Name: "WORD"})
	}
	if n < 0 {
		v.Args = []Arg{{Name: "WORD", Opt: true, Many: true}}
	}
	return v
}

// scan notes what a text defines before it is read, so that definitions may
// stand anywhere and call each other.
func (p *parser) scan(text string) {
	for line := range strings.Lines(text) {
		if head := strings.Fields(line); len(head) > 1 && strings.EqualFold(head[0], "def") {
			p.define(head[1:])
		}
	}
}

// define notes a verb. A name that the table has is refused where def is read.
func (p *parser) define(head []string) {
	if p.defs == nil {
		p.defs = map[string]arity{}
	}
	n := arity(0)
	for _, param := range head[1:] {
		if param[0] == '#' || param[0] == ';' {
			break
		}
		if n++; strings.HasSuffix(param, ";") {
			break
		}
	}
	name := strings.ToLower(head[0])
	if strings.HasSuffix(name, ";") {
		name, n = name[:len(name)-1], 0
	}
	if p.table.names[name] == nil && validName(name) {
		p.defs[name] = n
	}
}

// defines checks and notes the verb that a def makes.
func (p *parser) defines(l Line) error {
	if v := p.table.names[strings.ToLower(l.Args[0].Text)]; v != nil {
		return p.mistake(l.Args[0].Col, l.Verb, &SyntaxError{What: l.Args[0].Text + " is a verb already", Hint: "give it a name of its own"})
	}
	p.define(texts(l.Args))
	return nil
}

// include reads the file that a source line names, for what it defines and
// for its mistakes.
func (p *parser) include(l Line) error {
	path, known := sourcePath(p.here, l.Args[0])
	if p.read == nil || !known || p.depth == MaxCalls {
		p.blind = p.blind || !known || p.read == nil && p.file != ""
		return nil
	}
	text, err := p.read(path)
	if err != nil {
		return p.mistake(l.Args[0].Col, l.Verb, err)
	}
	if p.defs == nil {
		p.defs = map[string]arity{}
	}
	inner := parser{table: p.table, file: path, here: filepath.Dir(path), defs: p.defs, read: p.read, depth: p.depth + 1, files: p.files}
	lines, err := inner.text(text)
	if p.files != nil {
		p.files[path] = lines
	}
	p.blind = p.blind || inner.blind
	return err
}

// sourcePath is the file that a source line means: beside the script that
// names it. known is false while a variable decides.
func sourcePath(here string, w Word) (path string, known bool) {
	name := strings.ReplaceAll(w.Text, "${here}", here)
	if strings.Contains(name, "${") {
		return "", false
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(here, name)
	}
	return name, true
}
