package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"ferry/proto/client"
)

// Some servers keep names as others and say that all went well: Pure-FTPd makes
// an underline of a blank at the end, pyftpdlib U+FFFD of bytes that are no UTF-8,
// and file systems of Windows drop dots at the end. There two files may become one,
// and a mirror with --delete takes away what the last one sent. Before the first
// such name goes up, a server is asked to keep one of ours.

// oddity is what may become of a name.
type oddity byte

const (
	oddBytes oddity = 1 << iota
	oddBlank
	oddDot
)

// odd is what is odd about a path at the server.
func odd(remote string) (o oddity) {
	if !utf8.ValidString(remote) {
		o |= oddBytes
	}
	for name := range strings.SplitSeq(remote, "/") {
		switch {
		case strings.HasSuffix(name, " "):
			o |= oddBlank
		case strings.HasSuffix(name, ".") && name != "." && name != "..":
			o |= oddDot
		}
	}
	return o
}

// plainEnd is a name without what may be odd at its end, or has become of it.
func plainEnd(name string) string { return strings.TrimRight(name, " ._?\ufffd") }

// errOtherName is a name that a server would keep as another.
var errOtherName = errors.New("the server keeps such a name as another")

// oddNames fails the uploads whose names would be others.
func (r *run) oddNames(ctx context.Context, lead *worker) {
	for _, t := range r.tasks {
		o := odd(t.Item.Remote)
		if o == 0 || t.Direction != Up || t.Action != Send || r.over() || ctx.Err() != nil || lead.client.Commits() {
			continue
		}
		for class, sample := range map[oddity]string{oddBytes: "\xe9", oddBlank: " ", oddDot: "."} {
			if o&class != 0 && !lead.client.Broken() && r.opts.Server.wonders(class) {
				lead.askName(ctx, plainDir(t.Item.Remote), class, sample)
			}
		}
		if r.opts.Server.turns(o) {
			r.settle(ctx, t, fmt.Errorf("%s: %w", t.Item.Remote, errOtherName))
		}
	}
	r.queue.forget()
}

// plainDir is the last directory of a path before anything odd.
func plainDir(remote string) string {
	for odd(remote) != 0 {
		remote = path.Dir(remote)
	}
	return remote
}

// askName has the server keep a file whose name ends oddly, and looks for it.
// Where that can't be done, names are believed to be kept.
func (w *worker) askName(ctx context.Context, dir string, class oddity, sample string) {
	a, _ := probeNames(dir)
	if _, err := w.client.Store(ctx, a+sample, io.LimitReader(nil, 0), client.Transfer{}); err != nil {
		return
	}
	all, err := w.client.ListDirs(ctx, []string{dir})
	if err != nil || all[0].Err != nil {
		_ = w.client.Delete(ctx, a+sample)
		return
	}
	kept := false
	for _, line := range all[0].Lines {
		if name := line.Entry.Name; strings.HasPrefix(name, path.Base(a)) {
			kept = kept || name == path.Base(a)+sample
			_ = w.client.Delete(ctx, path.Join(dir, name))
		}
	}
	w.opts.Server.learnOdd(class, kept)
}

// wonders reports whether nothing is known of such names.
func (s *Server) wonders(class oddity) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return (s.keeps|s.turned)&class == 0
}

// turns reports whether such a name would become another.
func (s *Server) turns(o oddity) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.turned&o != 0
}

func (s *Server) learnOdd(class oddity, kept bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept {
		s.keeps |= class
	} else {
		s.turned |= class
	}
}
