package script

import (
	"context"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"ferry/proto"
)

// Commands are run and the one-shots: get, put, ls, rm, mkdir. sandbox makes
// the network for run --sandbox DIR: a server in this process.
func Commands(sandbox func(dir string) (proto.Network, error)) []*cli.Command {
	return applet{sandbox: sandbox}.commands()
}

// applet is what the commands share: what each of them begins with.
type applet struct {
	sandbox func(dir string) (proto.Network, error)
	base    Config
}

func (p applet) commands() []*cli.Command {
	return []*cli.Command{
		p.runCommand(),
		{
			Name: "get", Usage: "download files", ArgsUsage: "URL…",
			Description: "ferry get ftp://ftp.example.com/pub/a.iso            into the directory one is in\n" +
				"ferry get ftp://anna@host/reports/*.csv -o reports/  the password is FERRY_PASSWORD, or in ~/.netrc\n" +
				"ferry get -r ftp://host/tree                         a directory with all that is in it\n" +
				"ferry get ftp://host/log -o - | grep error           to the output",
			Flags:  append(sharedFlags(), outputFlag("file or directory that is the `TARGET`; - is the output"), recursiveFlag(), continueFlag()),
			Action: p.get,
		},
		{
			Name: "put", Usage: "upload files", ArgsUsage: "FILE… URL",
			Description: "ferry put report.csv ftp://anna@host/incoming/\n" +
				"ferry put -r site/ ftp://web@host/www\n" +
				"ferry put *.jpg ftp://anna@host/photos/\n" + passwords,
			Flags:  append(sharedFlags(), recursiveFlag(), continueFlag()),
			Action: p.put,
		},
		{
			Name: "ls", Usage: "list a remote directory", ArgsUsage: "URL…",
			Description: "ferry ls -l ftp://ftp.example.com/pub/\n" + passwords,
			Flags:       append(sharedFlags(), &cli.BoolFlag{Name: "l", Usage: "kind, size, time and name"}, &cli.BoolFlag{Name: "a", Usage: "names that begin with a dot too"}),
			Action:      p.each("ls", "l", "a"),
		},
		{
			Name: "rm", Usage: "delete remote files", ArgsUsage: "URL…",
			Description: "ferry rm ftp://anna@host/old.txt\nferry rm -r ftp://anna@host/old-tree",
			Flags:       append(sharedFlags(), recursiveFlag(), &cli.BoolFlag{Name: "f", Usage: "don't fail for what is not there"}),
			Action:      p.each("rm", "r", "f"),
		},
		{
			Name: "mkdir", Usage: "make remote directories", ArgsUsage: "URL…",
			Description: "ferry mkdir -p ftp://anna@host/reports/2026",
			Flags:       append(sharedFlags(), &cli.BoolFlag{Name: "p", Usage: "parents too, and no failure when it exists"}),
			Action:      p.each("mkdir", "p"),
		},
	}
}

func (p applet) runCommand() *cli.Command {
	return &cli.Command{
		Name: "run", Usage: "run a script; the first failure stops it", ArgsUsage: "FILE [ARG…]",
		Description: "ferry run nightly.ftp 2026-01-31           ${1} in the script is 2026-01-31\n" +
			"ferry run --sandbox DIR nightly.ftp        a rehearsal: every host is DIR, nothing leaves this machine\n" +
			"producer | ferry run -                     lines run as they come\n\n" +
			"Flags stand before FILE; all that is behind it is the script's.",
		Flags: append(sharedFlags(),
			&cli.StringFlag{Name: "sandbox", Usage: "every open leads to a server in this process that serves `DIR`"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "say nothing but what was asked for and what failed"},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return wants(c, "FILE")
			}
			cfg := p.config(c)
			cfg.Args = c.Args().Tail()
			if c.Bool("quiet") {
				cfg.Preset["quiet"] = "on"
			}
			if dir := c.String("sandbox"); dir != "" {
				network, err := p.sandbox(dir)
				if err != nil {
					return err
				}
				cfg.Network, cfg.Sandbox = network, true
			}
			return Run(c.Context, cfg, c.Args().First())
		},
	}
}

func sharedFlags() []cli.Flag {
	flags := []cli.Flag{
		&cli.StringSliceFlag{Name: "set", Usage: "change a setting: `NAME=VALUE`"},
		&cli.BoolFlag{Name: "debug", Usage: "show the dialogue"},
		&cli.BoolFlag{Name: "no-state", Usage: "remember nothing of servers, and know none"},
	}
	return append(flags, TrustFlags()...)
}

