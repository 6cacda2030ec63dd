package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Args are the arguments of one call of a verb: variables put in, flags taken
// out, their number checked.
type Args struct {
	Verb  *Verb
	Words []Word
	Many  bool     // "--" stood before them: all are names, none is a target
	Rest  string   // verbs that take their line raw
	Lines []string // what follows macdef
	Body  []Line   // of a verb that opens a block
	Else  []Line
	at    Pos // where the line stands
	flags map[string]string
	lists map[string][]string // all values of flags that may be repeated
	typed []Word              // Words before variables were put in
	given []Word              // all words in their order, variables put in
}

// Len is the number of words.
func (a Args) Len() int { return len(a.Words) }

// Text is word i, "" when there is none.
func (a Args) Text(i int) string {
	if i >= len(a.Words) {
		return ""
	}
	return a.Words[i].Text
}

// Flag reports whether the flag was given; name is its short form.
func (a Args) Flag(name string) bool {
	_, ok := a.flags[name]
	return ok
}

// Value is what was given with a flag.
func (a Args) Value(name string) string { return a.flags[name] }

// All is what was given with a flag, each time it was.
func (a Args) All(name string) []string { return a.lists[name] }

// long is what was given with a flag, by its long form.
func (a Args) long(name string) (value string, given bool) {
	if a.Verb != nil {
		if f := a.Verb.long(name); f != nil {
			name = f.Name
		}
	}
	value, given = a.flags[name]
	return value, given
}

// bind makes a line's words into the arguments that v wants.
func bind(v *Verb, l Line, expand func(Word) (Word, error)) (Args, error) {
	a := Args{Verb: v, Lines: l.Text, Body: l.Body, Else: l.Else, at: l.Pos, flags: map[string]string{}, lists: map[string][]string{}}
	if v.Takes == Rest {
		a.Rest, a.Words = l.Rest, l.Args
		return a, nil
	}
	for i := 0; i < len(l.Args); i++ {
		w := l.Args[i]
		switch {
		case a.Many || !w.flag() || v.arg(len(a.Words)).negative(w.Text):
			a.typed = append(a.typed, w)
			w, err := expand(w)
			if err != nil {
				return a, err
			}
			a.Words, a.given = append(a.Words, w), append(a.given, w.literal())
		case w.Text == "--":
			a.Many = true
			a.given = append(a.given, w)
		default:
			n, err := a.takeFlag(w, l.Args[i+1:], expand)
			if err != nil {
				return a, err
			}
			i += n
		}
	}
	if err := v.arity(a); err != nil {
		return a, err
	}
	return a, a.check()
}

// check refuses words that can't be what their argument wants, and writes out
// choices that were shortened.
func (a Args) check() error {
	for i, w := range a.Words {
		switch arg := a.Verb.arg(i); arg.Kind {
		case LocalFile, LocalDir, LocalAny, RemoteFile, RemoteDir, RemoteAny, Host:
			// SECURITY: an empty name is the directory itself to some verbs
			// and servers; it comes of a variable that is empty.
			if w.Text == "" {
				return &CallError{Verb: a.Verb, Col: w.Col, What: "the name for " + arg.Name + " is empty"}
			}
			// SECURITY: it would go to the server as a name, its password with it.
			if arg.Kind != Host && ftpURL(w.Text) {
				return &CallError{
					Verb: a.Verb, Col: w.Col, What: ShownURL(w.Text) + " is a URL, and " + arg.Name + " a name",
					Hint: "open the server before it, or `fxp URL URL` from one to another",
				}
			}
		case Choice:
			v := arg.choose(w.Text)
			if v == "" && !strings.Contains(w.Text, "${") {
				return &CallError{
					Verb: a.Verb, Col: w.Col, What: fmt.Sprintf("%q is not known here", w.Text),
					Hint: "there are " + strings.Join(arg.Values, ", "),
				}
			}
			a.Words[i].Text = v
		}
	}
	return nil
}

// negative reports whether a word is a number below 0 where one is wanted, and
// no flag.
func (a Arg) negative(word string) bool {
	n, err := strconv.Atoi(word)
	return a.Kind == Number && err == nil && n < 0
}

// choose is the value that a word, or its beginning, stands for; "" for none.
func (a Arg) choose(word string) string {
	for _, v := range a.Values {
		if word != "" && strings.HasPrefix(v, strings.ToLower(word)) {
			return v
		}
	}
	return ""
}

