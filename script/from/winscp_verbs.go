package from

import (
	"maps"
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

func (s *winscp) verb(verb string, args []word) {
	raw := raws(args)
	args = s.settings(verb, args)
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
		defer s.ifThere("exists", rest)()
		s.line("rm", strings.Join(s.masks(rest), " "))
	case "mv", "rename":
		defer s.ifThere("exists", rest[:min(1, len(rest))])()
		s.line("rename", strings.Join(s.masks(rest), " "))
	case "rmdir":
		s.line("rm -r", strings.Join(literals(rest), " "))
	case "ls":
		s.line("dir", strings.Join(s.masks(rest), " "))
	case "call", "!":
		s.line("quote", raw)
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
		s.keepUpToDate(opts, rest)
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

// ifThere puts a line that may name nothing into a condition, where option
// failonnomatch is off. What it returns ends it.
func (s *winscp) ifThere(asks string, names []word) (end func()) {
	pattern := func(w word) bool { return strings.ContainsAny(w.text, "*?") }
	if !s.lenient || !slices.ContainsFunc(names, pattern) {
		return func() {}
	}
	if len(names) > 1 {
		s.cannot("several names under option failonnomatch off", "a line for each: `if exists PATTERN`")
		return func() {}
	}
	s.line("if", asks, s.masks(names)[0])
	s.indent++
	return func() {
		s.indent--
		s.line("end")
	}
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
		s.kind = value
		s.typeOf(value)
	case "confirm":
		if value == "on" {
			s.cannot("option confirm on", "nobody is asked in a script: `set existing skip` leaves what is there")
			return
		}
		s.line("# option confirm is not needed here")
	case "reconnecttime":
		s.line("# option", name, "is not needed here")
	case "failonnomatch":
		s.lenient = value == "off"
		s.line("# option failonnomatch", value, map[bool]string{true: "is an `if exists` before each pattern", false: "is how ferry is"}[s.lenient])
	case "include", "exclude", "synchdelete":
		s.cannot("option "+name, "mirror -i PATTERN -x PATTERN, and --delete")
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
	for _, name := range slices.Sorted(maps.Keys(opts)) {
		if !slices.Contains(winscpTransfer(), name) {
			s.cannot(verb+" "+name+" has no counterpart", flagHint(verb, name))
			return
		}
	}
	if len(rest) == 0 {
		s.cannot(verb+" without a name", "`help "+verb+"`")
		return
	}
	if _, has := opts["-append"]; has {
		s.append(verb, rest)
		return
	}
	target := ""
	if n := len(rest); n > 1 {
		var ok bool
		if target, ok = s.target(rest[n-1]); !ok {
			return
		}
		rest = rest[:n-1]
	}
	if kind := strings.ToLower(opts["-transfer"].text); kind != "" && kind != s.kind {
		s.typeOf(kind)
		defer s.typeOf(s.kind)
	}
	defer s.ifThere(map[string]string{"get": "exists", "put": "lexists"}[verb], rest)()
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
func (s *winscp) target(w word) (target string, ok bool) {
	text := w.text
	for _, all := range []string{"*.*", "*"} {
		if strings.HasSuffix(text, all) {
			text = strings.TrimSuffix(text, all)
			break
		}
	}
	if text == "" {
		return "", true
	}
	if strings.ContainsAny(text, "*?") {
		s.cannot("a mask that gives new names", "for f in PATTERN … put ${f} NAME: a line names each target")
		return "", false
	}
	if strings.HasSuffix(text, `\`) {
		text = strings.TrimSuffix(text, `\`) + "/"
	}
	return word{text: text, bare: w.bare[:len(text)]}.literal(), true
}

// append is one file to the end of another.
func (s *winscp) append(verb string, rest []word) {
	pattern := func(w word) bool { return strings.ContainsAny(w.text, "*?") }
	switch {
	case verb == "get":
		s.cannot("get -append has no counterpart", flagHint("get", "-append"))
	case len(rest) > 2 || slices.ContainsFunc(rest, pattern):
		s.cannot("put -append of several files", "for f in PATTERN … append ${f} NAME")
	default:
		s.line("append", strings.Join(literals(rest), " "))
	}
}

func winscpTransfer() []string {
	return []string{"-delete", "-resume", "-append", "-preservetime", "-nopreservetime", "-nopermissions", "-transfer", "-speed", "-neweronly", "-resumesupport"}
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
