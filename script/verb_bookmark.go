package script

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script/bookmark"
)

// bookmarks lists, adds, removes and takes over names for servers.
func bookmarks(ctx context.Context, st *State, a Args) error {
	if st.bookmarkFile() == "" {
		return &StateError{What: "there is no directory for bookmarks", Hint: "without --no-config, and with a home directory, there is"}
	}
	switch what := a.Text(0); {
	case what == "" || what == "list":
		return st.listBookmarks()
	case what == "import":
		return st.importBookmarks(a)
	case a.Len() < 2:
		return &CallError{Verb: a.Verb, What: what + " needs NAME"}
	case what == "rm":
		return st.removeBookmarks(texts(a.Words[1:]))
	}
	return st.addBookmark(ctx, a)
}

func (st *State) bookmarkFile() string {
	if st.cfg.Personal == "" {
		return ""
	}
	return filepath.Join(st.cfg.Personal, "bookmarks")
}

// readBookmarks reads the file; lines that are none are told of.
func (st *State) readBookmarks() ([]bookmark.Bookmark, error) {
	path := st.bookmarkFile()
	if path == "" {
		return nil, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var text string
	if err == nil {
		text, err = readScript(path)
	}
	if err != nil {
		return nil, err
	}
	all, mistakes := bookmark.Read(text)
	for _, m := range mistakes {
		st.warn("%s: %v", path, m)
	}
	// SECURITY: as with .netrc, a password that others can read is not used.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		for i := range all {
			if all[i].Pass != "" {
				st.warn("%s can be read by others: its passwords are not used; chmod 600 mends that", path)
				dropPasswords(all)
				break
			}
		}
	}
	return all, nil
}

func dropPasswords(all []bookmark.Bookmark) {
	for i := range all {
		all[i].Pass = ""
	}
}

// Bookmarks are the names that open knows.
func (st *State) Bookmarks() []string {
	text, err := readScript(st.bookmarkFile())
	if err != nil {
		return nil
	}
	all, _ := bookmark.Read(text)
	names := make([]string, len(all))
	for i, b := range all {
		names[i] = b.Name
	}
	return names
}

// place is what a word behind open means: a bookmark, or a host or URL.
func (st *State) place(word string) (target, error) {
	if !strings.Contains(word, "://") {
		all, err := st.readBookmarks()
		if err != nil {
			return target{}, err
		}
		if b, ok := bookmark.Find(all, word); ok {
			return parseTarget(b.Reveal())
		}
	}
	return parseTarget(word)
}

func (st *State) listBookmarks() error {
	all, err := st.readBookmarks()
	if err != nil {
		return err
	}
	var rows [][]string
	for _, b := range all {
		rows = append(rows, []string{b.Name, ShownURL(b.Reveal())})
	}
	if len(rows) == 0 {
		st.say("there are none; `bookmark add NAME` keeps where you are, `help bookmark` has more")
	}
	return st.printRows(rows)
}

// addBookmark keeps a URL, or where we are.
func (st *State) addBookmark(ctx context.Context, a Args) error {
	name, url := a.Text(1), a.Text(2)
	if url == "" {
		if !st.LoggedIn() {
			return &CallError{Verb: a.Verb, What: "needs a URL while there is no connection", Hint: "bookmark add NAME ftp://USER@HOST/DIR"}
		}
		if _, err := st.Where(ctx); err != nil {
			return err
		}
		url = st.whereURL()
	}
	b, err := bookmark.Parse(name, url)
	if err != nil {
		return err
	}
	if b.Pass != "" && !a.Flag("-p") {
		b.Pass = ""
		st.say("the password is left out: open asks for it, or finds it in ~/.netrc; -p keeps it")
	}
	all, err := st.readBookmarks()
	if err != nil {
		return err
	}
	return st.writeBookmarks(bookmark.Put(all, b))
}

