package bulk

import (
	"fmt"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"ferry/proto"
)

// Filter says which entries of a tree count at all. What doesn't is neither
// moved nor deleted. The zero value lets everything pass.
type Filter struct {
	Include []string // files must match one, if there are any
	Exclude []string // what matches one is left out, a directory with all below it

	MinSize, MaxSize int64     // bytes; 0 no bound
	After, Before    time.Time // of the last change; zero no bound
	NoHidden         bool      // names that begin with a dot don't count
	OneFileSystem    bool      // what is mounted below a local tree doesn't count
}

// Links says what a symbolic link in a tree means.
type Links int

const (
	FollowFiles Links = iota // the file that it leads to; links to directories are skipped
	FollowAll                // the directory, too
	SkipLinks
)

// sieve is a Filter whose patterns were read.
type sieve struct {
	Filter
	device uint64 // of the local root, where OneFileSystem asks for it
}

// PatternError is a pattern that can't be meant.
type PatternError struct{ Pattern, Why string }

func (e *PatternError) Error() string { return fmt.Sprintf("pattern %q: %s", e.Pattern, e.Why) }

// newSieve checks the patterns. An empty one matches nothing that anybody
// wants, or everything that nobody wants: lftp once deleted a parent directory
// for it.
func newSieve(f Filter) (*sieve, error) {
	for _, list := range [][]string{f.Include, f.Exclude} {
		for _, p := range list {
			switch {
			case strings.Trim(p, "/") == "":
				return nil, &PatternError{p, "it is empty"}
			case !doublestar.ValidatePattern(p):
				return nil, &PatternError{p, "it is not well formed"}
			}
		}
	}
	return &sieve{Filter: f}, nil
}

// aged reports whether the times of files decide which of them count.
func (f *sieve) aged() bool { return !f.After.IsZero() || !f.Before.IsZero() }

// skips says why an entry doesn't count, "" when it does.
func (f *sieve) skips(rel string, n *node) string {
	if f.NoHidden && strings.HasPrefix(n.name, ".") {
		return "hidden"
	}
	for _, p := range f.Exclude {
		if matches(p, rel, n.dir()) {
			return "excluded by " + p
		}
	}
	if n.dir() {
		return f.skipsDir(n)
	}
	switch {
	case len(f.Include) > 0 && !f.included(rel):
		return "not included"
	case n.kind != proto.RegularFile:
		return ""
	case f.MinSize > 0 && n.size != proto.NoSize && n.size < f.MinSize:
		return "too small"
	case f.MaxSize > 0 && n.size > f.MaxSize:
		return "too large"
	case !f.After.IsZero() && !n.time.IsZero() && n.time.Before(f.After):
		return "too old"
	case !f.Before.IsZero() && !n.time.IsZero() && !n.time.Before(f.Before):
		return "too new"
	}
	return ""
}

func (f *sieve) skipsDir(n *node) string {
	if f.OneFileSystem && n.mode != 0 {
		if dev, err := deviceOf(n.path); err == nil && dev != f.device {
			return "on another file system"
		}
	}
	return ""
}

func (f *sieve) included(rel string) bool {
	for _, p := range f.Include {
		if matches(p, rel, false) {
			return true
		}
	}
	return false
}

// matches reads a pattern as .gitignore does: without a slash it is about the
// last part of a name, with one about the whole path from the root of the
// tree; one at its end means directories only.
func matches(pattern, rel string, dir bool) bool {
	p, onlyDirs := strings.CutSuffix(pattern, "/")
	if onlyDirs && !dir {
		return false
	}
	if !strings.Contains(p, "/") {
		rel = rel[strings.LastIndexByte(rel, '/')+1:]
	}
	ok, err := doublestar.Match(strings.TrimPrefix(p, "/"), rel)
	return ok && err == nil
}
