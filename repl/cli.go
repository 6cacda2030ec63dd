package repl

import (
	"context"
	"os"

	"github.com/chzyer/readline"
	"github.com/urfave/cli/v2"

	"ferry/script"
)

// Commands is the shell.
func Commands(o script.Options) []*cli.Command {
	return []*cli.Command{{
		Name:      "shell",
		Usage:     "an interactive client",
		ArgsUsage: "[HOST [PORT] | URL]",
		Description: "ferry shell                              connect later, with `open`\n" +
			"ferry shell ftp.example.com              log in as anonymous, or as .netrc says\n" +
			"ferry shell ftp://anna@ftp.example.com   log in as anna; asks for the password\n" +
			"ferry shell --sandbox DIR                play: every host is DIR, nothing leaves this machine",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "sandbox", Usage: "every host leads to a server in this process, rooted at `DIR`"},
			&cli.BoolFlag{Name: "no-state", Usage: "keep no history"},
			&cli.BoolFlag{Name: "n", Usage: "no login with .netrc, as in ftp -n"},
			&cli.BoolFlag{Name: "i", Usage: "don't ask for each name in mget, mput and mdelete"},
			&cli.BoolFlag{Name: "v", Usage: "show the server's replies"},
			&cli.BoolFlag{Name: "d", Usage: "show the whole dialogue"},
		},
		Action: func(c *cli.Context) error { return action(c, o) },
	}}
}

func action(c *cli.Context, o script.Options) error {
	cfg, err := configure(c, o)
	if err != nil {
		return err
	}
	if !readline.IsTerminal(int(os.Stdin.Fd())) {
		return script.Run(c.Context, cfg.Script, "-")
	}
	return Run(c.Context, cfg)
}

func configure(c *cli.Context, o script.Options) (Config, error) {
	cfg := Config{Script: o.Config}
	cfg.Script.In, cfg.Script.Out, cfg.Script.Err = os.Stdin, c.App.Writer, c.App.ErrWriter
	if dir := c.String("sandbox"); dir != "" {
		network, err := o.Sandbox(dir)
		if err != nil {
			return cfg, err
		}
		cfg.Script.Network = network
	}
	if !c.Bool("no-state") {
		cfg.History = historyPath(stateDir())
	}
	return cfg, nil
}

var _ context.Context
