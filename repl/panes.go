package repl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"ferry/proto"
	"ferry/repl/panes"
	"ferry/script"
)

// panesEditor is the editor of the full screen: the shell is the same, its
// lines, questions and output are elsewhere.
type panesEditor struct {
	screen *panes.Screen
	shell  *shell
	keys   script.Keys
	seen   int // lines of the history that lines holds
	lines  []string

	mu       sync.Mutex
	watching bool   // the bars of jobs are kept up to date
	dir      string // local, when the last line was read
}

// panesHint is for who has no history, and has not seen the panes.
const panesHint = "`open ftp.example.com` connects, `help` lists what can be done, F1 the keys.\n" +
	"Tab completes; in an empty line it goes to the next pane, as a click does.\n" +
	"^C stops what runs, ^D leaves. To play without a network: --sandbox DIR"

// openPanes takes the terminal over.
func openPanes(sh *shell, interrupts chan os.Signal) (*panesEditor, error) {
	e := &panesEditor{shell: sh}
	screen, err := panes.Open(e.config(interrupts))
	e.screen = screen
	return e, err
}

func (e *panesEditor) config(interrupts chan<- os.Signal) panes.Config {
	return panes.Config{
		Colored: func() bool { return e.shell.palette() == Colored },
		Status:  e.status,
		Interrupt: func() {
			select {
			case interrupts <- os.Interrupt:
			default: // enough of them are on their way
			}
		},
		Save:  e.save,
		Stop:  stopProcess,
		Guard: guardCommand(),
	}
}

// guardName is the command that mends the terminal after a kill. People have
// no use for it.
const guardName = "panes-guard"

func guardCommand() []string {
	self, err := os.Executable()
	if err != nil || runtime.GOOS == "windows" {
		return nil
	}
	return []string{self, guardName}
}

// take gives the shell's output to the panes: the dialogue, bars, and
// programs that want the terminal for themselves.
func (e *panesEditor) take(sh *shell) {
	cfg := &sh.cfg.Script
	trace := cfg.Trace
	cfg.Trace = func(said script.Said) {
		e.screen.Trace(said.Session, said.From, said.Text)
		if trace != nil {
			trace(said)
		}
	}
	cfg.Out, cfg.Program = e.screen.Responses(), e.program
	sh.meter.draw = func(io.Writer, func() int) bars { return &paneBars{screen: e.screen} }
}

func (e *panesEditor) Line(prompt string) (string, error) {
	e.mu.Lock()
	e.dir = e.shell.engine.State().LocalDir()
	e.mu.Unlock()
	line, err := e.screen.Read(panes.Line{
		Prompt: prompt, Complete: e.complete, Suggest: e.shell.history.suggest, History: e.recall, Vi: e.keys == script.Vi,
	})
	return line, panesError(err)
}

// recall is the history, with what other shells have added. The screen calls it.
func (e *panesEditor) recall() []string {
	e.lines = append(e.lines, e.shell.history.since(&e.seen)...)
	e.lines = e.lines[max(len(e.lines)-maxHistory, 0):]
	return e.lines
}

func (e *panesEditor) Question(ctx context.Context, q question) (string, error) {
	text, err := e.screen.Ask(ctx, panes.Question{Text: q.text, Answers: q.answers, Default: q.preset, ForAll: q.forAll})
	return text, panesError(err)
}

// Secret shows beside the question whether others can read along.
func (e *panesEditor) Secret(ctx context.Context, text string) (string, error) {
	e.screen.Place(e.status())
	answer, err := e.screen.Ask(ctx, panes.Question{Text: text, Secret: true})
	return answer, panesError(err)
}

// Reprompt changes the prompt of the line that is typed: the connection is
// gone.
func (e *panesEditor) Reprompt(prompt string) {
	e.screen.Reprompt(prompt)
	e.screen.Place(e.status())
}

func panesError(err error) error {
	if errors.Is(err, panes.ErrInterrupted) {
		return errInterrupted
	}
	return err
}

func (e *panesEditor) Beside() io.Writer     { return e.screen.Responses() }
func (e *panesEditor) Width() int            { return e.screen.Width() }
func (e *panesEditor) SetKeys(k script.Keys) { e.keys = k }
func (e *panesEditor) Close() error          { return e.screen.Close() }

// complete is the shell's, with the line that each row of the menu makes.
func (e *panesEditor) complete(line string, pos int) panes.Completion {
	c := e.shell.complete(line, pos)
	done := panes.Completion{Line: c.Line, Pos: c.Pos, More: c.More}
	for _, cand := range c.Menu {
		choice := panes.Choice{Text: cand.shown()}
		if cand.kind == proto.Directory && e.shell.palette() == Colored {
			choice.Color = directoryColor
		}
		made := cand.into(c.at, line, pos)
		choice.Line, choice.Pos = made.Line, made.Pos
		done.Menu = append(done.Menu, choice)
	}
	return done
}

// status is the place and its lock, as the prompt tells them.
func (e *panesEditor) status() (string, panes.Trust) {
	st := e.shell.engine.State()
	switch c := st.Client(); {
	case c == nil:
		return "", panes.NoConnection
	case c.Broken():
		return st.Site().Host + " (connection lost)", panes.Lost
	case c.Encrypted():
		mark, how := lock(c, st.Site().Trust)
		if how != green {
			return st.Site().Host + mark, panes.InClear
		}
		return st.Site().Host + mark, panes.Private
	}
	return st.Site().Host + " (plain)", panes.InClear
}

// save writes a file in the local directory, or at an absolute path.
func (e *panesEditor) save(name string, text []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !filepath.IsAbs(name) {
		name = filepath.Join(e.dir, name)
	}
	return panes.NewFile(name, text)
}

// program runs a command with the terminal for itself. What it prints would
// be gone with the screen: a person reads it first.
func (e *panesEditor) program(cmd *exec.Cmd) error {
	ours := []any{e.screen.Responses(), e.shell.cfg.Script.Err}
	shows := cmd.Stdout != nil && slices.Contains(ours, any(cmd.Stdout))
	if shows {
		cmd.Stdout = os.Stdout
	}
	if cmd.Stderr != nil && slices.Contains(ours, any(cmd.Stderr)) {
		cmd.Stderr = os.Stderr
	}
	return e.screen.Run(func() error {
		err := cmd.Run()
		if shows && cmd.Stdin == e.shell.cfg.Script.In {
			fmt.Fprint(os.Stderr, "\n[Enter goes back to ferry] ")
			e.screen.Wait(func() { _, _ = bufio.NewReader(os.Stdin).ReadString('\n') })
		}
		return err
	})
}
