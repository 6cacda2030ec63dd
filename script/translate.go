package script

import (
	"fmt"
	"io"

	"ferry/script/from"
)

// Translate prints a script of another client in the language. What can't be
// said is a comment there, and an error with its line.
func Translate(cfg Config, dialect, file string) error {
	text, err := scriptText(cfg, file)
	if err != nil {
		return err
	}
	out, notes, err := from.Translate(dialect, decodeText(text), explained, NewTable(Verbs()).ShownText)
	if err != nil {
		return &cliError{err: fmt.Errorf("--from: %w", err), hint: "ferry run --help"}
	}
	if _, err := io.WriteString(cfg.Out, out); err != nil || len(notes) == 0 {
		return err
	}
	var all mistakes
	for _, n := range notes {
		all = append(all, &Error{File: file, Line: n.Line, Err: &SyntaxError{What: n.What}, Hint: n.Hint})
	}
	return all
}

// explained is foreign with what to do about a setting that there is nothing for.
func explained(setting, value string) (name, to string, ok bool) {
	if name, to, ok = foreign(setting, value); !ok {
		to = foreignSetting(setting)
	}
	return name, to, ok
}
