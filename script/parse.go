package script

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Pos is a place in a script. Line and Col count from 1, Col in characters;
// zero means not known.
type Pos struct {
	File string
	Line int
	Col  int
}

// Prefix is what stands before a verb.
type Prefix byte

const (
	Ignore Prefix = 1 << iota // "-": a failure of this line is shown and ignored
	Quiet                     // "@": this line is not echoed
)

// A Line is one command of the language.
type Line struct {
	Pos    Pos
	Prefix Prefix
	Verb   string // as typed, in lower case
	Args   []Word
	Rest   string // what follows the verb, as written; verbs that take it raw have no Args
	Raw    string // the whole command as written, without blanks around it
	Body   []Line // what stands between a verb that opens a block and its end, or behind it in its line
	Else   []Line
	Text   []string // what stands behind macdef, as written
	Output Output   // where its output goes
	Async  bool     // "&" stood behind it: it is a job of its own
}

// Output is where the output of a line goes, if not where all goes.
type Output struct {
	Pipe string // the local command that reads it, as written
	File *Word  // the local file
	Add  bool   // to the end of the file
}

// Has reports whether p is among the line's prefixes.
func (l Line) Has(p Prefix) bool { return l.Prefix&p != 0 }

// Parse reads a whole script. The error joins all mistakes that can be seen
// without running it, each an *Error.
func (t *Table) Parse(file, text string) ([]Line, error) {
	return (&parser{table: t, file: file}).text(text)
}

// text reads a whole script. What it defines is known from its first line on.
func (p *parser) text(text string) ([]Line, error) {
	text = decodeText(text)
	p.scan(text)
	var lines []Line
	var mistakes []error
	for text := range strings.Lines(text) {
		done, err := p.feed(text)
		lines = append(lines, done...)
		mistakes = append(mistakes, err...)
	}
	if err := p.finish(); err != nil {
		mistakes = append(mistakes, err)
	}
	lines = append(lines, p.leftOpen()...)
	return lines, errors.Join(mistakes...)
}

// ParseLine reads one line as it is typed at a prompt: most often one command.
func (t *Table) ParseLine(text string) ([]Line, error) {
	p := parser{table: t}
	lines, err := p.feed(text)
	return lines, errors.Join(err...)
}

// decodeText removes a byte order mark; WinSCP's scripts may be UTF-16.
func decodeText(text string) string {
	var order func(a, b byte) uint16
	switch {
	case strings.HasPrefix(text, "\xff\xfe"):
		order = func(a, b byte) uint16 { return uint16(b)<<8 | uint16(a) }
	case strings.HasPrefix(text, "\xfe\xff"):
		order = func(a, b byte) uint16 { return uint16(a)<<8 | uint16(b) }
	default:
		return strings.TrimPrefix(text, "\ufeff")
	}
	units := make([]uint16, 0, len(text)/2)
	for i := 2; i+1 < len(text); i += 2 {
		units = append(units, order(text[i], text[i+1]))
	}
	return string(utf16.Decode(units))
}

// parser turns text lines into commands, one at a time, so that what comes
// through a pipe can run as it arrives.
type parser struct {
	table  *Table
	file   string
	line   int
	open   []*block                          // blocks that wait for their end
	defs   map[string]arity                  // verbs that def has made, by their names
	here   string                            // directory of the script
	read   func(path string) (string, error) // reads what source names; nil: nobody looks into it
	files  map[string][]Line                 // what source lines name, by path; nil: nobody wants them
	depth  int                               // of files that name each other
	astray bool                              // a line with a mistake may have closed blocks
	blind  bool                              // a file was named that can't be known yet: it may define any verb
	macro  *Line                             // macdef, until an empty line
	asked  asked                             // ftp -s: which answer may come
	name   Line                              // the answer that came
}

func (p *parser) notText() error {
	return p.mistake(0, "", &SyntaxError{
		What: "this is not a line of text", Hint: "is the file a script? Lines have at most 65536 bytes and no NUL",
	})
}

// feed takes one line of text and returns the commands that are complete.
func (p *parser) feed(text string) (done []Line, mistakes []error) {
	p.line++
	text = strings.TrimRight(text, "\r\n")
	if len(text) > MaxLine || strings.ContainsRune(text, 0) {
		return nil, []error{p.notText()}
	}
	if p.macro != nil {
		return p.macroText(text), nil
	}
	if l, took := p.answer(text); took {
		if l.Verb == "" {
			return nil, nil
		}
		return p.place(l), nil
	}
	for at := 0; at < len(text); {
		if p.file == "" { // typed at a prompt
			text = p.table.meant(text, at)
		}
		l, next, err := p.command(text, at)
		if err != nil {
			p.goOn(l, text[at:])
			return done, append(mistakes, err)
		}
		at = next
		if l.Verb == "" {
			continue
		}
		whole, err := p.nest(l)
		if err != nil {
			mistakes = append(mistakes, err)
		}
		done = append(done, whole...)
	}
	return done, mistakes
}

