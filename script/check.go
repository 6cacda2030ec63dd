package script

import (
	"cmp"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// Check looks for the mistakes of a script without running it or connecting
// anywhere. The error joins all that it finds, each an *Error with its place
// and what to do about it; nil when there is nothing to say.
func Check(_ context.Context, cfg Config, file string) error {
	e, err := New(cfg)
	if err != nil {
		return err
	}
	text, err := scriptText(cfg, file)
	if err != nil {
		return err
	}
	p := e.state.parser(file)
	p.files = map[string][]Line{}
	if p.here, err = filepath.Abs(filepath.Dir(file)); err != nil {
		return err
	}
	lines, err := p.text(text)
	c := checker{st: e.state, parser: p, opened: cfg.First != "", called: map[string]bool{}}
	if err != nil {
		c.mistakes = split(err)
	}
	for _, err := range c.mistakes {
		var e *Error
		c.opened = c.opened || errors.As(err, &e) && e.Verb == "open" // it is there, and was told
	}
	c.file(lines)
	return c.result()
}

// scriptText is a whole script; "-" is the input.
func scriptText(cfg Config, file string) (string, error) {
	if file != "-" || cfg.In == nil {
		return readMain(file)
	}
	b, err := io.ReadAll(io.LimitReader(cfg.In, MaxScript))
	return string(b), err
}

// checker walks lines in the order in which they would run.
type checker struct {
	st     *State
	parser *parser
	defs   map[string]Line // by name
	ever   map[string]bool // variables that are set anywhere
	set    map[string]bool // those that are by now; nil where the order is not known
	called map[string]bool // defs that were walked
	opened bool            // something may be open by now
	blind  bool            // a file was run that nobody knows yet: it may have set anything

	mistakes []error
}

// result is what was found, in the order of the text.
func (c *checker) result() error {
	place := func(err error) Error {
		var e *Error
		if errors.As(err, &e) {
			return *e
		}
		return Error{}
	}
	slices.SortStableFunc(c.mistakes, func(a, b error) int {
		x, y := place(a), place(b)
		if x.File != y.File { // the script itself comes before what it names
			return cmp.Or(cmp.Compare(len(x.File), len(y.File)), strings.Compare(x.File, y.File))
		}
		return cmp.Or(x.Line-y.Line, x.Col-y.Col)
	})
	if len(c.mistakes) == 0 {
		return nil
	}
	return mistakes(slices.CompactFunc(c.mistakes, func(a, b error) bool { return place(a) == place(b) && a.Error() == b.Error() }))
}

// mistakes is what Check finds.
type mistakes []error

func (m mistakes) Error() string   { return errors.Join(m...).Error() }
func (m mistakes) Unwrap() []error { return m }

// ExitStatus is that of wrong usage, whatever the mistakes are about.
func (m mistakes) ExitStatus() int { return exitUsage }

// found notes a mistake.
func (c *checker) found(l Line, col int, what, hint string) {
	c.mistakes = append(c.mistakes, &Error{
		File: l.Pos.File, Line: l.Pos.Line, Col: cmp.Or(col, l.Pos.Col), Verb: l.Verb,
		Err: &SyntaxError{Col: col, What: what}, Hint: hint,
	})
}

// fails notes a mistake that a check of the language itself has found.
func (c *checker) fails(l Line, err error) {
	if err != nil {
		c.found(l, column(err), err.Error(), hint(err))
	}
}

// file walks a script: first its lines, then what waits in it for its time.
func (c *checker) file(lines []Line) {
	c.defs, c.ever, c.set = map[string]Line{}, map[string]bool{}, map[string]bool{}
	all := flat(lines)
	for _, inner := range c.parser.files {
		all = append(all, flat(inner)...)
	}
	for _, l := range all {
		for _, name := range c.sets(l) {
			c.ever[name] = true
		}
		if c.verb(l) == "def" {
			c.defs[defName(l)] = l
		}
	}
	c.walk(lines)
	c.set = nil
	for _, l := range all {
		switch c.verb(l) {
		case "def":
			if !c.called[defName(l)] {
				opened := c.opened
				c.opened = true // whoever calls it may have opened something
				c.walk(l.Body)
				c.opened = opened
			}
		case "at-end":
			c.walk(l.Body)
		}
	}
}

// verb is the name of the verb that a line has, "" for a call of a def.
func (c *checker) verb(l Line) string {
	if c.defs[l.Verb].Verb != "" {
		return ""
	}
	v, err := c.st.table.Lookup(l.Verb)
	if err != nil {
		return ""
	}
	return v.Name
}

// walk checks lines that run one after the other.
func (c *checker) walk(lines []Line) {
	left := ""
	for _, l := range lines {
		name := c.verb(l)
		if left != "" && name != "def" && name != "at-end" {
			c.found(l, 0, "this line is never reached", "`"+left+"` stands before it")
			left = ""
		}
		c.line(name, l)
		if (name == "quit" || name == "break" || name == "continue") && !l.Async {
			left = l.Verb
		}
	}
}

func (c *checker) line(name string, l Line) {
	c.references(name, l)
	c.secrets(l)
	v, err := c.parser.verb(l.Verb)
	if err != nil {
		return
	}
	for _, look := range []func(*Verb, Line){c.connection, c.patterns, c.settings, c.dollars, c.percents} {
		look(v, l)
	}
	switch name {
	case "def", "at-end": // when their time comes
		return
	case "macdef":
		c.macro(l)
	case "source":
		c.source(l)
	case "":
		c.call(l)
	}
	for _, name := range c.sets(l) {
		c.sure(name)
	}
	c.bodies(name, l)
}

// bodies walks what stands in a line. Of if, what one branch sets may be set
// behind it.
func (c *checker) bodies(name string, l Line) {
	if name == "if" {
		for i, w := range l.Args {
			if w.Text == "defined" && i+1 < len(l.Args) {
				c.sure(l.Args[i+1].Text)
			}
		}
	}
	c.walk(l.Body)
	c.walk(l.Else)
}

func (c *checker) sure(name string) {
	if c.set != nil {
		c.set[name] = true
	}
}

// sets are the variables that a line sets.
func (c *checker) sets(l Line) []string {
	switch c.verb(l) {
	case "set":
		var words []Word
		for _, w := range l.Args {
			if !w.flag() {
				words = append(words, w)
			}
		}
		if len(words) > 1 && findSetting(words[0].Text) == nil {
			return []string{words[0].Text}
		}
	case "for":
		if len(l.Args) > 0 {
			return []string{l.Args[0].Text}
		}
	case "def":
		return texts(l.Args[min(1, len(l.Args)):])
	}
	return nil
}

// defName is what a def is called; "" when it says nothing, which was told.
func defName(l Line) string {
	if len(l.Args) == 0 {
		return ""
	}
	return strings.ToLower(l.Args[0].Text)
}

// source walks the file that is run here.
func (c *checker) source(l Line) {
	path, known := sourcePath(filepath.Dir(l.Pos.File), l.Args[0])
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.parser.here, path)
	}
	lines, ok := c.parser.files[path]
	if !known || !ok {
		c.blind, c.opened = true, true
		return
	}
	if c.called["file "+path] {
		return
	}
	c.called["file "+path] = true
	c.walk(lines)
}

// call walks the lines of a def where it is called the first time.
func (c *checker) call(l Line) {
	d, ok := c.defs[l.Verb]
	if !ok {
		c.blind, c.opened = true, true
		return
	}
	if c.called[l.Verb] {
		return
	}
	c.called[l.Verb] = true
	for _, name := range texts(d.Args[1:]) {
		c.sure(name)
	}
	c.walk(d.Body)
}

// macro checks what macdef keeps.
func (c *checker) macro(l Line) {
	for i, text := range l.Text {
		text, _ := macroText(text)
		p := parser{table: c.st.table, file: l.Pos.File, line: l.Pos.Line + i, defs: c.parser.defs}
		lines, mistakes := p.feed(text)
		c.mistakes = append(c.mistakes, mistakes...)
		set := c.set
		c.set = nil
		for _, l := range lines {
			if c.verb(l) == "open" {
				c.opened = true
			}
			c.secrets(l)
		}
		c.set = set
	}
}
