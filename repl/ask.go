package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script"
)

// asker puts the language's questions to the person at the terminal. It is the
// shell: a question about a file may need the connection to show the file.
type asker struct{ *shell }

var _ script.Asker = asker{}

// Line asks for a line; Enter takes the proposal.
func (a asker) Line(ctx context.Context, text, proposal string) (string, error) {
	if proposal != "" {
		text += " [" + proposal + "]"
	}
	line, err := a.question(ctx, question{line: text + ": ", text: text + ":"})
	if line == "" {
		line = proposal
	}
	return line, err
}

// Secret asks without echo.
func (a asker) Secret(ctx context.Context, text string) (proto.Secret, error) {
	a.meter.pause()
	s, err := a.ed.Secret(ctx, list.Printable(text)+": ")
	return proto.Secret(s), stopped(err)
}

// Choose asks until one of the answers, or the beginning of only one, is given.
func (a asker) Choose(ctx context.Context, text string, answers ...script.Answer) (script.Answer, error) {
	names := make([]string, len(answers))
	for i, answer := range answers {
		names[i] = string(answer)
	}
	for {
		line, err := a.question(ctx, question{
			line: fmt.Sprintf("%s (%s) [%s] ", text, strings.Join(names, "/"), names[0]),
			text: text, answers: names, preset: true,
		})
		if err != nil {
			return "", err
		}
		if line == "" {
			return answers[0], nil
		}
		if i := pick(strings.ToLower(line), names); i >= 0 {
			return answers[i], nil
		}
		a.sayf("please answer one of: %s", strings.Join(names, ", "))
	}
}

// question reads an answer without the blanks around it.
func (a asker) question(ctx context.Context, q question) (string, error) {
	a.meter.pause()
	q.line, q.text = list.Printable(q.line), list.Printable(q.text)
	line, err := a.ed.Question(ctx, q)
	return strings.TrimSpace(line), stopped(err)
}

// pick finds the name that is meant by line, itself or its beginning; -1 when
// it could be none or several.
func pick(line string, names []string) int {
	if i := slices.Index(names, line); i >= 0 {
		return i
	}
	found := -1
	for i, name := range names {
		if strings.HasPrefix(name, line) {
			if found >= 0 {
				return -1
			}
			found = i
		}
	}
	return found
}

// stopped makes ^C and ^D at a question the end of the verb that asked.
func stopped(err error) error {
	if errors.Is(err, io.EOF) {
		return errInterrupted
	}
	return err
}
