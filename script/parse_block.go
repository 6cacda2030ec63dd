package script

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// block is a verb with lines that waits for its end.
type block struct {
	around []Line // verbs that stood before it in its line: they end with it
	chain  []Line // itself, and each "else if"
	inElse bool   // of the last one
}

func (b *block) head() Line { return b.chain[0] }

// end is the block as one line.
func (b *block) end() Line {
	l := b.chain[len(b.chain)-1]
	for _, outer := range slices.Backward(b.chain[:len(b.chain)-1]) {
		outer.Else = []Line{l}
		l = outer
	}
	for _, outer := range slices.Backward(b.around) {
		outer.Body = []Line{l}
		l = outer
	}
	return l
}

// add puts a line where the next one of the block belongs.
func (b *block) add(l Line) {
	last := &b.chain[len(b.chain)-1]
	if b.inElse {
		last.Else = append(last.Else, l)
		return
	}
	last.Body = append(last.Body, l)
}

// closes reports whether name is end or else, and there is a block for it.
func (p *parser) closes(name string) bool {
	return len(p.open) > 0 && (name == "end" || name == "else")
}

// nest puts a command into the block that is open, and returns a command of
// the top level when it is whole.
func (p *parser) nest(l Line) (done []Line, err error) {
	if p.closes(l.Verb) {
		return p.close(l)
	}
	around, inner := peel(l)
	v, err := p.verb(inner.Verb)
	if err != nil { // it was there when the line was read
		return p.place(l), nil
	}
	if err := p.stands(v, inner); err != nil {
		p.goOn(inner, "")
		return nil, err
	}
	switch {
	case v.Takes == Block || v.Takes == Around && len(inner.Body) == 0:
		if len(p.open) == MaxNesting {
			return nil, p.mistake(inner.Pos.Col, inner.Verb, &SyntaxError{What: "blocks stand too deep in one another"})
		}
		p.open = append(p.open, &block{around: around, chain: []Line{inner}})
		return nil, nil
	case v.Takes == Lines:
		p.macro = &l
		return nil, nil
	}
	p.ask(l)
	return p.place(l), nil
}

// peel takes the verbs off that stand before another in its line.
func peel(l Line) (around []Line, inner Line) {
	for len(l.Body) == 1 {
		around, l = append(around, l), l.Body[0]
	}
	return around, l
}

// close takes else and end.
func (p *parser) close(l Line) (done []Line, err error) {
	b := p.open[len(p.open)-1]
	if l.Verb == "end" {
		if len(l.Args) > 0 {
			return nil, p.mistake(l.Args[0].Col, "end", &SyntaxError{What: "end stands alone"})
		}
		p.open = p.open[:len(p.open)-1]
		whole := b.end()
		whole.Async = whole.Async || l.Async
		return p.place(whole), nil
	}
	if b.inElse {
		return nil, p.mistake(l.Pos.Col, "", &SyntaxError{What: "a second else in one block"})
	}
	if len(l.Args) == 0 {
		b.inElse = true
		return nil, nil
	}
	first := l.Args[0].Text
	if first != "if" || b.chain[0].Verb != "if" {
		return nil, p.mistake(l.Args[0].Col, "else", &SyntaxError{What: "else stands alone, or before if"})
	}
	next := Line{Pos: l.Pos, Verb: "if", Args: l.Args[1:], Raw: l.Raw}
	b.chain = append(b.chain, next)
	v, err := p.verb("if")
	if err == nil {
		var a Args
		if a, err = bind(v, next, func(w Word) (Word, error) { return w, checkNames(w) }); err == nil && v.Check != nil {
			err = v.Check(a)
		}
	}
	if err != nil {
		return nil, p.mistake(column(err), "if", err)
	}
	return nil, nil
}

// leftOpen are blocks that were never closed, as far as they go: nobody runs
// them, but there may be more mistakes in them.
func (p *parser) leftOpen() (done []Line) {
	for len(p.open) > 0 {
		b := p.open[len(p.open)-1]
		p.open = p.open[:len(p.open)-1]
		done = append(done, p.place(b.end())...)
	}
	return done
}

// stands refuses what has no meaning where it stands.
func (p *parser) stands(v *Verb, l Line) error {
	switch {
	case v.Stands == TopLevel && len(p.open) > 0:
		return p.mistake(l.Pos.Col, l.Verb, &SyntaxError{
			What: "this can't stand in a block", Hint: "it counts for the whole script: put it outside",
		})
	case v.Stands == InLoop && !slices.ContainsFunc(p.open, func(b *block) bool { return b.head().Verb == "for" }):
		return p.mistake(l.Pos.Col, l.Verb, &SyntaxError{What: "there is no for around it"})
	}
	switch v.Name {
	case "source":
		return p.include(l)
	case "def":
		return p.defines(l)
	}
	return nil
}

