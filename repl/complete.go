package repl

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script"
)

// candidate is something that could be typed.
type candidate struct {
	text string // the word, without quotes
	show string // in the menu, "" for text
	more bool   // a directory is rarely the end of a path
	kind proto.Kind
	bare bool // never quoted: a flag in quotes is none
}

func (c candidate) shown() string {
	if c.show != "" {
		return c.show
	}
	return list.Printable(c.text)
}

// complete is the editor's completer: the one candidate, or as much as all
// have in common, or a menu of them.
func (sh *shell) complete(line string, pos int) completion {
	cur := sh.engine.Table().At(line, pos)
	all := sh.candidates(cur)
	switch {
	case len(all) == 0:
		return completion{Line: line, Pos: pos}
	case len(all) == 1:
		return all[0].into(cur, line, pos)
	}
	common := prefix(all)
	if common == cur.Word || !strings.HasPrefix(common, cur.Word) && len(common) <= len(cur.Word) {
		c := completion{Line: line, Pos: pos, Menu: all, at: cur}
		if len(all) > maxMenu {
			c.Menu, c.More = all[:maxMenu], len(all)-maxMenu
		}
		return c
	}
	return candidate{text: common, more: true, bare: all[0].bare}.into(cur, line, pos)
}

// into puts a candidate into a line, in quotes where it needs them. Quotes are
// closed, so that the line can be run: behind a candidate that goes on, the
// cursor stands inside of them.
func (c candidate) into(cur script.Cursor, line string, pos int) completion {
	text, rest := c.text, line[pos:]
	if !c.bare {
		text = script.QuotePart(c.text, cur.Quote)
	}
	closing := ""
	if cur.Quote != 0 {
		closing = string(cur.Quote)
	} else if strings.HasPrefix(text, `"`) {
		closing = `"`
	}
	if closing != "" {
		rest = strings.TrimPrefix(rest, closing)
	}
	head := line[:cur.Start] + text
	if c.more {
		return completion{Line: head + closing + rest, Pos: len(head)}
	}
	head += closing
	if rest == "" {
		head += " "
	}
	return completion{Line: head + rest, Pos: len(head)}
}

// prefix is what all candidates begin with, in whole characters.
func prefix(all []candidate) string {
	p := all[0].text
	for _, c := range all[1:] {
		n := 0
		for n < len(p) && n < len(c.text) && p[n] == c.text[n] {
			n++
		}
		p = p[:n]
	}
	for p != "" && !utf8.ValidString(p) {
		p = p[:len(p)-1]
	}
	return p
}

// candidates are what may stand at the cursor and begins as typed, sorted.
func (sh *shell) candidates(cur script.Cursor) []candidate {
	if cur.Flag && cur.Verb != nil {
		found := matching(cur.Word, flags(cur.Verb))
		for i := range found {
			found[i].bare = true
		}
		return found
	}
	switch cur.Kind {
	case script.VerbName, script.Typed:
		return matching(strings.ToLower(cur.Word), sh.verbs(cur))
	case script.AliasName:
		return matching(cur.Word, sh.engine.Table().Aliases())
	case script.JobNumber:
		return sh.jobs(cur.Word)
	case script.Switch:
		return matching(cur.Word, []string{"on", "off"})
	case script.SettingName:
		return matching(cur.Word, settingNames())
	case script.SettingValue:
		return matching(cur.Word, settingValues(cur.Words))
	case script.BookmarkName:
		if cur.Words[0] == "import" {
			return sh.local(cur.Word, anyKind)
		}
		return matching(cur.Word, sh.engine.State().Bookmarks())
	case script.Host:
		return matching(cur.Word, append(hosts(sh.history.all()), sh.engine.State().Bookmarks()...))
	case script.LocalFile, script.LocalAny, script.Shell:
		return sh.local(cur.Word, anyKind)
	case script.LocalDir:
		return sh.local(cur.Word, directories)
	case script.RemoteFile, script.RemoteAny:
		found := sh.remote(cur.Word, anyKind)
		if words := matching(cur.Word, cur.Arg.Values); len(words) > 0 {
			found = append(words, found...)
		}
		return found
	case script.RemoteDir:
		return sh.remote(cur.Word, directories)
	}
	return matching(cur.Word, cur.Arg.Values)
}

