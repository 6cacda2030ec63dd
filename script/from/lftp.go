package from

import (
	"strings"
)

// lftp reads scripts as lftp -f does.
type lftp struct {
	*writer
	goesOn bool // cmd:fail-exit was set off: lines run behind a failure
}

// statement is one command of lftp, and what stands behind it.
type statement struct {
	line  int
	words []word
	raw   string // of !: the line behind it
	op    string // ; && || & | > >> or "" for the end of the line
	rest  string // behind | the command
}

func (s statement) verb() string {
	if len(s.words) == 0 {
		return ""
	}
	return s.words[0].text
}

// script translates a whole text.
func (l *lftp) script(text string) {
	r := lftpReader{text: text, line: 1}
	for !r.done() {
		chain, comment, empty := r.chain()
		l.at = r.began
		switch {
		case comment != "":
			l.comment(comment)
		case empty:
			l.line()
		default:
			l.chain(chain)
		}
	}
}

// chain translates commands that && and || join. lftp goes on with the next
// line whatever comes of them.
func (l *lftp) chain(chain []statement) {
	if l.asks(chain) {
		return
	}
	alternatives := false
	for i, s := range chain {
		alternatives = alternatives || s.op == "||"
		if s.op == "||" && i == len(chain)-2 && leaves(chain[i+1].verb()) && !l.before(chain, i) {
			l.one(s, "") // it ends there by itself
			return
		}
	}
	if !alternatives && (!l.goesOn || len(chain) == 1) {
		for _, s := range chain {
			l.one(s, "")
		}
		return
	}
	for i, s := range chain {
		l.at = s.line
		prefix := ""
		if i < len(chain)-1 && alternatives {
			prefix = "-" // what stands behind || is for its failure
		}
		if i == 0 {
			l.one(s, prefix)
			continue
		}
		if chain[i-1].op == "||" {
			l.line("if failed")
		} else {
			l.line("if ok")
		}
		l.indent++
		l.one(s, prefix)
		l.indent--
		l.line("end")
	}
}

// asks translates glob --exist PATTERN && …, which is a condition.
func (l *lftp) asks(chain []statement) bool {
	first := chain[0]
	if len(chain) < 2 || first.op != "&&" || first.verb() != "glob" || len(first.words) != 3 {
		return false
	}
	for _, s := range chain[1:] {
		if s.op == "||" {
			return false
		}
	}
	switch first.words[1].text {
	case "--exist":
		l.line("if exists", first.words[2].glob())
	case "--not-exist":
		l.line("if not exists", first.words[2].glob())
	default:
		return false
	}
	l.indent++
	l.chain(chain[1:])
	l.indent--
	l.line("end")
	return true
}

// before reports whether an earlier part of the chain has a || of its own.
func (l *lftp) before(chain []statement, i int) bool {
	for _, s := range chain[:i] {
		if s.op == "||" {
			return true
		}
	}
	return false
}

func leaves(verb string) bool { return verb == "exit" || verb == "quit" || verb == "bye" }

// lftpReader splits text into statements.
type lftpReader struct {
	text  string
	at    int
	line  int
	began int
}

func (r *lftpReader) done() bool { return r.at >= len(r.text) }

// chain reads up to the end of a line, or to a ; or &.
func (r *lftpReader) chain() (chain []statement, comment string, empty bool) {
	r.blanks()
	r.began = r.line
	if r.done() || r.text[r.at] == '\n' {
		r.newline()
		return nil, "", true
	}
	if r.text[r.at] == '#' {
		end := strings.IndexByte(r.text[r.at:], '\n')
		if end < 0 {
			end = len(r.text) - r.at
		}
		comment = r.text[r.at : r.at+end]
		r.at += end
		r.newline()
		return nil, comment, false
	}
	for {
		s := r.statement()
		chain = append(chain, s)
		if s.op != "&&" && s.op != "||" {
			return chain, "", len(chain) == 1 && len(s.words) == 0
		}
		for !r.done() && (r.text[r.at] == '\n' || r.text[r.at] == ' ' || r.text[r.at] == '\t') {
			r.count()
		}
	}
}

