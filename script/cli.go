package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"ferry/proto"
	"ferry/script/doctor"
)

// Commands are run, the one-shots get, put, mirror, ls, rm, mkdir, and doctor.
// sandbox makes the network for run --sandbox DIR: a server in this process; local
// is the doctor's look at this machine.
func Commands(sandbox func(dir string) (proto.Network, error), local Local) []*cli.Command {
	return applet{sandbox: sandbox, local: local}.commands()
}

// applet is what the commands share: what each of them begins with.
type applet struct {
	sandbox func(dir string) (proto.Network, error)
	local   Local
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
			Flags:  append(sharedFlags(), outputFlag("file or directory that is the `TARGET`; - is the output"), recursiveFlag(), continueFlag(), filesFromFlag("`LIST` has a URL a line, or a URL, a tab and a local name; - is the input")),
			Action: p.get,
		},
		{
			Name: "put", Usage: "upload files", ArgsUsage: "FILE… URL",
			Description: "ferry put report.csv ftp://anna@host/incoming/\n" +
				"ferry put -r site/ ftp://web@host/www\n" +
				"ferry put *.jpg ftp://anna@host/photos/\n" + passwords,
			Flags:  append(sharedFlags(), recursiveFlag(), continueFlag(), filesFromFlag("`LIST` has a file, a tab and a URL a line; - is the input")),
			Action: p.put,
		},
		{
			Name: "mirror", Usage: "make a tree like another", ArgsUsage: "FROM TO",
			Description: "ferry mirror ftp://ftp.example.com/pub/site site/          what is new or changed comes here\n" +
				"ferry mirror --delete site/ ftp://web@host/www             www becomes like site\n" +
				"ferry mirror --dry-run --delete site/ ftp://web@host/www   what that would do\n" +
				"One of the two is a URL.\n" + passwords,
			Flags:  append(sharedFlags(), verbFlags(treeFlags())...),
			Action: p.mirror,
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
		p.doctorCommand(),
	}
}

func (p applet) doctorCommand() *cli.Command {
	return &cli.Command{
		Name: "doctor", Usage: "examine a server, or this machine as one: what works, what doesn't, and the fix", ArgsUsage: "[URL]",
		Description: "ferry doctor ftp://anna@ftp.example.com/pub          logs in, and tries what clients lean on; changes nothing\n" +
			"ferry doctor --write ftp://anna@host/incoming        uploads too, in a directory of its own, removed again\n" +
			"ferry doctor                                         this machine, as `ferry serve` would find it\n" +
			"ferry doctor -- --cert c.pem --implicit :990 /srv    the same for these options of `ferry serve`\n" +
			"The exit code is 0 when nothing fails, 1 when something does, and 3, 4 or 5 when the server can't be\n" +
			"reached, trusted or logged in to.\n" + passwords,
		Flags: append(sharedFlags(),
			&cli.BoolFlag{Name: "write", Usage: "upload too: in a directory with a name made for it, which is removed again"},
			&cli.BoolFlag{Name: "json", Usage: "the findings as JSON"}),
		Action: func(c *cli.Context) error {
			e := examination{args: c.Args().Slice(), write: doctor.Write(c.Bool("write")), json: c.Bool("json"), out: c.App.Writer}
			if isURL(c.Args().First()) {
				if c.NArg() > 1 {
					return wants(c, "one URL, not more:")
				}
				e.url, e.args = c.Args().First(), nil
			}
			return p.examine(c.Context, p.config(c), e)
		},
	}
}

