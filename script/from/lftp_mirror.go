package from

import (
	"regexp"
	"slices"
	"strings"
)

// mirror: options of lftp's that ferry has, does in any case, or can't.
func (l *lftp) mirror(args []word) {
	opts, rest := mirrorOptions(args)
	words := []string{"mirror"}
	for _, o := range opts {
		more, ok := l.mirrorOption(o.name, o.value)
		if !ok {
			return
		}
		words = append(words, more...)
	}
	l.line(append(words, literals(rest)...)...)
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
	case "-e", "--delete":
		return []string{"--delete"}, true
	case "-n", "--only-newer":
		return []string{"--newer"}, true
	case "--dry-run":
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
	case "-c", "--continue", "-v", "--verbose", "-p", "--no-perms", "--no-umask", "-a", "-s", "--allow-suid", "--allow-chown", "--use-cache", "--parallel-transfer", "-q", "--no-empty-dirs", "-L", "--dereference", "--use-pget-n", "--skip-noaccess":
		return nil, true // it does so, or there is nothing of the kind
	}
	l.cannot("mirror "+name+" has no counterpart", "`help mirror` lists what there is")
	return nil, false
}

// globOf is the pattern that says the same as a simple regular expression:
// names with perhaps an anchor at either end.
func globOf(expr string) (string, bool) {
	start, end := strings.HasPrefix(expr, "^"), strings.HasSuffix(expr, "$") && !strings.HasSuffix(expr, `\$`)
	body := strings.TrimSuffix(strings.TrimPrefix(expr, "^"), "$")
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
