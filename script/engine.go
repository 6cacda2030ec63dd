package script

import "context"

// An Engine runs lines: the only way a verb is run, in scripts and in the
// shell. It is not safe for concurrent use.
type Engine struct {
	table *Table
	state *State
}

// New makes an engine that is connected to nothing.
func New(cfg Config) (*Engine, error) { return nil, nil }

// State is what the verbs work on.
func (e *Engine) State() *State { return e.state }

// Table is the verbs that the engine knows.
func (e *Engine) Table() *Table { return e.table }

// Exec runs one line. Errors are *Error; a line with the prefix "-" has none.
func (e *Engine) Exec(ctx context.Context, l Line) error { return nil }

// ExecText parses and runs what was typed at a prompt.
func (e *Engine) ExecText(ctx context.Context, text string) error { return nil }

// Close ends the connection, politely where that is possible.
func (e *Engine) Close(ctx context.Context) error { return nil }
