package from

import (
	"slices"
	"strings"
)

// switches takes what begins with a hyphen off a line's words: -name, -name=value.
func switches(args []word) (opts map[string]word, rest []word) {
	opts = map[string]word{}
	for i, a := range args {
		if a.text == "--" {
			return opts, append(rest, args[i+1:]...)
		}
		if len(a.text) > 1 && a.text[0] == '-' && a.bare[0] {
			name, _, _ := strings.Cut(strings.ToLower(a.text), "=")
			value := word{}
			if len(a.text) > len(name) {
				value = word{text: a.text[len(name)+1:], bare: a.bare[len(name)+1:]}
			}
			opts[name] = value
			continue
		}
		rest = append(rest, a)
	}
	return opts, rest
}

func (s *winscp) verb(verb string, args []word, line string) {
	opts, rest := switches(args)
	switch verb {
	case "open":
		s.openLine(opts, rest)
	case "option":
		s.option(rest)
	case "get", "recv", "mget", "put", "send", "mput":
		s.transfer(verb, opts, rest)
	case "synchronize":
		s.synchronize(opts, rest)
	case "rm":
		s.line("rm", strings.Join(s.masks(rest), " "))
	case "mv", "rename":
		s.line("rename", strings.Join(s.masks(rest), " "))
	case "rmdir":
		s.line("rm -r", strings.Join(literals(rest), " "))
	case "ls":
		s.line("dir", strings.Join(s.masks(rest), " "))
	case "call", "!":
		s.line("quote", strings.TrimSpace(line[len(verb):]))
	case "checksum":
		if len(rest) == 2 {
			s.line("checksum -a", rest[0].literal(), rest[1].literal())
			return
		}
		s.cannot("checksum without algorithm and file", "checksum -a SHA-256 FILE")
	case "exit", "bye":
		s.line("quit")
	case "close":
		s.line("close")
	case "keepuptodate":
		s.cannot("keepuptodate has no counterpart in a script", "a timer that runs `mirror -R DIR DIR` every few minutes does its work")
	case "session":
		s.cannot("session has no counterpart", "a script has one connection; open another, or use parallel")
	case "cd", "pwd", "mkdir", "lcd", "lpwd", "lls", "chmod", "stat", "echo", "ln", "cp":
		s.line(verb, strings.Join(s.masks(rest), " "))
	case "help":
		s.line("# help is not needed here")
	default:
		s.cannot(verb+" has no counterpart", "`help` lists ferry's verbs")
	}
}

