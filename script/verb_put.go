package script

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// put uploads: one name, a name and its remote target, a pattern, or many
// names behind "--".
func put(ctx context.Context, st *State, a Args) error {
	if a.Flag("--files-from") {
		return st.fromList(ctx, bulk.Up, a)
	}
	sources, target := sourcesAndTarget(a)
	switch {
	case len(sources) == 1 && st.isInput(sources[0]):
		return st.putInput(ctx, a, sources[0].Text, target)
	case st.restart > 0 && len(sources) == 1:
		return st.putFrom(ctx, sources[0].Text, target)
	case st.Settings.RenameThere:
		return st.putUnique(ctx, sources)
	}
	names, err := st.localAll(ctx, sources)
	if err != nil {
		return err
	}
	if names, err = st.files(names, a); err != nil {
		return err
	}
	return st.upload(ctx, a, names, target)
}

func mput(ctx context.Context, st *State, a Args) error {
	if a.Flag("--files-from") {
		return st.fromList(ctx, bulk.Up, a)
	}
	names, err := st.localAll(ctx, a.Words)
	if err != nil {
		return err
	}
	if names, err = st.files(names, a); err != nil {
		return err
	}
	if names, err = st.each(ctx, "mput", names); err != nil {
		return err
	}
	_, target := sourcesAndTarget(Args{flags: a.flags})
	return st.upload(ctx, a, names, target)
}

// reput goes on where an earlier upload stopped.
func reput(ctx context.Context, st *State, a Args) error {
	a.flags["-c"] = ""
	return put(ctx, st, a)
}

func (st *State) upload(ctx context.Context, a Args, names []match, target string) error {
	if len(names) == 0 {
		return nil
	}
	o, err := st.bulkOptions(a)
	if err != nil {
		return err
	}
	items, err := st.uploadItems(ctx, names, target)
	if err != nil {
		return err
	}
	return st.move(ctx, bulk.Up, items, o)
}

// uploadItems gives each local name its remote one.
func (st *State) uploadItems(ctx context.Context, names []match, target string) ([]bulk.Item, error) {
	if target == "." || target == "./" {
		target = ""
	}
	into := target == ""
	if !into {
		var err error
		if into, err = st.remoteIsDir(ctx, target); err != nil {
			return nil, err
		}
	}
	if !into {
		if len(names) > 1 {
			return nil, manyTo(target, len(names))
		}
		return []bulk.Item{{Local: st.Local(names[0].path), Remote: target}}, nil
	}
	items := make([]bulk.Item, 0, len(names))
	for _, m := range names {
		local := st.Local(m.path)
		items = append(items, bulk.Item{Local: local, Remote: join(target, remoteName(m.path, local))})
	}
	return items, apart(items, func(it bulk.Item) string { return it.Remote })
}

// remoteName is the name that a local file gets there: its last component. A
// tree that is named "." or ".." goes into the target itself.
func remoteName(typed, local string) string {
	if base := filepath.Base(filepath.Clean(typed)); base == "." || base == ".." {
		return "."
	}
	return filepath.Base(local)
}

// remoteIsDir reports whether a target is a directory: it ends like one, or
// the server says so.
func (st *State) remoteIsDir(ctx context.Context, target string) (bool, error) {
	if st.plan != nil {
		abs, err := st.absolute(ctx, target)
		if err != nil || st.plan.knows(abs) {
			return err == nil, err
		}
	}
	return isDirAt(ctx, st.client, st.remote(target))
}

func isDirAt(ctx context.Context, c *client.Client, target string) (bool, error) {
	if strings.HasSuffix(target, "/") || path.Base(target) == "." || path.Base(target) == ".." {
		return true, nil
	}
	e, err := c.Stat(ctx, target)
	var refused *proto.ReplyError
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.As(err, &refused), errors.Is(err, errors.ErrUnsupported):
		return false, nil
	case err != nil:
		return false, err
	}
	return e.Kind == proto.Directory || e.Kind == proto.CurrentDir, nil
}

