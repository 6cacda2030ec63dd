package about

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"ferry/script"
)

// Commands are version, man and completion. app makes the whole command line,
// which they tell of.
func Commands(app func() *cli.App) []*cli.Command {
	return []*cli.Command{versionCommand(), manCommand(app), completionCommand(app)}
}

func versionCommand() *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print version, commit and platform", ArgsUsage: "[-]",
		Description: "ferry version --sbom                                 what this program was built from, as CycloneDX has it\n" +
			"go version -m ferry.exe | ferry version --sbom -     the same of another ferry, also of another system",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "sbom", DisableDefaultText: true, Usage: "list the modules that it was built from (CycloneDX, JSON)"}},
		Action: func(c *cli.Context) error {
			if !c.Bool("sbom") {
				_, err := fmt.Fprintln(c.App.Writer, Version())
				return err
			}
			switch c.Args().First() {
			case "":
				return writeBill(c.App.Writer, nil)
			case "-":
				return writeBill(c.App.Writer, c.App.Reader)
			}
			return errNotes
		},
	}
}

func manCommand(app func() *cli.App) *cli.Command {
	return &cli.Command{
		Name: "man", Usage: "print manual pages", ArgsUsage: "[COMMAND…]",
		Description: "ferry man | man -l -               ferry(1)\n" +
			"ferry man serve | man -l -         ferry-serve(1)\n" +
			"ferry man script | man -l -        ferry-script(5): the language, its verbs and settings\n" +
			"ferry man --all DIR                all of them as files",
		Flags: []cli.Flag{&cli.StringFlag{Name: "all", Usage: "write all pages into `DIR`"}},
		Action: func(c *cli.Context) error {
			root := Describe(app())
			if dir := c.String("all"); dir != "" {
				return writeAll(root, dir)
			}
			want := strings.Join(append([]string{"ferry"}, c.Args().Slice()...), "-")
			for name, text := range manual(root) {
				if strings.TrimRight(name, ".15") == want {
					_, err := io.WriteString(c.App.Writer, text)
					return err
				}
			}
			return script.UnknownCommand(c.Args().First(), append(root.words(), "script"))
		},
	}
}

// writeAll writes every page into a directory, which must exist.
func writeAll(root Page, dir string) error {
	for name, text := range manual(root) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func completionCommand(app func() *cli.App) *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print completions for a shell", ArgsUsage: "bash|zsh|fish|powershell",
		Description: "ferry completion bash > /etc/bash_completion.d/ferry\n" +
			"ferry completion zsh > /usr/share/zsh/site-functions/_ferry\n" +
			"ferry completion fish > ~/.config/fish/completions/ferry.fish\n" +
			"ferry completion powershell >> $PROFILE",
		Action: func(c *cli.Context) error {
			write := shells()[c.Args().First()]
			if write == nil || c.NArg() != 1 {
				return script.UsageError(fmt.Errorf("completion: bash, zsh, fish or powershell is wanted"), "ferry completion bash", nil)
			}
			_, err := io.WriteString(c.App.Writer, write(Describe(app())))
			return err
		},
	}
}

// Describe is a command line as a Page.
func Describe(app *cli.App) Page {
	p := Page{Path: []string{app.Name}, Brief: app.Usage, Usage: app.UsageText, Options: options(app.Flags)}
	for _, c := range app.Commands {
		if !c.Hidden {
			p.Subs = append(p.Subs, describe(c, p.Path))
		}
	}
	return p
}

func describe(c *cli.Command, above []string) Page {
	p := Page{Path: append(above[:len(above):len(above)], c.Name), Brief: c.Usage, Usage: c.UsageText, Text: c.Description, Options: options(c.Flags)}
	if p.Usage == "" {
		p.Usage = strings.Join(p.Path, " ")
		if len(p.Options) > 0 {
			p.Usage += " [options]"
		}
		if c.ArgsUsage != "" {
			p.Usage += " " + c.ArgsUsage
		}
	}
	for _, sub := range c.Subcommands {
		if !sub.Hidden {
			p.Subs = append(p.Subs, describe(sub, p.Path))
		}
	}
	return p
}

func options(flags []cli.Flag) (all []Option) {
	for _, f := range flags {
		d, ok := f.(cli.DocGenerationFlag)
		if v, can := f.(cli.VisibleFlag); !ok || can && !v.IsVisible() {
			continue
		}
		o := Option{Names: f.Names(), Usage: d.GetUsage()}
		if d.TakesValue() {
			o.Value, o.Default = "VALUE", d.GetDefaultText()
			if _, rest, ok := strings.Cut(o.Usage, "`"); ok {
				o.Value, _, _ = strings.Cut(rest, "`")
			}
		}
		all = append(all, o)
	}
	return all
}
