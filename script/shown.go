package script

import (
	"net/url"
	"slices"
	"strings"

	"ferry/proto"
)

const stars = "****"

// Shown is a line as it may be shown and kept: its secrets are stars. A line
// without any comes back as it was written.
//
// SECURITY: echo, history, journal and report show lines only through here.
func (t *Table) Shown(l Line) string {
	v, err := t.Lookup(l.Verb)
	if err != nil {
		shown, _ := t.shownAmiss(l.Raw)
		return shown
	}
	if v.Takes == Rest {
		return t.shownRest(v, l)
	}
	args, hidden := v.shownWords(l.Args)
	if !hidden {
		return l.Raw
	}
	return strings.Join(append([]string{l.Verb}, args...), " ")
}

// ShownText is Shown for what was typed at a prompt, and whether it holds a
// secret; then it should not be kept.
func (t *Table) ShownText(text string) (shown string, secret bool) {
	p := parser{table: t}
	lines, mistakes := p.feed(text)
	for _, b := range p.open { // what goes on in the next line
		lines = append(lines, b.end())
	}
	if len(mistakes) > 0 {
		return t.shownAmiss(text)
	}
	var parts []string
	for _, l := range flat(lines) {
		s := t.Shown(l)
		secret = secret || s != l.Raw
		parts = append(parts, s)
	}
	if !secret {
		return text, false
	}
	return strings.Join(parts, "; "), true
}

// shownAmiss is ShownText for a text that is no line: a verb mistyped, a quote
// not closed, a URL where a name belongs. Its words may be anything, so any that
// could be a secret behind any word that could be a verb is taken for one.
func (t *Table) shownAmiss(text string) (shown string, secret bool) {
	fields := strings.Fields(strings.ReplaceAll(text, ";", " ; "))
	for i, f := range fields {
		v, err := t.Lookup(strings.TrimLeft(f, "-@"))
		if err != nil {
			continue
		}
		var words []Word
		for _, f := range fields[i+1:] {
			words = append(words, Bare(f))
		}
		if rest, hidden := v.shownWords(words); hidden {
			return strings.Join(append(fields[:i+1], rest...), " "), true
		}
	}
	for i, f := range fields {
		fields[i] = ShownURL(strings.Trim(f, `"'`))
		secret = secret || fields[i] != strings.Trim(f, `"'`)
	}
	if !secret {
		return text, false
	}
	return strings.Join(fields, " "), true
}

// flat are lines and those in them.
func flat(lines []Line) []Line {
	var all []Line
	for _, l := range lines {
		all = append(all, l)
		all = append(all, flat(l.Body)...)
		all = append(all, flat(l.Else)...)
	}
	return all
}

// shownRest hides what a raw line carries: words in the place of a secret,
// and what commands of FTP have of them.
func (t *Table) shownRest(v *Verb, l Line) string {
	rest := l.Rest
	if len(v.Args) > 1 && v.Args[1].Kind == Typed {
		text, _ := cutKeep(rest)
		name, command, _ := strings.Cut(text, " ")
		if shown, secret := t.ShownText(strings.TrimSpace(command)); secret {
			return l.Verb + " " + name + " " + shown
		}
		return l.Raw
	}
	if len(v.Args) > 0 && v.Args[0].Kind == Wire {
		cmd := proto.Cmd("SITE", rest)
		if v.Name != "site" {
			var err error
			if cmd, err = proto.ParseCommand(rest); err != nil {
				return l.Raw
			}
		}
		if shown := cmd.String(); strings.HasSuffix(shown, stars) {
			return l.Verb + " " + strings.TrimPrefix(shown, "SITE ")
		}
		return l.Raw
	}
	words, hidden := texts(append(restWords(rest), l.Args...)), false
	for i := range words {
		if len(v.Args) > 0 && v.Args[min(i, len(v.Args)-1)].Kind == Secret {
			words[i], hidden = stars, true
		}
	}
	if !hidden {
		return l.Raw
	}
	return strings.Join(append([]string{l.Verb}, words...), " ")
}

func (v *Verb) shownWords(words []Word) (shown []string, hidden bool) {
	n, secretNext := 0, false
	for i, w := range words {
		var s string
		switch {
		case secretNext:
			if s, secretNext = stars, false; v.onlyUser(words[i-1].Text, w.Text) {
				s = w.Text
			}
		case w.flag():
			s, secretNext = v.shownFlag(w.Text)
		default:
			s = v.shownArg(n, w.Text, words)
			n++
		}
		hidden = hidden || s != w.Text
		shown = append(shown, s)
	}
	return shown, hidden
}

// onlyUser reports whether the value of a flag is a user without the password
// that may stand behind a comma.
func (v *Verb) onlyUser(flag, value string) bool {
	f := v.long(flag)
	if !strings.HasPrefix(flag, "--") {
		f = v.short(flag)
	}
	return f != nil && f.Arg == "USER[,PASSWORD]" && !strings.Contains(value, ",")
}

// shownFlag hides the value of a flag: -uVALUE, --user=VALUE, or the next word.
func (v *Verb) shownFlag(word string) (shown string, next bool) {
	if strings.HasPrefix(word, "--") {
		name, _, has := strings.Cut(word, "=")
		f := v.long(name)
		switch {
		case f == nil || f.Kind != Secret:
			return word, false
		case has:
			return name + "=" + stars, false
		}
		return word, true
	}
	f := v.short(word[:2])
	switch {
	case f == nil || f.Kind != Secret:
		return word, false
	case len(word) > 2:
		return f.Name + stars, false
	}
	return word, true
}

func (v *Verb) shownArg(n int, text string, words []Word) string {
	if len(v.Args) == 0 {
		return text
	}
	switch v.Args[min(n, len(v.Args)-1)].Kind {
	case Secret:
		return stars
	case Host:
		return ShownURL(text)
	case SettingValue:
		if secretName(words[0].Text) && !strings.HasPrefix(text, "${") {
			return stars
		}
		if strings.Contains(words[0].Text, "proxy") {
			return ShownURL(text)
		}
	}
	if ftpURL(text) {
		return ShownURL(text) // get URL, as lftp has it: refused, but told of
	}
	return text
}

// ftpURL reports whether a word is a URL of the protocol.
func ftpURL(text string) bool {
	scheme, _, has := strings.Cut(text, "://")
	return has && slices.Contains(words("ftp ftps ftpes"), strings.ToLower(scheme))
}

// secretName reports whether a variable's name promises a secret.
func secretName(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"pass", "secret", "token", "pwd"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// ShownURL is a URL, or user:password@host, with stars for its password.
func ShownURL(text string) string {
	scheme, rest, has := strings.Cut(text, "://")
	if !has {
		scheme, rest = "", text
	}
	authority, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	at := strings.LastIndexByte(authority, '@')
	if late := strings.LastIndexByte(rest, '@'); at < 0 && late > 0 && strings.Contains(authority, ":") {
		authority, path, at = rest, "", late // a password with a slash in it
	}
	if at < 0 {
		return text
	}
	user, _, has := strings.Cut(authority[:at], ":")
	if !has {
		return text
	}
	if u, err := url.PathUnescape(user); err == nil && !strings.ContainsAny(u, "@:/") {
		user = u
	}
	shown := user + ":" + stars + authority[at:] + path
	if scheme != "" {
		return scheme + "://" + shown
	}
	return shown
}
