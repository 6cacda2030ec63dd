package from

import (
	"strings"
)

// transfer: get and put take any number of files, each with its own -o.
func (l *lftp) transfer(verb string, args []word) {
	type file struct{ name, target word }
	var files []file
	opts := map[string]string{}
	for i := 0; i < len(args); i++ {
		if args[i].text == "-o" && len(files) > 0 && i+1 < len(args) {
			i++
			files[len(files)-1].target = args[i]
			continue
		}
		if !args[i].flag() {
			files = append(files, file{name: args[i]})
			continue
		}
		more, rest := options(args[i:min(i+2, len(args))], "-O -P -n ")
		if len(rest) == 0 && i+1 < len(args) && !args[min(i+1, len(args)-1)].flag() {
			i++ // it was the option's value
		}
		for name, value := range more {
			opts[name] = value
		}
	}
	if !l.only(verb, opts, "-c", "-a", "-e", "-E", "-O", "-P", "-n", "-q") || len(files) == 0 {
		return
	}
	for _, f := range files {
		if l.elsewhere(verb, f.name.text) || l.elsewhere(verb, f.target.text) {
			return
		}
	}
	if l.elsewhere(verb, opts["-O"]) {
		return
	}
	l.typed(opts, func() {
		same := l.replacing(opts)
		if dir := opts["-O"]; dir != "" {
			same = append(same, "-O", plainWord(dir).literal())
		}
		switch n := opts["-n"] + opts["-P"]; {
		case n != "" && verb == "pget":
			same = append(same, "-n", n)
		case n != "":
			same = append(same, "--parallel", n)
		}
		for _, f := range files {
			words := append([]string{verb}, same...)
			words = append(words, f.name.literal())
			if f.target.text != "" {
				words = append(words, f.target.literal())
			}
			l.line(words...)
			l.removeSource(opts, verb, f.name.literal())
		}
	})
}

// elsewhere notes a name that is at another server.
func (l *lftp) elsewhere(verb, name string) bool {
	if !strings.Contains(name, "://") {
		return false
	}
	l.cannot(verb+" with a URL", "open the server before it, or `fxp URL URL` from one to another")
	return true
}

// replacing are the flags about what stands at the target's name: -e deletes
// it before, which a replacement does in one step.
func (l *lftp) replacing(opts map[string]string) []string {
	same := flags(opts, "-c")
	if _, ok := opts["-e"]; ok {
		same = append(same, "--existing overwrite")
	}
	return same
}

// typed runs its lines under ascii when -a was given; elsewhere -a means to go
// on.
func (l *lftp) typed(opts map[string]string, lines func()) {
	if _, ascii := opts["-a"]; ascii {
		l.line("ascii")
		defer l.line("binary")
	}
	lines()
}

// removeSource is -E: the source goes when its file has arrived.
func (l *lftp) removeSource(opts map[string]string, verb, name string) {
	if _, ok := opts["-E"]; !ok {
		return
	}
	if verb == "put" || verb == "reput" {
		l.arrived("lrm", name)
		return
	}
	l.arrived("rm", name)
}

// arrived removes a source behind the line that has moved it, and only when
// that has: a script may go on behind failures.
func (w *writer) arrived(remove, name string) {
	w.line("if ok")
	w.indent++
	w.line(remove, name)
	w.indent--
	w.line("end")
}

func (l *lftp) many(verb string, args []word) {
	opts, rest := options(args, "-O -P ")
	if !l.only(verb, opts, "-c", "-a", "-e", "-E", "-O", "-P") || l.elsewhere(verb, opts["-O"]) {
		return
	}
	same := l.replacing(opts)
	if dir := opts["-O"]; dir != "" {
		same = append(same, "-O", plainWord(dir).literal())
	}
	if n := opts["-P"]; n != "" {
		same = append(same, "--parallel", n)
	}
	l.typed(opts, func() {
		if _, ok := opts["-E"]; ok {
			l.eachOf(verb, same, globs(rest))
			return
		}
		l.line(append(append([]string{verb}, same...), globs(rest)...)...)
	})
}

// eachOf moves names one by one: each is removed when its file has arrived.
func (w *writer) eachOf(verb string, same, names []string) {
	one, remove := "put", "lrm"
	if verb == "mget" || verb == "get" {
		one, remove = "get", "rm"
		for i := range names {
			names[i] = "remote:" + names[i]
		}
	}
	w.line("for", "f", "in", strings.Join(names, " "))
	w.indent++
	w.line(append(append([]string{one}, same...), "${f}")...)
	w.arrived(remove, "${f}")
	w.indent--
	w.line("end")
}

// globbed: glob makes patterns of the words of any command.
func (l *lftp) globbed(args []word, s statement) {
	n := 0
	for n < len(args) && args[n].flag() {
		n++
	}
	opts, _ := options(args[:n], "")
	rest := args[n:]
	if len(rest) == 0 || !l.only("glob", opts, "-a", "-f", "-d", "--exist", "--not-exist") {
		return
	}
	_, exist := opts["--exist"]
	_, missing := opts["--not-exist"]
	verb := rest[0].text
	if exist || missing {
		l.cannot("glob --exist", "`if exists PATTERN` asks, `if not exists PATTERN` too")
		return
	}
	for i := range rest[1:] {
		rest[1+i].wild = true
	}
	if verb == "get" || verb == "put" {
		verb = "m" + verb
	}
	l.verb(verb, rest[1:], s)
}
