package script

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// routine is what def has made.
type routine struct {
	params []string
	body   []Line
}

// def makes a verb of some lines.
func def(_ context.Context, st *State, a Args) error {
	r := &routine{body: a.Body}
	for _, w := range a.Words[1:] {
		r.params = append(r.params, w.Text)
	}
	st.routines[strings.ToLower(a.Text(0))] = r
	return nil
}

func checkDef(a Args) error {
	for i, w := range a.Words {
		if !validName(w.Text) {
			return &CallError{Verb: a.Verb, Col: w.Col, What: fmt.Sprintf("%q can't be a name", w.Text), Hint: "letters, digits, _, - and . make a name"}
		}
		if _, err := strconv.Atoi(w.Text); err == nil && i > 0 {
			return &CallError{Verb: a.Verb, Col: w.Col, What: "a parameter's name is no number", Hint: "${1} is the first one in any case"}
		}
	}
	return nil
}

// verb finds what a line calls: what def has made, else the table's.
func (st *State) verb(name string) (*Verb, error) {
	if r, ok := st.routines[name]; ok {
		return callOf(name, arity(len(r.params))), nil
	}
	return st.table.Lookup(name)
}

// callRoutine runs the lines of a def. Its parameters, and ${1} and those
// behind it, are its own; other variables are everybody's.
func callRoutine(ctx context.Context, st *State, a Args) error {
	r, ok := st.routines[a.Verb.Name]
	if !ok {
		return &UnknownError{What: "verb", Name: a.Verb.Name, Hint: "`help` lists the verbs"}
	}
	leave, err := st.calls(a)
	if err != nil {
		return err
	}
	defer leave()
	outer := st.vars
	st.vars = st.withArguments(a.Words)
	own := map[string]bool{}
	for i, name := range r.params {
		st.vars[name], own[name] = a.Words[i], true
	}
	defer func() { st.vars = merged(outer, st.vars, own) }()
	return st.sequence(ctx, r.body)
}

// merged are the variables after a call: as they were, but for those that it
// has set and that were not its own.
func merged(outer, inner map[string]Word, own map[string]bool) map[string]Word {
	vars := map[string]Word{}
	for name, v := range inner {
		if _, err := strconv.Atoi(name); err != nil && !own[name] {
			vars[name] = v
		}
	}
	for name, v := range outer {
		if _, err := strconv.Atoi(name); err == nil || own[name] {
			vars[name] = v
		}
	}
	return vars
}

// calls notes that a call begins.
func (st *State) calls(a Args) (leave func(), err error) {
	if st.depth == MaxCalls {
		return nil, fmt.Errorf("macros and files call each other more than %d deep", MaxCalls)
	}
	st.depth++
	back := st.enter(fmt.Sprintf("%s:%d", filepath.Base(a.at.File), a.at.Line))
	return func() { st.depth--; back() }, nil
}

// source runs the lines of another file here.
func source(ctx context.Context, st *State, a Args) error {
	path, _ := sourcePath(st.here, Literal(a.Text(0)))
	text, err := readScript(path)
	if err != nil {
		return err
	}
	leave, err := st.calls(a)
	if err != nil {
		return err
	}
	defer leave()
	lines, err := st.parser(path).text(text)
	if err != nil {
		return err
	}
	here, vars := st.here, st.vars
	st.here = filepath.Dir(path)
	defer func() { st.here = here }()
	if a.Len() > 1 {
		st.vars = st.withArguments(a.Words[1:])
		defer func() { st.vars = merged(vars, st.vars, nil) }()
	}
	return st.script(ctx, lines)
}

// parser reads a file of lines as the session knows the language by now.
func (st *State) parser(path string) *parser {
	p := &parser{table: st.table, file: path, depth: st.depth}
	p.learn(st)
	p.here = filepath.Dir(path)
	return p
}

// learn takes in what the session has defined.
func (p *parser) learn(st *State) {
	if p.defs == nil {
		p.defs = map[string]arity{}
	}
	for name, r := range st.routines {
		p.defs[name] = arity(len(r.params))
	}
	p.here, p.read = st.here, readScript
}

// script runs the lines of a file. What counts for all of it (def, at-end)
// counts from its first line on.
func (st *State) script(ctx context.Context, lines []Line) error {
	var rest []Line
	for _, l := range lines {
		if v, err := st.table.Lookup(l.Verb); err != nil || v.Stands != TopLevel || st.routines[l.Verb] != nil {
			rest = append(rest, l)
			continue
		}
		quiet := l
		quiet.Prefix |= Quiet
		if err := st.exec(ctx, quiet); err != nil {
			return err
		}
	}
	return st.sequence(ctx, rest)
}
