package serve

import (
	"context"
	"path"
	"strings"

	"ferry/proto"
)

// hasMeta reports whether an argument may be a pattern.
func hasMeta(arg string) bool { return strings.ContainsAny(arg, "*?[") }

// glob lists what matches a pattern, part by part of the path. There are no
// braces and no "**".
//
// SECURITY: CVE-2011-0418 and its kin: patterns that cost more than they
// look. A part is matched in time that grows with pattern times name, and all
// that is looked at is counted.
func (l *listing) glob(ctx context.Context, pattern string) error {
	if _, err := path.Match(pattern, ""); err != nil {
		return refuse(badArgument, "Malformed pattern.")
	}
	dir, shown := l.cwd, ""
	if strings.HasPrefix(pattern, "/") {
		dir, shown = "/", "/"
	}
	parts := strings.FieldsFunc(pattern, func(r rune) bool { return r == '/' })
	return l.match(ctx, dir, shown, parts)
}

// match lists what the parts find below dir. shown is the way there.
func (l *listing) match(ctx context.Context, dir, shown string, parts []string) error {
	part, rest := parts[0], parts[1:]
	if !hasMeta(part) {
		return l.literal(ctx, dir, shown, part, rest)
	}
	for e, err := range l.store.List(ctx, dir) {
		if err != nil {
			return l.unlessTop(shown, err)
		}
		if l.full() {
			return nil
		}
		if !matches(part, e.Name) {
			continue
		}
		if err := l.found(ctx, path.Join(dir, e.Name), shown+e.Name, rest, e); err != nil {
			return err
		}
	}
	return nil
}

// matches: as in every shell, a name that begins with a dot is matched only
// by a pattern that does.
func matches(pattern, name string) bool {
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(pattern, ".") {
		return false
	}
	ok, _ := path.Match(pattern, name)
	return ok
}

// literal follows a part without wildcards; what isn't there matches nothing.
func (l *listing) literal(ctx context.Context, dir, shown, part string, rest []string) error {
	name, err := resolve(dir, part)
	if err != nil {
		return err
	}
	e, err := l.store.Lstat(ctx, name)
	if err != nil {
		return nil
	}
	return l.found(ctx, name, shown+part, rest, e)
}

func (l *listing) found(ctx context.Context, name, shown string, rest []string, e proto.Entry) error {
	switch {
	case len(rest) == 0:
		return l.emit(shown, e)
	case e.Kind == proto.Directory, e.Kind == proto.Symlink:
		return l.match(ctx, name, shown+"/", rest)
	}
	return nil
}

// unlessTop passes an error on where the pattern began; below, a directory
// that can't be read, or a link that is none, matches nothing.
func (l *listing) unlessTop(shown string, err error) error {
	if shown == "" || shown == "/" {
		return err
	}
	return nil
}
