package serve

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/serve/store"
)

// listArg is the argument of LIST, NLST and STAT: flags as ls(1) has them,
// then one path or pattern. RFC 959 knows no flags, but clients send them.
type listArg struct {
	recursive bool   // -R
	itself    bool   // -d: the directory, not what is in it
	long      bool   // -l: NLST then answers as LIST does
	path      string // as sent; "" is the current directory
}

// lsFlags are the flags that are understood or can be passed over: all names
// are listed always (-a, -A), in the store's order (-t, -S, -r, -U), one a line.
const lsFlags = "aAlLRdtSrU1ghnFC"

// parseListArg takes a first word of known letters for flags. A file with
// such a name is reached behind "--", or by a path: "./-a".
func parseListArg(arg string) listArg {
	var a listArg
	for strings.HasPrefix(arg, "-") {
		word, rest, _ := strings.Cut(arg, " ")
		if word == "--" {
			a.path = rest
			return a
		}
		if len(word) < 2 || strings.Trim(word[1:], lsFlags) != "" {
			break
		}
		a.recursive = a.recursive || strings.Contains(word, "R")
		a.itself = a.itself || strings.Contains(word, "d")
		a.long = a.long || strings.Contains(word, "l")
		arg = strings.TrimLeft(rest, " ")
	}
	a.path = arg
	return a
}

// listing walks what a listing shows. It runs in the mover.
type listing struct {
	store store.Store
	cwd   string
	arg   listArg
	line  func(b []byte, shown string, e proto.Entry) []byte // without line end
	eol   string
	out   flusher

	buf  []byte
	sent bool  // the first lines have left
	left int   // entries that may still be looked at, with -R and in patterns
	cut  error // why the listing is not complete
}

func (s *session) newListing(a listArg, line func([]byte, string, proto.Entry) []byte) *listing {
	return &listing{store: s.store, cwd: s.cwd, arg: a, line: line, left: maxWalk}
}

var errLong = &fault{kind: brokenOff, text: "The listing was cut: it has too many entries or levels."}

// run writes the whole listing.
func (l *listing) run(ctx context.Context) error {
	if err := l.walk(ctx); err != nil {
		return err
	}
	return l.flush()
}

func (l *listing) walk(ctx context.Context) error {
	name, err := resolve(l.cwd, l.arg.path)
	if err != nil {
		return err
	}
	e, err := l.store.Stat(ctx, name)
	switch {
	case err != nil && hasMeta(l.arg.path):
		return l.glob(ctx, l.arg.path)
	case err != nil:
		return err
	case e.Kind == proto.Directory && !l.arg.itself:
		return l.directory(ctx, name, strings.TrimSuffix(l.arg.path, "/"), 0)
	}
	return l.emit(nameOr(l.arg.path, "."), e)
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

// directory lists one directory, and with -R those below, breadth first in
// each. shown is its path as the client may use it.
func (l *listing) directory(ctx context.Context, name, shown string, depth int) error {
	var below []string
	for e, err := range l.store.List(ctx, name) {
		if err != nil {
			return err
		}
		if l.arg.recursive && l.full() {
			break
		}
		if err := l.emit(l.join(shown, e.Name), e); err != nil {
			return err
		}
		if l.arg.recursive && e.Kind == proto.Directory {
			below = append(below, e.Name)
		}
	}
	if len(below) > 0 && depth == maxDepth {
		l.cut = errLong
		return nil
	}
	for _, sub := range below {
		if err := l.below(ctx, path.Join(name, sub), l.join(nameOr(shown, "."), sub), depth+1); err != nil && !errors.Is(err, errWall) {
			return err
		}
	}
	return nil
}

func (l *listing) below(ctx context.Context, name, shown string, depth int) error {
	l.buf = append(l.buf, l.eol...)
	l.buf = append(list.AppendHeading(l.buf, shown), l.eol...)
	return l.directory(ctx, name, shown, depth)
}

func (l *listing) join(dir, name string) string {
	switch dir {
	case "":
		if l.arg.path != "" { // "/" without its slash
			return "/" + name
		}
		return name
	case "/":
		return "/" + name
	}
	return dir + "/" + name
}

// full counts an entry and tells when there are too many.
//
// SECURITY: ten bytes of LIST -R or of a glob must not cost minutes of disk.
func (l *listing) full() bool {
	if l.left--; l.left < 0 {
		l.cut = errLong
	}
	return l.cut != nil
}

func (l *listing) emit(shown string, e proto.Entry) error {
	l.buf = append(l.line(l.buf, shown, e), l.eol...)
	switch {
	case len(l.buf) >= listChunk:
		return l.flush()
	case !l.sent && len(l.buf) >= firstLines:
		return l.begin()
	}
	return nil
}

// begin lets the first lines leave; what is below gathers more.
func (l *listing) begin() error {
	l.sent = true
	if err := l.flush(); err != nil {
		return err
	}
	return l.out.Flush()
}

// flusher is where a listing goes.
type flusher interface {
	io.Writer
	Flush() error
}

func (l *listing) flush() error {
	_, err := l.out.Write(l.buf)
	l.buf = l.buf[:0]
	return err
}

// unixLine writes entries as ls -l does. Paths are shown where a pattern
// could have found them, plain names in a directory.
func unixLine(base func(shown string) string) func([]byte, string, proto.Entry) []byte {
	now := time.Now()
	return func(b []byte, shown string, e proto.Entry) []byte {
		e.Name = base(shown)
		return list.AppendUnix(b, e, now)
	}
}

func nameLine(b []byte, shown string, _ proto.Entry) []byte {
	return list.AppendName(b, shown)
}
