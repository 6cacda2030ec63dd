package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script"
	"ferry/script/bulk"
)

// asker puts the language's questions to the person at the terminal.
type asker struct {
	ed  editor
	out io.Writer
}

var _ script.Asker = (*asker)(nil)

// Line asks for a line; Enter takes the proposal.
func (a *asker) Line(_ context.Context, question, proposal string) (string, error) {
	if proposal != "" {
		question += " [" + proposal + "]"
	}
	line, err := a.ed.Line(question + ": ")
	if line = strings.TrimSpace(line); line == "" {
		line = proposal
	}
	return line, stopped(err)
}

// Secret asks without echo.
func (a *asker) Secret(_ context.Context, question string) (proto.Secret, error) {
	s, err := a.ed.Secret(question + ": ")
	return proto.Secret(s), stopped(err)
}

// Choose asks until one of the answers, or the beginning of only one, is given.
func (a *asker) Choose(_ context.Context, question string, answers ...script.Answer) (script.Answer, error) {
	names := make([]string, len(answers))
	for i, answer := range answers {
		names[i] = string(answer)
	}
	i, err := a.choose(question, names)
	if err != nil {
		return "", err
	}
	return answers[i], nil
}

// choose returns the index of the chosen name; Enter takes the first.
func (a *asker) choose(question string, names []string) (int, error) {
	for {
		line, err := a.ed.Line(fmt.Sprintf("%s (%s) [%s] ", question, strings.Join(names, "/"), names[0]))
		if err != nil {
			return 0, stopped(err)
		}
		line = strings.ToLower(strings.TrimSpace(line))
		if line == "" {
			return 0, nil
		}
		if i := pick(line, names); i >= 0 {
			return i, nil
		}
		fmt.Fprintf(a.out, "Please answer one of: %s\n", strings.Join(names, ", "))
	}
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

// Conflict shows both sides of a name that exists and asks what to do.
func (a *asker) Conflict(_ context.Context, c bulk.Conflict) (bulk.Answer, error) {
	name, there, here := c.Item.Local, "server", "here"
	if c.Direction == bulk.Up {
		name, there, here = c.Item.Remote, "here", "server"
	}
	fmt.Fprintf(a.out, "%s exists.\n  %-7s %s\n  %-7s %s\n", list.Printable(name),
		here, describe(c.TargetSize, c.TargetTime), there, describe(c.SourceSize, c.SourceTime))
	policies := []bulk.Policy{bulk.Overwrite, bulk.Skip, bulk.Rename, bulk.Resume, bulk.Newer}
	names := []string{"overwrite", "skip", "rename to " + list.Printable(c.FreeName), "resume", "newer"}
	i, err := a.choose("What now?", names)
	if err != nil {
		return bulk.Answer{}, err
	}
	all, err := a.choose("Only this one, or the same for all that follow?", []string{"this", "all"})
	return bulk.Answer{Policy: policies[i], ForAll: all == 1}, err
}

func describe(size int64, at time.Time) string {
	s := "size not known"
	if size != proto.NoSize {
		s = fmt.Sprintf("%d bytes", size)
	}
	if !at.IsZero() {
		s += ", " + at.UTC().Format("2006-01-02 15:04:05") + " UTC"
	}
	return s
}