func (p applet) runCommand() *cli.Command {
	return &cli.Command{
		Name: "run", Usage: "run a script; the first failure stops it", ArgsUsage: "FILE [ARG…]",
		Description: "ferry run nightly.ftp 2026-01-31           ${1} in the script is 2026-01-31\n" +
			"ferry run --plan nightly.ftp               what would be done; nothing is changed\n" +
			"ferry run --sandbox DIR nightly.ftp        a rehearsal: every host is DIR, nothing leaves this machine\n" +
			"ferry run --resume nightly.ftp             goes on where an earlier run broke off\n" +
			"ferry run --report out.json nightly.ftp    what became of every line and file\n" +
			"ferry run --check nightly.ftp              every mistake that can be seen without running it\n" +
			"ferry run --from lftp old.lftp > new.ftp   the script of another client, as ferry says it\n" +
			"producer | ferry run -                     lines run as they come\n\n" +
			"Flags stand before FILE; all that is behind it is the script's.",
		Flags: append(sharedFlags(),
			&cli.StringFlag{Name: "open", Usage: "connect to `URL` first, for scripts that leave it to the command line, as sftp -b has them"},
			&cli.StringFlag{Name: "from", Usage: "print a script of another `CLIENT` in ferry's language, run nothing: lftp, winscp or sftp"},
			&cli.BoolFlag{Name: "check", Usage: "look for mistakes, run nothing: all of them, with their places"},
			&cli.StringFlag{Name: "sandbox", Usage: "every open leads to a server in this process that serves `DIR`"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "say nothing but what was asked for and what failed"},
			&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "show the server's replies too"},
			&cli.BoolFlag{Name: "plan", Usage: "look, tell what would be done, change nothing; code 11 when there is something to do"},
			&cli.BoolFlag{Name: "resume", Usage: "go on where an earlier run of this script with these arguments broke off"},
			&cli.StringFlag{Name: "unsure", Usage: "with --resume, a line that may or may not be done is `WHAT`: done or again"},
			&cli.StringFlag{Name: "report", Usage: "write what became of every line to `FILE`: JSON, or JUnit's XML when it ends in .xml"},
			&cli.StringFlag{Name: "events", Usage: "write a line of JSON for all that happens to `DEST`: a file, or the number of a descriptor"},
			&cli.StringFlag{Name: "log", Usage: "add all that is told, and the dialogue, to `FILE`, with times"},
			&cli.DurationFlag{Name: "deadline", Usage: "end the run after `TIME`, as in 90m, with code 8"},
			&cli.StringFlag{Name: "systemd", Usage: "run nothing, but print a unit and a timer called `NAME` for this run"},
			&cli.StringFlag{Name: "calendar", Usage: "`WHEN` that timer fires, as systemd.time(7) has it", Value: "daily"},
			&cli.StringFlag{Name: "on-failure", Usage: "run `COMMAND` after a run that failed; FERRY_STATUS and FERRY_ERROR tell it why"},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return wants(c, "FILE")
			}
			if c.IsSet("systemd") {
				return printUnit(c)
			}
			cfg := p.config(c)
			cfg.Args = c.Args().Tail()
			if c.Bool("quiet") {
				cfg.Preset["quiet"] = "on"
			}
			if url := c.String("open"); url != "" {
				cfg.First = "open " + QuoteWord(url, 0)
			}
			if dialect := c.String("from"); dialect != "" {
				return Translate(cfg, dialect, c.Args().First())
			}
			if c.Bool("check") {
				return Check(c.Context, cfg, c.Args().First())
			}
			if dir := c.String("sandbox"); dir != "" {
				network, err := p.sandbox(dir)
				if err != nil {
					return err
				}
				cfg.Network, cfg.Sandbox = network, true
			}
			done, err := books(c, &cfg)
			if err != nil {
				return err
			}
			return errors.Join(Run(c.Context, cfg, c.Args().First()), done())
		},
	}
}

// books is what the flags say about a run's books. done closes their files.
func books(c *cli.Context, cfg *Config) (done func() error, err error) {
	a := Books{
		Report: c.String("report"), Deadline: c.Duration("deadline"), Unsure: Unsure(c.String("unsure")), Totals: true,
	}
	if a.OnFailure, err = splitWords(c.String("on-failure")); err != nil {
		return nil, flagError("on-failure", err)
	}
	if c.Bool("verbose") {
		cfg.Preset["verbose"] = "on"
	}
	if c.Bool("plan") {
		a.Plan = PlanOnly
	}
	if a.Journal, err = journalling(c, *cfg); err != nil {
		return nil, err
	}
	var open opened
	if a.Events, err = open.events(c.String("events")); err == nil {
		a.Log, err = open.log(c.String("log"))
	}
	if err != nil {
		return nil, errors.Join(err, open.close())
	}
	cfg.Books = a
	return open.close, nil
}

// printUnit writes what systemd needs to run what this command line would.
func printUnit(c *cli.Context) error {
	if err := unitName(c.String("systemd")); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	script, err := filepath.Abs(c.Args().First())
	if err != nil {
		return err
	}
	u := unit{name: c.String("systemd"), program: program, script: script, args: c.Args().Tail(), calendar: c.String("calendar")}
	if u.flags, err = unitFlags(c); err != nil {
		return err
	}
	text, err := u.text()
	if err != nil {
		return err
	}
	_, err = io.WriteString(c.App.Writer, text)
	return err
}

// unitFlags are the flags of this command line that the unit has too: all but
// those that are about the unit. One that has no sense there is refused.
func unitFlags(c *cli.Context) (words []string, err error) {
	for _, f := range c.Command.Flags {
		name := f.Names()[0]
		switch {
		case !c.IsSet(name):
		case slices.Contains([]string{"systemd", "calendar"}, name):
		case slices.Contains([]string{"check", "from"}, name):
			return nil, flagError("systemd", &SyntaxError{What: "--" + name + " runs nothing"})
		case strings.HasPrefix(name, "password-"):
			return nil, flagError("systemd", &SyntaxError{What: "--" + name + " has no place in the unit: it takes the password from a credential, which it names"})
		default:
			own, err := flagValues(c, name)
			if err != nil {
				return nil, err
			}
			words = append(words, own...)
		}
	}
	return words, nil
}

