package script

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// Variables are put in after a line was split, so a value is always one word.
// A value keeps its marks: what was quoted when it was set stays quoted.

// expand puts values in place of ${…} in what was typed bare or in double quotes.
func (st *State) expand(w Word) (Word, error) {
	if !strings.Contains(w.Text, "${") {
		return w, nil
	}
	out := Word{Col: w.Col}
	err := references(w, func(text Word) { out.join(text) }, func(name string, m mark) error {
		v, err := st.lookup(name)
		if err != nil {
			return err
		}
		v.secret = v.secret || secretName(name)
		if m == soft {
			v.marks = repeat(soft, len(v.Text))
		}
		out.join(v)
		return nil
	})
	return out, err
}

// references takes a word apart into text and the names in ${…}.
func references(w Word, text func(Word), value func(name string, m mark) error) error {
	from := 0
	for i := 0; i+1 < len(w.Text); i++ {
		if w.Text[i] != '$' || w.Text[i+1] != '{' || w.mark(i) == hard {
			continue
		}
		end := strings.IndexByte(w.Text[i:], '}')
		if end < 0 {
			return &SyntaxError{Col: w.Col, What: "${ without }", Hint: "in single quotes it is only itself: '${'"}
		}
		text(w.cut(from, i))
		if err := value(w.Text[i+2:i+end], w.mark(i)); err != nil {
			return err
		}
		from = i + end + 1
		i += end
	}
	text(w.cut(from, len(w.Text)))
	return nil
}

// checkNames finds references that can't mean anything.
func checkNames(w Word) error {
	return references(w, func(Word) {}, func(name string, _ mark) error {
		kind, arg, has := strings.Cut(name, ":")
		switch {
		case has && arg != "" && (kind == "date" || kind == "env" || kind == "file"):
			return nil
		case !has && validName(name):
			return nil
		}
		return &SyntaxError{
			Col: w.Col, What: "${" + name + "} is no variable",
			Hint: "there are ${name}, ${1}, ${date:2006-01-02}, ${env:NAME} and ${file:NAME}",
		}
	})
}

// lookup is the value of one reference.
func (st *State) lookup(name string) (Word, error) {
	kind, arg, has := strings.Cut(name, ":")
	if !has {
		return st.variable(name)
	}
	switch kind {
	case "date":
		return Literal(st.today().Format(arg)), nil
	case "env":
		v, ok := st.env(arg)
		if !ok {
			return Word{}, &UnknownError{What: "environment variable", Name: arg, Hint: "export it, or give the value as an argument: ${1}"}
		}
		return Literal(v), nil
	case "file":
		return st.fileValue(arg)
	}
	return Word{}, &UnknownError{What: "variable", Name: name}
}

func (st *State) variable(name string) (Word, error) {
	if v, ok := st.vars[name]; ok {
		return v, nil
	}
	switch name {
	case "here":
		return Literal(st.here), nil
	case "temp":
		return st.tempDir()
	case "status":
		return Literal(strconv.Itoa(st.lastStatus())), nil
	case "error":
		return Literal(st.lastError()), nil
	case "host":
		return Literal(st.site.Host), nil
	case "user":
		return Literal(st.site.User), nil
	}
	if row := findSetting(name); row != nil {
		return Literal(row.Get(&st.Settings)), nil
	}
	if n, err := strconv.Atoi(name); err == nil {
		return Word{}, &UnknownError{
			What: "argument", Name: name,
			Hint: fmt.Sprintf("the script was called with %d: ferry run FILE ARG…", len(st.cfg.Args)),
		}
	} else if n > 0 {
		return Word{}, err
	}
	return Word{}, &UnknownError{What: "variable", Name: name, Hint: st.setHint(name)}
}

func (st *State) setHint(name string) string {
	known := make([]string, 0, len(st.vars))
	for n := range st.vars {
		known = append(known, n)
	}
	if near := nearest(name, known); near != "" {
		return "did you mean ${" + near + "}?"
	}
	return "set " + name + " VALUE sets it"
}

// fileValue is a file's content without the line end behind it: a password, a
// name, a date.
func (st *State) fileValue(name string) (Word, error) {
	f, err := os.Open(st.Local(name))
	if err != nil {
		return Word{}, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxValue+1))
	if err != nil {
		return Word{}, err
	}
	if len(b) > MaxValue {
		return Word{}, &SyntaxError{What: name + " is too large for a value", Hint: "64 KiB are the most"}
	}
	return Literal(strings.TrimRight(string(b), "\r\n")), nil
}

// expandText puts values into raw text: the rest of a line that is not split.
func (st *State) expandText(text string) (string, error) {
	w, err := st.expand(Bare(text))
	return w.Text, err
}

// validName reports whether name can be a variable's: letters, digits, _ - and .
func validName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !alnum(c) && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return name != ""
}

func (st *State) now() time.Time {
	if st.cfg.Now != nil {
		return st.cfg.Now()
	}
	return time.Now()
}

// today is the time that ${date:…} tells: in a run that goes on with another,
// of that one's beginning.
func (st *State) today() time.Time {
	if st.day.IsZero() {
		return st.now()
	}
	return st.day
}

func (st *State) env(name string) (string, bool) {
	if st.cfg.Env != nil {
		return st.cfg.Env(name)
	}
	return os.LookupEnv(name)
}
