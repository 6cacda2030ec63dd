package repl

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"ferry/proto"
	"ferry/proto/list"
)

// offers are what may stand at the cursor and begins as typed, sorted. There
// may be very many: kept are the first of them, and what all have in common.
type offers struct {
	menu   []candidate // at most maxMenu
	n      int         // of all
	common string      // what all begin with, maybe not in whole characters
}

func (c *offers) add(one candidate) {
	if c.count("", one.text) {
		c.menu = append(c.menu, one)
	}
}

// count counts one that is called dir and text, and reports whether it is to
// be kept.
func (c *offers) count(dir, text string) bool {
	if c.n++; c.n == 1 {
		c.common = dir + text
	}
	n := same(c.common, dir)
	if n == len(dir) {
		n += same(c.common[n:], text)
	}
	c.common = c.common[:n]
	return c.n <= maxMenu
}

// same is how many bytes two texts begin with alike.
func same(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// prefix is what all begin with, in whole characters.
func (c *offers) prefix() string {
	p := c.common
	for p != "" && !utf8.ValidString(p) {
		p = p[:len(p)-1]
	}
	return p
}

// offer adds a name of dir. Hidden names are for those who begin with the dot.
func (c *offers) offer(dir, begin string, n name, w want) {
	hidden := strings.HasPrefix(n.text, ".") && !strings.HasPrefix(begin, ".")
	if hidden || !w(n.kind) || !c.count(dir, n.text) {
		return
	}
	one := candidate{text: dir + n.text, show: n.text, kind: n.kind}
	if n.kind == proto.Directory {
		one.text, one.show, one.more = one.text+"/", one.show+"/", true
	}
	c.menu = append(c.menu, one)
}

// want says which names are candidates.
type want func(proto.Kind) bool

func anyKind(proto.Kind) bool { return true }

func directories(k proto.Kind) bool {
	return k == proto.Directory || k == proto.Symlink || k == proto.UnknownKind
}

// local are the names below a local directory that begin as typed does.
func (sh *shell) local(typed string, w want) (found offers) {
	dir, begin := filepath.Split(typed)
	at := sh.engine.State().Local(dir)
	entries, err := os.ReadDir(at)
	if err != nil {
		return found
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), begin) && typeable(e.Name()) {
			found.offer(dir, begin, name{e.Name(), localKind(at, e)}, w)
		}
	}
	return found
}

// localKind is a directory also where a link leads to one.
func localKind(dir string, e fs.DirEntry) proto.Kind {
	if e.Type()&fs.ModeSymlink != 0 {
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && info.IsDir() {
			return proto.Directory
		}
	}
	if e.IsDir() {
		return proto.Directory
	}
	return proto.RegularFile
}

// remote adds the names in a remote directory that begin as typed does.
func (sh *shell) remote(found *offers, typed string, w want) {
	st := sh.engine.State()
	if st.Client() == nil || !st.LoggedIn() || st.Client().Broken() {
		return
	}
	dir, begin := path.Split(typed)
	names := sh.names.in(st, dir)
	first, _ := slices.BinarySearchFunc(names, begin, func(n name, s string) int { return strings.Compare(n.text, s) })
	for _, n := range names[first:] {
		if !strings.HasPrefix(n.text, begin) {
			return
		}
		found.offer(dir, begin, n, w)
	}
}

// typeable reports whether a name can stand in a line.
//
// SECURITY: one with control characters in it is never offered: it would reach
// the terminal.
func typeable(name string) bool { return list.Printable(name) == name }