// command reads one command of text from byte at and returns where the next
// one begins. A comment or nothing gives a Line without verb.
func (p *parser) command(text string, at int) (l Line, next int, err error) {
	start := at + blanks(text[at:])
	if start == len(text) || text[start] == '#' || text[start] == ';' {
		return l, len(text), nil // Windows' tools begin comments with ";"
	}
	i := start
	for i < len(text) && strings.IndexByte("-@ \t", text[i]) >= 0 {
		switch text[i] {
		case '-':
			l.Prefix |= Ignore
		case '@':
			l.Prefix |= Quiet
		}
		i++
	}
	name := verbName(text[i:])
	l.Pos = Pos{File: p.file, Line: p.line, Col: 1 + utf8.RuneCountInString(text[:i])}
	l.Verb = strings.ToLower(name)
	if name == "" {
		return l, 0, p.mistake(l.Pos.Col, "", &SyntaxError{What: "a verb is wanted here", Hint: "`help` lists the verbs"})
	}
	rest := i + len(name)
	if p.closes(l.Verb) {
		return p.words(l, nil, text, start, rest)
	}
	v, err := p.verb(name)
	if err != nil && (l.Verb == "end" || l.Verb == "else") {
		err = &SyntaxError{What: "there is no block that this " + l.Verb + " belongs to"}
	}
	switch {
	case err != nil:
		return l, 0, p.mistake(l.Pos.Col, "", err)
	case v.Takes == Rest:
		l.Rest = strings.Trim(text[rest:], " \t")
		l.Raw = strings.Trim(text[start:], " \t")
		return l, len(text), nil
	case v.Takes == Around || v.Takes == Ahead:
		return p.around(l, v, text, start, rest)
	}
	return p.words(l, v, text, start, rest)
}

// words splits what follows the verb, and checks what can be checked.
func (p *parser) words(l Line, v *Verb, text string, start, rest int) (Line, int, error) {
	lx, err := lex(text[rest:], 1+utf8.RuneCountInString(text[:rest]))
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		return l, 0, p.mistake(syntax.Col, l.Verb, err)
	}
	l.Args = lx.words
	end, next, err := p.operator(&l, lx, text, rest)
	if err != nil {
		return l, 0, err
	}
	l.Raw = strings.Trim(text[start:end], " \t")
	if v != nil {
		a, err := bind(v, l, func(w Word) (Word, error) { return w, checkNames(w) })
		if err == nil && v.Check != nil {
			err = v.Check(a)
		}
		if err != nil {
			return l, 0, p.mistake(column(err), l.Verb, err)
		}
	}
	return l, next, nil
}

// column is where a mistake stands, 0 for the whole line.
func column(err error) int {
	var syntax *SyntaxError
	var call *CallError
	switch {
	case errors.As(err, &syntax):
		return syntax.Col
	case errors.As(err, &call):
		return call.Col
	}
	return 0
}

// verbName is the first word: up to a blank, or one of the marks that need none.
func verbName(text string) string {
	if text == "" {
		return ""
	}
	if strings.IndexByte("!?$", text[0]) >= 0 {
		return text[:1]
	}
	if end := strings.IndexAny(text, " \t;"); end >= 0 {
		return text[:end]
	}
	return text
}

func blanks(text string) int { return len(text) - len(strings.TrimLeft(text, " \t")) }

// macroText takes a line of a macro; an empty one ends it.
func (p *parser) macroText(text string) (done []Line) {
	if strings.Trim(text, " \t") != "" {
		p.macro.Text = append(p.macro.Text, text)
		return nil
	}
	l := *p.macro
	p.macro = nil
	return p.place(l)
}

// pending reports whether what was fed goes on in the next line.
func (p *parser) pending() bool { return len(p.open) > 0 || p.macro != nil }

// finish reports a block that was never closed.
func (p *parser) finish() error {
	if p.name.Verb != "" { // a name, and no password behind it
		_, err := p.table.Lookup(p.name.Args[0].Text)
		return &Error{File: p.file, Line: p.name.Pos.Line, Col: 1, Err: err, Hint: hint(err)}
	}
	if !p.pending() || p.astray {
		return nil
	}
	if l := p.macro; l != nil {
		return &Error{File: p.file, Line: l.Pos.Line, Col: l.Pos.Col, Verb: l.Verb, Err: &SyntaxError{
			What: "this macro has no end", Hint: "an empty line ends it",
		}}
	}
	l := p.open[len(p.open)-1].head()
	return &Error{File: p.file, Line: l.Pos.Line, Col: l.Pos.Col, Verb: l.Verb, Err: &SyntaxError{
		What: "this block has no end", Hint: "a line with the word end closes it",
	}}
}

func (p *parser) mistake(col int, verb string, err error) error {
	e := &Error{File: p.file, Line: p.line, Col: col, Verb: verb, Err: err}
	e.Hint = hint(err)
	return e
}
