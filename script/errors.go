package script

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// Error is a line that failed: where, what, why, and what to do next.
type Error struct {
	File string // "" at a prompt
	Line int
	Col  int    // 0 when the whole line is meant
	Verb string // "" when the line has none that is known
	Err  error
	Hint string // "" when there is no obvious next step
}

// Error is "file:line: verb: cause", without the hint.
func (e *Error) Error() string {
	s := ""
	if e.File != "" {
		s = fmt.Sprintf("%s:%d:", e.File, e.Line)
		if e.Col > 0 {
			s += fmt.Sprintf("%d:", e.Col)
		}
		s += " "
	}
	if e.Verb != "" {
		s += e.Verb + ": "
	}
	return s + cause(e.Err)
}

// cause is an error as a person reads it: of a reply what it was about, of a
// file its name without the system call.
func cause(err error) string {
	switch e := err.(type) {
	case *proto.ReplyError:
		about := strings.TrimPrefix(e.Command.String(), e.Command.Verb+" ")
		return about + ": " + replyText(e)
	case *fs.PathError:
		return e.Path + ": " + e.Err.Error()
	case *client.ConnectError:
		return e.Host + ": " + reason(e.Err)
	}
	return err.Error()
}

// reason is why no connection came, without the layers that say where.
func reason(err error) string {
	var (
		dns  *net.DNSError
		call *os.SyscallError
		op   *net.OpError
	)
	switch {
	case errors.As(err, &dns):
		return dns.Err
	case errors.As(err, &call):
		return call.Err.Error()
	case errors.As(err, &op):
		return op.Err.Error()
	}
	return err.Error()
}

func replyText(e *proto.ReplyError) string { return fmt.Sprintf("%d %s", e.Reply.Code, e.Reply.Text()) }

func (e *Error) Unwrap() error { return e.Err }

// HintOf is the hint that belongs to an error, "" for none.
func HintOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Hint != "" {
		return e.Hint
	}
	return hint(err)
}

// PrintError writes an error for people: a line that says where and what, and
// a line with the next step where there is one.
func PrintError(w io.Writer, err error) {
	for _, err := range split(err) {
		var exit *Exit
		if errors.As(err, &exit) {
			continue // "exit 3" is not a failure of ferry's
		}
		var told interface{ Told() }
		if errors.As(err, &told) {
			continue // another process of ours has printed it
		}
		fmt.Fprintln(w, "ferry:", list.Printable(err.Error()))
		if h := HintOf(err); h != "" {
			fmt.Fprintln(w, "hint:", list.Printable(h))
		}
	}
}

// split takes joined errors apart, and those joined in them.
func split(err error) (all []error) {
	j, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	for _, e := range j.Unwrap() {
		all = append(all, split(e)...)
	}
	return all
}

// inLine is an error as one line of text, whatever was joined in it.
func inLine(err error) string {
	var parts []string
	for _, e := range split(err) {
		parts = append(parts, e.Error())
	}
	return list.Printable(strings.Join(parts, "; "))
}

// SyntaxError is text that is not a line of the language.
type SyntaxError struct {
	Col  int
	What string
	Hint string
}

func (e *SyntaxError) Error() string { return e.What }

// CallError is a verb that was called the wrong way.
type CallError struct {
	Verb *Verb
	What string
	Col  int
	Hint string // "": the usage
}

func (e *CallError) Error() string { return e.What }

// UnknownError is a verb, setting, variable, topic or command that there is not.
type UnknownError struct {
	What string // "verb"
	Name string
	Hint string
}

func (e *UnknownError) Error() string { return fmt.Sprintf("there is no %s %q", e.What, e.Name) }

// cliError is a mistake on ferry's own command line.
type cliError struct {
	err  error
	hint string
}

func (e *cliError) Error() string { return e.err.Error() }
func (e *cliError) Unwrap() error { return e.err }

// UsageError makes an error of the command line: exit code 2, a hint, and the
// nearest of names when an unknown one is among its words.
func UsageError(err error, hint string, names []string) error {
	for word := range strings.FieldsSeq(err.Error()) {
		if near := nearest(strings.TrimLeft(word, "-"), names); near != "" && strings.HasPrefix(word, "-") {
			hint = fmt.Sprintf("did you mean %s? %s", flagged(near), hint)
			break
		}
	}
	return &cliError{err: err, hint: hint}
}

func flagged(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// UnknownCommand is the error for an applet that there is not.
func UnknownCommand(name string, names []string) error {
	h := "ferry --help lists them"
	if near := nearest(name, names); near != "" {
		h = fmt.Sprintf("did you mean %s? %s", near, h)
	}
	return &cliError{err: &UnknownError{What: "command", Name: name}, hint: h}
}

// FileError is one file of a transfer that failed.
type FileError struct {
	Name   string // of the source; "source -> target" when Target
	Target bool   // the end that it goes to is at fault
	Err    error
}

func (e *FileError) Error() string {
	if errors.Is(e.Err, bulk.ErrIsDir) {
		return e.Name + ": " + bulk.ErrIsDir.Error()
	}
	var (
		file    *fs.PathError
		missing *proto.ReplyError
	)
	if errors.Is(e.Err, fs.ErrNotExist) && errors.As(e.Err, &missing) {
		return e.Name + ": " + replyText(missing)
	}
	switch err := e.Err.(type) {
	case *proto.ReplyError:
		return e.Name + ": " + replyText(err)
	case *fs.PathError, *client.LocalError:
		if errors.As(err, &file) {
			return e.Name + ": " + file.Err.Error()
		}
	}
	return e.Name + ": " + e.Err.Error()
}

func (e *FileError) Unwrap() error { return e.Err }

// Exit is the end that a script or a user has asked for.
type Exit struct{ Code int }

func (e *Exit) Error() string { return fmt.Sprintf("exit %d", e.Code) }

// PartialError is a run that went on after failures.
type PartialError struct{ Failed []error }

func (e *PartialError) Error() string {
	if len(e.Failed) == 1 {
		return "one line failed"
	}
	return fmt.Sprintf("%d lines failed", len(e.Failed))
}

// VerifyError is a file that is not what it should be.
type VerifyError struct{ Path, What string }

func (e *VerifyError) Error() string { return fmt.Sprintf("%s: %s", e.Path, e.What) }
