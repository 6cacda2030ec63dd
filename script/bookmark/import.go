package bookmark

import (
	"bytes"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Passwords says what becomes of passwords that a file holds.
type Passwords byte

const (
	Dropped Passwords = iota
	Kept
)

// Found is what a file of another program holds.
type Found struct {
	Program   string
	Bookmarks []Bookmark
	Skipped   int // entries that are for other protocols, or no servers at all
	Dropped   int // passwords that were there and are not taken over
	Unread    int // passwords that can't be read: sealed by a master password

	names map[string]int // that are taken, and how many wanted them
}

// Import reads a file of FileZilla, WinSCP, lftp or ncftp, or a .netrc.
//
// SECURITY: such files come by mail too. All that is read is bounded and
// checked like a line that was typed; nothing but names of servers comes out.
func Import(file string, data []byte, passwords Passwords) (Found, error) {
	if len(data) > MaxFile {
		return Found{}, &Error{What: "the file is too long"}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	f := Found{Program: programOf(file, data), names: map[string]int{}}
	var entries []entry
	var err error
	switch f.Program {
	case "FileZilla":
		entries, err = fileZilla(data)
	case "WinSCP":
		entries = winSCP(string(data))
	case "ncftp":
		entries = ncftp(string(data))
	case "netrc":
		entries = netrc(string(data))
	default:
		entries = lftp(string(data))
	}
	if err != nil {
		return f, err
	}
	for _, e := range entries {
		f.take(e, passwords)
	}
	if len(f.Bookmarks) == 0 && f.Skipped == 0 {
		return f, &Error{What: "this is no file of FileZilla (sitemanager.xml), WinSCP (WinSCP.ini), lftp or ncftp (bookmarks), and no .netrc"}
	}
	return f, nil
}

// programOf looks at a file's beginning, and at its name.
func programOf(file string, data []byte) string {
	base := strings.ToLower(path.Base(strings.ReplaceAll(file, `\`, "/")))
	switch head := data[:min(len(data), 64<<10)]; {
	case bytes.Contains(head, []byte("<FileZilla")), bytes.HasPrefix(bytes.TrimSpace(head), []byte("<?xml")):
		return "FileZilla"
	case bytes.HasPrefix(head, []byte("NcFTP bookmark-file")):
		return "ncftp"
	case bytes.Contains(head, []byte(`[Sessions\`)), bytes.Contains(head, []byte("[Configuration")), strings.HasSuffix(base, ".ini"):
		return "WinSCP"
	case strings.HasSuffix(base, "netrc"), regexp.MustCompile(`(?m)^\s*(machine|default)\s`).Match(head):
		return "netrc"
	}
	return "lftp"
}

// entry is a server as another program has noted it.
type entry struct {
	folder string // of the name, "" for none
	Bookmark
	other  bool // it is for another protocol
	sealed bool // it has a password that nobody can read here
}

// take adds an entry if it is a server of FTP.
func (f *Found) take(e entry, passwords Passwords) {
	b := e.Bookmark
	if b.Scheme == "" {
		b.Scheme = "ftp"
	}
	if b.Port == "0" || b.Port == defaultPort(b.Scheme) {
		b.Port = ""
	}
	if e.other || b.check() != nil || len(f.Bookmarks) >= MaxBookmarks {
		f.Skipped++
		return
	}
	if b.User == "anonymous" || b.User == "" {
		b.User, b.Pass = "", ""
	}
	if e.sealed {
		f.Unread++
	}
	if b.Pass != "" && passwords == Dropped {
		b.Pass = ""
		f.Dropped++
	}
	b.Name = f.free(e.folder, oneWord(b.Name), oneWord(b.Host))
	f.Bookmarks = append(f.Bookmarks, b)
}

func defaultPort(scheme string) string {
	if scheme == "ftps" {
		return "990"
	}
	return "21"
}

// free is a name that no other bookmark has: its own, with its folder, or with
// a number.
func (f *Found) free(folder, name, host string) string {
	if name == "" {
		name = host
	}
	if folder = oneWord(folder); f.names[name] > 0 && folder != "" {
		name = folder + "/" + name
	}
	for base := name; f.names[name] > 0; {
		f.names[base]++ // so that a thousand of one name are not a million steps
		name = base + "-" + strconv.Itoa(f.names[base])
	}
	f.names[name]++
	return name
}

// oneWord makes a name what can be typed behind open without quotes.
func oneWord(name string) string {
	name = strings.Map(func(r rune) rune {
		if unfit(r) {
			return ' '
		}
		return r
	}, name)
	name = strings.Join(strings.Fields(name), "-")
	for len(name) > 64 || !utf8.ValidString(name) {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return strings.TrimLeft(name, "-")
}
