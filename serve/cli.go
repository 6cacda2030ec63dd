package serve

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"ferry/proto"
	"ferry/serve/admin"
	"ferry/serve/doctor"
	"ferry/serve/hook"
	"ferry/serve/parent"
	"ferry/serve/settings"
	"ferry/serve/users"
)

// Commands are serve, users and ctl. prompt is the line editor of ctl; nil: none.
func Commands(prompt admin.Prompter) []*cli.Command {
	return []*cli.Command{serveCommand(prompt), usersCommand(), ctlCommand(prompt), runnerCommand()}
}

const serveUsage = `ferry serve [options] [DIR]

   ferry serve /srv/files                      one user, password made up and printed
   ferry serve --users users.json /srv/files   the users of a file (ferry users add …)
   ferry serve --anonymous .                   everybody may read the directory you are in
   ferry serve --for 1h --once .               for one visitor, within the hour
   FERRY_PASSWORD=… ferry serve --user ann --passive-ports 50000-50009 --public-address ftp.example.org /srv/files`

func serveCommand(prompt admin.Prompter) *cli.Command {
	return &cli.Command{
		Name:      "serve",
		Usage:     "serve a directory by FTP",
		UsageText: serveUsage,
		ArgsUsage: "[DIR]",
		Flags:     serveFlags(),
		Action:    func(c *cli.Context) error { return serveAction(c, prompt) },
	}
}

// runnerCommand runs the programs of --hook for a server that may not.
func runnerCommand() *cli.Command {
	return &cli.Command{
		Name: hookRunner, Hidden: true, Usage: "run the programs of ferry serve --hook",
		Action: func(c *cli.Context) error {
			var programs [][]string
			if err := json.Unmarshal([]byte(c.Args().First()), &programs); err != nil {
				return usage("%s is ferry serve's own: %w", hookRunner, err)
			}
			// SIGTERM of a service manager reaches all of a server's processes; this
			// one ends with its input, and what it runs hears for itself. When it
			// does, nobody may be left to hear of results.
			signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
			return hook.Serve(os.Stdin, c.App.Writer, programs)
		},
	}
}

func serveAction(c *cli.Context, prompt admin.Prompter) error {
	h, err := adopt()
	if err != nil {
		return err
	}
	l := layersOf(c)
	l.locate()
	text, err := l.read()
	if h.Estate != nil { // the parent may read it, and knows that it is good
		text, err = h.Estate.Settings, nil
	}
	var d Daemon
	if err == nil {
		d, err = l.daemon(text)
	}
	switch {
	case err != nil && h.Parent != nil:
		h.failed(err)
		return err
	case err != nil:
		return err
	case c.Bool("check-config"):
		return l.checked(c.App.Writer)
	case c.IsSet("service") || c.Bool("systemd"):
		return d.printService(c.App.Writer, cmp.Or(c.String("service"), "systemd"))
	case c.Bool("print-config"):
		l.print(c.App.Writer, d)
		return nil
	}
	d.Handed = h
	if slices.Equal(d.Settings["console"], []string{"true"}) && h.Parent == nil { // the terminal is the parent's
		if !d.reachedBySocket() {
			return usage("serve: --console reaches the server by its control socket: --control PATH, or no --no-state")
		}
		if d.Control.Console, d.Err, err = console(prompt, d.Err); err != nil {
			return err
		}
	}
	return d.start(c.Context)
}

// layersOf are the command line of c and what stands behind it.
func layersOf(c *cli.Context) *layers {
	l := &layers{options: settingsOf(serveFlags()), given: settings.Values{}, lookup: os.LookupEnv}
	for _, o := range l.options {
		if !c.IsSet(o.Name) || o.Name == dirOption {
			continue
		}
		if o.Kind == settings.Many {
			l.given[o.Name] = c.StringSlice(o.Name)
		} else {
			l.given[o.Name] = []string{fmt.Sprint(c.Value(o.Name))}
		}
	}
	tooMany := c.NArg() > 1
	if c.NArg() > 0 {
		l.given[dirOption] = []string{c.Args().First()}
	}
	l.config = c.String("config")
	l.build = func(v settings.Values) (Daemon, error) {
		with, err := contextOf(c.App, v)
		if err != nil {
			return Daemon{}, err
		}
		if tooMany {
			return Daemon{}, usage("serve: one directory is wanted, not %d", c.NArg())
		}
		return daemon(with)
	}
	return l
}

