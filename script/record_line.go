package script

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"ferry/proto/list"
	"ferry/script/bulk"
)

// become is what a command is in the script, now that it has run.
func (r *recording) become(l Line, err error, moved bool) []string {
	v, unknown := r.st.verb(l.Verb)
	var exit *Exit
	switch {
	case unknown != nil:
		return nil
	case slices.Contains(words("help history cls jobs kill alias unalias bookmark trust record"), v.Name),
		v.Name == "queue" && len(l.Body) == 0, v.Name == "!" && l.Rest == "":
		return nil // they are for who sits at the prompt
	case v.Name == "fg", v.Name == "wait": // also where a job has failed: the others were waited for
		return []string{"wait"}
	case v.Name == "open":
		return r.opening(l, err, moved)
	case v.Name == "user" && err == nil:
		return r.loginLines()
	case v.Name == "account" && err == nil:
		return []string{"account ${env:FERRY_ACCOUNT}"}
	case err != nil && !errors.As(err, &exit):
		return append(commented(r.shown(l)), why(err))
	case r.heard.declined:
		return append(commented(r.shown(l)), "# the answer was no")
	}
	return r.done(v, l)
}

// done is what a command that has worked is in the script.
func (r *recording) done(v *Verb, l Line) []string {
	switch {
	case v.Name == "edit":
		return append(commented(r.shown(l)), "# an editor wants somebody at the terminal")
	case r.holdsSecret(l):
		if v.Name == "set" {
			return []string{"set " + l.Args[0].Text + " ${env:" + envName(l.Args[0].Text) + "}"}
		}
		return append(commented(r.shown(l)), "# a line with a secret is not taken over")
	case v.Name == "set" && len(l.Args) > 0 && l.Args[0].flag(): // in a script there is no "for later sessions"
		return []string{"set " + QuoteWord(l.Args[1].Text, 0) + " " + QuoteWord(l.Args[2].Text, 0)}
	case v.Name == "set" && len(l.Args) == 2 && l.Args[0].Text == "existing" && l.Args[1].Text == bulkName(bulk.Ask):
		return []string{"unset existing"}
	case len(l.Args) == 0 && len(v.Args) > 0 && v.Args[0].Kind == Switch: // not the other way round, but as it is now
		return []string{v.Name + " " + findSetting(v.Name).Get(&r.st.Settings)}
	case v.Name == "source":
		return []string{"source " + strings.Join(append([]string{QuoteWord(r.st.beside(l.Args[0].Text), 0)}, quoted(l.Args[1:])...), " ")}
	case r.heard.names != nil:
		return r.policies(v, l, []string{r.chosen(v, l)})
	}
	return r.policies(v, l, writtenLine(l))
}

// beside is a file that source names, in full.
func (st *State) beside(name string) string {
	if filepath.IsAbs(name) || strings.HasPrefix(name, "${") {
		return name
	}
	return filepath.Join(st.here, name)
}

// envName is the variable of the environment that stands for a secret one.
func envName(name string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x80 && alnum(byte(c)) {
			return c
		}
		return '_'
	}, strings.ToUpper(name))
}

// shown is a command without its secrets, for a comment.
func (r *recording) shown(l Line) []string {
	for _, inner := range flat([]Line{l}) {
		if r.holdsSecret(inner) {
			return []string{r.st.table.Shown(l)}
		}
	}
	return writtenLine(l)
}

// holdsSecret reports whether a command, or one in it, has a secret that is
// more than a reference to where it stands.
func (r *recording) holdsSecret(l Line) bool {
	t := r.st.table
	for _, inner := range flat([]Line{l}) {
		for _, text := range inner.Text {
			if _, secret := t.ShownText(text); secret {
				return true
			}
		}
		v, err := t.Lookup(inner.Verb)
		switch {
		case err != nil || t.Shown(inner) == inner.Raw:
			continue
		case v.Takes == Rest:
			return true
		}
		shown, _ := v.shownWords(inner.Args)
		for i, w := range inner.Args {
			whole := strings.HasPrefix(w.Text, "${") && strings.IndexByte(w.Text, '}') == len(w.Text)-1
			if shown[i] != w.Text && !whole {
				return true
			}
		}
	}
	return false
}

// why is a failure as a comment.
func why(err error) string {
	var e *Error
	if errors.As(err, &e) {
		err = e.Err
	}
	if err == nil {
		err = errors.New("nothing was opened")
	}
	return "# failed: " + list.Printable(err.Error())
}