// flagValues is a flag as it is written on a command line that is run in any
// directory.
func flagValues(c *cli.Context, name string) (words []string, err error) {
	text := fmt.Sprint(c.Value(name))
	_, number := strconv.Atoi(text)
	switch {
	case name == "set":
		for _, pair := range c.StringSlice(name) {
			words = append(words, "--set", pair)
		}
		return words, nil
	case c.Value(name) == true:
		return []string{"--" + name}, nil
	case slices.Contains([]string{"report", "log", "ca", "cert", "key", "sandbox"}, name), name == "events" && number != nil:
		text, err = filepath.Abs(text)
	}
	return []string{"--" + name, text}, err
}

// journalling is which runs can be gone on with: those of files, where there is
// a place for what is remembered.
func journalling(c *cli.Context, cfg Config) (Journalling, error) {
	can := cfg.State != "" && c.Args().First() != "-"
	switch {
	case c.IsSet("unsure") && !slices.Contains([]Unsure{UnsureAgain, UnsureDone}, Unsure(c.String("unsure"))):
		return NoJournal, flagError("unsure", errors.New("done or again is wanted"))
	case c.Bool("resume") && !can:
		return NoJournal, flagError("resume", errors.New("only the run of a file can be gone on with, and not under --no-state"))
	case c.Bool("resume"):
		return Resume, nil
	case can && !cfg.Sandbox:
		return KeepJournal, nil
	}
	return NoJournal, nil
}

func flagError(name string, err error) error {
	return &cliError{err: fmt.Errorf("--%s: %w", name, err), hint: "ferry run --help"}
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

func filesFromFlag(usage string) cli.Flag { return &cli.StringFlag{Name: "files-from", Usage: usage} }

func (p applet) get(c *cli.Context) error {
	if c.IsSet("files-from") {
		return p.oneShot(c, func(ctx context.Context, s *shot) error { return s.list(ctx, "get", c.String("files-from")) })
	}
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
	if c.IsSet("files-from") {
		return p.oneShot(c, func(ctx context.Context, s *shot) error { return s.list(ctx, "put", c.String("files-from")) })
	}
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
	defer func() { _ = s.engine.Leave(context.WithoutCancel(c.Context)) }()
	return do(c.Context, s)
}

// verbFlags are a verb's flags as those of a command.
func verbFlags(rows []Flag) (flags []cli.Flag) {
	for _, f := range rows {
		name := strings.TrimPrefix(f.Long, "--")
		var short []string
		if f.Name != f.Long {
			short = []string{strings.TrimPrefix(f.Name, "-")}
		}
		usage := f.Brief
		switch {
		case f.Arg == "":
			flags = append(flags, &cli.BoolFlag{Name: name, Aliases: short, Usage: usage})
		case strings.Contains(f.Brief, "repeated"):
			flags = append(flags, &cli.StringSliceFlag{Name: name, Aliases: short, Usage: "`" + f.Arg + "`: " + usage})
		default:
			flags = append(flags, &cli.StringFlag{Name: name, Aliases: short, Usage: "`" + f.Arg + "`: " + usage})
		}
	}
	return flags
}

// verbWords are the flags that were given, as a verb has them.
func verbWords(c *cli.Context, rows []Flag) (words []Word) {
	for _, f := range rows {
		name := strings.TrimPrefix(f.Long, "--")
		if !c.IsSet(name) {
			continue
		}
		values := []string{c.String(name)}
		switch {
		case f.Arg == "":
			words = append(words, Bare(f.Long))
			continue
		case strings.Contains(f.Brief, "repeated"):
			values = c.StringSlice(name)
		}
		for _, v := range values {
			words = append(words, Bare(f.Long), Literal(v))
		}
	}
	return words
}

// mirror makes one of two trees like the other; one of them is at a URL.
func (p applet) mirror(c *cli.Context) error {
	if c.NArg() != 2 {
		return wants(c, "FROM or TO")
	}
	from, to := c.Args().Get(0), c.Args().Get(1)
	if isURL(from) == isURL(to) {
		return &cliError{err: &CallError{What: "one of the two is a URL, the other a local directory"}, hint: "ferry mirror ftp://HOST/DIR DIR, or ferry mirror DIR ftp://HOST/DIR"}
	}
	words := verbWords(c, treeFlags())
	return p.oneShot(c, func(ctx context.Context, s *shot) error {
		if isURL(to) {
			return s.between(ctx, to, append(words, Bare("-R")), func(remote Word) []Word { return []Word{Literal(from), remote} })
		}
		return s.between(ctx, from, words, func(remote Word) []Word { return []Word{remote, Literal(to)} })
	})
}
