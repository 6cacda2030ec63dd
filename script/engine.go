package script

import (
	"context"
	"errors"
	"os"
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
	if cfg.Record != "" {
		if err := st.startRecording(st.Local(cfg.Record)); err != nil {
			return nil, err
		}
	}
	return &Engine{table: t, state: st, prompt: parser{table: t}}, nil
}

// State is what the verbs work on.
func (e *Engine) State() *State { return e.state }

// Table is the verbs that the engine knows.
func (e *Engine) Table() *Table { return e.table }

// Exec runs one line. Errors are *Error, or *Exit when the line asks for the
// end; a line with the prefix "-" fails only when it was interrupted.
func (e *Engine) Exec(ctx context.Context, l Line) error { return e.state.exec(ctx, l) }

// ExecText parses and runs what was typed at a prompt: one line. Of a block
// nothing runs before its end is typed; Pending tells.
func (e *Engine) ExecText(ctx context.Context, text string) error {
	defer e.state.Jobs.Hold()()
	e.prompt.learn(e.state)
	lines, mistakes := e.prompt.feed(text)
	if len(mistakes) > 0 {
		return errors.Join(mistakes...)
	}
	return e.state.sequence(ctx, lines)
}

// Pending reports whether what was typed goes on in the next line.
func (e *Engine) Pending() bool { return e.prompt.pending() }

// Forget drops what Pending tells of.
func (e *Engine) Forget() { e.prompt = parser{table: e.table} }

// Finish runs what at-end has kept. Close comes behind it.
func (e *Engine) Finish(ctx context.Context) error { return e.state.finish(ctx, nil) }

// Close ends the connection, politely where that is possible, and removes
// what the session has made for itself.
func (e *Engine) Close(ctx context.Context) error { return e.close(ctx, e.state.disconnect) }

// Leave is Close, but nobody waits for the answer to QUIT.
func (e *Engine) Leave(ctx context.Context) error { return e.close(ctx, e.state.leave) }

func (e *Engine) close(ctx context.Context, part func(context.Context) error) error {
	e.state.Jobs.Close(ctx)
	err := part(ctx)
	if r := e.state.recording; r != nil {
		if bad := r.stop(ctx); bad != nil {
			PrintError(e.state.Err, bad)
			err = errors.Join(err, bad)
		}
	}
	if e.state.temp != "" {
		err = errors.Join(err, os.RemoveAll(e.state.temp))
	}
	return err
}
