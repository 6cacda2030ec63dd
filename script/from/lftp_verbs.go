package from

import (
	"maps"
	"slices"
	"strings"
)

// one translates one statement.
func (l *lftp) one(s statement, prefix string) {
	verb, args := s.verb(), []word(nil)
	if verb == "" {
		return
	}
	args = s.words[1:]
	if strings.HasPrefix(verb, "(") {
		l.cannot("a group in parentheses", "def makes a verb of several lines; `cd` in it is not undone behind it")
		return
	}
	before := l.out.Len()
	l.verb(verb, args, s)
	text := l.out.String()
	made := text[before:]
	if s.op == "&" && several(made) {
		l.out.Reset()
		l.out.WriteString(text[:before])
		l.cannot(verb+" with these options in the background", "def makes one verb of several lines, and NAME & runs it")
		return
	}
	if made == "" || prefix == "" && s.op != "&" && s.op != "|" && s.op != ">" && s.op != ">>" {
		return
	}
	l.out.Reset()
	l.out.WriteString(text[:before])
	lines := strings.SplitAfter(strings.TrimSuffix(made, "\n"), "\n")
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\n")
		body := strings.TrimLeft(line, " ")
		if body == "" || body[0] == '#' {
			l.out.WriteString(line + "\n")
			continue
		}
		last := i == len(lines)-1
		if !keyword(body) {
			line = line[:len(line)-len(body)] + prefix + body
		}
		switch {
		case last && s.op == "&":
			line += " &"
		case last && (s.op == "|" || s.op == ">" || s.op == ">>"):
			line += " " + s.op + " " + s.rest
		}
		l.out.WriteString(line + "\n")
	}
}

// keyword reports a line of a block, which can't fail and takes no prefix.
func keyword(body string) bool {
	return body == "end" || body == "else" || strings.HasPrefix(body, "if ") || strings.HasPrefix(body, "for ")
}

// several reports lines of which one makes no sense without the others.
func several(made string) bool {
	for line := range strings.Lines(made) {
		if body := strings.TrimSpace(line); keyword(body) || body == "ascii" {
			return true
		}
	}
	return false
}

// options takes the options off a command's words. valued are those with a
// value in the next word.
func options(args []word, valued string) (opts map[string]string, rest []word) {
	opts = map[string]string{}
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a.text == "--" {
			return opts, append(rest, args[i+1:]...)
		}
		if !a.flag() {
			rest = append(rest, a)
			continue
		}
		if name, value, has := strings.Cut(a.text, "="); strings.HasPrefix(a.text, "--") {
			if !has && strings.Contains(valued, name+" ") && i+1 < len(args) {
				i++
				value = args[i].text
			}
			opts[name] = value
			continue
		}
		for j := 1; j < len(a.text); j++ {
			name := "-" + a.text[j:j+1]
			opts[name] = ""
			if !strings.Contains(valued, name+" ") {
				continue
			}
			switch {
			case j+1 < len(a.text):
				opts[name] = a.text[j+1:]
			case i+1 < len(args):
				i++
				opts[name] = args[i].text
			}
			break
		}
	}
	return opts, rest
}

// only notes options that have no translation.
func (w *writer) only(verb string, opts map[string]string, known ...string) bool {
	for _, name := range slices.Sorted(maps.Keys(opts)) {
		if !slices.Contains(known, name) {
			w.cannot(verb+" "+name+" has no counterpart", flagHint(verb, name))
			return false
		}
	}
	return true
}

// flagHint is the way to say what an option has said.
func flagHint(verb, name string) string {
	hint := map[string]string{
		"mget -d":          "`get -r DIR` keeps directories, and so does `mirror DIR`",
		"mput -d":          "`put -r DIR` keeps directories, and so does `mirror -R DIR`",
		"open -s":          "a script has one connection; & and parallel have their own",
		"chmod -R":         "`for f in remote:**` and `chmod MODE ${f}`",
		"get -filemask":    "`mirror FROM TO -i PATTERN -x PATTERN` chooses by names",
		"put -filemask":    "`mirror -R FROM TO -i PATTERN -x PATTERN` chooses by names",
		"get -latest":      "`ls -1 -t` lists the newest first",
		"put -latest":      "!ls -t lists the newest first",
		"get -append":      "get it under another name, and !cat joins the two",
		"put -permissions": "`chmod MODE NAME` behind it",
		"get -permissions": "!chmod MODE NAME behind it",
	}[verb+" "+name]
	if hint == "" {
		hint = "`help " + verb + "` lists what there is"
	}
	return hint
}

// flags are those of opts that mean the same, in the order given.
func flags(opts map[string]string, same ...string) []string {
	var all []string
	for _, name := range same {
		if _, ok := opts[name]; ok {
			all = append(all, name)
		}
	}
	return all
}