// whereURL is where the connection leads, as a URL.
func (st *State) whereURL() string {
	b := bookmark.Bookmark{Scheme: "ftp", Host: st.site.Host, Port: st.site.Port, Dir: st.site.Dir}
	switch {
	case st.last.to.tls == client.TLSImplicit:
		b.Scheme = "ftps"
	case st.client.Encrypted():
		b.Scheme = "ftpes"
	}
	if b.Port == "21" || b.Scheme == "ftps" && b.Port == "990" {
		b.Port = ""
	}
	if st.site.User != anonymous {
		b.User = st.site.User
	}
	if b.Dir == "/" {
		b.Dir = ""
	}
	return b.URL()
}

// writeBookmarks replaces the file.
//
// SECURITY: it is its owner's alone, whatever is in it.
func (st *State) writeBookmarks(all []bookmark.Bookmark) error {
	return writeOwn(st.bookmarkFile(), bookmark.Write(all))
}

func (st *State) removeBookmarks(names []string) error {
	all, err := st.readBookmarks()
	if err != nil {
		return err
	}
	for _, name := range names {
		kept := all[:0:0]
		for _, b := range all {
			if b.Name != name {
				kept = append(kept, b)
			}
		}
		if len(kept) == len(all) {
			return &UnknownError{What: "bookmark", Name: name, Hint: "`bookmark` lists them"}
		}
		all = kept
	}
	return st.writeBookmarks(all)
}

// importBookmarks takes over what other programs have noted: in the files that
// are named, else wherever they have them.
func (st *State) importBookmarks(a Args) error {
	files := texts(a.Words[1:])
	if len(files) == 0 {
		if files = st.foreignBookmarks(); len(files) == 0 {
			return &StateError{What: "no other program has bookmarks where it usually does", Hint: "bookmark import FILE reads one from elsewhere"}
		}
	}
	all, err := st.readBookmarks()
	if err != nil {
		return err
	}
	passwords := bookmark.Dropped
	if a.Flag("-p") {
		passwords = bookmark.Kept
	}
	for _, file := range files {
		path := st.Local(file)
		data, err := readForeign(path)
		if err != nil {
			return err
		}
		found, err := bookmark.Import(path, data, passwords)
		if err != nil {
			return &FileError{Name: file, Err: err}
		}
		added := 0
		for _, b := range found.Bookmarks {
			if _, taken := bookmark.Find(all, b.Name); !taken {
				all, added = append(all, b), added+1
			}
		}
		st.say("%s: %s", file, told(found, added))
	}
	return st.writeBookmarks(all)
}

func readForeign(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > bookmark.MaxFile {
		return nil, &os.PathError{Op: "import", Path: path, Err: errors.New("no file of bookmarks: it is too long, or none at all")}
	}
	return os.ReadFile(path)
}

// told is what became of a file, in a line.
func told(f bookmark.Found, added int) string {
	parts := []string{fmt.Sprintf("%s: %d added", f.Program, added)}
	for _, p := range []struct {
		n    int
		what string
	}{
		{len(f.Bookmarks) - added, "have names that were there"},
		{f.Skipped, "are not for FTP"},
		{f.Dropped, "had a password, which is left out (-p keeps it)"},
		{f.Unread, "have a password that can't be read"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return list.Printable(strings.Join(parts, ", "))
}

// foreignBookmarks are the files of other programs that are there.
func (st *State) foreignBookmarks() []string {
	var found []string
	for _, place := range []struct{ variable, path string }{
		{"HOME", ".config/filezilla/sitemanager.xml"}, {"HOME", ".filezilla/sitemanager.xml"}, {"APPDATA", "FileZilla/sitemanager.xml"},
		{"APPDATA", "WinSCP.ini"},
		{"HOME", ".local/share/lftp/bookmarks"}, {"HOME", ".lftp/bookmarks"},
		{"HOME", ".ncftp/bookmarks"},
	} {
		if dir, ok := st.env(place.variable); ok && dir != "" {
			if path := filepath.Join(dir, filepath.FromSlash(place.path)); exists(path) {
				found = append(found, path)
			}
		}
	}
	if path := st.netrcPath(); path != "" && exists(path) {
		found = append(found, path)
	}
	return found
}
