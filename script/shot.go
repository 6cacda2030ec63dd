package script

import (
	"context"
	"slices"
	"strings"
)

// shot runs single verbs on URLs over as few connections as they need.
type shot struct {
	engine *Engine
	at     string // scheme, user, host and port of the connection
}

// newShot is an engine that neither echoes nor asks.
func newShot(cfg Config) (*shot, error) {
	e, err := New(cfg)
	if err != nil {
		return nil, err
	}
	e.state.Settings.Echo = false
	return &shot{engine: e}, nil
}

// run does one verb on what a URL names. files are local names that come
// before it: put's.
func (s *shot) run(ctx context.Context, url, verb string, flags []Word, files []string) error {
	base, path, err := cutURL(url)
	if err != nil {
		return s.wrap(verb, err)
	}
	if err := s.open(ctx, base); err != nil {
		return err
	}
	args := flags
	switch {
	case verb == "put":
		if path.Text != "" || len(files) > 1 {
			args = append(args, Bare("-o"), Literal(orDot(path.Text)))
		}
		args = append(args, Bare("--"))
		for _, f := range files {
			args = append(args, Literal(f))
		}
	case path.Text != "":
		args = append(args, Bare("--"), path)
	case verb == "get" && recursive(flags):
		args = append(args, Bare("--"), Literal("."))
	case verb != "ls":
		return s.wrap(verb, &CallError{What: "the URL names no file", Hint: "ftp://HOST/DIR/FILE"})
	}
	return s.engine.Exec(ctx, Line{Verb: verb, Args: args})
}

func recursive(flags []Word) bool {
	return slices.ContainsFunc(flags, func(w Word) bool { return w.Text == "-r" })
}

// open connects, unless that is where the last one led.
func (s *shot) open(ctx context.Context, base string) error {
	if base == s.at {
		return nil
	}
	if err := s.engine.Exec(ctx, Line{Verb: "open", Args: []Word{Literal(base)}}); err != nil {
		return err
	}
	s.at = base
	return nil
}

// between runs mirror; names puts its two directories in order.
func (s *shot) between(ctx context.Context, url string, flags []Word, names func(remote Word) []Word) error {
	base, path, err := cutURL(url)
	if err != nil {
		return s.wrap("mirror", err)
	}
	if err := s.open(ctx, base); err != nil {
		return err
	}
	if path.Text == "" {
		path = Literal(".")
	}
	args := append(flags, Bare("--"))
	return s.engine.Exec(ctx, Line{Verb: "mirror", Args: append(args, names(Literal(path.Text))...)})
}

func (s *shot) wrap(verb string, err error) error {
	return &Error{Verb: verb, Err: err, Hint: hint(err)}
}

// cutURL takes the path off a URL. What is written as %XX in it is literal,
// the rest may be a pattern.
func cutURL(url string) (base string, path Word, err error) {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return "", path, &CallError{What: "no URL: " + ShownURL(url), Hint: "ftp://HOST/DIR/FILE"}
	}
	authority, raw, _ := strings.Cut(rest, "/")
	for raw != "" {
		i := strings.IndexByte(raw, '%')
		if i < 0 {
			i = len(raw)
		}
		path.add(raw[:i], bare)
		if raw = raw[i:]; raw == "" {
			break
		}
		c, err := unescape(raw[:min(3, len(raw))])
		if err != nil {
			return "", path, err
		}
		path.add(c, hard)
		raw = raw[3:]
	}
	return scheme + "://" + authority, path, nil
}
