package script

import (
	"context"
	"errors"
	"fmt"
	"os"

	"ferry/proto/list"
)

// An Engine runs lines: the only way a verb is run, in scripts and in the
// shell. It is not safe for concurrent use.
type Engine struct {
	table  *Table
	state  *State
	prompt parser // what was typed and goes on in the next line
}

// New makes an engine that is connected to nothing.
func New(cfg Config) (*Engine, error) {
	t := NewTable(append(Verbs(), cfg.Verbs...))
	st, err := newState(cfg, t)
	if err != nil {
		return nil, err
	}
	e := &Engine{table: t, state: st, prompt: parser{table: t}}
	st.exec = e.Exec
	return e, nil
}

// State is what the verbs work on.
func (e *Engine) State() *State { return e.state }

// Table is the verbs that the engine knows.
func (e *Engine) Table() *Table { return e.table }

// Exec runs one line. Errors are *Error, or *Exit when the line asks for the
// end; a line with the prefix "-" fails only when it was interrupted.
func (e *Engine) Exec(ctx context.Context, l Line) error {
	v, err := e.table.Lookup(l.Verb)
	if err != nil {
		return e.wrap(l, err)
	}
	e.echo(l)
	err = e.call(ctx, v, l)
	var exit *Exit
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return exit
	case ctx.Err() != nil:
		return e.wrap(l, context.Cause(ctx))
	case l.Has(Ignore):
		e.state.warn("%s (ignored)", e.wrap(l, err))
		return nil
	}
	return e.wrap(l, err)
}

// call does what stands between a line and its verb: connection, variables,
// flags, arity.
func (e *Engine) call(ctx context.Context, v *Verb, l Line) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	a, err := bind(v, l, e.state.expand)
	if err != nil {
		return err
	}
	if err := e.state.ready(ctx, v.Needs); err != nil {
		return err
	}
	return v.Run(ctx, e.state, a)
}

// ExecText parses and runs what was typed at a prompt: one line. Of a block
// nothing runs before its end is typed; Pending tells.
func (e *Engine) ExecText(ctx context.Context, text string) error {
	lines, mistakes := e.prompt.feed(text)
	if len(mistakes) > 0 {
		return errors.Join(mistakes...)
	}
	return e.state.execAll(ctx, lines)
}

// Pending reports whether what was typed goes on in the next line.
func (e *Engine) Pending() bool { return e.prompt.pending() }

// Forget drops what Pending tells of.
func (e *Engine) Forget() { e.prompt = parser{table: e.table} }

// Close ends the connection, politely where that is possible, and removes
// what the session has made for itself.
func (e *Engine) Close(ctx context.Context) error {
	err := e.state.disconnect(ctx)
	if e.state.temp != "" {
		err = errors.Join(err, os.RemoveAll(e.state.temp))
	}
	return err
}

// echo shows a line before it runs, as sftp -b does; not at a prompt, where
// its author has just typed it.
func (e *Engine) echo(l Line) {
	if s := e.state.Settings; s.Echo && !s.Quiet && l.Pos.File != "" && !l.Has(Quiet) {
		fmt.Fprintf(e.state.Err, "> %s\n", list.Printable(e.table.Shown(l)))
	}
}

// wrap adds where and what to a cause.
func (e *Engine) wrap(l Line, err error) error {
	var done *Error
	if errors.As(err, &done) {
		return err
	}
	return &Error{File: l.Pos.File, Line: l.Pos.Line, Col: column(err), Verb: l.Verb, Err: err, Hint: hint(err)}
}