// takeFlag reads one word of flags (-la, -oFILE, -o FILE, --name=value) and
// returns how many further words it has used.
func (a *Args) takeFlag(w Word, next []Word, expand func(Word) (Word, error)) (used int, err error) {
	if strings.HasPrefix(w.Text, "--") {
		name, _, has := strings.Cut(w.Text, "=")
		f := a.Verb.long(name)
		if f == nil {
			return 0, unknownFlag(a.Verb, w, name)
		}
		if f.Arg == "" {
			if has {
				return 0, &CallError{Verb: a.Verb, What: f.Long + " takes no value", Col: w.Col}
			}
			a.flags[f.Name] = ""
			a.given = append(a.given, w)
			return 0, nil
		}
		if has {
			return 0, a.setFlag(f, w.cut(0, len(name)+1), w.cut(len(name)+1, len(w.Text)), expand)
		}
		return a.nextValue(f, w, next, expand)
	}
	for i := 1; i < len(w.Text); i++ {
		f := a.Verb.short("-" + w.Text[i:i+1])
		if f == nil {
			return 0, unknownFlag(a.Verb, w, "-"+w.Text[i:i+1])
		}
		switch {
		case f.Arg == "":
			a.flags[f.Name] = ""
		case i+1 < len(w.Text):
			return 0, a.setFlag(f, w.cut(0, i+1), w.cut(i+1, len(w.Text)), expand)
		default:
			return a.nextValue(f, w, next, expand)
		}
	}
	a.given = append(a.given, w)
	return 0, nil
}

func (a *Args) nextValue(f *Flag, w Word, next []Word, expand func(Word) (Word, error)) (int, error) {
	if len(next) == 0 {
		return 0, &CallError{Verb: a.Verb, What: fmt.Sprintf("%s wants a value: %s", f.Name, f.Arg), Col: w.Col}
	}
	a.given = append(a.given, w)
	return 1, a.setFlag(f, Word{}, next[0], expand)
}

// setFlag takes a flag's value; before is what stands before it in its word.
func (a *Args) setFlag(f *Flag, before, w Word, expand func(Word) (Word, error)) error {
	w, err := expand(w)
	if err != nil {
		return err
	}
	a.flags[f.Name] = w.Text
	a.lists[f.Name] = append(a.lists[f.Name], w.Text)
	if before.Text == "" {
		before, w = w.literal(), Word{}
	}
	before.join(w)
	a.given = append(a.given, before)
	return nil
}

func (v *Verb) short(name string) *Flag {
	for i := range v.Flags {
		if f := &v.Flags[i]; f.Name == name || slices.Contains(f.Also, name) {
			return f
		}
	}
	return nil
}

func (v *Verb) long(name string) *Flag {
	for i := range v.Flags {
		if v.Flags[i].Long == name {
			return &v.Flags[i]
		}
	}
	return nil
}

func unknownFlag(v *Verb, w Word, name string) error {
	if h := foreignFlag(v.Name, w.Text); h != "" {
		return &CallError{Verb: v, Col: w.Col, What: "there is no flag " + name, Hint: h}
	}
	return &CallError{
		Verb: v, Col: w.Col,
		What: "there is no flag " + name,
		Hint: fmt.Sprintf("usage: %s; a name that begins with a hyphen goes in quotes: '%s'", v.Usage(), w.Text),
	}
}

// arity checks the number of words.
func (v *Verb) arity(a Args) error {
	least, most := v.bounds()
	if a.Flag("--files-from") {
		least = 0
	}
	switch {
	case len(a.Words) < least:
		return &CallError{Verb: v, What: "needs " + v.Args[len(a.Words)].Name}
	case most >= 0 && len(a.Words) > most && !(a.Many && most > 0):
		w := a.Words[most]
		return &CallError{
			Verb: v, Col: w.Col,
			What: fmt.Sprintf("one word too many: %q", w.Text),
			Hint: "usage: " + v.Usage() + "; a name with blanks goes in quotes",
		}
	}
	return nil
}

// bounds are the least and the most words that v takes; most is -1 for any number.
func (v *Verb) bounds() (least, most int) {
	for _, arg := range v.Args {
		if !arg.Opt {
			least++
		}
		if arg.Many {
			return least, -1
		}
	}
	return least, len(v.Args)
}
