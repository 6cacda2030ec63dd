package script

import "strings"

// Scripts for Windows' `ftp -s:FILE` answer its questions: behind `open HOST`
// stand a line with the name and a line with the password. They are made into
// the line that they stand for: user NAME PASSWORD.

// asked is which answer may come next.
type asked byte

const (
	askedNothing asked = iota
	askedName
	askedPassword
)

// answer takes a line of text that answers a question. took is false for one
// that is a command like any other.
//
// SECURITY: the second of them is a password; as an unknown verb it would be
// shown.
func (p *parser) answer(text string) (l Line, took bool) {
	text = strings.Trim(text, " \t")
	switch {
	case p.asked == askedNothing || p.file == "":
		return l, false
	case p.asked == askedPassword && p.name.Verb != "":
		l = p.name
		l.Args = append(l.Args, Literal(text))
		p.asked, p.name = askedNothing, Line{}
		return l, true
	case text == "" || text[0] == '#' || text[0] == ';':
		return l, true
	}
	if p.asked = askedNothing; !p.noVerb(text) {
		return l, false
	}
	p.asked = askedPassword
	p.name = Line{Pos: Pos{File: p.file, Line: p.line, Col: 1}, Verb: "user", Raw: "user " + text, Args: []Word{Literal(text)}}
	return l, true
}

// noVerb reports whether text is one word, and neither a verb nor the slip of one.
func (p *parser) noVerb(text string) bool {
	if strings.ContainsAny(text, " \t") || strings.IndexByte("-@!?$", text[0]) >= 0 {
		return false
	}
	if _, err := p.table.Lookup(text); err == nil {
		return false
	}
	for _, name := range p.table.Names() {
		if distance(strings.ToLower(text), name) <= 1 {
			return false
		}
	}
	return true
}

// ask notes that a line is an open which names nobody.
func (p *parser) ask(l Line) {
	v, err := p.table.Lookup(l.Verb)
	if err != nil || v.Name != "open" || len(l.Args) == 0 || len(l.Args) > 2 || strings.ContainsAny(l.Args[0].Text, "@$") || l.Args[0].flag() {
		return
	}
	if !strings.Contains(l.Args[0].Text, "://") {
		p.asked = askedName
	}
}
