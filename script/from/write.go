package from

import (
	"fmt"
	"strings"
)

// writer collects lines of ferry.
type writer struct {
	out    strings.Builder
	notes  []Note
	known  Settings
	hides  Secrets
	at     int // line of the source
	indent int
	told   bool // where passwords come from was told
}

// line writes a verb and its words, which are quoted already.
//
// SECURITY: a line with a secret that no dialect's verb has left out becomes a
// comment without it: what is printed here lands in files and logs.
func (w *writer) line(words ...string) {
	text := strings.TrimRight(strings.Join(words, " "), " ")
	if strings.ContainsAny(text, "\n\r\x00") {
		w.cannot("a name with a line end in it", "such names can't be written; a pattern may match them: ?")
		return
	}
	if shown, has := w.hides(text); has {
		w.cannot("a secret is left out: "+shown, "write the line with ${env:NAME} in the secret's place")
		return
	}
	if text != "" {
		text = strings.Repeat("  ", w.indent) + text
	}
	w.out.WriteString(text + "\n")
}

// comment writes a comment as it was.
func (w *writer) comment(text string) {
	w.line(strings.TrimSpace(text))
}

// cannot notes a statement that has no translation. Its words may hold a
// secret and are not repeated.
func (w *writer) cannot(what, hint string) {
	what = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, what)
	w.notes = append(w.notes, Note{Line: w.at, What: what, Hint: hint})
	w.line(fmt.Sprintf("# line %d: %s", w.at, what))
}

// secret tells once where a password that was left out is taken from.
func (w *writer) secret() {
	if w.told {
		return
	}
	w.told = true
	w.line("# the password comes from FERRY_PASSWORD, password-file, password-command or ~/.netrc")
}

// word is one word of a source: its text, and which bytes of it may be part of
// a pattern.
type word struct {
	text string
	bare []bool // one a byte
	wild bool   // a pattern is one wherever it stands
}

func plainWord(text string) word { return word{text: text, bare: make([]bool, len(text))} }

func bareWord(text string) word {
	w := plainWord(text)
	for i := range w.bare {
		w.bare[i] = true
	}
	return w
}

func (w *word) add(c byte, bare bool) {
	w.text += string([]byte{c})
	w.bare = append(w.bare, bare)
}

// flag reports whether the word is an option.
func (w word) flag() bool { return len(w.text) > 1 && w.text[0] == '-' && w.bare[0] }

// literal writes a name that is no pattern. References that a dialect has put
// in stay what they are.
func (w word) literal() string {
	if w.wild {
		return w.glob()
	}
	return w.write(func(int) bool { return false })
}

// glob writes a word that may be a pattern.
func (w word) glob() string {
	return w.write(func(i int) bool {
		return w.bare[i] && strings.IndexByte("*?[]{}", w.text[i]) >= 0 || w.bare[i] && strings.IndexByte(",!^-", w.text[i]) >= 0
	})
}

// write quotes what has to be. Which bytes stay bare besides the plain ones is
// the caller's word.
func (w word) write(bare func(i int) bool) string {
	if w.text == "" {
		return `""`
	}
	if w.drive() {
		return w.text
	}
	var b strings.Builder
	open := false
	if whole := w.quotable(bare); whole {
		b.WriteByte('"')
		open = true
	}
	quote := func(want bool) {
		if open != want {
			b.WriteByte('"')
			open = want
		}
	}
	for i := 0; i < len(w.text); i++ {
		c := w.text[i]
		if n := w.reference(i); n > 0 {
			b.WriteString(w.text[i : i+n])
			i += n - 1
			continue
		}
		plain := harmless(c) && (c != '-' || i > 0)
		switch {
		case bare(i) && (c != '-' || i > 0) && strings.IndexByte("*?[]{}", c) >= 0:
			quote(false)
		case !plain && !open:
			quote(true)
		}
		if open && strings.IndexByte(`\"$`, c) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	quote(false)
	return b.String()
}

// quotable reports whether a word is best written in quotes as a whole: it
// needs some, and no part of a pattern is in it.
func (w word) quotable(bare func(i int) bool) bool {
	needs := false
	for i := range len(w.text) {
		if bare(i) && strings.IndexByte("*?[]{}", w.text[i]) >= 0 || w.reference(i) > 0 {
			return false
		}
		needs = needs || !harmless(w.text[i]) || i == 0 && w.text[i] == '-'
	}
	return needs
}

// harmless reports whether a byte needs no quotes.
func harmless(c byte) bool {
	return c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("._+=:@%^/-,", c) >= 0
}

// drive reports whether the word is a path like C:\dir that needs no quotes:
// there a backslash is one.
func (w word) drive() bool {
	if len(w.text) < 4 || w.text[1:3] != ":\\" || !w.bare[0] {
		return false
	}
	for i := range len(w.text) {
		c := w.text[i]
		if harmless(c) || c == '\\' {
			continue
		}
		if !w.bare[i] || strings.IndexByte("*?${}", c) < 0 {
			return false
		}
	}
	return true
}

// reference is the length of the ${…} that begins at byte i, put in by a
// dialect; 0 for none.
func (w word) reference(i int) int {
	if !w.bare[i] || !strings.HasPrefix(w.text[i:], "${") {
		return 0
	}
	return strings.IndexByte(w.text[i:], '}') + 1
}

// raws writes words for verbs that take the rest of their line as it is.
func raws(words []word) string {
	var all []string
	for _, w := range words {
		all = append(all, w.text)
	}
	return strings.Join(all, " ")
}

func literals(words []word) []string {
	var all []string
	for _, w := range words {
		all = append(all, w.literal())
	}
	return all
}

func globs(words []word) []string {
	var all []string
	for _, w := range words {
		all = append(all, w.glob())
	}
	return all
}

// where is the place that open leads to, as a URL or a name says it.
type where struct {
	scheme, user, pass, host, port, path string
}

func cutPlace(text string) where {
	var p where
	scheme, rest, has := strings.Cut(text, "://")
	if has {
		p.scheme = strings.ToLower(scheme)
	} else {
		rest = text
	}
	rest, p.path, _ = strings.Cut(rest, "/")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		p.user, p.pass, _ = strings.Cut(rest[:i], ":")
		p.pass, _, _ = strings.Cut(p.pass, ";") // WinSCP keeps fingerprints there
		p.user, _, _ = strings.Cut(p.user, ";")
		rest = rest[i+1:]
	}
	p.host = rest
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		p.host, p.port = rest[:i], rest[i+1:]
	}
	return p
}

// open writes the line that leads there.
func (w *writer) open(p where) {
	switch p.scheme {
	case "", "ftp", "ftps", "ftpes":
	default:
		w.cannot(p.scheme+":// is not FTP", "ferry speaks FTP and FTP over TLS: ftp://, ftpes:// and ftps://")
		return
	}
	if p.pass != "" && p.user != "anonymous" {
		w.secret()
	}
	host := p.host
	if p.port != "" {
		host += ":" + p.port
	}
	if p.scheme != "" || p.path != "" {
		scheme := p.scheme
		if scheme == "" {
			scheme = "ftp"
		}
		if p.user != "" && p.user != "anonymous" {
			host = p.user + "@" + host
		}
		if p.path != "" {
			host += "/" + p.path
		}
		w.line("open", bareWord(scheme+"://"+host).literal())
		return
	}
	if p.user == "" {
		w.line("open", bareWord(host).literal())
		return
	}
	w.line("open", "-u", bareWord(p.user).literal(), bareWord(host).literal())
}
