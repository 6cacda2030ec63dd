package repl

import (
	"errors"
	"io"

	"github.com/chzyer/readline"

	"ferry/script"
)

// editor reads lines from a person.
type editor interface {
	// Line reads a line. Errors: errInterrupted for ^C, io.EOF for ^D.
	Line(prompt string) (string, error)
	// Secret reads a line that is not shown.
	Secret(prompt string) (string, error)
	// Keep adds a line to the history.
	Keep(line string)
	Close() error
}

// completer tells what could be typed at a place in a line: what replaces the
// bytes from start up to pos.
type completer func(line string, pos int) (candidates []string, start int)

// readlineEditor is the editor of github.com/chzyer/readline.
type readlineEditor struct{ rl *readline.Instance }

func newEditor(cfg script.Config, history string, c completer) (editor, error) {
	rl, err := readline.NewEx(&readline.Config{
		HistoryFile:            history,
		HistoryLimit:           maxHistory,
		DisableAutoSaveHistory: true, // Keep decides: secrets are not kept
		HistorySearchFold:      true,
		AutoComplete:           tab(c),
		InterruptPrompt:        "^C",
		Stdin:                  readline.NewCancelableStdin(cfg.In),
		Stdout:                 cfg.Out,
		Stderr:                 cfg.Err,
	})
	if err != nil {
		return nil, err
	}
	return &readlineEditor{rl: rl}, nil
}

func (e *readlineEditor) Line(prompt string) (string, error) {
	e.rl.SetPrompt(prompt)
	line, err := e.rl.Readline()
	return line, editorError(err)
}

func (e *readlineEditor) Secret(prompt string) (string, error) {
	b, err := e.rl.ReadPassword(prompt)
	return string(b), editorError(err)
}

func (e *readlineEditor) Keep(line string) { _ = e.rl.SaveHistory(line) }
func (e *readlineEditor) Close() error     { return e.rl.Close() }

func editorError(err error) error {
	switch {
	case errors.Is(err, readline.ErrInterrupt):
		return errInterrupted
	case errors.Is(err, io.EOF):
		return io.EOF
	}
	return err
}

// tab makes a completer fit readline, which can only add to what is typed: a
// candidate that would change it is left out.
type tab completer

// Do is readline's AutoCompleter: what can follow, and how many runes of it
// are there.
func (t tab) Do(line []rune, pos int) (more [][]rune, shared int) {
	candidates, start := t(string(line), len(string(line[:pos])))
	typed := string(line)[start:len(string(line[:pos]))]
	for _, c := range candidates {
		if len(c) >= len(typed) && c[:len(typed)] == typed {
			more = append(more, []rune(c[len(typed):]))
		}
	}
	return more, len([]rune(typed))
}
