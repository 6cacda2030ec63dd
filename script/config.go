package script

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ConfigDir is where people keep what they have told ferry for good: config
// and bookmarks; "" when nowhere.
func ConfigDir() string {
	if dir := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "ferry")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".config", "ferry")
}

// configFile is a text of lines of the language, which the shell runs when it
// starts. Scripts don't: they do the same wherever they run.
func (st *State) configFile() string {
	if st.cfg.Personal == "" {
		return ""
	}
	return filepath.Join(st.cfg.Personal, "config")
}

// Configure runs a person's config file. Its mistakes are told and are no
// failure: else nobody could get in and mend them.
func (e *Engine) Configure(ctx context.Context) {
	path := e.state.configFile()
	text, err := readScript(path)
	if path == "" || errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		PrintError(e.state.Err, err)
		return
	}
	lines, err := e.table.Parse(path, text)
	if err != nil {
		PrintError(e.state.Err, err)
	}
	for _, l := range lines {
		l.Prefix |= Quiet
		if err := e.Exec(ctx, l); err != nil {
			PrintError(e.state.Err, err)
		}
	}
}

// The refusals of keep.
var (
	errNowhere    = &StateError{What: "there is no directory for the config file", Hint: "without --no-config, and with a home directory, there is"}
	errKeptSecret = &StateError{What: "a secret is not kept in the config file", Hint: "password-command and password-file tell where to find one"}
)

// keep changes the config file: lines that drop wants gone go, and line, if
// not "", comes behind the others. Comments and all else stay.
//
// SECURITY: the file is its owner's alone, and no secret is put into it.
func (st *State) keep(drop func(Line) bool, line string) error {
	path := st.configFile()
	if path == "" {
		return errNowhere
	}
	if _, secret := st.table.ShownText(line); secret {
		return errKeptSecret
	}
	text, err := readScript(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var kept []string
	for old := range strings.Lines(text) {
		old = strings.TrimRight(old, "\r\n")
		lines, err := st.table.parseKept(old)
		if err == nil && len(lines) == 1 && drop(lines[0]) {
			continue
		}
		kept = append(kept, old)
	}
	if line != "" {
		kept = append(kept, line)
	}
	return writeOwn(path, strings.Join(kept, "\n")+"\n")
}

// parseKept reads a line of the config file.
func (t *Table) parseKept(text string) ([]Line, error) {
	p := parser{table: t, file: "config"}
	lines, mistakes := p.feed(text)
	return lines, errors.Join(mistakes...)
}

// writeOwn replaces a file of its owner's, in one step. A link, such as people
// have to where they keep such files, stays one.
func writeOwn(path, text string) error {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
