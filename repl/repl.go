package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"ferry/script"
)

// Config is everything that Run wants to know.
type Config struct {
	Script  script.Config
	Open    string // where to connect first: a host or URL, "" for nowhere
	History string // path of the history, "" to keep none
	Color   Color
}

// Color says whether the shell may colour what it shows.
type Color int

const (
	Plain Color = iota
	Colored
)

// Run reads lines from the terminal and runs them until the person leaves. A
// verb that fails is told of and does not end the shell.
func Run(ctx context.Context, cfg Config) error {
	sh := &shell{cfg: cfg}
	ed, err := newEditor(cfg.Script, cfg.History, sh.complete)
	if err != nil {
		return err
	}
	defer ed.Close()
	return sh.run(ctx, ed)
}

// shell is one interactive session.
type shell struct {
	cfg    Config
	ed     editor
	engine *script.Engine
	names  names // remote names, for completion
}

func (sh *shell) run(ctx context.Context, ed editor) error {
	sh.ed = ed
	cfg := sh.cfg.Script
	cfg.Ask = &asker{ed: ed, out: cfg.Err}
	engine, err := script.New(cfg)
	if err != nil {
		return err
	}
	sh.engine = engine
	defer engine.Close(context.WithoutCancel(ctx))
	if sh.cfg.Open != "" {
		if err := sh.exec(ctx, "open "+script.QuoteWord(sh.cfg.Open, 0)); err != nil {
			return err
		}
	}
	return sh.loop(ctx)
}

func (sh *shell) loop(ctx context.Context) error {
	for ctx.Err() == nil {
		line, err := sh.ed.Line(prompt(sh.engine.State(), sh.cfg.Color))
		switch {
		case errors.Is(err, errInterrupted):
			continue // ^C clears the line
		case errors.Is(err, io.EOF):
			fmt.Fprintln(sh.cfg.Script.Err)
			return nil
		case err != nil:
			return err
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := sh.exec(ctx, line); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// exec runs a line and tells of its failure. The error that it returns ends
// the shell.
func (sh *shell) exec(ctx context.Context, line string) error {
	if _, secret := sh.engine.Table().ShownText(line); !secret {
		sh.ed.Keep(line)
	}
	err := interruptible(ctx, sh.hangUp, func(ctx context.Context) error {
		return sh.engine.ExecText(ctx, line)
	})
	sh.names.forget(line)
	var exit *script.Exit
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return exitError(exit)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	script.PrintError(sh.cfg.Script.Err, err)
	return nil
}

// exitError is what `quit` ends the shell with: nothing, unless it named a code.
func exitError(exit *script.Exit) error {
	if exit.Code == 0 {
		return nil
	}
	return exit
}

// hangUp drops the connection, for a second ^C.
func (sh *shell) hangUp() {
	if c := sh.engine.State().Client(); c != nil {
		_ = c.Close()
	}
}