// settingsOf are flags that all layers know. Others are about the layers, or
// print something and end.
func settingsOf(flags []cli.Flag) []settings.Option {
	all := []settings.Option{{Name: dirOption, Help: "serve this directory (on the command line: the argument)"}}
	for _, f := range flags {
		o := settings.Option{Name: f.Names()[0]}
		hidden := false
		switch f := f.(type) {
		case *cli.StringFlag:
			o.Kind, o.Help, o.Default, hidden = settings.Text, f.Usage, []string{f.Value}, f.Hidden
		case *cli.StringSliceFlag:
			o.Kind, o.Help, hidden = settings.Many, f.Usage, f.Hidden
		case *cli.BoolFlag:
			o.Kind, o.Help = settings.Switch, f.Usage
		case *cli.IntFlag:
			o.Kind, o.Help, o.Default = settings.Count, f.Usage, []string{fmt.Sprint(f.Value)}
		case *cli.DurationFlag:
			o.Kind, o.Help, o.Default = settings.Time, f.Usage, []string{f.Value.String()}
		}
		if !hidden && !slices.Contains(aboutSettings(), o.Name) {
			all = append(all, o)
		}
	}
	return all
}

// aboutSettings are the flags that are no settings.
func aboutSettings() []string {
	return []string{"config", "print-config", "check-config", "service", "systemd"}
}

// contextOf is a command line that says v.
func contextOf(app *cli.App, v settings.Values) (*cli.Context, error) {
	set := flag.NewFlagSet("serve", flag.ContinueOnError)
	for _, f := range serveFlags() {
		if err := f.Apply(set); err != nil {
			return nil, err
		}
	}
	for name, all := range v {
		if name == dirOption {
			continue
		}
		for _, text := range all {
			if err := set.Set(name, text); err != nil {
				return nil, usage("serve: --%s: %w", name, err)
			}
		}
	}
	return cli.NewContext(app, set, nil), set.Parse(append([]string{"--"}, v[dirOption]...))
}

// Examine looks at this machine as `ferry serve` with these arguments would find
// it, flags first.
func Examine(ctx context.Context, args []string) (found []doctor.Finding, err error) {
	c := serveCommand(nil)
	c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return usage("serve: %w", err) }
	c.Action = func(c *cli.Context) error {
		d, err := daemon(c)
		if err == nil {
			found = d.examine(c.Context)
		}
		return err
	}
	app := &cli.App{Name: "ferry", Commands: []*cli.Command{c}, Writer: io.Discard, ErrWriter: io.Discard, HideHelp: true, DisableSliceFlagSeparator: true,
		ExitErrHandler: func(*cli.Context, error) {}}
	err = app.RunContext(ctx, append([]string{"ferry", "serve"}, args...))
	return found, err
}

