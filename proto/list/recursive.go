package list

import (
	"path"
	"strings"
)

// dirState says whose entries the lines are: LIST -R, and ls with several
// arguments, put a heading "path:" before each directory.
type dirState struct {
	started bool   // a line that is not empty was seen
	gap     bool   // the last line was empty
	root    string // the first heading, which names what was listed
	current string // relative to root
	foreign bool   // below a heading that is not followed
}

// heading recognises "path:". Where no recursion was asked for, only the first
// line may be one, and what stands below another is not taken for an entry of
// the listed directory.
func (p *Parser) heading(text string) (Verdict, bool) {
	first := !p.dir.started
	p.dir.started = true
	if !first && !p.dir.gap || p.decided != nil && p.decided.format != Unix {
		return 0, false
	}
	dir, ok := strings.CutSuffix(text, ":")
	if !ok || dir == "" || strings.ContainsAny(dir, "\x00\r") {
		return 0, false
	}
	if first && strings.ContainsAny(dir, " \t") && dir[0] != '/' && dir[0] != '.' {
		return 0, false // a sentence
	}
	switch {
	case first:
		p.dir.root = path.Clean(dir)
		return Ignored, true
	case p.o.Recursive:
		return p.enter(dir), true
	}
	p.dir.foreign = true
	return Unknown, true
}

// enter makes dir the directory of the entries that follow.
//
// SECURITY: a heading with ".." in it, or outside of what was listed, would
// let a listing put entries anywhere; all below it are Unknown.
func (p *Parser) enter(dir string) Verdict {
	for part := range strings.SplitSeq(dir, "/") {
		if part == ".." {
			p.dir.foreign = true
			return Unknown
		}
	}
	dir, ok := below(p.dir.root, path.Clean(dir))
	if p.dir.foreign = !ok; !ok {
		return Unknown
	}
	p.dir.current = dir
	return Ignored
}

// below makes dir relative to root. Servers write headings as seen from the
// listed directory, or with the same path that they put first.
func below(root, dir string) (string, bool) {
	if root == "" || root == "." {
		return dir, !path.IsAbs(dir) && dir != "."
	}
	if rest, ok := strings.CutPrefix(dir, strings.TrimSuffix(root, "/")+"/"); ok {
		return rest, rest != ""
	}
	return dir, path.IsAbs(root) && !path.IsAbs(dir)
}
