package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"ferry/script"
	"ferry/script/bulk"
)

// Config is everything that Run wants to know.
type Config struct {
	Script     script.Config
	Open       []string // where to connect first: host or URL, and port; empty for nowhere
	State      string   // directory of the history, "" to keep none
	Terminal   Terminal
	Color      Color
	ListColors string // how listings are coloured: the variable LS_COLORS
	Panes      bool   // the full screen in three parts
}

// Terminal says what can be done on the screen.
type Terminal int

const (
	Full    Terminal = iota // the cursor can be moved
	OnlyErr                 // the same, but the standard output goes elsewhere
	Dumb                    // text only
)

// Run reads lines from the terminal and runs them until the person leaves. A
// verb that fails is told of and does not end the shell. It takes over SIGINT.
func Run(ctx context.Context, cfg Config) error {
	interrupts, stop := notify()
	defer stop()
	h, err := newHistory(cfg.State)
	if err != nil {
		fmt.Fprintf(cfg.Script.Err, "ferry: the history is not kept: %v\n", err)
	}
	sh := newShell(cfg, h, interrupts)
	ed, err := sh.open(interrupts)
	if err != nil {
		return err
	}
	defer ed.Close()                                          // in a panic too
	defer context.AfterFunc(ctx, func() { _ = ed.Close() })() // a signal ends the line that is read
	return sh.run(ctx, ed)
}

// open takes the terminal over.
func (sh *shell) open(interrupts chan os.Signal) (editor, error) {
	if sh.cfg.Panes {
		return openPanes(sh, interrupts)
	}
	return newEditor(sh.cfg, interrupts, sh.complete, sh.history)
}

// shell is one interactive session.
type shell struct {
	cfg        Config
	interrupts <-chan os.Signal
	history    *history
	ed         editor
	engine     *script.Engine
	names      names // remote names, for completion
	meter      *meter
}

func newShell(cfg Config, h *history, interrupts <-chan os.Signal) *shell {
	return &shell{cfg: cfg, history: h, interrupts: interrupts}
}

func (sh *shell) run(ctx context.Context, ed editor) error {
	sh.ed = ed
	sh.cfg.Script.Err = ed.Beside()
	sh.meter = &meter{to: sh.cfg.Script.Err, dir: func() string { return sh.engine.State().LocalDir() }, say: sh.tells, c: sh.palette, width: ed.Width}
	sh.meter.attended = func(job string) bool { return sh.engine.State().Jobs.Attended(job) }
	if sh.cfg.Terminal != Dumb {
		sh.meter.draw = drawBars
	}
	sh.cfg.Script.Err = above{sh.meter, sh.cfg.Script.Err}
	if p, ok := ed.(*panesEditor); ok {
		p.take(sh)
	}
	sh.meter.start(bulk.Event{})
	cfg := sh.cfg.Script
	cfg.Ask, cfg.Events, cfg.History = asker{sh}, sh.meter.event, sh.history.all
	if p, ok := ed.(*panesEditor); ok {
		cfg.Events = p.event
	}
	cfg.Width, cfg.Ink = sh.ed.Width, sh.ink
	if sh.cfg.Terminal == Full {
		cfg.Show = &shower{shell: sh, colors: newKindColors(sh.cfg.ListColors)}
	}
	engine, err := script.New(cfg)
	if err != nil {
		return err
	}
	sh.engine = engine
	defer func() {
		sh.names.settle(context.WithoutCancel(ctx))
		if err := engine.Finish(ctx); err != nil {
			script.PrintError(sh.cfg.Script.Err, err)
		}
		_ = engine.Close(context.WithoutCancel(ctx))
	}()
	if err = sh.begin(ctx); err == nil {
		err = sh.loop(ctx)
	}
	if err == errLeave {
		return nil
	}
	return err
}

// begin says hello to who is here for the first time, and connects where that
// was asked for.
func (sh *shell) begin(ctx context.Context) error {
	sh.engine.Configure(ctx)
	if len(sh.cfg.Open) == 0 {
		if len(sh.history.all()) == 0 {
			hint := sh.hint()
			if columns := sh.ed.Width(); columns < defaultWidth {
				hint = strings.Join(wrapped(strings.ReplaceAll(hint, "\n", " "), columns, 0), "\n")
			}
			sh.sayf("%s", hint)
		}
		return nil
	}
	return sh.exec(ctx, openLine(sh.cfg.Open))
}

