package script

import (
	"context"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// get downloads: one name, a name and its local target, a pattern, or many
// names behind "--".
func get(ctx context.Context, st *State, a Args) error {
	if a.Flag("--files-from") {
		return st.fromList(ctx, bulk.Down, a)
	}
	sources, target := sourcesAndTarget(a)
	if target == "-" {
		return st.printFiles(ctx, sources)
	}
	if target != "" && isDevice(st.Local(target)) {
		return st.getIntoDevice(ctx, sources, target)
	}
	if st.restart > 0 && len(sources) == 1 {
		return st.getFrom(ctx, sources[0].Text, target)
	}
	return st.download(ctx, a, sources, target)
}

func mget(ctx context.Context, st *State, a Args) error {
	if a.Flag("--files-from") {
		return st.fromList(ctx, bulk.Down, a)
	}
	names, err := st.remoteAll(ctx, a.Words)
	if err != nil {
		return err
	}
	if names, err = st.files(names, a); err != nil {
		return err
	}
	if names, err = st.each(ctx, "mget", names); err != nil {
		return err
	}
	_, target := sourcesAndTarget(Args{flags: a.flags})
	return st.downloadNames(ctx, a, names, target)
}

// reget goes on where an earlier download stopped.
func reget(ctx context.Context, st *State, a Args) error {
	a.flags["-c"] = ""
	return get(ctx, st, a)
}

// pget downloads in segments, as lftp's does.
func pget(ctx context.Context, st *State, a Args) error {
	n, given := a.flags["-n"]
	switch {
	case given:
		a.flags["--segments"] = n
	case st.Settings.Segments == 1:
		a.flags["--segments"] = auto
	}
	return get(ctx, st, a)
}

// newer downloads only what is newer than the local file.
func newer(ctx context.Context, st *State, a Args) error {
	a.flags["--existing"] = "newer"
	return get(ctx, st, a)
}

func (st *State) download(ctx context.Context, a Args, sources []Word, target string) error {
	names, err := st.remoteAll(ctx, sources)
	if err != nil {
		return err
	}
	if names, err = st.files(names, a); err != nil {
		return err
	}
	return st.downloadNames(ctx, a, names, target)
}

func (st *State) downloadNames(ctx context.Context, a Args, names []match, target string) error {
	if len(names) == 0 {
		return nil
	}
	o, err := st.bulkOptions(a)
	if err != nil {
		return err
	}
	items, err := st.downloadItems(names, target)
	if err != nil {
		return err
	}
	return st.move(ctx, bulk.Down, items, o)
}

// downloadItems gives each remote name its local one.
func (st *State) downloadItems(names []match, target string) ([]bulk.Item, error) {
	into := target == "" || strings.HasSuffix(target, "/") || isDir(st.Local(target))
	if !into {
		if len(names) > 1 {
			return nil, manyTo(target, len(names))
		}
		return []bulk.Item{{Local: st.Local(target), Remote: names[0].path}}, nil
	}
	items := make([]bulk.Item, 0, len(names))
	for _, m := range names {
		local, err := localName(m.path)
		if err != nil {
			return nil, err
		}
		items = append(items, bulk.Item{Local: filepath.Join(st.Local(target), local), Remote: m.path})
	}
	return items, apart(items, func(it bulk.Item) string { return it.Local })
}

// localName is the name that a remote file gets here: its last component.
//
// SECURITY: it may come from a server's listing and must name one file in the
// directory that the user has chosen.
func localName(remote string) (string, error) {
	if remote == "." || strings.Trim(remote, "/") == "" {
		return ".", nil // a tree's own directory
	}
	name := path.Base(strings.Trim(remote, "'")) // z/OS writes 'HLQ.NAME'
	return name, list.SafeName(name)
}

func (st *State) remoteAll(ctx context.Context, words []Word) ([]match, error) {
	var all []match
	for _, w := range words {
		names, err := st.remoteNames(ctx, w)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	return all, nil
}

// getFrom serves restart: the next get begins at that byte of both files.
func (st *State) getFrom(ctx context.Context, remote, target string) error {
	items, err := st.downloadItems([]match{{path: remote}}, target)
	if err != nil {
		return err
	}
	at := st.restart
	st.restart = 0
	f, err := os.OpenFile(items[0].Local, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return err
	}
	var last proto.Reply
	n, err := st.client.Retrieve(ctx, remote, f, client.Transfer{Offset: at, Last: &last})
	st.account(bulk.Down, items[0], n, last, err)
	if err != nil {
		return err
	}
	if err := f.Truncate(at + n); err != nil {
		return err
	}
	st.say("%s -> %s (%s from %d)", remote, st.short(items[0].Local), list.InBytes(n), at)
	return f.Close()
}

// cat writes remote files to the output.
func cat(ctx context.Context, st *State, a Args) error { return st.printFiles(ctx, a.Words) }

func (st *State) printFiles(ctx context.Context, words []Word) error {
	names, err := st.remoteAll(ctx, words)
	if err != nil {
		return err
	}
	for _, m := range names {
		err := st.showText(func(w io.Writer) error {
			var last proto.Reply
			n, err := st.client.Retrieve(ctx, m.path, w, client.Transfer{Last: &last})
			st.account(bulk.Down, bulk.Item{Local: "-", Remote: m.path}, n, last, err)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// getIntoDevice writes remote files to what can't get a name of its own when it
// is whole: get big.iso /dev/null measures a line.
func (st *State) getIntoDevice(ctx context.Context, sources []Word, target string) error {
	names, err := st.remoteAll(ctx, sources)
	if err != nil {
		return err
	}
	for _, m := range names {
		if st.plan != nil {
			if err := st.would([]string{"get " + m.path + " -> " + target}); err != nil {
				return err
			}
			continue
		}
		err := intoDevice(st.Local(target), func(w io.Writer) error {
			var last proto.Reply
			n, err := st.client.Retrieve(ctx, m.path, w, client.Transfer{Last: &last})
			st.account(bulk.Down, bulk.Item{Local: st.Local(target), Remote: m.path}, n, last, err)
			return err
		})
		if err != nil {
			return err
		}
		st.say("%s -> %s", m.path, target)
	}
	return nil
}

// more shows remote files a page at a time, where there are pages.
func more(ctx context.Context, st *State, a Args) error {
	if st.cfg.Show == nil {
		return cat(ctx, st, a)
	}
	names, err := st.remoteAll(ctx, a.Words)
	if err != nil {
		return err
	}
	for _, m := range names {
		if err := st.page(ctx, m.path); err != nil {
			return err
		}
	}
	return nil
}

func (st *State) page(ctx context.Context, remote string) error {
	f, err := os.CreateTemp("", "ferry-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := st.client.Retrieve(ctx, remote, f, client.Transfer{}); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return st.cfg.Show.Page(ctx, f)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
