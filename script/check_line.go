package script

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"ferry/proto"
)

// connection finds verbs that nothing has been opened for.
func (c *checker) connection(v *Verb, l Line) {
	switch {
	case v.Name == "open" || v.Name == "reopen":
		c.opened = true
	case v.Needs != Nothing && !c.opened:
		c.found(l, 0, "nothing is open here", "open HOST connects; it stands before this line")
		c.opened = true // once is enough
	}
}

// references finds variables that nobody sets.
func (c *checker) references(name string, l Line) {
	words := slices.Clone(l.Args)
	if l.Output.File != nil {
		words = append(words, *l.Output.File)
	}
	if v, err := c.st.table.Lookup(l.Verb); err == nil && v.Takes == Rest && v.Args[0].Kind != Shell && name != "alias" {
		for _, w := range restWords(l.Rest) {
			w.Col = 0
			words = append(words, w)
		}
	}
	for _, w := range words {
		_ = references(w, func(Word) {}, func(ref string, _ mark) error {
			c.reference(l, w, ref)
			return nil
		})
	}
}

func (c *checker) reference(l Line, w Word, ref string) {
	kind, _, has := strings.Cut(ref, ":")
	switch {
	case has && (kind == "date" || kind == "env" || kind == "file"):
		return
	case has || !validName(ref):
		c.fails(l, checkNames(w))
		return
	case c.blind || builtin(ref) || c.known(ref):
		return
	}
	if n, err := strconv.Atoi(ref); err == nil {
		if args := len(c.st.cfg.Args); args > 0 && (n > args || n == 0) && c.set != nil {
			c.found(l, w.Col, fmt.Sprintf("there is no argument %d", n), fmt.Sprintf("the script was given %d", args))
		}
		return
	}
	h := "set " + ref + " VALUE sets it"
	if near := nearest(ref, slices.Collect(maps.Keys(c.ever))); near != "" {
		h = "did you mean ${" + near + "}?"
	}
	what := "${" + ref + "} is never set"
	if c.ever[ref] {
		what, h = "${"+ref+"} is not set before this line", "set it further up"
	}
	c.found(l, w.Col, what, h)
}

// known reports whether a variable may have a value by now.
func (c *checker) known(name string) bool {
	if findSetting(name) != nil || c.st.vars[name].Text != "" {
		return true
	}
	if c.set == nil {
		return c.ever[name]
	}
	return c.set[name]
}

// builtin reports whether ferry itself gives a variable its value.
func builtin(name string) bool {
	return slices.Contains(words("here temp status error host user"), name)
}

// secrets finds passwords in the text of the script, where backups, logs and
// colleagues find them too.
func (c *checker) secrets(l Line) {
	v, err := c.st.table.Lookup(l.Verb)
	if err != nil || c.defs[l.Verb].Verb != "" {
		return
	}
	const what, how = "a secret stands in the script", "leave it out: FERRY_PASSWORD, password-file, password-command and ~/.netrc are asked, or write ${env:NAME}"
	if v.Takes != Rest {
		shown, _ := v.shownWords(l.Args)
		for i, w := range l.Args {
			if shown[i] != w.Text && !strings.Contains(w.Text, "${") && holds(v, w.Text) {
				c.found(l, w.Col, what, how)
			}
		}
		return
	}
	given := append(restWords(l.Rest), l.Args...)
	switch {
	case len(v.Args) == 0:
	case v.Args[0].Kind == Wire:
		text := l.Rest
		if v.Name == "site" {
			text = "SITE " + text
		}
		if cmd, err := proto.ParseCommand(text); err == nil && strings.HasSuffix(cmd.String(), stars) && !strings.Contains(l.Rest, "${") {
			c.found(l, 0, what, how)
		}
	default:
		for i, w := range given {
			guest := i > 0 && (given[0].Text == anonymous || given[0].Text == "ftp")
			if v.Args[min(i, len(v.Args)-1)].Kind == Secret && !guest && !strings.Contains(w.Text, "${") {
				c.found(l, 0, what, how)
				return
			}
		}
	}
}

// holds reports whether there is a secret in what stands for one: -u anna, and
// ftp://anna:@host have none.
func holds(v *Verb, text string) bool {
	if user, pass, has := strings.Cut(strings.TrimPrefix(text, "--user="), ","); has {
		return pass != "" && user != anonymous && user != "-u"+anonymous
	}
	if _, rest, has := strings.Cut(text, "://"); has {
		text = rest
	}
	if authority, _, has := strings.Cut(text, "@"); has {
		user, pass, has := strings.Cut(authority, ":")
		return has && pass != "" && user != anonymous && user != "ftp"
	}
	return v.Name != "open" && text != ""
}

