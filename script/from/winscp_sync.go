package from

import (
	"maps"
	"slices"
	"strings"
)

// keepUpToDate is watch.
func (s *winscp) keepUpToDate(opts map[string]word, rest []word) {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(opts)) {
		value := opts[name]
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
	for _, name := range slices.Sorted(maps.Keys(opts)) {
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