// serveFlags are all, and the limits stand where they are among them.
func serveFlags() []cli.Flag {
	flags := []cli.Flag{
		&cli.StringFlag{Name: "config", Usage: "take settings from TOML `FILE`, where each has the name of its option (default: ~/.config/ferry/serve.toml, else /etc/ferry/serve.toml, if there)"},
		&cli.BoolFlag{Name: "print-config", DisableDefaultText: true, Usage: "print the settings that are in force as such a file, and end"},
		&cli.BoolFlag{Name: "check-config", DisableDefaultText: true, Usage: "tell every mistake in that file, and end"},
		&cli.BoolFlag{Name: "systemd", DisableDefaultText: true, Usage: "print a unit for systemd that runs this command line, and end"},
		&cli.StringFlag{Name: "service", Usage: "the same for `systemd|launchd|windows`"},
		&cli.StringSliceFlag{Name: "listen", Usage: "accept sessions on `ADDR` (host:port, :port); may be repeated (default: port 21, else 2121)"},
		&cli.StringFlag{Name: "user", Usage: "let `NAME` in; the password is FERRY_PASSWORD, or that of --password-file, or made up and printed (default: " + defaultUser + ")"},
		&cli.StringFlag{Name: "password-file", Usage: "read the password from the first line of `FILE` (- is standard input)"},
		&cli.StringFlag{Name: "users", Usage: "let the users of `FILE` in, which ferry users edits"},
		&cli.StringFlag{Name: "auth-command", Usage: "ask `PROGRAM` (with arguments) about all others: name and password as JSON on its input, a record of the users file on its output"},
		&cli.StringFlag{Name: "auth-url", Usage: "ask the server at `URL` about all others: the same by POST"},
		&cli.BoolFlag{Name: "anonymous", DisableDefaultText: true, Usage: "let everybody in as anonymous, to read only"},
		&cli.StringFlag{Name: "anonymous-root", Usage: "what anonymous sees is `DIR` (relative to the server's directory; default: all of it)"},
		&cli.BoolFlag{Name: "read-only", DisableDefaultText: true, Usage: "nobody may change anything"},
		&cli.StringFlag{Name: "overwrite", Usage: "`allow|deny` that uploads replace files (default: allow; deny with --replies report)"},
		&cli.StringFlag{Name: "replies", Value: "rfc", Usage: "reply codes as the RFCs have them, or the report of 2018: `rfc|report`"},
		&cli.StringFlag{Name: "ebcdic", Value: "037", Usage: "the code page of TYPE E: `037|1047`"},
		&cli.StringSliceFlag{Name: "host", Usage: "this server goes by `NAME` (HOST, RFC 7151); may be repeated"},
		&cli.StringFlag{Name: "passive-ports", Usage: "passive data connections come to ports `A-B` only; ten serve any number of clients (default: the system chooses)"},
		&cli.StringSliceFlag{Name: "fxp", Usage: "let clients send files between this server and the one at `ADDR` (or a network: ADDR/BITS); may be repeated (default: none)"},
		&cli.StringFlag{Name: "public-address", Usage: "tell clients outside that this server is `HOST`, a name or an IPv4 address"},
		&cli.StringFlag{Name: "tls", Value: "optional", Usage: "TLS is `off|optional|required`; optional takes passwords in clear from this machine only, off from everywhere"},
		&cli.StringSliceFlag{Name: "cert", Usage: "show the certificate of PEM `FILE`, which is read again when it changes; may be repeated, SNI chooses (default: one is made and kept)"},
		&cli.StringSliceFlag{Name: "key", Usage: "the key of the certificate is in PEM `FILE` (default: in that of --cert)"},
		&cli.StringSliceFlag{Name: "implicit", Usage: "accept sessions that begin with TLS (ftps://) on `ADDR`, port 990 if it names none; may be repeated"},
		&cli.StringFlag{Name: "tls-data", Value: "prefer", Usage: "data connections resume the TLS session of their control connection: `prefer|require|off`"},
		&cli.StringFlag{Name: "tls-eof", Value: "strict", Usage: "an upload that ends without close_notify is cut (`strict|tolerant`)"},
		&cli.StringFlag{Name: "congestion", Value: "auto", Usage: "data go out under congestion control `NAME` of the kernel; auto is bbr where it lets us, system leaves it alone"},
		&cli.StringFlag{Name: "ccc", Value: "refuse", Usage: "clients may go on with commands in clear after login (`refuse|allow`): for firewalls that read them, since anybody else can, too"},
		&cli.StringFlag{Name: "client-ca", Usage: "users show a certificate that the authority in PEM `FILE` has signed for their name"},
		&cli.StringFlag{Name: "client-cert", Value: "second", Usage: "a client's certificate is a `second|instead` factor: beside the password, or for it"},
		&cli.StringSliceFlag{Name: "allow", Usage: "take connections from `ADDR` (or a network: ADDR/BITS) only; may be repeated (default: from everywhere)"},
		&cli.StringSliceFlag{Name: "deny", Usage: "take no connections from `ADDR` (or a network: ADDR/BITS); may be repeated"},
		&cli.StringFlag{Name: "log", Usage: "log every command to `FILE`, or to syslog: or journald: (default: logins and transfers to standard error)"},
		&cli.StringFlag{Name: "log-format", Value: "text", Usage: "log lines are `text|json`"},
		&cli.StringFlag{Name: "control", DefaultText: "in the state directory", Usage: "ferry ctl reaches this server by the socket at `PATH` (none: not at all)"},
		&cli.StringFlag{Name: "log-size", Usage: "a log or xferlog of `BYTES` (10M, 1G …) makes room for a new one, nine old ones are kept (default: it grows)"},
		&cli.StringFlag{Name: "journal", Usage: "append who did what to `FILE`, administrators too, as JSON lines"},
		&cli.StringFlag{Name: "xferlog", Usage: "write transfers to `FILE` as wu-ftpd does"},
		&cli.StringFlag{Name: "web", Usage: "a page for the administrator at `ADDR`, which wants a token; a port alone is one of this machine's own, elsewhere it is https"},
		&cli.StringFlag{Name: "metrics", Usage: "Prometheus finds metrics at http://`ADDR`/metrics; a port alone is one of this machine's own (default: on the control socket only)"},
		&cli.BoolFlag{Name: "console", DisableDefaultText: true, Usage: "ferry ctl in this terminal, below the log"},
		&cli.BoolFlag{Name: "trace", DisableDefaultText: true, Usage: "show what goes over control connections, without passwords"},
		&cli.DurationFlag{Name: "for", DefaultText: "never", Usage: "stop after `TIME`"},
		&cli.BoolFlag{Name: "once", DisableDefaultText: true, Usage: "stop when all who logged in have gone"},
		&cli.BoolFlag{Name: "watchdog", DisableDefaultText: true, Usage: "keep the server up: a small parent process starts it again when it dies or hangs, and replaces it without a gap"},
		&cli.DurationFlag{Name: "watchdog-patience", Value: parent.DefaultPatience, Usage: "with --watchdog, a server that does not answer for `TIME` hangs"},
		&cli.BoolFlag{Name: "no-state", DisableDefaultText: true, Usage: "leave no trace on this machine outside DIR; bans and limits of ferry ctl end with the process"},
		&cli.StringFlag{Name: "run-as", Usage: "become `USER` once the ports are open (needs root; default: the owner of DIR)"},
		&cli.BoolFlag{Name: "no-landlock", DisableDefaultText: true, Usage: "don't ask the kernel to keep files outside out of reach"},
		&cli.StringSliceFlag{Name: "hook", Usage: "when `EVENT=PROGRAM` happens run it (with arguments): it gets event and path as words, all of it as JSON on its input; EVENT,EVENT=PROGRAM for several; upload-reject=PROGRAM decides about uploads before they count (0 takes, 1 rejects); may be repeated. Events: " + hook.Events()},
		&cli.StringSliceFlag{Name: "webhook", Usage: "when `EVENT=URL` happens POST it there as JSON, again until it is taken; may be repeated"},
		&cli.StringFlag{Name: "webhook-secret", Usage: "sign webhooks with the first line of `FILE` (HMAC-SHA256 of Ferry-Time, a dot and the body, in Ferry-Signature)"},
		&cli.StringFlag{Name: "webhook-queue", Usage: "keep webhooks that are still to be delivered in `DIR` (default: in the state directory)"},
		&cli.StringFlag{Name: "umask", Usage: "new files don't get the permission bits of octal `MASK` (default: as in the shell)"},
	}
	flags = append(flags, acmeFlags()...)
	for _, f := range anonymousFlags() {
		flags = append(flags, &cli.StringFlag{Name: f.name, Usage: f.usage})
	}
	usual := Limits{}.complete()
	for _, f := range limitFlags() {
		if f.time != nil {
			flags = append(flags, &cli.DurationFlag{Name: f.name, Usage: f.usage, Value: *f.time(&usual)})
		} else {
			flags = append(flags, &cli.IntFlag{Name: f.name, Usage: f.usage, Value: *f.count(&usual)})
		}
	}
	return flags
}

