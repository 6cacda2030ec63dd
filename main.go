// Command ferry is the whole of FTP in one file: a server, a shell and a batch
// runner. This file picks the applet, assembles the command line and turns the
// error that comes back into an exit code; the rest is serve, script and repl.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"ferry/repl"
	"ferry/script"
	"ferry/script/about"
	"ferry/script/doctor"
	"ferry/serve"
)

func main() {
	ctx, stop := interruptible(context.Background(), endings(os.Args)...)
	code := run(ctx, os.Args, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process around it.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	app := newApp(out, errs)
	err := app.RunContext(ctx, flagsFirst(app, applet(args)))
	if err != nil {
		script.PrintError(errs, err)
	}
	return script.ExitCode(err)
}

// applet makes `ftp host` into `ferry shell host` when the program was called
// by a link of that name.
func applet(args []string) []string {
	if len(args) == 0 {
		return []string{"ferry"}
	}
	if len(args) == 2 && args[1] == "--version" {
		return []string{args[0], "version"}
	}
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(args[0])), ".exe")
	for link, command := range links() {
		if name == link {
			return append([]string{"ferry", command}, args[1:]...)
		}
	}
	return args
}

// links are the names under which ferry is one of its applets.
func links() map[string]string { return map[string]string{"ftp": "shell", "ftpd": "serve"} }

func newApp(out, errs io.Writer) *cli.App {
	app := &cli.App{
		Name:                   "ferry",
		Usage:                  "FTP in one file: server, shell and batch runner",
		UsageText:              usage,
		CustomAppHelpTemplate:  helpTemplate + script.ExitCodes(),
		Writer:                 out,
		ErrWriter:              errs,
		HideVersion:            true,
		HideHelpCommand:        true,
		UseShortOptionHandling: true,
		// a comma in a value is the value's own: flags are repeated
		DisableSliceFlagSeparator: true,
		Action:                    unknownCommand,
		OnUsageError:              usageError,
		ExitErrHandler:            func(*cli.Context, error) {}, // codes are made in one place: run
		Commands:                  commands(),
	}
	for _, c := range app.Commands {
		prepare(c)
	}
	return app
}

const usage = `ferry serve DIR                          a server for DIR: prints address, user, password
ferry shell [URL]                        an interactive client
ferry run FILE [ARG…]                    a batch script; stops at the first failure
ferry run --sandbox DIR FILE             the same without a network: DIR is the server
ferry get URL… [-o DEST]                 download
ferry put FILE… URL                      upload
ferry ls|rm|mkdir URL                    list, delete, make a directory`

// helpTemplate ends with the exit codes, since scripts depend on them.
const helpTemplate = `{{.Name}}: {{.Usage}}

{{.UsageText}}

COMMANDS
{{range .VisibleCommands}}   {{join .Names ", "}}{{"\t"}}{{.Usage}}
{{end}}
ferry COMMAND --help tells more about each.

EXIT CODES
`

// commands is everything that ferry can be told to do.
func commands() []*cli.Command {
	var all []*cli.Command
	all = append(all, serve.Commands(repl.Prompt)...)
	all = append(all, repl.Commands(serve.Sandbox)...)
	all = append(all, script.Commands(serve.Sandbox, local)...)
	all = append(all, linksCommand())
	return append(all, about.Commands(func() *cli.App { return newApp(io.Discard, io.Discard) })...)
}

// local is the doctor's look at this machine, which the server's side of the
// house has.
func local(ctx context.Context, args []string) (all []doctor.Finding, err error) {
	app := &cli.App{Commands: serve.Commands(nil)}
	found, err := serve.Examine(ctx, flagsFirst(app, append([]string{"ferry", "serve"}, args...))[2:])
	for _, f := range found {
		all = append(all, doctor.Finding(f))
	}
	return all, err
}

// prepare gives a command the house's manners: usage errors come back as
// errors, and no command called help stands among its own.
func prepare(c *cli.Command) {
	c.OnUsageError = usageError
	c.CustomHelpTemplate = cli.CommandHelpTemplate + "\nEXIT CODES\n" + script.ExitCodes()
	c.HideHelpCommand = true
	for _, sub := range c.Subcommands {
		prepare(sub)
	}
}

