package bookmark

import (
	"encoding/base64"
	"strings"

	"ferry/proto"
)

// lftp reads its bookmarks: a name, a blank or tab, and a URL.
func lftp(text string) []entry {
	var all []entry
	for line := range strings.Lines(text) {
		name, target, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			name, target, ok = strings.Cut(strings.TrimSpace(line), " ")
		}
		target = strings.TrimSpace(target)
		if !ok || name[0] == '#' || len(all) >= MaxBookmarks {
			continue
		}
		b, err := Parse("x", strings.TrimSuffix(target, "/"))
		switch {
		case err != nil && !strings.Contains(target, "://"):
			continue
		case err != nil:
			all = append(all, entry{other: true})
			continue
		}
		b.Name = name
		all = append(all, entry{Bookmark: b})
	}
	return all
}

// ncftp reads its bookmarks: two lines of head, then fields with commas
// between them: name, host, user, password, account, directory, type, port.
func ncftp(text string) []entry {
	var all []entry
	for line := range strings.Lines(text) {
		f := ncftpFields(strings.TrimRight(line, "\r\n"))
		if len(f) < 8 || len(all) >= MaxBookmarks {
			continue
		}
		e := entry{Bookmark: Bookmark{Name: f[0], Scheme: "ftp", Host: f[1], User: f[2], Dir: f[5], Port: f[7]}}
		pass := f[3]
		if coded, ok := strings.CutPrefix(pass, "*encoded*"); ok {
			b, err := base64.StdEncoding.DecodeString(coded)
			pass, e.sealed = strings.TrimRight(string(b), "\x00"), err != nil
		}
		e.Pass = proto.Secret(pass)
		all = append(all, e)
	}
	return all
}

// ncftpFields splits a line at commas; a backslash takes the meaning from the
// sign behind it, and $XX is a byte.
func ncftpFields(line string) []string {
	var fields []string
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line):
			i++
			b.WriteByte(line[i])
		case c == '$' && i+2 < len(line) && isHex(line[i+1]) && isHex(line[i+2]):
			b.WriteByte(unhex(line[i+1])<<4 | unhex(line[i+2]))
			i += 2
		case c == ',':
			fields = append(fields, b.String())
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	return append(fields, b.String())
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}

// netrc reads the machines of a .netrc, without their passwords: a login finds
// them there by itself.
func netrc(text string) []entry {
	var all []entry
	at := -1 // of the entry whose values come
	for lines := strings.Split(text, "\n"); len(lines) > 0; lines = lines[1:] {
		words := strings.Fields(lines[0])
		for len(words) > 0 && words[0][0] != '#' {
			key, value := words[0], ""
			if words = words[1:]; key == "default" {
				at = -1
				continue
			}
			for len(words) == 0 && len(lines) > 1 && key != "macdef" { // the value stands in the next line
				lines = lines[1:]
				words = strings.Fields(lines[0])
			}
			if len(words) > 0 {
				value, words = words[0], words[1:]
			}
			switch {
			case key == "machine" && len(all) < MaxBookmarks:
				all, at = append(all, entry{Bookmark: Bookmark{Name: value, Host: value}}), len(all)
			case key == "login" && at >= 0:
				all[at].User = value
			case key == "macdef": // up to an empty line
				for words = nil; len(lines) > 1 && strings.TrimSpace(lines[0]) != ""; {
					lines = lines[1:]
				}
			}
		}
	}
	return all
}