// TrustFlags are the settings of TLS and of passwords, as flags.
func TrustFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "tls", Usage: "`WHEN`: auto (where the server offers it), on or off"},
		&cli.StringFlag{Name: "pin", Usage: "trust the server with this `FINGERPRINT` and no other"},
		&cli.StringFlag{Name: "ca", Usage: "trust the authorities in `FILE`, not the system's"},
		&cli.StringFlag{Name: "cert", Usage: "client certificate, a `FILE` in PEM form"},
		&cli.StringFlag{Name: "key", Usage: "its key, if it is in another `FILE`"},
		&cli.StringFlag{Name: "password-file", Usage: "the password is the first line of `FILE`"},
		&cli.StringFlag{Name: "password-command", Usage: "`COMMAND` prints the password, as in 'pass ftp/$FERRY_HOST'"},
	}
}

// Trusts puts the values of TrustFlags among the settings.
func Trusts(c *cli.Context, preset map[string]string) {
	for _, f := range TrustFlags() {
		if name := f.Names()[0]; c.IsSet(name) {
			preset[name] = c.String(name)
		}
	}
}

// passwords says where they come from; a URL with one in it is in the process
// list for all to see.
const passwords = "\nPasswords come from FERRY_PASSWORD, --password-file, --password-command or ~/.netrc."

func outputFlag(usage string) cli.Flag {
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: usage}
}

func recursiveFlag() cli.Flag {
	return &cli.BoolFlag{Name: "recursive", Aliases: []string{"r"}, Usage: "directories with all that is in them"}
}

func continueFlag() cli.Flag {
	return &cli.BoolFlag{Name: "continue", Aliases: []string{"c"}, Usage: "go on where an earlier transfer stopped"}
}

// config is what the flags say, and the process's own input and outputs.
func (p applet) config(c *cli.Context) Config {
	cfg := p.base
	cfg.In, cfg.Out, cfg.Err, cfg.Preset = os.Stdin, c.App.Writer, c.App.ErrWriter, map[string]string{}
	if c.App.Reader != nil {
		cfg.In = c.App.Reader
	}
	for _, pair := range c.StringSlice("set") {
		name, value, _ := strings.Cut(pair, "=")
		cfg.Preset[name] = value
	}
	if c.Bool("debug") {
		cfg.Preset["debug"] = "on"
	}
	Trusts(c, cfg.Preset)
	if !c.Bool("no-state") {
		cfg.State = StateDir()
	}
	return cfg
}

func wants(c *cli.Context, what string) error {
	return &cliError{err: &CallError{What: c.Command.Name + ": " + what + " is missing"}, hint: "usage: ferry " + c.Command.Name + " " + c.Command.ArgsUsage}
}

func (p applet) get(c *cli.Context) error {
	if c.NArg() == 0 {
		return wants(c, "URL")
	}
	return p.oneShot(c, func(ctx context.Context, s *shot) error {
		for _, url := range c.Args().Slice() {
			args := flagWords(c, "r", "c")
			if o := c.String("o"); o != "" {
				args = append(args, Bare("-o"), Literal(o))
			}
			if err := s.run(ctx, url, "get", args, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p applet) put(c *cli.Context) error {
	if c.NArg() < 2 {
		return wants(c, "FILE or URL")
	}
	all := c.Args().Slice()
	url, files := all[len(all)-1], all[:len(all)-1]
	return p.oneShot(c, func(ctx context.Context, s *shot) error {
		args := flagWords(c, "r", "c")
		return s.run(ctx, url, "put", args, files)
	})
}

// each makes the action of a command that is one verb for every URL.
func (p applet) each(verb string, flags ...string) cli.ActionFunc {
	return func(c *cli.Context) error {
		if c.NArg() == 0 {
			return wants(c, "URL")
		}
		return p.oneShot(c, func(ctx context.Context, s *shot) error {
			for _, url := range c.Args().Slice() {
				if err := s.run(ctx, url, verb, flagWords(c, flags...), nil); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func flagWords(c *cli.Context, names ...string) []Word {
	var args []Word
	for _, name := range names {
		if c.Bool(name) {
			args = append(args, Bare("-"+name))
		}
	}
	return args
}

func (p applet) oneShot(c *cli.Context, do func(context.Context, *shot) error) error {
	s, err := newShot(p.config(c))
	if err != nil {
		return err
	}
	defer func() { _ = s.engine.Close(context.WithoutCancel(c.Context)) }()
	return do(c.Context, s)
}
