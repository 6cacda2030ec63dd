package from

import (
	"strings"
)

// sftp reads batches as sftp -b does. They are ferry's own way but for a few
// verbs, and for the server, which stands on sftp's command line.
type sftp struct{ *writer }

func (s *sftp) script(text string) {
	opened := false
	for line := range strings.Lines(text) {
		s.at++
		line = strings.TrimRight(line, "\n")
		bare := strings.TrimLeft(line, " \t")
		switch {
		case bare == "":
			s.line()
			continue
		case bare[0] == '#':
			s.comment(bare)
			continue
		case !opened:
			s.line("# sftp -b FILE USER@HOST is ferry run FILE ftp://USER@HOST here")
			s.line("open ${1}")
			opened = true
		}
		s.one(bare)
	}
}

func (s *sftp) one(line string) {
	body := strings.TrimLeft(line, "-@ \t")
	prefix := strings.ReplaceAll(strings.ReplaceAll(line[:len(line)-len(body)], " ", ""), "\t", "")
	verb, rest, _ := strings.Cut(body, " ")
	rest = strings.TrimSpace(rest)
	switch name := strings.ToLower(verb); name {
	case "chown", "chgrp":
		s.cannot(name+" has no counterpart", "FTP has no such command; some servers have one behind `site`")
	case "lumask":
		s.cannot("lumask has no counterpart", "set the umask before ferry is started")
	case "version":
		s.line("# version is not needed here")
	case "progress":
		s.line(prefix + "progress")
	case "lls":
		s.line(prefix+"lls", dropped(rest, "lahtSr1", ""))
	case "ls":
		s.line(prefix+"ls", dropped(rest, "lahtSr1", "fn"))
	case "df":
		s.line(prefix+"df", dropped(rest, "h", "i"))
	case "get", "put", "reget", "reput":
		s.line(prefix+name, dropped(rest, "aRrfpP", "aRrfpP"))
	case "symlink":
		s.line(prefix+"ln -s", rest)
	default:
		s.line(prefix+verb, rest)
	}
}

// dropped takes letters off the options that begin a text.
func dropped(rest, keep, drop string) string {
	var words []string
	for {
		word, after, _ := strings.Cut(rest, " ")
		if !strings.HasPrefix(word, "-") || word == "-" || word == "--" {
			return strings.TrimSpace(strings.Join(append(words, rest), " "))
		}
		kept := ""
		for _, c := range word[1:] {
			if strings.ContainsRune(keep, c) || !strings.ContainsRune(drop, c) {
				kept += string(c)
			}
		}
		if kept != "" {
			words = append(words, "-"+kept)
		}
		rest = strings.TrimSpace(after)
	}
}
