package from

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mirror: options of lftp's that ferry has, does in any case, or can't.
func (l *lftp) mirror(args []word) {
	opts, rest := mirrorOptions(args)
	given := func(names ...string) bool {
		return slices.ContainsFunc(opts, func(o option) bool { return slices.Contains(names, o.name) })
	}
	if l.mixed(opts) || slices.ContainsFunc(rest, func(w word) bool { return l.elsewhere("mirror", w.text) }) {
		return
	}
	up := given("-R", "--reverse")
	words := []string{"mirror"}
	for _, o := range opts {
		more, ok := l.mirrorOption(o.name, o.value)
		if !ok {
			return
		}
		words = append(words, more...)
	}
	if up && !given("-L", "--dereference", "--no-symlinks") {
		words = append(words, "--links", "skip") // lftp uploads no links
	}
	lines := func() { l.line(append(words, mirrorPlaces(rest)...)...) }
	if given("--ascii") {
		l.typed(map[string]string{"-a": ""}, lines)
		return
	}
	lines()
}

// mirrorPlaces are source and target. Where the target ends with a slash, the
// source comes into it under its own name; without any, here is like there.
func mirrorPlaces(rest []word) []string {
	switch n := len(rest); {
	case n == 0:
		return []string{".", "."}
	case n > 1 && len(rest[1].text) > 1 && strings.HasSuffix(rest[1].text, "/"):
		name := path.Base(rest[0].text)
		if strings.HasSuffix(rest[0].text, "/") || name == "." || name == ".." {
			break
		}
		return []string{rest[0].literal(), plainWord(rest[1].text + name).literal()}
	}
	return literals(rest)
}

// mixed notes patterns whose order counts: here what is left out stays out,
// whatever else is let in.
func (l *lftp) mixed(opts []option) bool {
	excludes := slices.IndexFunc(opts, func(o option) bool { return o.kind() == "-x" })
	includes := slices.ContainsFunc(opts[max(excludes, 0):], func(o option) bool { return o.kind() == "-i" })
	if excludes < 0 || !includes {
		return false
	}
	l.cannot("mirror with an exclusion before an inclusion", "-i alone leaves out what it doesn't name, and -x holds whatever -i says")
	return true
}

// kind is what an option does to a tree: -i, -x or nothing.
func (o option) kind() string {
	switch o.name {
	case "-x", "--exclude", "-X", "--exclude-glob":
		return "-x"
	case "-i", "--include", "-I", "--include-glob":
		return "-i"
	}
	return ""
}

type option struct{ name, value string }

// mirrorOptions reads options in their order: -x may come more than once.
func mirrorOptions(args []word) (opts []option, rest []word) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if !a.flag() {
			rest = append(rest, a)
			continue
		}
		next := func() string {
			if i+1 < len(args) {
				i++
				return args[i].text
			}
			return ""
		}
		if strings.HasPrefix(a.text, "--") {
			name, value, has := strings.Cut(a.text, "=")
			if !has && slices.Contains([]string{"--exclude", "--exclude-glob", "--include", "--include-glob", "--parallel", "--newer-than", "--older-than", "--size-range", "--use-pget-n", "--file", "--directory", "--target-directory"}, name) {
				value = next()
			}
			opts = append(opts, option{name, value})
			continue
		}
		for j := 1; j < len(a.text); j++ {
			name := "-" + a.text[j:j+1]
			if !strings.Contains("-x -X -i -I -P -N -f -F -O ", name+" ") {
				opts = append(opts, option{name, ""})
				continue
			}
			value := a.text[j+1:]
			if value == "" {
				value = next()
			}
			opts = append(opts, option{name, value})
			break
		}
	}
	return opts, rest
}

// mirrorOption are ferry's words for an option.
func (l *lftp) mirrorOption(name, value string) (words []string, ok bool) {
	switch name {
	case "-R", "--reverse":
		return []string{"-R"}, true
	case "-e", "--delete", "--delete-first": // first or last: what is there in the end is the same
		return []string{"--delete"}, true
	case "-n", "--only-newer":
		return []string{"--newer"}, true
	case "--dry-run", "--just-print":
		return []string{"--dry-run"}, true
	case "-P", "--parallel":
		if value == "" {
			return nil, true
		}
		return []string{"--parallel", plainWord(value).literal()}, true
	case "-X", "--exclude-glob", "-I", "--include-glob":
		flag := "-x"
		if name == "-I" || name == "--include-glob" {
			flag = "-i"
		}
		return []string{flag, "'" + strings.ReplaceAll(value, "'", "?") + "'"}, true
	case "-x", "--exclude", "-i", "--include":
		pattern, ok := globOf(value)
		if !ok {
			l.cannot("mirror "+name+" with this regular expression", "patterns are * ? [a-z] {a,b} here: mirror -x '*.tmp'")
			return nil, false
		}
		flag := "-x"
		if name == "-i" || name == "--include" {
			flag = "-i"
		}
		return []string{flag, "'" + pattern + "'"}, true
	case "--no-symlinks":
		return []string{"--links", "skip"}, true
	case "-L", "--dereference":
		return []string{"--links", "all"}, true
	case "-r", "--no-recursion":
		return []string{"-x", "'*/'"}, true
	case "--use-pget-n":
		return []string{"--segments", plainWord(value).literal()}, true
	case "-N", "--newer-than", "--older-than":
		if age, ok := ageOf(value); ok {
			return []string{map[bool]string{true: "--older-than", false: "--newer-than"}[name == "--older-than"], age}, true
		}
	case "--size-range":
		if words, ok := sizeRange(value); ok {
			return words, true
		}
	case "-c", "--continue", "-v", "--verbose", "-p", "--no-perms", "--no-umask", "-a", "-s", "--allow-suid", "--allow-chown", "--use-cache", "--parallel-transfer", "-q", "--skip-noaccess",
		"--ascii", "--overwrite", "--no-overwrite", "--depth-first", "--scan-all-first", "--use-pget":
		return nil, true // it does so, or there is nothing of the kind
	}
	l.cannot("mirror "+name+" has no counterpart", mirrorHint(name))
	return nil, false
}