// acmeFlags are hidden where they do nothing but say so.
func acmeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "acme", Hidden: !acmeBuilt, Usage: "get the certificate of `NAME` from an authority (Let's Encrypt), and renew it; may be repeated"},
		&cli.StringFlag{Name: "acme-email", Hidden: !acmeBuilt, Usage: "the authority may write to `ADDRESS`"},
		&cli.StringFlag{Name: "acme-directory", Hidden: !acmeBuilt, Usage: "the authority is at `URL`"},
		&cli.StringFlag{Name: "acme-root", Hidden: !acmeBuilt, Usage: "the authority's own certificate is signed by that in PEM `FILE`"},
		&cli.StringFlag{Name: "acme-dir", Hidden: !acmeBuilt, Usage: "keep certificates in `DIR` (default: in the state directory)"},
		&cli.StringFlag{Name: "acme-http", Hidden: !acmeBuilt, Usage: "answer the authority on `ADDR`, which it must reach as port 80 of NAME (default: :80)"},
	}
}

// limits are what the flags say of them.
func limits(c *cli.Context) (l Limits, anonymous users.Limits, err error) {
	for _, f := range limitFlags() {
		if f.time != nil {
			*f.time(&l) = c.Duration(f.name)
		} else {
			*f.count(&l) = c.Int(f.name)
		}
	}
	var who users.Record
	for _, f := range anonymousFlags() {
		if !c.IsSet(f.name) {
			continue
		}
		if err := f.set(&who, []string{c.String(f.name)}); err != nil {
			return l, who.Limits, usage("serve: --%s: %w", f.name, err)
		}
	}
	return l, who.Limits, nil
}