func openLine(words []string) string {
	line := "open"
	for _, word := range words {
		line += " " + script.QuoteWord(word, 0)
	}
	return line
}

func (sh *shell) hint() string {
	if sh.cfg.Panes {
		return panesHint
	}
	return firstHint
}

// firstHint is for who has no history. Its lines fit in 80 columns.
const firstHint = "`open ftp.example.com` connects, `help` lists what can be done. Tab completes\n" +
	"verbs and names on both sides, the right arrow takes the dim text, ^C stops what\n" +
	"runs, ^D leaves. To play without a network: ferry shell --sandbox DIR"

func (sh *shell) loop(ctx context.Context) error {
	for ctx.Err() == nil {
		st := sh.engine.State()
		sh.ed.SetKeys(st.Settings.Keys)
		stop := sh.stayAlive(ctx)
		line, err := sh.ed.Line(sh.prompt())
		stop()
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case interrupted(err), errors.Is(err, io.EOF) && sh.engine.Pending():
			sh.engine.Forget() // ^C clears the line, and a block that is not whole
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(sh.cfg.Script.Err)
			quit := func(ctx context.Context) error { return sh.engine.Exec(ctx, script.Line{Verb: "quit"}) }
			if err := sh.perform(ctx, quit); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		if strings.TrimSpace(line) == "" && !sh.engine.Pending() {
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
	sh.history.keep(sh.engine.Table(), line)
	err := sh.perform(ctx, func(ctx context.Context) error { return sh.engine.ExecText(ctx, line) })
	sh.names.forget(sh.engine.Table(), line)
	return err
}

// perform is exec for what was not typed.
func (sh *shell) perform(ctx context.Context, f func(context.Context) error) error {
	defer sh.tellOfSilence()()
	err := interruptible(ctx, sh.interrupts, sh.interrupted, func(ctx context.Context) error {
		sh.names.settle(ctx)
		sh.hear() // a server that has hung up since: the verb connects again
		err := f(ctx)
		sh.hear() // it was lost by a session beside: the prompt says so
		sh.meter.finish()
		sh.locate(ctx)
		return err
	})
	var exit *script.Exit
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return exitError(exit)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	printError(sh.cfg.Script.Err, err, sh.ed.Width(), sh.palette())
	return nil
}

// hear notices that the server has hung up.
func (sh *shell) hear() {
	if c := sh.engine.State().Client(); c != nil {
		c.Hear()
	}
}

// locate asks where one is after a login, for the prompt. Servers that don't
// say are left alone.
func (sh *shell) locate(ctx context.Context) {
	st := sh.engine.State()
	if !st.LoggedIn() || st.Site().Dir != "" || st.Client().Broken() || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, whereWait)
	defer cancel()
	_, _ = st.Where(ctx)
}

// errLeave ends the shell with success.
var errLeave = errors.New("leave")

// exitError is what `quit` ends the shell with.
func exitError(exit *script.Exit) error {
	if exit.Code == 0 {
		return errLeave
	}
	return exit
}

// interrupted ends the line of the terminal's ^C; the second one drops the
// connection, and those that help with a transfer, for when the server does not
// let go.
func (sh *shell) interrupted(n int) {
	if n == 1 {
		switch {
		case sh.cfg.Panes:
		case sh.meter.stand.Load() != nil: // they are drawn over what the terminal has echoed
		default:
			fmt.Fprintln(sh.cfg.Script.Err) // the cursor stands behind ^C
		}
		return
	}
	sh.engine.State().Jobs.Drop()
}

// palette is whether there is colour now: the setting may say otherwise than
// the surroundings.
func (sh *shell) palette() Color {
	if sh.engine == nil {
		return sh.cfg.Color
	}
	switch sh.engine.State().Settings.Color {
	case script.Always:
		return Colored
	case script.Never:
		return Plain
	}
	return sh.cfg.Color
}

// tells reports whether the settings want a kind of news of transfers.
func (sh *shell) tells(k bulk.EventKind) bool {
	s := sh.engine.State().Settings
	switch k {
	case bulk.Progress:
		return s.Progress && !s.Hash && !s.Debug && !s.Verbose
	case bulk.Failed:
		return s.OnError == script.GoOn // else the verb's error says it
	}
	return true
}

func (sh *shell) sayf(format string, args ...any) {
	fmt.Fprintf(sh.cfg.Script.Err, format+"\n", args...)
}