// mirrorHint is the way to say what an option has said.
func mirrorHint(name string) string {
	hint := map[string]string{
		"--ignore-time":         "mirror -k compares contents; by size alone nothing is compared",
		"--ignore-size":         "mirror -n goes by the time alone",
		"--only-missing":        "get -r and put -r with --existing skip",
		"--only-existing":       "name the files: get -- A B, or get --files-from LIST",
		"--transfer-all":        "get -r and put -r move all that there is",
		"--upload-older":        "mirror -k moves what has another content, whatever its time",
		"--delete-excluded":     "what is left out is not deleted here; rm it",
		"--newer-than":          "an age is said as 36h or 7d: mirror --newer-than 7d",
		"-N":                    "an age is said as 36h or 7d: mirror --newer-than 7d",
		"--older-than":          "an age is said as 36h or 7d: mirror --older-than 7d",
		"--size-range":          "mirror --min-size 1K --max-size 2M",
		"--Remove-source-files": "for f in remote:PATTERN; get ${f}; rm ${f}; end",
		"--Remove-source-dirs":  "mirror, and rm -r behind it",
		"--Move":                "mirror, and rm -r behind it",
		"--loop":                "`watch LOCAL REMOTE` keeps a remote directory like a local one",
		"--on-change":           "`ferry run --report` tells what was moved; !COMMAND behind it",
		"--log":                 "ferry run --log FILE",
		"--script":              "mirror --dry-run prints what would be done",
		"--max-errors":          "on-error stop ends at the first failure",
		"-f":                    "get and put take single files and patterns",
		"--file":                "get and put take single files and patterns",
		"-F":                    "mirror takes one directory; a line for each, or a for",
		"--directory":           "mirror takes one directory; a line for each, or a for",
		"-O":                    "mirror FROM TO: the target stands behind the source",
		"--target-directory":    "mirror FROM TO: the target stands behind the source",
		"--no-empty-dirs":       "directories are made as they are; rm those that nobody wants",
	}[name]
	if hint == "" {
		hint = "`help mirror` lists what there is"
	}
	return hint
}

// ageOf is a time of at(1)'s as an age: now-7days, "3 weeks ago".
func ageOf(text string) (string, bool) {
	m := regexp.MustCompile(`^(?:now ?- ?([0-9]{1,4}) ?|([0-9]{1,4}) )(minute|hour|day|week)s?( ago)?$`).FindStringSubmatch(text)
	if m == nil || (m[2] != "") != (m[4] != "") {
		return "", false
	}
	n, err := strconv.Atoi(m[1] + m[2])
	if m[3] == "week" {
		n *= 7
	}
	return strconv.Itoa(n) + map[string]string{"minute": "m", "hour": "h", "day": "d", "week": "d"}[m[3]], err == nil
}

// sizeRange is FROM-TO, where either may be missing.
func sizeRange(text string) (words []string, ok bool) {
	from, to, has := strings.Cut(text, "-")
	for _, side := range [][2]string{{"--min-size", from}, {"--max-size", to}} {
		if side[1] == "" {
			continue
		}
		if !regexp.MustCompile(`^[0-9]+[KkMmGg]?$`).MatchString(side[1]) {
			return nil, false
		}
		words = append(words, side[0], strings.ToUpper(side[1]))
	}
	return words, has && len(words) > 0
}

// globOf is the pattern that says the same as a simple regular expression:
// names with perhaps an anchor at either end.
func globOf(expr string) (string, bool) {
	start, end := strings.HasPrefix(expr, "^"), strings.HasSuffix(expr, "$") && !strings.HasSuffix(expr, `\$`)
	body := strings.TrimSuffix(strings.TrimPrefix(expr, "^"), "$")
	if body == ".*" || body == "." && !start && !end {
		return "*", true
	}
	if !regexp.MustCompile(`^([A-Za-z0-9_/ -]|\\[.+()\[\]-])+$`).MatchString(body) {
		return "", false
	}
	body = strings.ReplaceAll(body, `\`, "")
	if strings.ContainsAny(body, "[]") {
		return "", false
	}
	switch {
	case strings.HasSuffix(body, "/"):
		return body, !strings.Contains(strings.TrimSuffix(body, "/"), "/")
	case strings.Contains(body, "/"):
		return "", false
	case start && end:
		return body, true
	case start:
		return body + "*", true
	case end:
		return "*" + body, true
	}
	return "*" + body + "*", true
}