// daemon turns flags into a Daemon. Every mistake in them is an *UsageError.
func daemon(c *cli.Context) (Daemon, error) {
	if c.NArg() > 1 {
		return Daemon{}, usage("serve: one directory is wanted, not %d", c.NArg())
	}
	d := Daemon{
		Dir:           c.Args().First(),
		Listen:        c.StringSlice("listen"),
		User:          c.String("user"),
		Password:      passwordSource(c, nil),
		UsersFile:     c.String("users"),
		Anonymous:     c.Bool("anonymous"),
		AuthCommand:   strings.Fields(c.String("auth-command")),
		AuthURL:       c.String("auth-url"),
		Files:         Files{ReadOnly: c.Bool("read-only")},
		Hosts:         c.StringSlice("host"),
		Passive:       Passive{Public: c.String("public-address")},
		LogFile:       c.String("log"),
		Written:       Written{Journal: c.String("journal"), Xferlog: c.String("xferlog")},
		Trace:         c.Bool("trace"),
		NoState:       c.Bool("no-state"),
		RunAs:         c.String("run-as"),
		Umask:         c.String("umask"),
		Control:       Control{Socket: c.String("control"), Metrics: c.String("metrics"), Web: c.String("web")},
		AnonymousRoot: c.String("anonymous-root"),
		For:           c.Duration("for"),
		Out:           c.App.Writer,
		Err:           c.App.ErrWriter,
	}
	if d.Dir == "" {
		d.Dir = "."
	}
	d.Confine = Confined
	if c.Bool("no-landlock") {
		d.Confine = NoLandlock
	}
	d.Patience = c.Duration("watchdog-patience")
	if c.Bool("watchdog") {
		d.Watchdog = Watched
	}
	if c.Bool("once") {
		d.Once = OneVisit
	}
	d.ACME = ACME{
		Names: c.StringSlice("acme"), Email: c.String("acme-email"), Directory: c.String("acme-directory"),
		Root: c.String("acme-root"), Dir: c.String("acme-dir"), HTTP: c.String("acme-http"),
	}
	d.TLS.Implicit, d.TLS.ClientCA = c.StringSlice("implicit"), c.String("client-ca")
	var err error
	d.Told = Told{Hooks: c.StringSlice("hook"), Webhooks: c.StringSlice("webhook"), Secret: c.String("webhook-secret"), Queue: c.String("webhook-queue")}
	if _, err := d.Told.rules(); err != nil {
		return d, err
	}
	if d.Limits, d.AnonymousLimits, err = limits(c); err != nil {
		return d, err
	}
	if d.TLS.Pairs, err = pairs(c.StringSlice("cert"), c.StringSlice("key")); err != nil {
		return d, usage("serve: %w", err)
	}
	if d.FXP, err = ParseTrusted(c.StringSlice("fxp")); err != nil {
		return d, usage("serve: --fxp: %w", err)
	}
	if d.Admission.Allow, err = users.ParseNetworks(c.StringSlice("allow")); err != nil {
		return d, usage("serve: --allow: %w", err)
	}
	if d.Admission.Deny, err = users.ParseNetworks(c.StringSlice("deny")); err != nil {
		return d, usage("serve: --deny: %w", err)
	}
	if word := c.String("log-size"); word != "" {
		if d.Written.Most, err = users.ParseSize(word); err != nil {
			return d, usage("serve: --log-size: %w", err)
		}
	}
	return d, d.words(c)
}

