package client

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"ferry/proto"
	"ferry/proto/list"
)

// Stat describes one file or directory: MLST, else SIZE, MDTM and CWD, else a
// listing of its parent. The error is also fs.ErrNotExist for what is not
// there, or must not be seen: 550 says both.
func (c *Client) Stat(ctx context.Context, path string) (proto.Entry, error) {
	e, err := c.stat(ctx, path)
	if err != nil {
		return proto.Entry{Size: proto.NoSize}, &StatError{Path: path, Err: err}
	}
	return e, nil
}

// Follow describes what a link leads to, by the commands that follow links
// everywhere. MLST of Pure-FTPd describes the link itself, that of ProFTPD gives
// the link's own size with the type of what it leads to. The error is as Stat's.
func (c *Client) Follow(ctx context.Context, path string) (proto.Entry, error) {
	e, err := c.probe(ctx, path)
	if err != nil {
		return proto.Entry{Size: proto.NoSize}, &StatError{Path: path, Err: err}
	}
	return e, nil
}

func (c *Client) stat(ctx context.Context, path string) (proto.Entry, error) {
	if c.in.features.Has("MLST") {
		e, err := c.facts(ctx, path)
		var re *proto.ReplyError
		var se *proto.SyntaxError
		switch {
		case err == nil, !errors.As(err, &re) && !errors.As(err, &se), c.Broken():
			return e, err
		case re != nil && re.Reply.Code == proto.Refused && !awkward(path):
			return e, err
		}
		// Not served after all, or the name was too much for it (WS_FTP takes
		// no blanks here): ask otherwise.
	}
	return c.probe(ctx, path)
}

func (c *Client) facts(ctx context.Context, path string) (proto.Entry, error) {
	r, err := c.done(ctx, "MLST", name(path))
	if err != nil {
		return proto.Entry{}, err
	}
	return Facts(r)
}

// Facts reads a reply to MLST. RFC 3659 §7.2: the facts are in the middle line of
// three.
func Facts(r proto.Reply) (proto.Entry, error) {
	for i, line := range r.Lines {
		// Pure-FTPd and others have no indentation, some no first line.
		if i == len(r.Lines)-1 && i > 0 || !strings.Contains(line, "=") {
			continue
		}
		return proto.ParseFacts(line)
	}
	return proto.Entry{}, &proto.SyntaxError{What: "reply to MLST", Text: r.String()}
}

// probe finds out with the commands that everybody has.
func (c *Client) probe(ctx context.Context, path string) (proto.Entry, error) {
	e := proto.Entry{Name: path, Size: proto.NoSize}
	var err error
	if !c.Quirks().NoSize {
		var size int64
		if size, err = c.Size(ctx, path); err == nil {
			e.Kind, e.Size = proto.RegularFile, size
			return c.withTime(ctx, e)
		}
		if !tolerable(err) || c.Broken() {
			return e, err
		}
	}
	cerr := c.enters(ctx, path)
	if cerr == nil {
		e.Kind = proto.Directory
		return e, nil
	}
	// A directory that is busy is there: only the refusal of SIZE would say that it isn't.
	if !isRefusal(cerr) || Transient(cerr) || c.Broken() {
		return e, cerr
	}
	if c.Quirks().NoSize {
		return c.search(ctx, path, cerr)
	}
	return e, err
}

// enters reports why a path can't be the current directory, which it is not
// afterwards: there and back in one write.
func (c *Client) enters(ctx context.Context, path string) error {
	home := c.in.cwd
	if home == "" {
		var err error
		if home, err = c.Pwd(ctx); err != nil {
			return err
		}
	}
	answers, err := c.DoAll(ctx, []proto.Command{proto.Cmd("CWD", name(path)), proto.Cmd("CWD", name(home))})
	if err != nil {
		return err
	}
	if answers[0].Err == nil && answers[1].Err != nil {
		return c.breakWith(answers[1].Err) // as inside
	}
	c.in.cwd = home
	return answers[0].Err
}

// tolerable failures leave other ways to ask.
func tolerable(err error) bool {
	var se *proto.SyntaxError
	return isRefusal(err) || errors.As(err, &se)
}

// withTime adds the time of the last change, if the server tells it.
func (c *Client) withTime(ctx context.Context, e proto.Entry) (proto.Entry, error) {
	if c.Quirks().NoModTime {
		return e, nil
	}
	r, err := c.try(ctx, proto.Cmd("MDTM", name(e.Name)))
	if unknownCommand(r) {
		c.learn(func(q *Quirks) { q.NoModTime = true })
	}
	if t, precision, perr := proto.ParseTime(r.Text()); err == nil && perr == nil && r.Code.Class() == proto.Done {
		e.Modify, e.Precision = t, precision
	}
	return e, err
}

// search looks for a file in the listing of its directory. Without it there,
// missing is the error.
func (c *Client) search(ctx context.Context, path string, missing error) (proto.Entry, error) {
	dir, base := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, base = path[:max(i, 1)], path[i+1:]
	}
	found := proto.Entry{Size: proto.NoSize}
	ok := false
	for l, err := range c.List(ctx, dir) {
		if err != nil {
			return found, err
		}
		if l.Verdict == list.Understood && l.Entry.Name == base && !ok {
			found, ok = l.Entry, true // read on: an abort costs more
		}
	}
	if !ok {
		return found, missing
	}
	return found, nil
}

// StatError is a name that couldn't be looked at.
type StatError struct {
	Path string
	Err  error
}

func (e *StatError) Error() string { return e.Err.Error() }
func (e *StatError) Unwrap() error { return e.Err }

// Is makes a 550 also fs.ErrNotExist.
func (e *StatError) Is(target error) bool {
	var re *proto.ReplyError
	return target == fs.ErrNotExist && errors.As(e.Err, &re) && re.Reply.Code == proto.Refused
}