func (p *parser) place(l Line) []Line {
	if len(p.open) == 0 {
		return []Line{l}
	}
	p.open[len(p.open)-1].add(l)
	return nil
}

// goOn makes the best of a command with a mistake and of the rest of its line,
// so that one mistake is not told twice: its block is open all the same.
func (p *parser) goOn(l Line, rest string) {
	if slices.Contains(strings.Fields(rest), "end") {
		p.astray = true
		return
	}
	v, err := p.table.Lookup(l.Verb)
	if l.Verb != "" && err == nil && v.Takes == Block && len(p.open) < MaxNesting {
		p.open = append(p.open, &block{chain: []Line{l}})
	}
}

// around reads the words of a verb that stands before another: retry 3 5s put
// x. Without one behind it, it opens a block.
func (p *parser) around(l Line, v *Verb, text string, start, rest int) (Line, int, error) {
	at := rest + blanks(text[rest:])
	for _, arg := range v.Args {
		word := text[at:]
		if i := strings.IndexAny(word, " \t;"); i >= 0 {
			word = word[:i]
		}
		if word == "" || word[0] == '#' || arg.Opt && !arg.fits(word) {
			break
		}
		w := Bare(word)
		w.Col = 1 + utf8.RuneCountInString(text[:at])
		l.Args = append(l.Args, w)
		at += len(word)
		at += blanks(text[at:])
	}
	l.Raw = strings.TrimRight(text[start:at], " \t")
	a, err := bind(v, l, func(w Word) (Word, error) { return w, checkNames(w) })
	if err == nil && v.Check != nil {
		err = v.Check(a)
	}
	if err != nil {
		return l, 0, p.mistake(column(err), l.Verb, err)
	}
	switch {
	case at == len(text) || text[at] == '#':
		return l, len(text), nil
	case text[at] == ';':
		return l, at + 1, nil
	}
	inner, next, err := p.command(text, at)
	if err != nil {
		return l, 0, err
	}
	l.Async, inner.Async = inner.Async, false
	l.Body = []Line{inner}
	return l, next, nil
}

// fits reports whether a word can be an argument that may be left out.
func (a Arg) fits(word string) bool {
	if strings.HasPrefix(word, "${") {
		return true
	}
	switch a.Kind {
	case Duration:
		_, err := parseDuration(word)
		return err == nil
	case Number:
		_, err := strconv.Atoi(word)
		return err == nil
	}
	return false
}

// operator reads what stands behind the words of a command: ; & | > >>. It
// returns where the command ends and where the next one begins.
func (p *parser) operator(l *Line, lx lexed, text string, rest int) (end, next int, err error) {
	at := rest + lx.at
	col := 1 + utf8.RuneCountInString(text[:at])
	switch lx.op {
	case 0:
		return at, at, nil
	case ';':
		return at, at + 1, nil
	case '&':
		l.Async = true
		return at, at + 1, nil
	case '|':
		l.Output.Pipe = strings.Trim(text[at+1:], " \t")
		if l.Output.Pipe == "" {
			return 0, 0, p.mistake(col, l.Verb, &SyntaxError{What: "a command of the local shell is wanted behind |"})
		}
		return len(text), len(text), nil
	case '>':
		return p.redirect(l, text, at, col)
	}
	return 0, 0, p.mistake(col, l.Verb, &SyntaxError{
		What: "< has no meaning here", Hint: "`for x in lines:FILE` reads the lines of a file; quote it if it belongs to a name: '<'",
	})
}

func (p *parser) redirect(l *Line, text string, at, col int) (end, next int, err error) {
	from := at + 1
	if strings.HasPrefix(text[at:], ">>") {
		l.Output.Add, from = true, at+2
	}
	lx, err := lex(text[from:], 1+utf8.RuneCountInString(text[:from]))
	if err == nil && len(lx.words) == 1 {
		err = checkNames(lx.words[0])
	}
	if err != nil {
		return 0, 0, p.mistake(column(err), l.Verb, err)
	}
	if len(lx.words) != 1 || lx.op != 0 && lx.op != ';' && lx.op != '&' {
		return 0, 0, p.mistake(col, l.Verb, &SyntaxError{
			What: "the name of one local file is wanted behind >", Hint: "if it belongs to a name, quote it: '>'",
		})
	}
	l.Output.File = &lx.words[0]
	l.Async = lx.op == '&'
	end = from + lx.at
	if lx.op == 0 {
		return end, end, nil
	}
	return end, end + 1, nil
}
