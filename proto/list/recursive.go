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
	if !ok || dir == "" || strings.ContainsAny(dir, "\x00\r") || first && strings.ContainsAny(dir, " \t") {
		return 0, false
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
	dir = path.Clean(dir)
	if root := p.dir.root; root != "" && root != "." {
		dir = strings.TrimPrefix(strings.TrimPrefix(dir, root), "/")
	}
	if strings.HasPrefix(dir, "/") || dir == "" {
		p.dir.foreign = true
		return Unknown
	}
	p.dir.current, p.dir.foreign = dir, false
	return Ignored
}
