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

// settings takes off a line what -rawsettings and -rawtransfersettings have
// behind them: NAME=VALUE, any number of them.
func (s *winscp) settings(verb string, args []word) []word {
	for i, a := range args {
		name := strings.ToLower(a.text)
		if name != "-rawsettings" && name != "-rawtransfersettings" {
			continue
		}
		end := i + 1
		for end < len(args) && strings.Contains(args[end].text, "=") && !args[end].flag() {
			own, _, _ := strings.Cut(args[end].text, "=")
			s.cannot(verb+" "+name+" "+own, rawHint(own))
			end++
		}
		return append(slices.Clone(args[:i]), s.settings(verb, args[end:])...)
	}
	return args
}

// rawHint is the way to say what a raw setting has said.
func rawHint(name string) string {
	for _, h := range [][2]string{
		{"proxy", "`set proxy socks5://HOST:PORT`, or ftp-proxy"},
		{"ftppasvmode", "`passive off`"},
		{"ftpforcepasvip", "an address in PASV that can't be meant is passed over by itself"},
		{"ftpping", "`set keep-alive 1m`"},
		{"mintls", "TLS 1.2 is the least in any case"},
		{"maxtls", "the newest that both know is taken"},
		{"utf", "`set charset NAME`, if names are not in UTF-8"},
		{"ftpuselistall", "`set hidden on`"},
		{"ftpusemlsd", "`set listing NAME`"},
		{"postlogin", "`quote COMMAND` behind open"},
		{"ftpaccount", "`account NAME` behind open"},
		{"excludefilemask", "mirror -x PATTERN"},
		{"includefilemask", "mirror -i PATTERN -x PATTERN"},
		{"filemask", "mirror -i PATTERN -x PATTERN"},
		{"cpslimit", "`set rate 100K`"},
		{"newerlonly", "--existing newer"},
		{"preservetime", "times are kept where the server can"},
	} {
		if strings.HasPrefix(strings.ToLower(name), h[0]) {
			return h[1]
		}
	}
	return "`set` lists the settings"
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

// keepUpToDate is watch.
func (s *winscp) keepUpToDate(opts map[string]word, rest []word) {
	var words []string
	for name, value := range opts {
		switch name {
		case "-delete":
			words = append(words, "--delete")
		case "-filemask":
			more, ok := s.filemask(value.text)
			if !ok {
				return
			}
			words = append(words, more...)
		case "-permissions", "-nopermissions", "-preservetime", "-nopreservetime", "-resumesupport":
		default:
			s.cannot("keepuptodate "+name+" has no counterpart", "`help watch` lists what there is")
			return
		}
	}
	slices.Sort(words[:min(1, len(words))])
	dirs := literals(rest)
	if len(dirs) == 0 {
		dirs = []string{".", "."}
	}
	s.line(append(append([]string{"watch"}, dirs...), words...)...)
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
	known := []string{"-passive", "-explicit", "-explicittls", "-explicitssl", "-implicit", "-certificate", "-clientcert", "-timeout"}
	for _, name := range known {
		value, has := opts[name]
		if !has {
			continue
		}
		switch {
		case name == "-passive":
			s.line("passive", onOff(value.text != "off" && value.text != "0"))
		case name == "-clientcert":
			s.line("set cert", value.literal())
		case strings.HasPrefix(name, "-explicit"):
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
		if !slices.Contains(known, name) && name != "-username" && name != "-password" {
			s.cannot("open "+name+" has no counterpart", openHint(name))
		}
	}
	if p.scheme == "" && p.user == "" && p.port == "" && !strings.ContainsAny(p.host, ".:[") {
		s.line("# a site of WinSCP's is a bookmark here: bookmark import winscp brings them")
		s.line("open", bareWord(p.host).literal())
		return
	}
	if p.scheme == "" {
		p.scheme = "ftp"
	}
	s.open(p)
}

// openHint is the way to say what a switch of open has said.
func openHint(name string) string {
	switch name {
	case "-privatekey", "-hostkey":
		return "it is for SFTP; ferry speaks FTP: `set cert FILE` and `set pin sha256:…` are for TLS"
	case "-passphrase":
		return "the key of a certificate has none here: `set key FILE`"
	case "-newpassword":
		return "`site PSWD OLD NEW`, where a server has it"
	}
	return "`set` lists the settings"
}

// pin: ferry knows fingerprints of SHA-256.
func (s *winscp) pin(value string) {
	if value == "*" {
		s.cannot("-certificate=*, which trusts anybody", "set pin sha256:…; ferry tells it when it first sees the certificate")
		return
	}
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
	for name := range opts {
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

// synchronize local|remote|both LOCAL REMOTE: mirror goes one way, sync both.
func (s *winscp) synchronize(opts map[string]word, rest []word) {
	way := ""
	if len(rest) > 0 {
		way = strings.ToLower(rest[0].text)
	}
	words := map[string][]string{"local": {"mirror"}, "remote": {"mirror", "-R"}, "both": {"sync"}}[way]
	if words == nil {
		s.cannot("synchronize without a direction", "`mirror FROM TO`, `mirror -R FROM TO` or `sync LOCAL REMOTE`")
		return
	}
	for _, name := range []string{"-delete", "-mirror", "-preview", "-criteria", "-filemask", "-speed"} {
		value, has := opts[name]
		if !has && name == "-criteria" && way != "both" {
			value, has = plainWord("time"), true // WinSCP goes by the time unless told otherwise
		}
		if !has {
			continue
		}
		more, ok := s.syncOption(name, strings.ToLower(value.text), way)
		if !ok {
			return
		}
		words = append(words, more...)
	}
	for name := range opts {
		if !slices.Contains([]string{"-delete", "-mirror", "-preview", "-criteria", "-filemask", "-speed", "-preservetime", "-nopreservetime", "-nopermissions", "-transfer", "-resumesupport"}, name) {
			s.cannot("synchronize "+name+" has no counterpart", "`help mirror` lists what there is")
			return
		}
	}
	dirs := literals(rest[1:])
	if len(dirs) == 0 {
		dirs = []string{".", "."}
	}
	if len(dirs) == 2 && way == "local" {
		dirs[0], dirs[1] = dirs[1], dirs[0]
	}
	if kind := strings.ToLower(opts["-transfer"].text); kind != "" && kind != s.kind {
		s.typeOf(kind)
		defer s.typeOf(s.kind)
	}
	s.line(append(words, dirs...)...)
}

func (s *winscp) syncOption(name, value, way string) (words []string, ok bool) {
	switch name {
	case "-delete":
		if way == "both" {
			return nil, true // what is gone at one end goes at the other
		}
		return []string{"--delete"}, true
	case "-preview":
		return []string{"--dry-run"}, true
	case "-speed":
		return []string{"--rate", value + "K"}, true
	case "-criteria":
		switch {
		case way == "both" && value != "none":
			return nil, true // it goes by what both had in common
		case value == "time":
			return []string{"--newer"}, true
		case value == "either" || value == "time,size" || value == "size,time":
			return nil, true
		case value == "checksum":
			return []string{"--checksum"}, true
		}
		s.cannot("synchronize -criteria="+value, "--newer goes by the time, --checksum by the content; without either, by time and size")
		return nil, false
	case "-mirror":
		s.cannot("synchronize -mirror", "mirror --checksum moves what has another content, whatever its time")
		return nil, false
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
			m = strings.TrimSpace(m)
			switch {
			case m == "*.*" || m == "*" || m == "":
				continue
			case m == "*/":
			case strings.Contains(strings.TrimSuffix(strings.TrimPrefix(m, "*/"), "/"), "/") || strings.Contains(m, `\`):
				s.cannot("a file mask with a path", "a pattern with a slash is about the path below FROM: -x 'cache/*.tmp'")
				return nil, false
			default:
				m = strings.TrimPrefix(m, "*/")
			}
			words = append(words, side.flag, "'"+strings.ReplaceAll(m, "'", "?")+"'")
		}
	}
	return words, true
}