// masks are names and patterns: *.* is all names to WinSCP.
func (s *winscp) masks(words []word) []string {
	var all []string
	for _, w := range words {
		if i := strings.LastIndexAny(w.text, `/\`) + 1; w.text[i:] == "*.*" {
			w = word{text: w.text[:i+1], bare: w.bare[:i+1]}
		}
		all = append(all, w.glob())
	}
	return all
}

// openLine: open URL with -explicit, -implicit, -passive, -certificate and so on.
func (s *winscp) openLine(opts map[string]word, rest []word) {
	if len(rest) == 0 {
		s.cannot("open without a host", "open ftp://USER@HOST")
		return
	}
	p := cutPlace(rest[0].text)
	if p.scheme == "ftps" && p.port == "21" {
		p.scheme = "ftpes"
	}
	if user := opts["-username"].text; user != "" {
		p.user = user
	}
	if opts["-password"].text != "" {
		p.pass = "*"
	}
	if len(rest) > 1 {
		p.user = rest[1].text
	}
	if len(rest) > 2 {
		p.pass = "*"
	}
	for _, name := range []string{"-passive", "-explicit", "-implicit", "-certificate", "-timeout"} {
		value, has := opts[name]
		if !has {
			continue
		}
		switch {
		case name == "-passive":
			s.line("passive", onOff(value.text != "off" && value.text != "0"))
		case name == "-explicit":
			p.scheme = "ftpes"
		case name == "-implicit":
			p.scheme = "ftps"
		case name == "-timeout":
			s.line("set reply-timeout", value.text+"s")
		default:
			s.pin(value.text)
		}
	}
	for name := range opts {
		if !slices.Contains([]string{"-passive", "-explicit", "-implicit", "-certificate", "-timeout", "-username", "-password"}, name) {
			s.cannot("open "+name+" has no counterpart", "`set` lists the settings")
		}
	}
	if p.scheme == "" {
		p.scheme = "ftp"
	}
	s.open(p)
}

// pin: ferry knows fingerprints of SHA-256.
func (s *winscp) pin(value string) {
	hex := strings.ToLower(strings.ReplaceAll(value, ":", ""))
	if len(hex) == 64 && strings.Trim(hex, "0123456789abcdef") == "" {
		s.line("set pin sha256:" + hex)
		return
	}
	s.cannot("this form of -certificate", "set pin sha256:…; ferry tells it when it first sees the certificate")
}

func (s *winscp) option(rest []word) {
	if len(rest) == 0 {
		return
	}
	value := ""
	if len(rest) > 1 {
		value = strings.ToLower(rest[1].text)
	}
	switch name := strings.ToLower(rest[0].text); name {
	case "batch":
		if value == "continue" {
			s.line("on-error continue")
			return
		}
		s.line("on-error stop")
	case "echo":
		s.line("set echo", onOff(value == "on"))
	case "transfer":
		s.typeOf(value)
	case "confirm", "reconnecttime", "synchdelete":
		s.line("# option", name, "is not needed here")
	case "failonnomatch":
		if value == "off" {
			s.cannot("option failonnomatch off", "begin the line with -, or ask before: if exists PATTERN")
			return
		}
		s.line("# option failonnomatch is how ferry is")
	default:
		s.cannot("option "+name+" has no counterpart", "`set` lists the settings")
	}
}

// typeOf is the type of transfers: WinSCP chooses by names where it is told to.
func (s *winscp) typeOf(value string) {
	switch value {
	case "ascii", "binary":
		s.line(value)
	case "automatic", "":
		s.line("# transfers are binary unless ascii is set")
	}
}

func (s *winscp) transfer(verb string, opts map[string]word, rest []word) {
	verb = map[string]string{"recv": "get", "mget": "get", "send": "put", "mput": "put"}[verb] + map[string]string{"get": "get", "put": "put"}[verb]
	for name := range opts {
		if !slices.Contains(winscpTransfer(), name) {
			s.cannot(verb+" "+name+" has no counterpart", "`help "+verb+"` lists what there is")
			return
		}
	}
	if len(rest) == 0 {
		s.cannot(verb+" without a name", "`help "+verb+"`")
		return
	}
	target := ""
	if n := len(rest); n > 1 {
		target = s.target(rest[n-1])
		rest = rest[:n-1]
	}
	if kind, has := opts["-transfer"]; has {
		s.typeOf(strings.ToLower(kind.text))
		if kind.text == "ascii" {
			defer s.line("binary")
		}
	}
	same := s.transferFlags(opts)
	names := s.masks(rest)
	if _, remove := opts["-delete"]; remove {
		if target != "" {
			same = append(same, "-o", target)
		}
		s.eachOf(verb, same, names)
		return
	}
	words := append([]string{verb}, same...)
	if target != "" {
		words = append(words, "-o", target)
	}
	if len(names) > 1 {
		words = append(words, "--")
	}
	s.line(append(words, names...)...)
}

// target is a directory when it ends with a slash; a mask says that names
// stay as they are.
func (s *winscp) target(w word) string {
	text := w.text
	for _, all := range []string{"*.*", "*"} {
		if strings.HasSuffix(text, all) {
			text = strings.TrimSuffix(text, all)
			break
		}
	}
	if text == "" {
		return ""
	}
	if strings.HasSuffix(text, `\`) {
		text = strings.TrimSuffix(text, `\`) + "/"
	}
	return word{text: text, bare: w.bare}.literal()
}

func winscpTransfer() []string {
	return []string{"-delete", "-resume", "-append", "-preservetime", "-nopreservetime", "-permissions", "-nopermissions", "-transfer", "-speed", "-neweronly", "-resumesupport", "-rawtransfersettings"}
}

func (s *winscp) transferFlags(opts map[string]word) []string {
	var same []string
	if _, ok := opts["-resume"]; ok {
		same = append(same, "-c")
	}
	if _, ok := opts["-neweronly"]; ok {
		same = append(same, "--existing newer")
	}
	if speed := opts["-speed"].text; speed != "" {
		same = append(same, "--rate", speed+"K")
	}
	return append(same, "-r")
}

// synchronize local|remote LOCAL REMOTE is mirror; both ways there is nothing.
func (s *winscp) synchronize(opts map[string]word, rest []word) {
	if len(rest) == 0 || strings.ToLower(rest[0].text) == "both" {
		s.cannot("synchronize both has no counterpart", "`mirror` goes one way: say which side is right")
		return
	}
	words := []string{"mirror"}
	up := strings.ToLower(rest[0].text) == "remote"
	if up {
		words = append(words, "-R")
	}
	for _, name := range []string{"-delete", "-mirror", "-preview", "-criteria", "-filemask", "-speed"} {
		value, has := opts[name]
		if !has {
			continue
		}
		more, ok := s.syncOption(name, value.text)
		if !ok {
			return
		}
		words = append(words, more...)
	}
	for name := range opts {
		if !slices.Contains([]string{"-delete", "-mirror", "-preview", "-criteria", "-filemask", "-speed", "-preservetime", "-nopreservetime", "-permissions", "-nopermissions", "-transfer", "-resumesupport"}, name) {
			s.cannot("synchronize "+name+" has no counterpart", "`help mirror` lists what there is")
			return
		}
	}
	dirs := literals(rest[1:])
	if len(dirs) == 2 && !up {
		dirs[0], dirs[1] = dirs[1], dirs[0]
	}
	s.line(append(words, dirs...)...)
}

func (s *winscp) syncOption(name, value string) (words []string, ok bool) {
	switch name {
	case "-delete":
		return []string{"--delete"}, true
	case "-preview":
		return []string{"--dry-run"}, true
	case "-speed":
		return []string{"--rate", value + "K"}, true
	case "-criteria":
		if value == "time" {
			return []string{"--newer"}, true
		}
		if value == "either" || value == "time,size" {
			return nil, true
		}
	case "-filemask":
		return s.filemask(value)
	}
	s.cannot("synchronize "+name+" has no counterpart", "`help mirror` lists what there is")
	return nil, false
}

// filemask: INCLUDE;INCLUDE|EXCLUDE;EXCLUDE.
func (s *winscp) filemask(mask string) (words []string, ok bool) {
	include, exclude, _ := strings.Cut(mask, "|")
	if strings.ContainsAny(mask, "<>") {
		s.cannot("a file mask with sizes or times", "--min-size, --max-size, --newer-than and --older-than say it")
		return nil, false
	}
	for _, side := range []struct{ flag, masks string }{{"-i", include}, {"-x", exclude}} {
		for m := range strings.FieldsFuncSeq(side.masks, func(r rune) bool { return r == ';' || r == ',' }) {
			m = strings.TrimPrefix(strings.TrimSpace(m), "*/")
			if m == "*.*" || m == "*" || m == "" {
				continue
			}
			words = append(words, side.flag, "'"+strings.ReplaceAll(m, "'", "?")+"'")
		}
	}
	return words, true
}
