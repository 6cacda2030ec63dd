package script

import (
	"context"
	"errors"
	"fmt"

	"ferry/proto/list"
)

// exec runs one line: the only way a verb is run.
func (st *State) exec(ctx context.Context, l Line) error {
	if r := st.recording; r != nil && !r.busy {
		return r.follow(ctx, l, st.execLine)
	}
	return st.execLine(ctx, l)
}

func (st *State) execLine(ctx context.Context, l Line) error {
	v, err := st.verb(l.Verb)
	if err != nil {
		return wrap(l, err)
	}
	st.echo(l)
	err = st.call(ctx, v, l)
	st.follow()
	switch {
	case err == nil:
	case leaves(err):
		return err
	case ctx.Err() != nil:
		err = wrap(l, context.Cause(ctx))
	default:
		err = wrap(l, err)
	}
	st.note(v, err)
	if err != nil && ctx.Err() == nil && l.Has(Ignore) {
		st.warn("%s (ignored)", err)
		return nil
	}
	return err
}

// call does what stands between a line and its verb: connection, variables,
// flags, arity.
func (st *State) call(ctx context.Context, v *Verb, l Line) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if l.Async {
		return st.background(ctx, l)
	}
	a, err := bind(v, l, st.expand)
	if err != nil {
		return err
	}
	run := func(a Args) error {
		if err := st.ready(ctx, v.Needs); err != nil {
			return err
		}
		return v.Run(ctx, st, a)
	}
	if verb := run; l.Output != (Output{}) {
		run = func(a Args) error {
			return st.redirected(ctx, l.Output, func() error { return verb(a) })
		}
	}
	if v.Leads {
		return run(a)
	}
	return st.record(ctx, v, l, a, run)
}

// sequence runs lines one after the other: a script, a block, a macro. What a
// failure means for the lines behind it is the setting on-error.
func (st *State) sequence(ctx context.Context, lines []Line) error {
	for len(lines) > 0 {
		n, err := st.step(ctx, lines)
		lines = lines[n:]
		switch {
		case err == nil:
		case ctx.Err() != nil || leaves(err) || st.Settings.OnError == StopRun || st.strict > 0:
			return err
		default:
			st.passOver(err)
			if st.Settings.OnError == GoToEnd {
				return nil
			}
		}
	}
	return nil
}

// step runs the first of the lines, or as many as go together, and returns how
// many they were.
func (st *State) step(ctx context.Context, lines []Line) (int, error) {
	if s := st.series(lines); s != nil {
		if n, err := s.run(ctx); n > 0 {
			return n, err
		}
	}
	return 1, st.exec(ctx, lines[0])
}

// passOver tells of a failure that does not end the run, and keeps it for the
// run's exit code.
func (st *State) passOver(err error) {
	PrintError(st.Err, err)
	PrintError(logged{st.log}, err)
	st.failed = append(st.failed, err)
}

// leaves reports whether an error is not a failure but a way out.
func leaves(err error) bool {
	var exit *Exit
	var j *jump
	return errors.As(err, &exit) || errors.As(err, &j)
}

// note keeps what became of a line for ${status} and the conditions. Of a line
// that leads others, only its failure is news: its last line has set the rest.
func (st *State) note(v *Verb, err error) {
	if err != nil || !v.Leads {
		st.status, st.message = ExitCode(err), ""
	}
	if err != nil {
		st.message = err.Error()
	}
}

// echo shows a line before it runs, as sftp -b does; not at a prompt, where
// its author has just typed it.
func (st *State) echo(l Line) {
	if l.Pos.File == "" {
		return
	}
	text := "> " + list.Printable(st.table.Shown(l))
	st.log.line(text)
	if s := st.Settings; s.Echo && !s.Quiet && !l.Has(Quiet) {
		fmt.Fprintln(st.Err, text)
	}
}

// wrap adds where and what to a cause.
func wrap(l Line, err error) error {
	var done *Error
	if errors.As(err, &done) {
		return err
	}
	return &Error{File: l.Pos.File, Line: l.Pos.Line, Col: column(err), Verb: l.Verb, Err: err, Hint: hint(err)}
}
