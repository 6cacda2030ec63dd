package script

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
)

// end is one end of fxp: a file at the server that is open, or at another one
// for which a session is opened that ends with the verb.
type end struct {
	client *client.Client
	path   string
}

// fxp has one server send a file to another. What is a URL is another server,
// any other word a name at the one that is open.
func fxp(ctx context.Context, st *State, a Args) error {
	side, err := listeningSide(a.Value("--listen"))
	if err != nil {
		return err
	}
	if !isURL(a.Text(0)) && !isURL(a.Text(1)) {
		return &CallError{Verb: a.Verb, What: "one of the two must be a URL", Hint: "copy FROM TO copies within a server"}
	}
	from, closeFrom, err := st.end(ctx, a.Text(0))
	if err != nil {
		return err
	}
	defer closeFrom()
	to, closeTo, err := st.end(ctx, a.Text(1))
	if err != nil {
		return err
	}
	defer closeTo()
	into := to.path == ""
	if !into {
		if into, err = isDirAt(ctx, to.client, to.path); err != nil {
			return err
		}
	}
	if into {
		to.path = join(to.path, path.Base(from.path))
	}
	o := client.CopyOptions{Listens: side, Offset: st.restart}
	st.restart = 0
	if a.Flag("-c") {
		if o.Offset, err = arrived(ctx, to); err != nil {
			return err
		}
	}
	n, err := client.Copy(ctx, client.Place{Client: from.client, Path: from.path}, client.Place{Client: to.client, Path: to.path}, o)
	if err != nil {
		return err
	}
	size := ""
	if n != client.UnknownSize {
		size = fmt.Sprintf(" (%d bytes)", n)
	}
	st.say("%s -> %s%s", ShownURL(a.Text(0)), ShownURL(a.Text(1)), size)
	return nil
}

func isURL(text string) bool { return strings.Contains(text, "://") }

func listeningSide(word string) (client.Side, error) {
	switch strings.ToLower(word) {
	case "":
		return client.EitherSide, nil
	case "to":
		return client.TargetSide, nil
	case "from":
		return client.SourceSide, nil
	}
	return client.EitherSide, &CallError{What: "--listen takes from or to, not " + word}
}

// end finds the session for one of the two, or opens it. done ends what was
// opened.
func (st *State) end(ctx context.Context, text string) (e end, done func(), err error) {
	if !isURL(text) {
		if err := st.ready(ctx, Login); err != nil {
			return e, nil, err
		}
		return end{st.client, text}, func() {}, nil
	}
	t, err := parseTarget(text)
	if err != nil {
		return e, nil, err
	}
	c, err := st.visit(ctx, t)
	if err != nil {
		return e, nil, err
	}
	return end{c, t.path}, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		_ = c.Quit(ctx) // what was to be done is done
	}, nil
}

// visit opens a session beside the one that is open.
func (st *State) visit(ctx context.Context, t target) (*client.Client, error) {
	who, _, err := st.credentials(ctx, t)
	if err != nil {
		return nil, err
	}
	c, err := st.reach(ctx, t)
	if err != nil {
		return nil, err
	}
	if err = c.Login(ctx, who); err == nil && st.params != proto.Binary() {
		err = c.SetParams(ctx, st.params)
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// arrived is how much of a file is at the target already.
func arrived(ctx context.Context, to end) (int64, error) {
	e, err := to.client.Stat(ctx, to.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return max(e.Size, 0), nil
}