func (r *lftpReader) newline() {
	if !r.done() {
		r.count()
	}
}

func (r *lftpReader) count() {
	if r.text[r.at] == '\n' {
		r.line++
	}
	r.at++
}

func (r *lftpReader) blanks() {
	for !r.done() && (r.text[r.at] == ' ' || r.text[r.at] == '\t' || r.continued()) {
		if r.continued() {
			r.at++
		}
		r.count()
	}
}

// continued reports whether a backslash joins the next line.
func (r *lftpReader) continued() bool { return strings.HasPrefix(r.text[r.at:], "\\\n") }

func (r *lftpReader) statement() statement {
	r.blanks()
	s := statement{line: r.line}
	if !r.done() && r.text[r.at] == '(' {
		r.group()
		s.words = []word{bareWord("(")}
	}
	if !r.done() && r.text[r.at] == '!' {
		r.at++
		s.words, s.raw = []word{bareWord("!")}, r.toLineEnd()
		return s
	}
	for {
		r.blanks()
		switch {
		case r.done():
			return s
		case r.text[r.at] == '\n':
			r.newline()
			return s
		case r.text[r.at] == '#' && len(s.words) > 0:
			r.toLineEnd()
			return s
		}
		if op := r.operator(); op != "" {
			r.at += len(op)
			s.op = op
			if op == "|" {
				s.rest = r.command()
			}
			if op == ">" || op == ">>" {
				r.blanks()
				s.rest = r.word().literal()
				r.blanks()
				if next := r.operator(); next == ";" || next == "&" {
					r.at++
				} else if !r.done() && r.text[r.at] == '\n' {
					r.newline()
				}
			}
			if op == ";" || op == "&" { // what follows in the line may be nothing
				r.blanks()
				if !r.done() && r.text[r.at] == '\n' {
					r.newline()
				}
			}
			return s
		}
		s.words = append(s.words, r.word())
	}
}

// group passes over commands in parentheses.
func (r *lftpReader) group() {
	var quote byte
	for depth := 0; !r.done(); r.count() {
		switch c := r.text[r.at]; {
		case c == '\\' && r.at+1 < len(r.text):
			r.count()
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				r.count()
				return
			}
		}
	}
}

// command reads a command of the local shell, up to a ; or the end of the line.
func (r *lftpReader) command() string {
	var quote byte
	from := r.at
	for ; !r.done() && r.text[r.at] != '\n'; r.at++ {
		switch c := r.text[r.at]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote == 0 && c == ';':
			r.at++
			return strings.TrimSpace(r.text[from : r.at-1])
		}
	}
	text := strings.TrimSpace(r.text[from:r.at])
	r.newline()
	return text
}

func (r *lftpReader) toLineEnd() string {
	end := strings.IndexByte(r.text[r.at:], '\n')
	if end < 0 {
		end = len(r.text) - r.at
	}
	text := r.text[r.at : r.at+end]
	r.at += end
	r.newline()
	return text
}

func (r *lftpReader) operator() string {
	for _, op := range []string{"&&", "||", ">>", ";", "&", "|", ">"} {
		if strings.HasPrefix(r.text[min(r.at, len(r.text)):], op) {
			return op
		}
	}
	return ""
}

// word reads one word: '…' and "…" are literal but for a backslash, which
// takes the meaning from what follows.
func (r *lftpReader) word() (w word) {
	var quote byte
	for !r.done() {
		c := r.text[r.at]
		switch {
		case r.continued():
			r.at++
			r.line++
		case c == '\\' && r.at+1 < len(r.text) && r.text[r.at+1] != '\n' && (quote == 0 || r.text[r.at+1] == quote || r.text[r.at+1] == '\\'):
			r.at++
			w.add(r.text[r.at], false)
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			w.add(c, false)
			if c == '\n' {
				r.line++
			}
		case c == '\'' || c == '"':
			quote = c
			if w.bare == nil {
				w.bare = []bool{}
			}
		case c == ' ' || c == '\t' || c == '\n' || c == ';' || c == '|' || c == '>' || c == '&':
			return w
		default:
			w.add(c, true)
		}
		r.at++
	}
	return w
}