func (st *State) localAll(ctx context.Context, words []Word) ([]match, error) {
	var all []match
	for _, w := range words {
		names, err := st.localNames(ctx, w)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	return all, nil
}

// isInput reports whether a word names what can be read only once: standard
// input, a pipe, a device.
func (st *State) isInput(w Word) bool {
	return w.Text == "-" || !w.Pattern() && isDevice(st.Local(w.Text))
}

// putInput sends what comes on standard input, or by a pipe.
func (st *State) putInput(ctx context.Context, a Args, source, target string) error {
	it, in := bulk.Item{Local: "-", Remote: target}, st.cfg.In
	switch {
	case source != "-":
		items, err := st.uploadItems(ctx, []match{{path: source}}, target)
		if err != nil {
			return err
		}
		it = items[0]
		f, err := openWhenWritten(ctx, it.Local)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	case target == "" || in == nil:
		return &CallError{What: "standard input has no name", Hint: "put - NAME"}
	}
	o, err := st.bulkOptions(a)
	if err != nil {
		return err
	}
	return st.stream(ctx, it, in, o, nil)
}

// stream uploads what can be read only once, by the session's parameters where
// none are given.
func (st *State) stream(ctx context.Context, it bulk.Item, in io.Reader, o bulk.Options, p *proto.Params) error {
	o.Events = st.announce
	it.Remote = st.remote(it.Remote)
	e := bulk.New(st.client, o)
	defer st.adopt(e)
	r, err := e.Stream(ctx, it, in, p)
	st.tallied(r)
	if err != nil && r.Attempts > 0 {
		return st.ofFile(bulk.Up, r.Item, err)
	}
	return err
}

// openWhenWritten opens a pipe, which takes until somebody writes into it.
func openWhenWritten(ctx context.Context, name string) (*os.File, error) {
	type opened struct {
		*os.File
		error
	}
	result := make(chan opened, 1)
	go func() {
		f, err := os.Open(name)
		result <- opened{f, err}
	}()
	select {
	case r := <-result:
		return r.File, r.error
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// putFrom serves restart: the next put begins at that byte of both files.
func (st *State) putFrom(ctx context.Context, local, target string) error {
	at := st.restart
	st.restart = 0
	return st.send(ctx, local, target, func(remote string, f *os.File, t client.Transfer) (string, int64, error) {
		if _, err := f.Seek(at, io.SeekStart); err != nil {
			return "", 0, err
		}
		t.Offset = at
		n, err := st.client.Store(ctx, remote, f, t)
		return remote, n, err
	})
}

// putUnique lets the server choose the names (sunique).
func (st *State) putUnique(ctx context.Context, words []Word) error {
	names, err := st.localAll(ctx, words)
	if err != nil {
		return err
	}
	for _, m := range names {
		err := st.send(ctx, m.path, "", func(remote string, f *os.File, t client.Transfer) (string, int64, error) {
			return st.client.StoreUnique(ctx, remote, f, t)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// appendFile adds a local file to the end of a remote one.
func appendFile(ctx context.Context, st *State, a Args) error {
	return st.send(ctx, a.Text(0), a.Text(1), func(remote string, f *os.File, t client.Transfer) (string, int64, error) {
		n, err := st.client.Append(ctx, remote, f, t)
		return remote, n, err
	})
}

// send opens a local file and hands it to how, in place: not by way of a
// temporary name, since what is there already belongs to the result.
func (st *State) send(ctx context.Context, local, target string, how func(string, *os.File, client.Transfer) (string, int64, error)) error {
	items, err := st.uploadItems(ctx, []match{{path: local}}, target)
	if err != nil {
		return err
	}
	f, err := os.Open(items[0].Local)
	if err != nil {
		return err
	}
	defer f.Close()
	var last proto.Reply
	remote, n, err := how(items[0].Remote, f, client.Transfer{Last: &last})
	st.account(bulk.Up, bulk.Item{Local: items[0].Local, Remote: remote}, n, last, err)
	if err != nil {
		return err
	}
	st.say("%s -> %s (%s)", local, remote, list.InBytes(n))
	return nil
}

// account notes a file that went without the engine, for the report.
func (st *State) account(d bulk.Direction, it bulk.Item, n int64, last proto.Reply, err error) {
	r := bulk.Result{Item: it, Direction: d, Kind: bulk.Done, Bytes: n, Size: proto.NoSize, Attempts: 1, Reply: last, Err: err}
	if err != nil {
		r.Kind = bulk.Failed
	}
	st.tallied(r)
}