// patterns finds those that can match nothing.
func (c *checker) patterns(v *Verb, l Line) {
	n := 0
	for _, w := range l.Args {
		if w.flag() {
			continue
		}
		kind := v.arg(n).Kind
		n++
		switch kind {
		case LocalFile, LocalDir, LocalAny, RemoteFile, RemoteDir, RemoteAny:
		default:
			continue
		}
		if !w.Pattern() || strings.Contains(w.Text, "${") {
			continue
		}
		for _, part := range components(w) {
			if !matchable(part) {
				c.found(l, w.Col, fmt.Sprintf("the pattern %s can match nothing", w.Text), "a name that holds * ? [ or { stands in single quotes: '"+w.Text+"'")
				break
			}
		}
	}
}

// matchable reports whether a component of a path can match a name at all.
func matchable(w Word) bool {
	pattern := w.pattern()
	if !doublestar.ValidatePattern(pattern) {
		return false
	}
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\':
			i++
		case pattern[i] == '[':
			end := strings.IndexByte(pattern[i:], ']')
			if end < 0 || emptyClass(strings.TrimLeft(pattern[i+1:i+end], "!^")) {
				return false
			}
			i += end
		}
	}
	return true
}

// emptyClass reports whether no letter is in a class: [z-a].
func emptyClass(class string) bool {
	return len(class) == 3 && class[1] == '-' && class[0] > class[2]
}

// settings finds names and values that set and the flags of transfers refuse.
func (c *checker) settings(v *Verb, l Line) {
	a, err := bind(v, l, func(w Word) (Word, error) { return w, nil })
	if err != nil {
		return // it was told when the line was read
	}
	for _, name := range []string{"existing", "verify", "atomic"} {
		if value := a.Value("--" + name); value != "" && v.Name != "set" {
			c.value(l, name, value, 0)
		}
	}
	if v.Name != "set" || a.Len() < 2 {
		return
	}
	name, col := a.Text(0), a.Words[0].Col
	switch near := nearSetting(name); {
	case findSetting(name) != nil:
		c.value(l, name, a.Text(1), a.Words[1].Col)
	case strings.Contains(name, ":"):
		if _, _, ok := foreign(name, a.Text(1)); !ok {
			c.found(l, col, fmt.Sprintf("there is no setting %q", name), foreignSetting(name))
		}
	case !validName(name):
		c.found(l, col, fmt.Sprintf("%q can't be a variable's name", name), "letters, digits, _, - and . make a name")
	case near != "":
		c.found(l, col, fmt.Sprintf("there is no setting %q", name), "did you mean "+near+"? `set` lists them all")
	}
}

func (c *checker) value(l Line, name, value string, col int) {
	scratch := DefaultSettings()
	row := findSetting(name)
	if row == nil || strings.Contains(value, "${") {
		return
	}
	if err := row.Set(&scratch, value); err != nil {
		c.found(l, col, err.Error(), "`set "+row.Name+"` shows what it is")
	}
}

// percents finds variables as WinSCP writes them: %1%, %NAME%.
func (c *checker) percents(v *Verb, l Line) {
	for _, w := range l.Args {
		from := strings.IndexByte(w.Text, '%') + 1
		to := from + strings.IndexByte(w.Text[from:], '%')
		if from == 0 || to <= from || w.mark(from) == hard {
			continue
		}
		name, _, _ := strings.Cut(w.Text[from:to], "#")
		if !validName(name) || strings.Trim(name, "0123456789abcdefABCDEF") == "" && len(name) == 2 {
			continue // %20 and its like
		}
		c.found(l, w.Col, "%"+w.Text[from:to]+"% is WinSCP's", "${1} is the first argument here, ${env:NAME} the environment's, ${date:20060102} the day; `ferry run --from winscp` writes them so")
	}
}

// dollars finds variables as the shell and ftp(1)'s macros write them.
func (c *checker) dollars(v *Verb, l Line) {
	if v.Name == "$" || v.Takes == Lines {
		return
	}
	for _, w := range l.Args {
		for i := range len(w.Text) - 1 {
			if w.Text[i] == '$' && w.mark(i) != hard && (w.Text[i+1] == '_' || alnum(w.Text[i+1])) {
				name := w.Text[i+1:]
				if end := strings.IndexFunc(name, func(r rune) bool { return r != '_' && (r > 0x7f || !alnum(byte(r))) }); end >= 0 {
					name = name[:end]
				}
				c.found(l, w.Col, "$"+name+" is no variable here", "${"+name+"} is what set has set, or an argument, ${env:"+name+"} the environment's; in single quotes it is only itself")
				break
			}
		}
	}
}