// verb translates a command: most mean the same.
func (l *lftp) verb(verb string, args []word, s statement) {
	switch verb {
	case "open", "lftp", "o", "connect":
		l.openLine(args)
	case "user", "login":
		if len(args) > 1 {
			l.secret()
		}
		l.line("user", raws(args[:min(1, len(args))]))
	case "get", "put", "get1", "pget", "reget", "reput":
		l.transfer(strings.TrimSuffix(verb, "1"), args)
	case "mget", "mput":
		l.many(verb, args)
	case "mirror":
		l.mirror(args)
	case "mrm":
		l.removeMany(args)
	case "mmv":
		l.moveMany(args)
	case "mv", "rename":
		l.line("rename", strings.Join(literals(args), " "))
	case "site", "quote":
		l.line(verb, raws(args))
	case "glob":
		l.globbed(args, s)
	case "rm", "rmdir", "mkdir", "du", "find", "chmod":
		l.same(verb, args)
	case "ls", "cls", "nlist", "rels", "recls":
		l.list(verb, args)
	case "set":
		l.set(args)
	case "exit", "quit", "bye":
		l.leave(args)
	case "queue":
		l.queue(args, s)
	case "command":
		if len(args) > 0 {
			l.verb(args[0].text, args[1:], s)
		}
	case "local":
		l.local(args)
	case "sleep":
		l.line("!sleep", strings.Join(literals(args), " "))
	case "!", "shell":
		l.line("!" + strings.TrimSpace(s.raw+" "+strings.Join(literals(args), " ")))
	case "wait":
		l.line("wait", strings.Join(literals(args), " "))
	case "debug":
		l.line("debug", onOff(len(args) == 0 || args[0].text != "0" && args[0].text != "off"))
	case "close":
		l.line("close")
	case "cache", "history", "scache", "ver", "version", "module", "anon":
		l.line("#", verb, "is not needed here")
	case "cd", "lcd", "pwd", "lpwd", "cat", "more", "echo", "source", "jobs", "kill", "fg", "ln", "ascii", "binary":
		l.line(verb, strings.Join(literals(args), " "))
	default:
		l.unknown(verb)
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (l *lftp) unknown(verb string) {
	hint := map[string]string{
		"edit":     "get it, !EDITOR NAME, put it",
		"repeat":   "schedules belong to cron or systemd; `retry N DELAY` tries again what failed",
		"at":       "schedules belong to cron or systemd, which run `ferry run`",
		"alias":    "def makes a verb",
		"eval":     "def makes a verb, and ${1} is an argument",
		"bookmark": "`bookmark` keeps names for servers in the shell",
		"slot":     "a script has one connection; & and parallel have their own",
		"zcat":     "get it, and use the local zcat",
		"attach":   "a script that runs on is the system's business: nohup, systemd-run",
	}[verb]
	if hint == "" {
		hint = "`help` lists ferry's verbs"
	}
	l.cannot(verb+" has no counterpart", hint)
}

// openLine: open -u USER,PASS -p PORT -e COMMANDS SITE.
func (l *lftp) openLine(args []word) {
	opts, rest := options(args, "-u -p -e -s --user --password --port ")
	if !l.only("open", opts, "-u", "-p", "-e", "-d", "--user", "--password", "--port", "--env-password") {
		return
	}
	if _, ok := opts["-d"]; ok {
		l.line("debug on")
	}
	if _, ok := opts["--env-password"]; ok {
		l.secret()
	}
	if len(rest) > 0 {
		p := cutPlace(rest[0].text)
		if user, pass, _ := strings.Cut(opts["-u"], ","); user != "" {
			p.user, p.pass = user, pass
		}
		if user := opts["--user"]; user != "" {
			p.user, p.pass = user, opts["--password"]
		}
		if port := opts["-p"] + opts["--port"]; port != "" {
			p.port = port
		}
		l.open(p)
	}
	if more := opts["-e"]; more != "" {
		at := l.at
		l.script(more)
		l.at = at
	}
}

// removeMany is mrm: rm reads patterns here.
func (l *lftp) removeMany(args []word) {
	opts, rest := options(args, "")
	if l.only("mrm", opts, "-r", "-f") {
		l.line(append(append([]string{"rm"}, flags(opts, "-r", "-f")...), globs(rest)...)...)
	}
}

// moveMany is mmv: rename reads patterns here.
func (l *lftp) moveMany(args []word) {
	opts, rest := options(args, "-O -t ")
	if !l.only("mmv", opts, "-O", "-t") {
		return
	}
	names := globs(rest)
	for _, flag := range []string{"-O", "-t"} {
		if dir := opts[flag]; dir != "" {
			names = append(names, plainWord(strings.TrimSuffix(dir, "/")+"/").literal())
		}
	}
	l.line(append([]string{"rename"}, names...)...)
}

// same are commands whose options mean the same, or nothing.
func (l *lftp) same(verb string, args []word) {
	known := map[string][]string{
		"rm": {"-r", "-f"}, "rmdir": {"-f"}, "mkdir": {"-p", "-f"}, "du": {"-s", "-h", "-m", "-k", "-b"}, "find": {"-l", "-d"}, "chmod": {"-v", "-q", "-c", "-f"},
	}[verb]
	opts, rest := options(args, "-d ")
	if !l.only(verb, opts, known...) {
		return
	}
	mine := map[string][]string{"rm": {"-r", "-f"}, "mkdir": {"-p"}, "du": {"-s", "-h"}, "find": {"-l"}}[verb]
	words := append([]string{verb}, flags(opts, mine...)...)
	if depth := opts["-d"]; verb == "find" && depth != "" {
		words = append(words, "-d", depth)
	}
	if _, force := opts["-f"]; force && verb != "rm" {
		words[0] = "-" + verb
	}
	l.line(append(words, literals(rest)...)...)
}

// list: lftp's ls is the server's long listing, its cls has names.
func (l *lftp) list(verb string, args []word) {
	opts, rest := options(args, "--sort --block-size --time-style ")
	switch opts["--sort"] {
	case "size":
		opts["-S"] = ""
	case "date":
		opts["-t"] = ""
	}
	if _, sizes := opts["-s"]; sizes && strings.HasSuffix(verb, "cls") {
		opts["-l"] = ""
	}
	for _, long := range [][2]string{{"--all", "-a"}, {"--directory", "-d"}, {"--human-readable", "-h"}, {"--long", "-l"}, {"--size", "-l"}} {
		if _, ok := opts[long[0]]; ok {
			opts[long[1]] = ""
		}
	}
	if strings.HasSuffix(verb, "cls") && !l.only(verb, opts, "-1", "-a", "-B", "-d", "-F", "-h", "-k", "-l", "-q", "-s", "-S", "-t", "-r", "-R", "--sort", "--all",
		"--basename", "--block-size", "--directory", "--classify", "--human-readable", "--si", "--kilobytes", "--long", "--quiet", "--size", "--filesize", "--perms", "--date", "--time-style") {
		return
	}
	own := "ls"
	if strings.HasSuffix(verb, "ls") && !strings.HasSuffix(verb, "cls") {
		own = "dir"
	}
	if verb == "nlist" {
		own = "nlist"
	}
	same := flags(opts, "-l", "-a", "-t", "-S", "-r", "-h", "-1", "-R", "-d")
	if own == "dir" {
		same = slices.DeleteFunc(same, func(f string) bool { return f == "-l" })
	}
	if own == "nlist" {
		same = nil
	}
	l.line(append(append([]string{own}, same...), globs(rest)...)...)
}

func (l *lftp) set(args []word) {
	_, rest := options(args, "")
	if len(rest) < 2 {
		if len(rest) == 1 {
			l.line("#", "set", rest[0].literal(), "has its usual value")
		}
		return
	}
	own, to, ok := l.known(rest[0].text, rest[1].text)
	switch {
	case !ok && strings.HasPrefix(rest[0].text, "ssl:verify-certificate"):
		l.cannot("certificates are always looked at", to)
	case !ok:
		l.cannot("set "+rest[0].text+" has no counterpart", to)
	case own == "":
		l.line("#", "set", plainWord(rest[0].text).literal(), "is not needed here")
	default:
		l.goesOn = own == "on-error" && to == "continue" || own != "on-error" && l.goesOn
		l.line("set", own, plainWord(to).literal())
	}
}

func (l *lftp) leave(args []word) {
	if len(args) > 0 && strings.Trim(args[len(args)-1].text, "0123456789") == "" {
		l.line("quit", args[len(args)-1].text)
		return
	}
	l.line("quit")
}

func (l *lftp) queue(args []word, s statement) {
	if len(args) == 0 {
		l.line("queue")
		return
	}
	if args[0].flag() {
		l.cannot("queue with options", "`jobs` lists, `kill N` takes out")
		return
	}
	before := l.out.String()
	l.verb(args[0].text, args[1:], s)
	made := strings.TrimSuffix(l.out.String()[len(before):], "\n")
	l.out.Reset()
	l.out.WriteString(before)
	if several(made) {
		l.cannot("queue of "+args[0].text+" with these options", "def makes one verb of several lines, and `queue NAME` runs it")
		return
	}
	for line := range strings.SplitSeq(made, "\n") {
		if body := strings.TrimLeft(line, " "); body != "" && body[0] != '#' {
			line = line[:len(line)-len(body)] + "queue " + body
		}
		l.out.WriteString(line + "\n")
	}
}

func (l *lftp) local(args []word) {
	if len(args) == 0 {
		return
	}
	switch verb := args[0].text; verb {
	case "cd", "pwd", "ls", "mkdir", "cat", "rm":
		l.line("l"+verb, strings.Join(globs(args[1:]), " "))
	default:
		l.cannot("local "+verb, "!COMMAND runs a command of the local shell")
	}
}
