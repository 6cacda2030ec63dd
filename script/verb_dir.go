package script

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"ferry/proto"
)

func cd(ctx context.Context, st *State, a Args) error {
	dir := a.Text(0)
	if a.Len() == 0 {
		dir = "/"
	}
	return st.changeDir(ctx, dir)
}

// changeDir goes to a directory; ".." is the parent.
func (st *State) changeDir(ctx context.Context, dir string) error {
	st.site.Dir = ""
	var err error
	if dir == ".." {
		err = st.client.ChangeToParent(ctx)
	} else {
		err = st.client.ChangeDir(ctx, dir)
	}
	if err == nil {
		st.last.went(dir)
	}
	return err
}

func cdup(ctx context.Context, st *State, _ Args) error { return st.changeDir(ctx, "..") }

func pwd(ctx context.Context, st *State, _ Args) error {
	dir, err := st.client.Pwd(ctx)
	if err != nil {
		return err
	}
	st.know(dir)
	return st.print(dir)
}

func mkdir(ctx context.Context, st *State, a Args) error {
	for _, w := range a.Words {
		dirs := []string{w.Text}
		if a.Flag("-p") {
			dirs = ancestors(w.Text)
		}
		for i, dir := range dirs {
			_, err := st.client.MakeDir(ctx, dir)
			if err != nil && a.Flag("-p") && (i+1 < len(dirs) || st.isDirThere(ctx, dir)) {
				continue // what can't be made and isn't there fails at its child
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (st *State) isDirThere(ctx context.Context, dir string) bool {
	e, err := st.client.Stat(ctx, dir)
	return err == nil && e.Kind != proto.RegularFile
}

// ancestors are a path's own directories, the outermost first.
func ancestors(dir string) []string {
	var all []string
	for d := path.Clean(dir); d != "." && d != "/"; d = path.Dir(d) {
		all = append(all, d)
	}
	slices.Reverse(all)
	return all
}

func rmdir(ctx context.Context, st *State, a Args) error {
	names, err := st.remoteAll(ctx, a.Words)
	if err != nil {
		return err
	}
	if ok, err := st.confirm(ctx, "remove", names, false); !ok {
		return err
	}
	for _, m := range names {
		if err := st.client.RemoveDir(ctx, m.path); err != nil {
			return err
		}
	}
	return nil
}

// rm removes files, and with -r directories with all that is in them.
func rm(ctx context.Context, st *State, a Args) error {
	names, err := st.doomed(ctx, a)
	if err != nil {
		return err
	}
	if !a.Flag("-f") {
		if ok, err := st.confirm(ctx, "delete", names, a.Flag("-r")); !ok {
			return err
		}
	}
	for _, m := range names {
		if err := st.remove(ctx, m, a); err != nil {
			return err
		}
	}
	return nil
}

func deleteFiles(ctx context.Context, st *State, a Args) error { return rm(ctx, st, a) }

func mdelete(ctx context.Context, st *State, a Args) error {
	names, err := st.doomed(ctx, a)
	if err != nil {
		return err
	}
	if names, err = st.each(ctx, "mdelete", names); err != nil {
		return err
	}
	for _, m := range names {
		if err := st.client.Delete(ctx, m.path); err != nil {
			return err
		}
	}
	return nil
}

// doomed are the names to delete. Directories that a pattern happens to match
// are left alone without -r.
func (st *State) doomed(ctx context.Context, a Args) ([]match, error) {
	var doomed []match
	for _, w := range a.Words {
		// SECURITY: an empty name is the directory itself to some servers
		// (lftp's `mirror -e --exclude=` removed the parent).
		if strings.Trim(w.Text, "/") == "" || path.Base(w.Text) == "." || path.Base(w.Text) == ".." {
			return nil, &CallError{Verb: a.Verb, What: fmt.Sprintf("%q is not deleted", w.Text), Hint: "name what is in it: rm -r NAME"}
		}
		names, err := st.remoteNames(ctx, w)
		var none *NoMatchError
		if errors.As(err, &none) && a.Flag("-f") {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, m := range names {
			if !m.dir || a.Flag("-r") || !w.Pattern() {
				doomed = append(doomed, m)
			}
		}
	}
	return doomed, nil
}

func (st *State) remove(ctx context.Context, m match, a Args) error {
	err := st.client.Delete(ctx, m.path)
	var refused *proto.ReplyError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &refused):
		return err
	case m.dir || st.isDirThere(ctx, m.path):
		if !a.Flag("-r") {
			return &CallError{What: m.path + " is a directory", Hint: "rm -r " + QuoteWord(m.path, 0) + " deletes it with all that is in it"}
		}
		return st.removeTree(ctx, m.path, 0)
	case a.Flag("-f") && !st.exists(ctx, m.path):
		return nil
	}
	return err
}

func (st *State) exists(ctx context.Context, name string) bool {
	_, err := st.client.Stat(ctx, name)
	return err == nil
}

// removeTree empties a directory and removes it. Links are removed, not
// followed. A listing that is not whole and wholly understood stops it before
// anything of that directory is gone.
func (st *State) removeTree(ctx context.Context, dir string, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("%s: deeper than %d directories", dir, MaxDepth)
	}
	names, err := listerAt(st.client)(ctx, dir)
	if err != nil {
		return err
	}
	for _, m := range names {
		name := join(dir, m.path)
		if m.dir {
			err = st.removeTree(ctx, name, depth+1)
		} else {
			err = st.client.Delete(ctx, name)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return st.client.RemoveDir(ctx, dir)
}

// confirm asks once about what is to be deleted. A script has nobody to ask:
// its lines are meant.
func (st *State) confirm(ctx context.Context, verb string, names []match, trees bool) (bool, error) {
	if st.cfg.Ask == nil || !st.Settings.Confirm || len(names) == 0 {
		return true, nil
	}
	question := verb + " " + names[0].path
	if len(names) > 1 {
		question = fmt.Sprintf("%s %d names, %s to %s", verb, len(names), names[0].path, names[len(names)-1].path)
	}
	if trees {
		below, err := st.countBelow(ctx, names)
		if err != nil {
			return false, err
		}
		question += below
	}
	question += "?"
	answer, err := st.cfg.Ask.Choose(ctx, question, No, Yes)
	if answer != Yes {
		st.recording.refused()
	}
	return err == nil && answer == Yes, err
}

// countBelow tells how many names lie in directories that are to be deleted.
// Counting ends where nobody would count on.
func (st *State) countBelow(ctx context.Context, names []match) (string, error) {
	files, dirs := 0, 0
	errEnough := errors.New("enough")
	w := walk{st: st, most: MaxDepth + 1, visit: func(_ string, e proto.Entry) error {
		if e.Kind == proto.Directory {
			dirs++
		} else {
			files++
		}
		if files+dirs >= maxCounted {
			return errEnough
		}
		return nil
	}}
	for _, m := range names {
		if !m.dir {
			if e, err := st.client.Stat(ctx, m.path); err != nil || e.Kind != proto.Directory {
				continue // a link goes, and what it leads to stays
			}
		}
		if _, err := w.dir(ctx, m.path, 1); errors.Is(err, errEnough) {
			return fmt.Sprintf(" and more than %d names in it", maxCounted), nil
		} else if err != nil {
			return "", err
		}
	}
	if files+dirs == 0 {
		return "", nil
	}
	return fmt.Sprintf(" and all that is in it: %s, %s", counted(files, "file", "files"), counted(dirs, "directory", "directories")), nil
}

// rename gives a name another, or moves many into a directory.
func rename(ctx context.Context, st *State, a Args) error {
	target := a.Text(a.Len() - 1)
	names, err := st.remoteAll(ctx, a.Words[:a.Len()-1])
	if err != nil {
		return err
	}
	into := strings.HasSuffix(target, "/")
	if !into && len(names) > 1 {
		if into, err = st.remoteIsDir(ctx, target); err != nil {
			return err
		}
		if !into {
			return manyTo(target, len(names))
		}
	}
	for _, m := range names {
		to := target
		if into {
			to = join(target, path.Base(m.path))
		}
		if into && path.Clean(m.path) == path.Clean(target) {
			continue // "mv * done": not done itself
		}
		if err := st.client.Rename(ctx, m.path, to); err != nil {
			return err
		}
	}
	return nil
}

func chmod(ctx context.Context, st *State, a Args) error {
	names, err := st.remoteAll(ctx, a.Words[1:])
	if err != nil {
		return err
	}
	for _, m := range names {
		if _, err := st.client.Site(ctx, "CHMOD "+a.Text(0)+" "+m.path); err != nil {
			return err
		}
	}
	return nil
}

// touch sets the time of files: to now, or to what -d says.
func touch(ctx context.Context, st *State, a Args) error {
	t := st.now()
	if a.Flag("-d") {
		var err error
		if t, err = parseWhen(a.Value("-d")); err != nil {
			return err
		}
	}
	for _, w := range a.Words {
		if err := st.client.SetModTime(ctx, w.Text, t); err != nil {
			return err
		}
	}
	return nil
}

func parseWhen(text string) (time.Time, error) {
	if t, _, err := proto.ParseTime(text); err == nil {
		return t, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &CallError{What: "no time: " + text, Hint: "2026-01-31, '2026-01-31 12:00:00' or 20260131120000, in UTC"}
}

// ln makes a symbolic link. Where a name has blanks both stand in quotes, as
// ferry's server wants them; others know no way to say such names.
func ln(ctx context.Context, st *State, a Args) error {
	names := texts(a.Words)
	if strings.ContainsAny(strings.Join(names, ""), " \t\"") {
		for i := range names {
			names[i] = proto.Quote(names[i])
		}
	}
	return st.printReply(st.client.Site(ctx, "SYMLINK "+strings.Join(names, " ")))
}
