package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"ferry/proto"
	"ferry/repl/panes"
	"ferry/script"
)

// Commands is the shell. sandbox makes the network for --sandbox DIR: a server
// in this process.
func Commands(sandbox func(dir string) (proto.Network, error)) []*cli.Command {
	return []*cli.Command{{
		Name:      "shell",
		Usage:     "an interactive client",
		ArgsUsage: "[HOST [PORT] | URL]",
		Description: "ferry shell                              connect later, with `open`\n" +
			"ferry shell ftp.example.com              log in as anonymous, or as .netrc says\n" +
			"ferry shell ftp://anna@ftp.example.com   log in as anna; asks for the password\n" +
			"ferry shell -c 'ls; get a.txt' HOST      run these lines and leave\n" +
			"ferry shell --panes HOST                 the full screen: input, dialogue with the server, responses\n" +
			"ferry shell --sandbox DIR                play: every host is DIR, nothing leaves this machine\n\n" +
			"When the standard input is no terminal its lines are run as `ferry run -` runs them.",
		Flags:  shellFlags(),
		Action: func(c *cli.Context) error { return action(c, sandbox) },
	}, {
		Name:      "record",
		Usage:     "a shell that writes down a script of what was done",
		ArgsUsage: "FILE [HOST [PORT] | URL]",
		Description: "ferry record nightly.ftp ftp.example.com   what works becomes a line of nightly.ftp\n" +
			"ferry run nightly.ftp                      does it again\n\n" +
			"FILE must not exist yet. Passwords are left out of it; answers become flags, and what\n" +
			"failed a comment. In a shell that runs, the verb record begins and ends it.",
		Flags:  shellFlags(),
		Action: func(c *cli.Context) error { return record(c, sandbox) },
	}, {
		Name:   guardName,
		Usage:  "mend the terminal when ferry shell --panes ends before its time",
		Hidden: true,
		Action: func(*cli.Context) error { return panes.Guard(os.Stdin, os.Stdout) },
	}}
}

// shellFlags are those of an interactive session.
func shellFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "c", Usage: "run `COMMANDS`, as lines of a script, and leave"},
		&cli.BoolFlag{Name: "panes", Usage: "the full screen in three parts: input, dialogue with the server, responses"},
		&cli.StringFlag{Name: "sandbox", Usage: "every host leads to a server in this process, rooted at `DIR`"},
		&cli.StringFlag{Name: "color", Usage: "`WHEN`: auto, always or never"},
		&cli.BoolFlag{Name: "no-state", Usage: "keep no history, and remember nothing of servers"},
		&cli.BoolFlag{Name: "no-config", Usage: "do without the config file and the bookmarks"},
		&cli.BoolFlag{Name: "n", Usage: "no login with .netrc, as in ftp -n"},
		&cli.BoolFlag{Name: "i", Usage: "don't ask for each name in mget, mput and mdelete"},
		&cli.BoolFlag{Name: "v", Usage: "show the server's replies"},
		&cli.BoolFlag{Name: "d", Usage: "show the whole dialogue"},
	}, script.TrustFlags()...)
}

// record is the shell with a script that grows beside it.
func record(c *cli.Context, sandbox func(string) (proto.Network, error)) error {
	if c.NArg() == 0 {
		return script.UsageError(errors.New("record: FILE is missing"), "usage: ferry record "+c.Command.ArgsUsage, nil)
	}
	cfg, err := configure(c, sandbox, c.Args().Tail())
	if err != nil {
		return err
	}
	cfg.Script.Record = c.Args().First()
	return begin(c, cfg)
}

func action(c *cli.Context, sandbox func(string) (proto.Network, error)) error {
	cfg, err := configure(c, sandbox, c.Args().Slice())
	if err != nil {
		return err
	}
	return begin(c, cfg)
}

func begin(c *cli.Context, cfg Config) error {
	if cfg.Panes {
		if err := panesCan(c.IsSet("c")); err != nil {
			return err
		}
	}
	if c.IsSet("c") {
		cfg.Script.In = strings.NewReader(c.String("c"))
		cfg.Script.Preset["echo"] = "off"
		interrupts, stop := notify()
		defer stop()
		return interruptible(c.Context, interrupts, func(int) {}, func(ctx context.Context) error { return batch(ctx, cfg) })
	}
	if !Interactive() {
		return batch(c.Context, cfg)
	}
	return Run(c.Context, cfg)
}

// panesCan says why there can be no full screen.
func panesCan(commands bool) error {
	var err error
	switch name := os.Getenv("TERM"); {
	case commands:
		err = errors.New("--panes is for somebody who types, and -c for lines that nobody does")
	case !isTerminal(os.Stdin) || !isTerminal(os.Stdout):
		err = errors.New("--panes needs a terminal, and the input or the output is none")
	case name == "dumb" || name == "" && runtime.GOOS != "windows":
		err = fmt.Errorf("--panes needs a terminal that can move its cursor, and TERM is %q", name)
	default:
		return nil
	}
	return script.UsageError(err, "leave out --panes: the shell does the same a line at a time", nil)
}

// Interactive reports whether somebody is there to type.
func Interactive() bool { return isTerminal(os.Stdin) }

// batch runs lines that nobody types: the first failure ends it.
func batch(ctx context.Context, cfg Config) error {
	if len(cfg.Open) > 0 {
		cfg.Script.First = openLine(cfg.Open)
	}
	return script.Run(ctx, cfg.Script, "-")
}

func configure(c *cli.Context, sandbox func(string) (proto.Network, error), open []string) (Config, error) {
	cfg := Config{Open: target(open), Terminal: terminal(), ListColors: os.Getenv("LS_COLORS")}
	cfg.Color, cfg.Panes = environmentColor(cfg.Terminal), c.Bool("panes")
	cfg.Script = script.Config{In: os.Stdin, Out: c.App.Writer, Err: c.App.ErrWriter, Preset: map[string]string{}}
	for flag, setting := range map[string][2]string{"i": {"prompt", "off"}, "v": {"verbose", "on"}, "d": {"debug", "on"}} {
		if c.Bool(flag) {
			cfg.Script.Preset[setting[0]] = setting[1]
		}
	}
	if c.Bool("n") {
		cfg.Script.Netrc = os.DevNull
	}
	if when := c.String("color"); when != "" {
		cfg.Script.Preset["color"] = when
	}
	if dir := c.String("sandbox"); dir != "" {
		network, err := sandbox(dir)
		if err != nil {
			return cfg, err
		}
		cfg.Script.Network, cfg.Script.Sandbox = network, true
	}
	if !c.Bool("no-state") {
		cfg.State = script.StateDir()
		cfg.Script.State = cfg.State
	}
	if !c.Bool("no-config") {
		cfg.Script.Personal = script.ConfigDir()
	}
	script.Trusts(c, cfg.Script.Preset)
	return cfg, nil
}

// target is what the arguments name: HOST, HOST PORT or a URL.
func target(args []string) []string {
	if len(args) > 2 {
		return args[:2]
	}
	return args
}

// terminal looks at what stands around the process.
func terminal() Terminal {
	switch {
	case os.Getenv("TERM") == "dumb", !isTerminal(os.Stderr) && !isTerminal(os.Stdout):
		return Dumb
	case !isTerminal(os.Stdout):
		return OnlyErr
	}
	return Full
}

func isTerminal(f io.Writer) bool {
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