// words reads the flags whose values are words of a few.
func (d *Daemon) words(c *cli.Context) error {
	var err error
	read := func(flag string, parse func(word string) error) {
		if err != nil {
			return
		}
		if perr := parse(c.String(flag)); perr != nil {
			err = usage("serve: --%s: %w", flag, perr)
		}
	}
	read("overwrite", func(w string) (err error) { d.Files.Overwrite, err = ParseOverwrite(w); return })
	read("replies", func(w string) (err error) { d.Replies, err = ParseProfile(w); return })
	read("ebcdic", func(w string) (err error) { d.CodePage, err = ParseCodePage(w); return })
	read("tls", func(w string) (err error) { d.TLS.Policy, err = ParseTLSPolicy(w); return })
	read("tls-data", func(w string) (err error) { d.TLS.Data, err = ParseDataTLS(w); return })
	read("tls-eof", func(w string) (err error) { d.TLS.End, err = ParseUploadEnd(w); return })
	read("congestion", func(w string) (err error) { d.Congestion, err = proto.ParseCongestion(w); return })
	read("ccc", func(w string) (err error) { d.TLS.CCC, err = ParseCCCRule(w); return })
	read("client-cert", func(w string) (err error) { d.TLS.CertUse, err = ParseCertUse(w); return })
	read("log-format", func(w string) (err error) { d.LogFormat, err = ParseLogFormat(w); return })
	read("passive-ports", func(w string) (err error) { d.Passive.Ports, err = ParsePortRange(w); return })
	return err
}

func usage(format string, args ...any) error {
	return &UsageError{Err: fmt.Errorf(format, args...), Next: "ferry serve --help shows what it takes"}
}

func usersMistake(format string, args ...any) error {
	return &UsageError{Err: fmt.Errorf(format, args...), Next: "ferry users add|change|passwd|remove NAME, ferry users list"}
}

func passwordSource(c *cli.Context, prompt func() (proto.Secret, error)) Password {
	return Password{File: c.String("password-file"), Env: os.Getenv("FERRY_PASSWORD"), Prompt: prompt, Stdin: c.App.Reader}
}

const usersUsage = `ferry users add|change [options] NAME
   ferry users passwd|remove [--file FILE] NAME
   ferry users list [--file FILE]

   The password is FERRY_PASSWORD, or the first line of --password-file, or asked
   for, or made up and printed. It is kept as a hash.`

func usersCommand() *cli.Command {
	file := &cli.StringFlag{Name: "file", Aliases: []string{"f"}, Value: "users.json", Usage: "the users `FILE`"}
	password := &cli.StringFlag{Name: "password-file", Usage: "read the password from the first line of `FILE` (- is standard input)"}
	generate := &cli.BoolFlag{Name: "generate", DisableDefaultText: true, Usage: "make a password up and print it"}
	return &cli.Command{
		Name:      "users",
		Usage:     "edit the file of those who may log in",
		UsageText: usersUsage,
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return usersMistake("users: there is no users %s", c.Args().First())
			}
			return cli.ShowSubcommandHelp(c)
		},
		Subcommands: []*cli.Command{
			{Name: "add", Usage: "add a user", ArgsUsage: "NAME", Flags: append([]cli.Flag{file, password, generate}, ruleOptions()...),
				Action: func(c *cli.Context) error { return editUsers(c, addUser) }},
			{Name: "change", Usage: "change what a user may; '' takes a rule away", ArgsUsage: "NAME", Flags: append([]cli.Flag{file}, append(ruleOptions(),
				&cli.BoolFlag{Name: "disable", DisableDefaultText: true, Usage: "end the user's sessions, and let none begin"},
				&cli.BoolFlag{Name: "enable", DisableDefaultText: true, Usage: "let the user in again"})...),
				Action: func(c *cli.Context) error { return editUsers(c, changeUser) }},
			{Name: "passwd", Usage: "give a user a new password", ArgsUsage: "NAME", Flags: []cli.Flag{file, password, generate},
				Action: func(c *cli.Context) error { return editUsers(c, changePassword) }},
			{Name: "remove", Usage: "remove a user", ArgsUsage: "NAME", Flags: []cli.Flag{file},
				Action: func(c *cli.Context) error { return editUsers(c, removeUser) }},
			{Name: "list", Usage: "list users and what they may do", Flags: []cli.Flag{file},
				Action: func(c *cli.Context) error { return listUsers(c.App.Writer, c.String("file")) }},
		},
	}
}

