package script

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"ferry/proto"
)

// claim is one thing that if can ask. Names that begin with an l are about
// this machine, as with verbs.
type claim struct {
	name string
	args []string
	hold func(ctx context.Context, st *State, args []Word) (bool, error)
}

// claimsKnown are all claims.
func claimsKnown() []claim {
	return []claim{
		{"exists", words("REMOTE"), remoteExists},
		{"lexists", words("LOCAL"), localExists},
		{"isdir", words("REMOTE"), remoteDirThere},
		{"lisdir", words("LOCAL"), func(_ context.Context, st *State, a []Word) (bool, error) { return isDir(st.Local(a[0].Text)), nil }},
		{"empty", words("REMOTE"), remoteEmpty},
		{"lempty", words("LOCAL"), localEmpty},
		{"newer", words("REMOTE LOCAL"), remoteNewer},
		{"lnewer", words("LOCAL REMOTE"), localNewer},
		{"size", words("REMOTE gt|lt|eq|… BYTES"), remoteSize},
		{"lsize", words("LOCAL gt|lt|eq|… BYTES"), localSize},
		{"connected", nil, func(_ context.Context, st *State, _ []Word) (bool, error) {
			return st.client != nil && !st.client.Broken(), nil
		}},
		{"failed", nil, func(_ context.Context, st *State, _ []Word) (bool, error) { return st.lastStatus() != 0, nil }},
		{"ok", nil, func(_ context.Context, st *State, _ []Word) (bool, error) { return st.lastStatus() == 0, nil }},
		{"defined", words("NAME"), func(_ context.Context, st *State, a []Word) (bool, error) {
			_, ok := st.vars[a[0].Text]
			return ok, nil
		}},
	}
}

func claimHelp() string {
	var lines []string
	for _, c := range claimsKnown() {
		lines = append(lines, strings.Join(append([]string{c.name}, c.args...), " "))
	}
	return folded("Conditions: "+strings.Join(lines, ", ")+".", helpWidth, 0, 0)
}

// remoteExists holds when a name is there, or a pattern matches one.
func remoteExists(ctx context.Context, st *State, a []Word) (bool, error) {
	if a[0].Pattern() && st.Settings.Glob {
		if err := st.ready(ctx, Login); err != nil {
			return false, err
		}
		names, err := st.remoteNames(ctx, a[0])
		return len(names) > 0, noMatchIsNo(err)
	}
	_, found, err := st.remoteEntry(ctx, a[0].Text)
	return found, err
}

func localExists(ctx context.Context, st *State, a []Word) (bool, error) {
	if a[0].Pattern() && st.Settings.Glob {
		names, err := st.localNames(ctx, a[0])
		return len(names) > 0, noMatchIsNo(err)
	}
	_, found, err := st.localEntryOf(a[0].Text)
	return found, err
}

func noMatchIsNo(err error) error {
	var none *NoMatchError
	if errors.As(err, &none) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// remoteEntry is what the server knows of a name; found is false when nothing
// has it.
func (st *State) remoteEntry(ctx context.Context, name string) (e proto.Entry, found bool, err error) {
	if err := st.ready(ctx, Login); err != nil {
		return e, false, err
	}
	e, err = st.client.Stat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return e, false, nil
	}
	return e, err == nil, err
}

func (st *State) localEntryOf(name string) (info os.FileInfo, found bool, err error) {
	info, err = os.Stat(st.Local(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	return info, err == nil, err
}

func remoteDirThere(ctx context.Context, st *State, a []Word) (bool, error) {
	e, found, err := st.remoteEntry(ctx, a[0].Text)
	return found && e.Kind == proto.Directory, err
}

// remoteEmpty holds for a file without bytes and for a directory without names.
func remoteEmpty(ctx context.Context, st *State, a []Word) (bool, error) {
	e, found, err := st.remoteEntry(ctx, a[0].Text)
	switch {
	case err != nil || !found:
		return false, err
	case e.Kind == proto.Directory:
		names, err := listerAt(st.client)(ctx, a[0].Text)
		return len(names) == 0, err
	}
	n, err := st.client.Size(ctx, a[0].Text)
	return n == 0, err
}

func localEmpty(_ context.Context, st *State, a []Word) (bool, error) {
	info, found, err := st.localEntryOf(a[0].Text)
	switch {
	case err != nil || !found:
		return false, err
	case info.IsDir():
		names, err := os.ReadDir(st.Local(a[0].Text))
		return len(names) == 0, err
	}
	return info.Size() == 0, nil
}

// remoteNewer holds when the remote file was changed after the local one, and
// when there is no local one.
func remoteNewer(ctx context.Context, st *State, a []Word) (bool, error) {
	remote, local, err := st.times(ctx, a[0].Text, a[1].Text)
	return remote.After(local), err
}

func localNewer(ctx context.Context, st *State, a []Word) (bool, error) {
	remote, local, err := st.times(ctx, a[1].Text, a[0].Text)
	return local.After(remote), err
}

// times are when both were changed last, in whole seconds, which is all that
// most servers tell; zero for what is not there.
func (st *State) times(ctx context.Context, remote, local string) (there, here time.Time, err error) {
	_, found, err := st.remoteEntry(ctx, remote)
	if err != nil {
		return there, here, err
	}
	if found {
		if there, err = st.client.ModTime(ctx, remote); err != nil {
			return there, here, err
		}
	}
	info, found, err := st.localEntryOf(local)
	if found {
		here = info.ModTime()
	}
	return there.Truncate(time.Second), here.Truncate(time.Second), err
}

func remoteSize(ctx context.Context, st *State, a []Word) (bool, error) {
	if err := st.ready(ctx, Login); err != nil {
		return false, err
	}
	n, err := st.client.Size(ctx, a[0].Text)
	if err != nil {
		return false, err
	}
	return compareSize(n, a[1], a[2])
}

func localSize(_ context.Context, st *State, a []Word) (bool, error) {
	info, err := os.Stat(st.Local(a[0].Text))
	if err != nil {
		return false, err
	}
	return compareSize(info.Size(), a[1], a[2])
}

func compareSize(n int64, by, to Word) (bool, error) {
	c, ok := findComparison(by.Text)
	want, err := parseAmount(to.Text)
	switch {
	case err != nil:
		return false, err
	case ok && c.name == "!=":
		return n != want, nil
	case ok && (c.name == "==" || c.name == "="):
		return n == want, nil
	case !ok || c.numbers == nil:
		return false, &CallError{What: "sizes are compared by eq, ne, lt, le, gt or ge", Col: by.Col}
	}
	return c.numbers(n, want), nil
}
