package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"ferry/proto"
	"ferry/proto/client"
)

// This file finds out, for verbs that a dead run had begun, what of them is
// done already.

// settleGone takes out of a delete's words what is not there any more.
func settleGone(ctx context.Context, st *State, a *Args, _ int64) (bool, error) {
	a.Words = keep(a.Words, func(w Word) bool { return st.names(ctx, w) })
	return len(a.Words) == 0, nil
}

// settleMade takes out of mkdir's words what is there already.
func settleMade(ctx context.Context, st *State, a *Args, _ int64) (bool, error) {
	a.Words = keep(a.Words, func(w Word) bool { return !st.isDirThere(ctx, w.Text) })
	return len(a.Words) == 0, nil
}

// settleMadeHere is settleMade on this side.
func settleMadeHere(_ context.Context, st *State, a *Args, _ int64) (bool, error) {
	a.Words = keep(a.Words, func(w Word) bool { return !isDir(st.Local(w.Text)) })
	return len(a.Words) == 0, nil
}

// settleRenamed takes out of rename's words what has its new name.
func settleRenamed(ctx context.Context, st *State, a *Args, _ int64) (bool, error) {
	last := len(a.Words) - 1
	sources, target := a.Words[:last], a.Words[last]
	left := keep(sources, func(w Word) bool { return st.names(ctx, w) })
	if len(left) > 0 {
		a.Words = append(left, target)
		return false, nil
	}
	// None of them is there: all were renamed, if their new names are.
	for _, w := range sources {
		if !w.Pattern() && !st.exists(ctx, target.Text) && !st.exists(ctx, join(asDir(target.Text), path.Base(w.Text))) {
			return false, &UnsureError{What: "rename " + w.Text + " " + target.Text}
		}
	}
	return true, nil
}

// settleLinked: a link that is there was made.
func settleLinked(ctx context.Context, st *State, a *Args, _ int64) (bool, error) {
	return st.exists(ctx, a.Text(1)), nil
}

// names reports whether a word stands for something at the server.
func (st *State) names(ctx context.Context, w Word) bool {
	found, err := st.remoteNames(ctx, w)
	var none *NoMatchError
	switch {
	case errors.As(err, &none):
		return false
	case err != nil || w.Pattern() && st.Settings.Glob:
		return len(found) > 0 || err != nil // the verb tells what is wrong
	}
	return st.exists(ctx, w.Text)
}

func keep(list []Word, wanted func(Word) bool) []Word {
	var kept []Word
	for _, w := range list {
		if wanted(w) {
			kept = append(kept, w)
		}
	}
	return kept
}

// sizeBefore is what append finds: how long its target is.
func sizeBefore(ctx context.Context, st *State, a Args) (int64, error) {
	items, err := st.uploadItems(ctx, []match{{path: a.Text(0)}}, a.Text(1))
	if err != nil {
		return 0, err
	}
	return st.sizeThere(ctx, items[0].Remote)
}

func (st *State) sizeThere(ctx context.Context, name string) (int64, error) {
	e, err := st.client.Stat(ctx, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil || e.Size == proto.NoSize:
		return st.client.Size(ctx, name)
	}
	return e.Size, nil
}

// settleAppended compares what append's target has grown by with what there was
// to add, and adds the rest.
func settleAppended(ctx context.Context, st *State, a *Args, before int64) (bool, error) {
	items, err := st.uploadItems(ctx, []match{{path: a.Text(0)}}, a.Text(1))
	if err != nil {
		return false, err
	}
	f, err := os.Open(items[0].Local)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	now, err := st.sizeThere(ctx, items[0].Remote)
	if err != nil {
		return false, err
	}
	grown := now - before
	switch {
	case grown == 0:
		return info.Size() == 0, nil
	case grown < 0 || grown > info.Size() || st.client.Params() != proto.Binary():
		return false, &UnsureError{What: fmt.Sprintf("append %s: %s has %d bytes, %d before it", a.Text(0), items[0].Remote, now, before)}
	case grown == info.Size():
		return true, nil
	}
	if _, err := f.Seek(grown, io.SeekStart); err != nil {
		return false, err
	}
	_, err = st.client.Append(ctx, items[0].Remote, f, client.Transfer{})
	return err == nil, err
}
