package script

import "strings"

// Cursor is what is being typed at a place in a line.
type Cursor struct {
	Verb  *Verb    // nil while the verb itself is typed
	Kind  Kind     // of what is typed; VerbName for the verb
	Arg   Arg      // the argument, when it is one
	Flag  bool     // a flag is typed: Verb.Flags has them
	Word  string   // what is there of it before the cursor, without quotes
	Start int      // byte offset in the line where its text begins, quotes included
	Quote byte     // the quote that is open, 0 for none
	Words []string // the arguments before it, without flags
}

// At tells what is typed at byte offset pos of line.
func (t *Table) At(line string, pos int) Cursor {
	text := line[:min(max(pos, 0), len(line))]
	at := 0
	for {
		c, next := t.command(text, at)
		if next == 0 {
			return c
		}
		at = next
	}
}

// command tells what is typed at the end of the command that begins at byte
// at of text, or where the next command begins.
func (t *Table) command(text string, at int) (c Cursor, next int) {
	for at < len(text) && strings.IndexByte("-@ \t", text[at]) >= 0 {
		at++
	}
	name := verbName(text[at:])
	rest := at + len(name)
	if rest == len(text) && name != "!" {
		return Cursor{Kind: VerbName, Word: name, Start: at}, 0
	}
	verb, before := name, []Word(nil)
	if command, ok := t.aliases[name]; ok {
		lx, _ := lex(t.meant(command, 0), 1)
		if len(lx.words) > 0 {
			verb, before = lx.words[0].Text, lx.words[1:]
		}
	}
	v, err := t.Lookup(verb)
	if err != nil {
		return Cursor{Start: len(text)}, 0
	}
	if v.Takes == Rest {
		return v.atRest(text, rest), 0
	}
	if inner := v.inner(text, rest); inner > 0 {
		return c, inner
	}
	e := encoder{in: text[rest:]}
	_ = e.run() // an open quote is what the cursor may stand in
	closed := text[rest:]
	if e.quote != 0 {
		closed += string(e.quote)
	}
	lx, err := lex(closed, 1)
	if err != nil {
		return Cursor{Verb: v, Start: len(text)}, 0
	}
	switch lx.op {
	case 0:
	case '|':
		return Cursor{Verb: v, Kind: Shell, Start: len(text)}, 0
	case '>':
		return v.atFile(text, rest+lx.at)
	default:
		return c, rest + lx.at + 1
	}
	c = Cursor{Verb: v, Start: len(text), Quote: e.quote}
	words := lx.words
	if e.inWord && len(words) > 0 {
		last := words[len(words)-1]
		words = words[:len(words)-1]
		c.Word, c.Start = last.Text, rest+e.starts[len(e.starts)-1]
		c.Flag = strings.HasPrefix(last.Text, "-") && last.bareAt(0, '-')
	}
	c.place(append(before, words...))
	return c, 0
}

// inner is where the command begins that a verb such as retry stands before;
// 0 while its own words are typed.
func (v *Verb) inner(text string, rest int) int {
	if v.Takes != Around && v.Takes != Ahead {
		return 0
	}
	at := rest + blanks(text[rest:])
	for _, arg := range v.Args {
		end := strings.IndexAny(text[at:], " \t")
		if end < 0 && !arg.Opt {
			return 0
		}
		if end < 0 || arg.Opt && !arg.fits(text[at:at+end]) {
			break
		}
		at += end
		at += blanks(text[at:])
	}
	return at
}

// atFile is At for what is typed behind > at byte at, or where the next
// command begins.
func (v *Verb) atFile(text string, at int) (c Cursor, next int) {
	for at < len(text) && strings.IndexByte("> \t", text[at]) >= 0 {
		at++
	}
	e := encoder{in: text[at:]}
	_ = e.run()
	closed := text[at:]
	if e.quote != 0 {
		closed += string(e.quote)
	}
	lx, err := lex(closed, 1)
	if err == nil && lx.op != 0 {
		return c, at + lx.at + 1
	}
	c = Cursor{Verb: v, Kind: LocalFile, Arg: Arg{Name: "FILE", Kind: LocalFile}, Start: at, Quote: e.quote}
	if err == nil && len(lx.words) == 1 && e.inWord {
		c.Word = lx.words[0].Text
	}
	return c, 0
}

// place finds the argument that stands behind words.
func (c *Cursor) place(words []Word) {
	names := false // behind "--"
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case !w.flag() || names:
			c.Words = append(c.Words, w.Text)
		case w.Text == "--":
			names = true
		default:
			f := c.Verb.valued(w.Text)
			if f == nil {
				continue
			}
			if i++; i == len(words) { // its value is what is typed
				c.Kind, c.Flag = f.Kind, false
				c.Arg = Arg{Name: f.Arg, Kind: f.Kind}
				return
			}
		}
	}
	if names {
		c.Flag = false
	}
	c.Arg = c.Verb.arg(len(c.Words))
	c.Kind = c.Arg.Kind
}

// valued is the flag that ends a word of flags and wants the next word.
func (v *Verb) valued(word string) *Flag {
	if strings.HasPrefix(word, "--") {
		if f := v.long(word); f != nil && f.Arg != "" {
			return f
		}
		return nil
	}
	for i := 1; i < len(word); i++ {
		f := v.short("-" + word[i:i+1])
		if f == nil || f.Arg != "" && i+1 < len(word) {
			return nil
		}
		if f.Arg != "" {
			return f
		}
	}
	return nil
}

// arg is the n-th argument, the last one for all behind it if it may be repeated.
func (v *Verb) arg(n int) Arg {
	last := len(v.Args) - 1
	switch {
	case n <= last:
		return v.Args[n]
	case last >= 0 && v.Args[last].Many:
		return v.Args[last]
	}
	return Arg{}
}

// atRest is At for verbs that take their line raw.
func (v *Verb) atRest(text string, rest int) Cursor {
	start := strings.LastIndexAny(text, " \t") + 1
	start = max(start, rest)
	c := Cursor{Verb: v, Word: text[start:], Start: start, Words: texts(restWords(text[rest:start]))}
	if len(v.Args) > 0 && (v.Args[0].Kind == Wire || v.Args[0].Kind == Shell) {
		c.Arg = v.Args[0]
	} else {
		c.Arg = v.arg(len(c.Words))
	}
	c.Kind = c.Arg.Kind
	return c
}

// QuoteWord writes a name so that it is read back as one literal word. open is
// the quote that the user has begun it with, 0 for none.
func QuoteWord(name string, open byte) string {
	text := QuotePart(name, open)
	switch {
	case open != 0:
		return text + string(open)
	case strings.HasPrefix(text, `"`):
		return text + `"`
	}
	return text
}

// QuotePart is QuoteWord without the closing quote: the beginning of a name,
// such as a directory that more is typed behind.
func QuotePart(name string, open byte) string {
	switch {
	case open == '\'':
		return `'` + strings.ReplaceAll(name, `'`, `'\''`)
	case open == 0 && plain(name):
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`).Replace(name)
}

// plain reports whether a name needs no quotes.
func plain(name string) bool {
	if name == "" || name[0] == '-' {
		return false
	}
	for i := range len(name) {
		if c := name[i]; c < 0x80 && !alnum(c) && strings.IndexByte("._-+,=:@%^~/", c) < 0 {
			return false
		}
	}
	return true
}
