package bookmark

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ferry/proto"
)

// A Bookmark is a server, a user there and a directory, under a name.
type Bookmark struct {
	Name   string // one word
	Scheme string // ftp, ftpes or ftps
	Host   string
	Port   string // "" for the scheme's own
	User   string // "" for anonymous
	Pass   proto.Secret
	Dir    string // "" for where the login leads
}

// URL is the bookmark as a URL, without the password.
func (b Bookmark) URL() string {
	b.Pass = ""
	return b.full()
}

// Reveal is the URL with the password, if it has one.
func (b Bookmark) Reveal() string { return b.full() }

func (b Bookmark) full() string {
	var s strings.Builder
	s.WriteString(b.Scheme + "://")
	if b.User != "" {
		s.WriteString(escape(b.User))
		if b.Pass != "" {
			s.WriteString(":" + escape(b.Pass.Reveal()))
		}
		s.WriteByte('@')
	}
	host := b.Host
	switch {
	case b.Port != "":
		host = net.JoinHostPort(b.Host, b.Port)
	case strings.Contains(b.Host, ":"):
		host = "[" + b.Host + "]"
	}
	s.WriteString(host)
	// RFC 1738 §3.2.2: the path of a URL is relative to the login's directory.
	if b.Dir != "" {
		parts := strings.Split(b.Dir, "/")
		for i := range parts {
			parts[i] = escape(parts[i])
		}
		path := strings.Join(parts, "/")
		if rest, ok := strings.CutPrefix(path, "/"); ok {
			path = "%2F" + rest
		}
		s.WriteString("/" + path)
	}
	return s.String()
}

// escape writes all as %XX that means something in a URL.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// Parse reads a bookmark's URL.
func Parse(name, text string) (Bookmark, error) {
	b := Bookmark{Name: name}
	if name == "" || len(name) > maxField || strings.ContainsFunc(name, unfit) {
		return b, &Error{What: fmt.Sprintf("%q is no name for a bookmark: one word is", name)}
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "ftp", text
	}
	switch b.Scheme = strings.ToLower(scheme); b.Scheme {
	case "ftp", "ftps", "ftpes":
	case "ftp+tls":
		b.Scheme = "ftpes"
	default:
		return b, &Error{What: "a bookmark is for ftp://, ftpes:// or ftps://"}
	}
	authority, path, _ := strings.Cut(rest, "/")
	var err error
	if b.Dir, err = url.PathUnescape(path); err != nil {
		return b, &Error{What: "a % in a URL is followed by two hexadecimal digits"}
	}
	b.Dir = strings.TrimRight(b.Dir, "/")
	if b.Dir == "" && path != "" && strings.Trim(path, "/") != "" {
		b.Dir = "/" // %2F
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, pass, _ := strings.Cut(authority[:at], ":")
		authority = authority[at+1:]
		var p string
		if b.User, err = url.PathUnescape(user); err == nil {
			p, err = url.PathUnescape(pass)
		}
		if err != nil {
			return b, &Error{What: "a % in a URL is followed by two hexadecimal digits"}
		}
		if b.User != "" {
			b.Pass = proto.Secret(p)
		}
	}
	return b, b.place(authority)
}

// place reads host[:port].
func (b *Bookmark) place(text string) error {
	b.Host = text
	if host, port, err := net.SplitHostPort(text); err == nil {
		b.Host, b.Port = host, port
	}
	b.Host = strings.TrimSuffix(strings.TrimPrefix(b.Host, "["), "]")
	return b.check()
}

// check refuses what can't be a server, and what could break lines or drive a
// terminal; a directory is written in one way, without slashes behind it.
func (b *Bookmark) check() error {
	if b.Host == "" || strings.ContainsFunc(b.Host, unfit) || strings.ContainsAny(b.Host, `/\@[]%?#"'`) {
		return &Error{What: "no host name"}
	}
	if b.Port != "" {
		n, err := strconv.ParseUint(b.Port, 10, 16)
		if err != nil || n == 0 {
			return &Error{What: "the port is no number from 1 to 65535"}
		}
		b.Port = strconv.FormatUint(n, 10)
	}
	if dir := strings.TrimRight(b.Dir, "/"); dir != "" {
		b.Dir = dir
	} else if b.Dir != "" {
		b.Dir = "/"
	}
	for _, field := range []string{b.Host, b.User, b.Pass.Reveal(), b.Dir} {
		if len(field) > maxField || strings.ContainsAny(field, "\r\n\x00") || !utf8.ValidString(field) {
			return &Error{What: "a part of it is too long, or no text"}
		}
	}
	return nil
}

// unfit are characters that no name or host has.
func unfit(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == utf8.RuneError || strings.ContainsRune("\"'`\\#;|&<>$*?{}()!", r)
}

// Error is a bookmark that is none. It never holds the text, which may have a
// password in it.
type Error struct {
	Line int // of its file, 0 for none
	What string
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d: %s", e.Line, e.What)
	}
	return e.What
}

// Read reads the file of bookmarks: a name and a URL a line, # begins a
// comment. Lines that can't be read are left out and told.
func Read(text string) (all []Bookmark, mistakes []error) {
	n, at := 0, map[string]int{}
	for line := range strings.Lines(text) {
		n++
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		var b Bookmark
		var err error = &Error{What: "a name and a URL are wanted"}
		if len(words) == 2 {
			b, err = Parse(words[0], words[1])
		}
		if e, bad := err.(*Error); bad {
			e.Line = n
			mistakes = append(mistakes, e)
			continue
		}
		if i, again := at[b.Name]; again {
			all[i] = b
			continue
		}
		if len(all) == MaxBookmarks {
			return all, append(mistakes, &Error{Line: n, What: "there are too many bookmarks"})
		}
		at[b.Name], all = len(all), append(all, b)
	}
	return all, mistakes
}

// Write is the text that Read reads, sorted by name.
func Write(all []Bookmark) string {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Bookmark) int { return cmp.Compare(a.Name, b.Name) })
	var s strings.Builder
	s.WriteString("# bookmarks of ferry: a name and a URL a line\n")
	for _, b := range all {
		s.WriteString(b.Name + "\t" + b.Reveal() + "\n")
	}
	return s.String()
}

// Find is the bookmark of a name: its own, or the one that it had where it was
// imported from, blanks and all.
func Find(all []Bookmark, name string) (Bookmark, bool) {
	i := slices.IndexFunc(all, func(b Bookmark) bool { return b.Name == name })
	if i < 0 {
		word := oneWord(name)
		i = slices.IndexFunc(all, func(b Bookmark) bool { return b.Name == word })
	}
	if i < 0 {
		return Bookmark{}, false
	}
	return all[i], true
}

// Put adds a bookmark, in the place of one of the same name.
func Put(all []Bookmark, b Bookmark) []Bookmark {
	if i := slices.IndexFunc(all, func(o Bookmark) bool { return o.Name == b.Name }); i >= 0 {
		all[i] = b
		return all
	}
	return append(all, b)
}
