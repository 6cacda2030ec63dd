package serve

import (
	"context"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"ferry/serve/admin"
)

// newCtl is `ferry ctl` on this machine.
func newCtl(out, errs io.Writer, prompt admin.Prompter) (admin.Ctl, error) {
	dir, err := stateDir()
	if err != nil {
		return admin.Ctl{}, &StartError{fmt.Errorf("ctl: %w", err), "ferry ctl --socket PATH needs neither"}
	}
	c := admin.Ctl{Dir: admin.Dir(dir), In: os.Stdin, Out: out, Err: errs, Users: editUsersFile(out, errs)}
	if term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) {
		c.Prompt, c.Terminal = prompt, rawTerminal
	}
	return c, nil
}

// console is the prompt of --console, which needs a terminal.
func console(prompt admin.Prompter) (admin.Prompter, error) {
	if prompt == nil || !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return nil, usage("serve: --console needs a terminal; ferry ctl is the same from another one")
	}
	return prompt, nil
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
func editUsersFile(out, errs io.Writer) func(ctx context.Context, file string, args []string) error {
	return func(ctx context.Context, file string, args []string) error {
		return runUsers(ctx, out, errs, append([]string{args[0], "--file", file}, args[1:]...))
	}
}
