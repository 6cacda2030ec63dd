package script

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
)

// end is one end of fxp: a file at the server that is open, or at another one
// for which a session is opened that ends with the verb.
type end struct {
	client *client.Client
	path   string
	word   Word // path, as it was typed
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
	from, closeFrom, err := st.end(ctx, a.Words[0])
	if err != nil {
		return err
	}
	defer closeFrom()
	to, closeTo, err := st.end(ctx, a.Words[1])
	if err != nil {
		return err
	}
	defer closeTo()
	b := &between{st: st, from: from, to: to, resume: a.Flag("-c"), deep: a.Flag("-r")}
	b.o = client.CopyOptions{Listens: side, Offset: st.restart}
	st.restart = 0
	if err := b.run(ctx); err != nil {
		return err
	}
	st.say("%s -> %s%s", ShownURL(a.Text(0)), ShownURL(a.Text(1)), b.sum())
	return nil
}

// sum is how much went, as far as that is known.
func (b *between) sum() string {
	var what []string
	if b.files != 1 {
		what = append(what, fmt.Sprintf("%d files", b.files))
	}
	if !b.unsized {
		what = append(what, list.Bytes(b.bytes))
	}
	if len(what) == 0 {
		return ""
	}
	return " (" + strings.Join(what, ", ") + ")"
}

// pathWord is the path in a URL, with what was quoted of it.
func pathWord(w Word, path string) Word {
	at := len(w.Text) - len(path)
	if at >= 0 && w.Text[at:] == path {
		return w.cut(at, len(w.Text))
	}
	if w.Pattern() { // %XX were replaced, and the marks don't fit any more
		return Bare(path)
	}
	return Literal(path)
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
func (st *State) end(ctx context.Context, w Word) (e end, done func(), err error) {
	if !isURL(w.Text) {
		if err := st.ready(ctx, Login); err != nil {
			return e, nil, err
		}
		return end{st.client, w.Text, w}, func() {}, nil
	}
	t, err := parseTarget(w.Text)
	if err != nil {
		return e, nil, err
	}
	c, err := st.visit(ctx, t)
	if err != nil {
		return e, nil, err
	}
	return end{c, t.path, pathWord(w, t.path)}, func() {
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
