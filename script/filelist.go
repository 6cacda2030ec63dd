package script

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ferry/script/bulk"
)

// listed is one line of a list of files: a source, and its target if it says one.
type listed struct{ source, target string }

// readList reads a list of files: a name a line, as it is, blanks and all; a tab
// ends it, and a target follows. Lines that are empty or begin with # are left
// out: ./#name is such a name.
func readList(r io.Reader) ([]listed, error) {
	var all []listed
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, MaxLine)
	for first := true; lines.Scan(); first = false {
		text := strings.TrimSuffix(lines.Text(), "\r")
		if first {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		if text == "" || text[0] == '#' {
			continue
		}
		source, target, _ := strings.Cut(text, "\t")
		if strings.ContainsRune(text, 0) || source == "" {
			return nil, &SyntaxError{What: "a line of the list is no name", Hint: "one name a line, or a name, a tab and its target"}
		}
		if all = append(all, listed{source, target}); len(all) > MaxMatches {
			return nil, &SyntaxError{What: "the list is too long", Hint: "cut it in two"}
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return nil, &SyntaxError{What: "a line of the list is too long"}
	}
	return all, lines.Err()
}

// readListFile is the list that --files-from names; "-" is the input.
func (st *State) readListFile(name string) ([]listed, error) {
	if name == "-" && st.cfg.In != nil {
		return readList(st.cfg.In)
	}
	f, err := os.Open(st.Local(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readList(f)
}

// listFlag is --files-from, of the verbs that take many names.
func listFlag() Flag {
	return Flag{
		Name: "--files-from", Long: "--files-from", Arg: "LIST", Kind: LocalFile,
		Brief: "what LIST names: a name a line, or a name, a tab and its target",
	}
}

// fromList moves what a list names, as one batch.
func (st *State) fromList(ctx context.Context, d bulk.Direction, a Args) error {
	if a.Len() > 0 {
		return &CallError{Verb: a.Verb, What: "--files-from stands in place of names"}
	}
	files, err := st.readListFile(a.Value("--files-from"))
	if err != nil || len(files) == 0 {
		return err
	}
	o, err := st.bulkOptions(a)
	if err != nil {
		return err
	}
	into := a.Value("-O")
	if into == "" {
		into = a.Value("-o")
	}
	items := make([]bulk.Item, len(files))
	for i, f := range files {
		if items[i], err = st.listedItem(d, f, into); err != nil {
			return err
		}
	}
	if err := apart(items, func(it bulk.Item) string {
		if d == bulk.Up {
			return it.Remote
		}
		return it.Local
	}); err != nil {
		return err
	}
	return st.move(ctx, d, items, o)
}

// listedItem gives a file of a list its target: the one that it says, else its
// own name in the directory of -O.
func (st *State) listedItem(d bulk.Direction, f listed, into string) (bulk.Item, error) {
	if isURL(f.source) || isURL(f.target) {
		return bulk.Item{}, &CallError{What: "a list of URLs is for the command line", Hint: "ferry get --files-from LIST"}
	}
	if d == bulk.Up {
		it := bulk.Item{Local: st.Local(f.source), Remote: f.target}
		if it.Remote == "" || strings.HasSuffix(it.Remote, "/") {
			it.Remote = join(strings.TrimSuffix(join(into, it.Remote), "/"), filepath.Base(it.Local))
		}
		return it, nil
	}
	it := bulk.Item{Remote: f.source, Local: f.target}
	if it.Local != "" && !strings.HasSuffix(it.Local, "/") {
		it.Local = st.Local(it.Local)
		return it, nil
	}
	name, err := localName(f.source)
	it.Local = filepath.Join(st.Local(orDot(into)), it.Local, name)
	return it, err
}

// list runs get or put for what a list names: URLs and their targets, or files
// and URLs. Those of one server that stand together go together.
func (s *shot) list(ctx context.Context, verb, name string) error {
	st := s.engine.state
	files, err := st.readListFile(name)
	if err != nil {
		return s.wrap(verb, err)
	}
	var lines []Line
	for _, f := range files {
		url, other := f.source, f.target
		if verb == "put" {
			url, other = f.target, f.source
		}
		base, path, err := cutURL(url)
		if err != nil {
			return s.wrap(verb, err)
		}
		if base != s.at {
			if err := st.sequence(ctx, lines); err != nil {
				return err
			}
			lines = nil
			if err := s.engine.Exec(ctx, Line{Verb: "open", Args: []Word{Literal(base)}}); err != nil {
				return err
			}
			s.at = base
		}
		lines = append(lines, listedLine(verb, path.Text, other))
	}
	return st.sequence(ctx, lines)
}

// listedLine is the line for one file of a list of URLs.
func listedLine(verb, remote, local string) Line {
	args := []Word{Literal(remote)}
	if verb == "put" {
		args = []Word{Literal(local)}
		local = remote
	}
	if local != "" {
		args = append(args, Literal(local))
	}
	return Line{Verb: verb, Args: args}
}