// runUsers is `ferry users` from within.
func runUsers(ctx context.Context, out, errs io.Writer, args []string) error {
	app := &cli.App{Name: "ferry", Commands: []*cli.Command{usersCommand()}, Reader: os.Stdin, Writer: out, ErrWriter: errs,
		HideHelpCommand: true, ExitErrHandler: func(*cli.Context, error) {}}
	return app.RunContext(ctx, append([]string{"ferry", "users"}, args...))
}

const ctlUsage = `ferry ctl [--server NAME] [--json] VERB …
   ferry ctl                                   a prompt

   ferry ctl who                               sessions, and what they do
   ferry ctl kick ann                          end hers
   ferry ctl drain --for 10m Back at noon.     nobody new; transfers have ten minutes
   ferry ctl log -f --failed                   what goes wrong, as it happens

VERBS
`

// ctlCommand reads its own options, since those of a verb come behind it.
func ctlCommand(prompt admin.Prompter) *cli.Command {
	return &cli.Command{
		Name:            "ctl",
		Usage:           "see and steer a server that runs on this machine",
		UsageText:       ctlUsage + strings.TrimRight(admin.Help(), "\n"),
		ArgsUsage:       "[VERB]",
		SkipFlagParsing: true,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "server", Usage: "the server called `NAME`, which is its port; needed where several run"},
			&cli.StringFlag{Name: "socket", Usage: "the server whose control socket is at `PATH`"},
			&cli.BoolFlag{Name: "json", DisableDefaultText: true, Usage: "answers as the server gives them"},
		},
		Action: func(c *cli.Context) error {
			if c.Args().First() == "--help" || c.Args().First() == "-h" {
				return cli.ShowSubcommandHelp(c)
			}
			ctl, err := newCtl(c.App.Writer, c.App.ErrWriter, prompt)
			if err != nil {
				return err
			}
			return ctl.Run(c.Context, c.Args().Slice())
		},
	}
}

// editUsers runs one of the edits that take a name.
func editUsers(c *cli.Context, edit func(usersEdit) error) error {
	if c.NArg() != 1 {
		return usersMistake("users %s: one user name is wanted", c.Command.Name)
	}
	e := usersEdit{
		file:     c.String("file"),
		name:     c.Args().First(),
		changes:  changes(c),
		password: passwordSource(c, nil),
		out:      c.App.Writer,
	}
	if c.Bool("generate") {
		e.password = Password{}
	} else if term.IsTerminal(int(os.Stdin.Fd())) {
		e.password.Prompt = func() (proto.Secret, error) { return promptTwice(c.App.ErrWriter, e.name) }
	}
	return edit(e)
}

// ruleOptions are the flags of what a user may.
func ruleOptions() []cli.Flag {
	var flags []cli.Flag
	for _, f := range ruleFlags() {
		if f.many {
			flags = append(flags, &cli.StringSliceFlag{Name: f.name, Usage: f.usage})
			continue
		}
		flags = append(flags, &cli.StringFlag{Name: f.name, Usage: f.usage})
	}
	return flags
}

// changes are what the flags that were given do to a record.
func changes(c *cli.Context) (all []func(*users.Record) error) {
	for _, f := range ruleFlags() {
		if !c.IsSet(f.name) {
			continue
		}
		words := []string{c.String(f.name)}
		if f.many {
			words = c.StringSlice(f.name)
		}
		all = append(all, func(r *users.Record) error {
			if err := f.set(r, words); err != nil {
				return fmt.Errorf("--%s: %w", f.name, err)
			}
			return nil
		})
	}
	for _, name := range []string{"disable", "enable"} {
		if c.Bool(name) {
			all = append(all, func(r *users.Record) error { r.Disabled = name == "disable"; return nil })
		}
	}
	return all
}
