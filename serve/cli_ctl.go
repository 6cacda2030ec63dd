package serve

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"

	"ferry/serve/admin"
)

// newCtl is `ferry ctl` on this machine.
func newCtl(out, errs io.Writer, prompt admin.Prompter) (admin.Ctl, error) {
	dir, err := stateDir()
	if err != nil {
		return admin.Ctl{}, &StartError{fmt.Errorf("ctl: %w", err), "ferry ctl --socket PATH needs neither"}
	}
	c := admin.Ctl{Dir: admin.Dir(dir), In: os.Stdin, Out: out, Err: errs, Users: editUsersFile(errs)}
	if term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) {
		c.Prompt, c.Terminal = prompt, rawTerminal
	}
	return c, nil
}

// console is the prompt of --console, which needs a terminal, and what the log
// goes to: errs, or above the line that is being typed.
func console(prompt admin.Prompter, errs io.Writer) (admin.Prompter, io.Writer, error) {
	if prompt == nil || !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return nil, errs, usage("serve: --console needs a terminal; ferry ctl is the same from another one")
	}
	above := &overLine{to: errs}
	return func(text string, complete func(before string) []string) (func() (string, error), io.Writer, func() error, error) {
		read, out, done, err := prompt(text, complete)
		if err != nil {
			return nil, nil, nil, err
		}
		above.set(out)
		return read, out, func() error { above.set(errs); return done() }, nil
	}, above, nil
}

// overLine is where the log goes: above the line while there is one.
type overLine struct {
	mu sync.Mutex
	to io.Writer
}

func (a *overLine) set(to io.Writer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.to = to
}

func (a *overLine) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.to.Write(p)
}

// rawTerminal hands over keys as they are typed.
func rawTerminal() (size func() (w, h int), restore func(), err error) {
	in, out := int(os.Stdin.Fd()), int(os.Stdout.Fd())
	was, err := term.MakeRaw(in)
	if err != nil {
		return nil, nil, err
	}
	size = func() (int, int) {
		w, h, err := term.GetSize(out)
		if err != nil {
			return 80, 24
		}
		return w, h
	}
	return size, func() { _ = term.Restore(in, was) }, nil
}

// editUsersFile is `ferry users` with this file.
func editUsersFile(errs io.Writer) func(ctx context.Context, out io.Writer, file string, args []string) error {
	return func(ctx context.Context, out io.Writer, file string, args []string) error {
		return runUsers(ctx, out, errs, append([]string{args[0], "--file", file}, args[1:]...))
	}
}
