package repl

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"ferry/script"
)

// dumbEditor reads lines as the system gives them: for terminals that can't
// move their cursor, such as the ones inside other programs.
type dumbEditor struct {
	in         io.Reader
	out        io.Writer
	interrupts <-chan os.Signal
	want       chan struct{}
	lines      chan typed
	pending    bool // the reader has been asked and has not answered
	done       chan struct{}
}

type typed struct {
	line string
	err  error
}

func newDumbEditor(in io.Reader, out io.Writer, interrupts <-chan os.Signal) *dumbEditor {
	e := &dumbEditor{
		in: in, out: out, interrupts: interrupts,
		want: make(chan struct{}), lines: make(chan typed), done: make(chan struct{}),
	}
	go e.read()
	return e
}

// read reads a line when one is wanted, so that a command run by `!` finds
// the terminal free.
func (e *dumbEditor) read() {
	r := bufio.NewReader(e.in)
	for {
		select {
		case <-e.want:
		case <-e.done:
			return
		}
		line, err := r.ReadString('\n')
		if line != "" && err == io.EOF {
			err = nil
		}
		select {
		case e.lines <- typed{strings.TrimRight(line, "\r\n"), err}:
		case <-e.done:
			return
		}
	}
}

func (e *dumbEditor) Line(prompt string) (string, error) {
	return e.Question(context.Background(), question{line: prompt})
}

func (e *dumbEditor) Question(ctx context.Context, q question) (string, error) {
	fmt.Fprint(e.out, q.line)
	if !e.pending {
		select {
		case e.want <- struct{}{}:
			e.pending = true
		case <-e.done:
			return "", io.EOF
		}
	}
	select {
	case t := <-e.lines:
		e.pending = false
		return t.line, t.err
	case <-e.interrupts:
		fmt.Fprintln(e.out)
		return "", errInterrupted
	case <-ctx.Done():
		return "", errInterrupted
	case <-e.done:
		return "", io.EOF
	}
}

func (e *dumbEditor) Secret(ctx context.Context, text string) (string, error) {
	f, ok := e.in.(*os.File)
	if !ok || e.pending {
		return e.Question(ctx, question{line: text})
	}
	// SECURITY: the echo ends before the question is seen, for who answers at
	// once, a program most of all, would have the answer on the screen.
	before, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return "", err
	}
	fmt.Fprint(e.out, text)
	b, err := term.ReadPassword(int(f.Fd()))
	_ = term.Restore(int(f.Fd()), before)
	fmt.Fprintln(e.out)
	return string(b), err
}

func (e *dumbEditor) Beside() io.Writer   { return e.out }
func (e *dumbEditor) Width() int          { return screenWidth() }
func (e *dumbEditor) SetKeys(script.Keys) {}

func (e *dumbEditor) Close() error {
	close(e.done)
	return nil
}