func usageError(c *cli.Context, err error, _ bool) error {
	return script.UsageError(err, "ferry "+strings.TrimPrefix(c.Command.FullName(), "ferry")+" --help shows what it takes", flagNames(c.Command.Flags))
}

func unknownCommand(c *cli.Context) error {
	if c.NArg() == 0 {
		return cli.ShowAppHelp(c)
	}
	var names []string
	for _, command := range c.App.Commands {
		names = append(names, command.Names()...)
	}
	return script.UnknownCommand(c.Args().First(), names)
}

func flagNames(flags []cli.Flag) []string {
	var names []string
	for _, f := range flags {
		names = append(names, f.Names()...)
	}
	return names
}

// flagsFirst moves flags before arguments, where urfave/cli looks for them.
// What follows `--`, and what follows the script of `run`, stays as it is.
func flagsFirst(app *cli.App, args []string) []string {
	if len(args) < 2 {
		return args
	}
	head, rest, flags := args[:1:1], args[1:], app.Flags
	for commands := app.Commands; len(rest) > 0; {
		c := find(commands, rest[0])
		if c == nil {
			break
		}
		head, rest, flags, commands = append(head, rest[0]), rest[1:], c.Flags, c.Subcommands
		if c.Name == "run" || c.SkipFlagParsing {
			return append(head, rest...)
		}
	}
	var moved, left []string
	for len(rest) > 0 {
		arg := rest[0]
		rest = rest[1:]
		switch {
		case arg == "--":
			left, rest = append(left, rest...), nil
		case len(arg) < 2 || arg[0] != '-':
			left = append(left, arg)
		default:
			moved = append(moved, arg)
			if takesValue(flags, arg) && len(rest) > 0 {
				moved, rest = append(moved, rest[0]), rest[1:]
			}
		}
	}
	if len(left) > 0 && len(head) > 1 {
		moved = append(moved, "--")
	}
	return append(append(head, moved...), left...)
}

func find(commands []*cli.Command, name string) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

// takesValue reports whether a flag as written is one whose value is the next
// argument.
func takesValue(flags []cli.Flag, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	if strings.Contains(name, "=") {
		return false
	}
	for _, f := range flags {
		for _, n := range f.Names() {
			if n == name {
				_, isBool := f.(*cli.BoolFlag)
				return !isBool
			}
		}
	}
	return false
}

// interrupted is the cause of a context that a signal ended.
type interrupted struct{ sig syscall.Signal }

func (i interrupted) Error() string { return "interrupted" }

// ExitStatus is what shells use for a process that a signal ended.
func (i interrupted) ExitStatus() int { return 128 + int(i.sig) }

// endings are the signals that end what runs. At a terminal the shell has its
// own use for SIGINT, and leaves with the terminal.
func endings(args []string) []os.Signal {
	if args = applet(args); len(args) > 1 && (args[1] == "shell" || args[1] == "record") && repl.Interactive() {
		return []os.Signal{syscall.SIGTERM, syscall.SIGHUP}
	}
	return []os.Signal{os.Interrupt, syscall.SIGTERM}
}

// interruptible ends the context at the first of these signals.
func interruptible(parent context.Context, endings ...os.Signal) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endings...)
	go func() {
		select {
		case s := <-signals:
			sig, _ := s.(syscall.Signal)
			cancel(interrupted{sig})
			signal.Stop(signals) // a second one ends the process at once
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

func linksCommand() *cli.Command {
	return &cli.Command{
		Name:      "links",
		Usage:     "make links called ftp and ftpd, which are the shell and the server",
		ArgsUsage: "DIR",
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return script.UsageError(errors.New("links: one directory is wanted"), "ferry links ~/bin", nil)
			}
			return makeLinks(c.App.Writer, c.Args().First())
		},
	}
}

func makeLinks(out io.Writer, dir string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("links: %w", err)
	}
	for link := range links() {
		path := filepath.Join(dir, link)
		if runtime.GOOS == "windows" {
			path += ".exe"
			err = os.Link(self, path)
		} else {
			err = os.Symlink(self, path)
		}
		if err != nil {
			return fmt.Errorf("links: %w", err)
		}
		fmt.Fprintln(out, path)
	}
	return nil
}