func matching(typed string, texts []string) []candidate {
	var found []candidate
	for _, t := range texts {
		if strings.HasPrefix(t, typed) {
			found = append(found, candidate{text: t})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int { return strings.Compare(a.text, b.text) })
	return slices.CompactFunc(found, func(a, b candidate) bool { return a.text == b.text })
}

// verbs are the names of verbs: with nothing typed one of each, else aliases
// too.
func (sh *shell) verbs(cur script.Cursor) []string {
	names := sh.engine.Table().Aliases()
	if cur.Verb != nil && cur.Verb.Name == "help" {
		names = append(names, script.TopicNames()...)
	}
	if cur.Word != "" {
		return append(names, sh.engine.Table().Names()...)
	}
	for _, v := range sh.engine.Table().Verbs() {
		names = append(names, v.Name)
	}
	return names
}

func flags(v *script.Verb) []string {
	var names []string
	for _, f := range v.Flags {
		names = append(names, f.Name)
		if f.Long != "" {
			names = append(names, f.Long)
		}
	}
	return names
}

func settingNames() []string {
	var names []string
	for _, row := range script.SettingRows() {
		names = append(names, row.Name)
	}
	return names
}

func settingValues(words []string) []string {
	for _, row := range script.SettingRows() {
		if len(words) > 0 && (row.Name == words[0] || slices.Contains(row.Aliases, words[0])) {
			return row.Values
		}
	}
	return nil
}

// hosts are what `open` was given before. The history holds no passwords.
func hosts(lines []string) []string {
	var seen []string
	for _, line := range lines {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == "open" && !strings.HasPrefix(words[1], "-") && !strings.ContainsAny(words[1], `"'`) {
			seen = append(seen, words[1])
		}
	}
	return seen
}

// want says which names are candidates.
type want func(proto.Kind) bool

func anyKind(proto.Kind) bool { return true }

func directories(k proto.Kind) bool {
	return k == proto.Directory || k == proto.Symlink || k == proto.UnknownKind
}

// local are the names below a local directory that begin as typed does.
func (sh *shell) local(typed string, w want) []candidate {
	dir, begin := filepath.Split(typed)
	at := sh.engine.State().Local(dir)
	entries, err := os.ReadDir(at)
	if err != nil {
		return nil
	}
	var found []candidate
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), begin) || !typeable(e.Name()) {
			continue
		}
		kind := proto.RegularFile
		if info, err := os.Stat(filepath.Join(at, e.Name())); err == nil && info.IsDir() {
			kind = proto.Directory
		}
		found = offer(found, dir, begin, name{e.Name(), kind}, w)
	}
	return found
}

// remote are the names in a remote directory that begin as typed does.
func (sh *shell) remote(typed string, w want) []candidate {
	st := sh.engine.State()
	if st.Client() == nil || !st.LoggedIn() || st.Client().Broken() {
		return nil
	}
	dir, begin := path.Split(typed)
	names := sh.names.in(st, dir)
	i, _ := slices.BinarySearchFunc(names, begin, func(n name, s string) int { return strings.Compare(n.text, s) })
	names = names[i:]
	names = names[:sort.Search(len(names), func(i int) bool { return !strings.HasPrefix(names[i].text, begin) })]
	found := make([]candidate, 0, len(names)) // there may be very many
	for _, n := range names {
		found = offer(found, dir, begin, n, w)
	}
	return found
}

// typeable reports whether a name can stand in a line.
//
// SECURITY: one with control characters in it is never offered: it would reach
// the terminal.
func typeable(name string) bool { return list.Printable(name) == name }

// offer adds a name of dir. Hidden names are for those who begin with the dot.
func offer(found []candidate, dir, begin string, n name, w want) []candidate {
	hidden := strings.HasPrefix(n.text, ".") && !strings.HasPrefix(begin, ".")
	if hidden || !w(n.kind) {
		return found
	}
	c := candidate{text: dir + n.text, show: n.text, kind: n.kind}
	if n.kind == proto.Directory {
		c.text, c.show, c.more = c.text+"/", c.show+"/", true
	}
	return append(found, c)
}
