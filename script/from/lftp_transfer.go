package from

import (
	"slices"
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
	l.typed(opts, func() {
		same := flags(opts, "-c")
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
	if verb == "put" {
		l.line("lrm", name)
		return
	}
	l.line("rm", name)
}

func (l *lftp) many(verb string, args []word) {
	opts, rest := options(args, "-O -P ")
	if !l.only(verb, opts, "-c", "-a", "-e", "-E", "-O", "-P") {
		return
	}
	same := flags(opts, "-c")
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
	w.line(remove, "${f}")
	w.indent--
	w.line("end")
}

// globbed: glob makes patterns of the words of any command.
func (l *lftp) globbed(args []word, s statement) {
	opts, rest := options(args, "")
	if len(rest) == 0 || !l.only("glob", opts, "-a", "-f", "-d", "--exist", "--not-exist") {
		return
	}
	_, exist := opts["--exist"]
	_, missing := opts["--not-exist"]
	verb := rest[0].text
	switch {
	case exist || missing:
		l.cannot("glob --exist", "`if exists PATTERN` asks")
	case slices.Contains([]string{"rm", "get", "put", "cat", "more", "chmod"}, verb):
		if verb == "get" || verb == "put" {
			verb = "m" + verb
		}
		l.line(verb, strings.Join(globs(rest[1:]), " "))
	default:
		l.verb(verb, rest[1:], s)
	}
}
