package repl

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script"
)

// Bounds of completion: a person waits for it with a finger on Tab.
const (
	listWait = 2 * time.Second  // for a listing of a remote directory
	listLife = 20 * time.Second // of a listing that was fetched
	maxNames = 200_000          // of one directory, kept
)

// complete is the editor's completer.
func (sh *shell) complete(line string, pos int) (candidates []string, start int) {
	cur := sh.engine.Table().At(line, pos)
	var words []word
	switch {
	case cur.Flag && cur.Verb != nil:
		words = flags(cur)
	default:
		words = sh.words(cur)
	}
	for _, w := range words {
		if strings.HasPrefix(w.text, cur.Word) {
			candidates = append(candidates, w.quoted(cur))
		}
	}
	slices.Sort(candidates)
	return slices.Compact(candidates), cur.Start
}

// word is something that could be typed. More is what may follow at once: a
// directory is rarely the end of a path.
type word struct {
	text string
	more bool
}

func (w word) quoted(cur script.Cursor) string {
	s := script.QuoteWord(w.text, cur.Quote)
	if w.more && cur.Quote != 0 {
		s = strings.TrimSuffix(s, string(cur.Quote))
	}
	if !w.more {
		s += " "
	}
	return s
}

func plain(texts []string) []word {
	words := make([]word, len(texts))
	for i, t := range texts {
		words[i] = word{text: t}
	}
	return words
}

func flags(cur script.Cursor) []word {
	var names []string
	for _, f := range cur.Verb.Flags {
		names = append(names, f.Name)
		if f.Long != "" {
			names = append(names, f.Long)
		}
	}
	return plain(names)
}

func (sh *shell) words(cur script.Cursor) []word {
	switch cur.Kind {
	case script.VerbName:
		return plain(sh.engine.Table().Names())
	case script.Switch:
		return plain([]string{"on", "off"})
	case script.Choice:
		return plain(cur.Arg.Values)
	case script.SettingName:
		return plain(settingNames())
	case script.SettingValue:
		return plain(settingValues(cur.Words))
	case script.LocalFile, script.LocalAny:
		return sh.local(cur.Word, nil)
	case script.LocalDir:
		return sh.local(cur.Word, isDir)
	case script.RemoteFile, script.RemoteAny:
		return sh.remote(cur.Word, nil)
	case script.RemoteDir:
		return sh.remote(cur.Word, isDir)
	}
	return nil
}

func isDir(k proto.Kind) bool { return k == proto.Directory || k == proto.Symlink }

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

// local are the names below a local directory that begin as typed does.
func (sh *shell) local(typed string, want func(proto.Kind) bool) []word {
	dir, _ := filepath.Split(typed)
	at := dir
	if !filepath.IsAbs(at) {
		at = filepath.Join(sh.engine.State().LocalDir(), dir)
	}
	entries, err := os.ReadDir(at)
	if err != nil {
		return nil
	}
	var words []word
	for _, e := range entries {
		kind := proto.RegularFile
		if info, err := os.Stat(filepath.Join(at, e.Name())); err == nil && info.IsDir() {
			kind = proto.Directory
		}
		words = addName(words, dir, typed, e.Name(), kind, want)
	}
	return words
}

// remote are the names in a remote directory that begin as typed does.
func (sh *shell) remote(typed string, want func(proto.Kind) bool) []word {
	st := sh.engine.State()
	if st.Client() == nil || !st.LoggedIn() {
		return nil
	}
	dir, _ := path.Split(typed)
	var words []word
	for _, e := range sh.names.in(st, dir) {
		words = addName(words, dir, typed, e.Name, e.Kind, want)
	}
	return words
}

// addName adds an entry of dir. Hidden names are offered to those who begin
// with the dot.
//
// SECURITY: a name with control characters in it is never offered: it would
// reach the terminal.
func addName(words []word, dir, typed, name string, kind proto.Kind, want func(proto.Kind) bool) []word {
	hidden := strings.HasPrefix(name, ".") && !strings.HasPrefix(typed[len(dir):], ".")
	if hidden || want != nil && !want(kind) || list.Printable(name) != name {
		return words
	}
	w := word{text: dir + name}
	if kind == proto.Directory {
		w.text, w.more = w.text+"/", true
	}
	return append(words, w)
}

// names are listings of remote directories, kept for a while.
type names struct {
	site script.Site
	dirs map[string]listing
}

type listing struct {
	entries []proto.Entry
	fetched time.Time
}

// in lists dir of where the shell is, from memory when it is fresh. It waits
// no longer than a person would; a listing that was cut is not kept.
func (n *names) in(st *script.State, dir string) []proto.Entry {
	if n.dirs == nil || n.site != st.Site() {
		n.site, n.dirs = st.Site(), map[string]listing{}
	}
	if l, ok := n.dirs[dir]; ok && time.Since(l.fetched) < listLife {
		return l.entries
	}
	ctx, cancel := context.WithTimeout(context.Background(), listWait)
	defer cancel()
	var entries []proto.Entry
	for line, err := range st.Client().List(ctx, dir) {
		if err != nil {
			return entries
		}
		if line.Verdict == list.Understood && line.Entry.Name != "." && line.Entry.Name != ".." {
			entries = append(entries, line.Entry)
		}
		if len(entries) == maxNames {
			return entries
		}
	}
	n.dirs[dir] = listing{entries: entries, fetched: time.Now()}
	return entries
}

// forget drops what a line may have made untrue. Which lines those are is not
// worth knowing: only pure looking keeps what was seen.
func (n *names) forget(line string) {
	verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch verb {
	case "ls", "dir", "pwd", "help", "?", "status", "lls", "lpwd", "cat", "size", "modtime":
		return
	}
	n.dirs = nil
}
