package repl

import (
	"slices"
	"strings"

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
	switch all.n {
	case 0:
		return completion{Line: line, Pos: pos}
	case 1:
		return all.menu[0].into(cur, line, pos)
	}
	common := all.prefix()
	if common == cur.Word || !strings.HasPrefix(common, cur.Word) && len(common) <= len(cur.Word) {
		return completion{Line: line, Pos: pos, Menu: all.menu, More: all.n - len(all.menu), at: cur}
	}
	return candidate{text: common, more: true, bare: all.menu[0].bare}.into(cur, line, pos)
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

// candidates are what may stand at the cursor and begins as typed.
func (sh *shell) candidates(cur script.Cursor) offers {
	if cur.Flag && cur.Verb != nil {
		found := matching(cur.Word, flags(cur.Verb))
		for i := range found.menu {
			found.menu[i].bare = true
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
		found := matching(cur.Word, cur.Arg.Values)
		sh.remote(&found, cur.Word, anyKind)
		return found
	case script.RemoteDir:
		var found offers
		sh.remote(&found, cur.Word, directories)
		return found
	}
	return matching(cur.Word, cur.Arg.Values)
}

func matching(typed string, texts []string) (found offers) {
	texts = slices.Sorted(slices.Values(texts))
	for _, t := range slices.Compact(texts) {
		if strings.HasPrefix(t, typed) {
			found.add(candidate{text: t})
		}
	}
	return found
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
