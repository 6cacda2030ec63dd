package admin

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Prompter opens a line editor: read returns a line (io.EOF at the end), out
// writes above the line that is being typed.
type Prompter func(prompt string, complete func(before string) []string) (read func() (string, error), out io.Writer, done func() error, err error)

// Ctl is `ferry ctl`.
type Ctl struct {
	Dir    string // where the sockets are; see Dir
	Socket string // this one; "": the only one in Dir
	Server string // the one of this name
	JSON   bool

	In       io.Reader
	Out, Err io.Writer
	Prompt   Prompter                                                                   // nil: ctl alone shows its verbs
	Users    func(ctx context.Context, out io.Writer, file string, args []string) error // ferry users, with this file
	Terminal func() (size func() (w, h int), restore func(), err error)                 // makes In raw; nil: it is no terminal
	client   *Client
}

// UsageError is a mistake in the words of ctl.
type UsageError struct{ Err error }

func (e *UsageError) Error() string   { return e.Err.Error() }
func (e *UsageError) Unwrap() error   { return e.Err }
func (e *UsageError) ExitStatus() int { return 2 }

// Hint is what to do about it.
func (e *UsageError) Hint() string { return "ferry ctl help shows the verbs" }

// NoServerError is that there is nobody to speak to, or several.
type NoServerError struct {
	Err  error
	Next string
}

func (e *NoServerError) Error() string   { return e.Err.Error() }
func (e *NoServerError) Unwrap() error   { return e.Err }
func (e *NoServerError) ExitStatus() int { return 3 }

// Hint is what to do about it.
func (e *NoServerError) Hint() string { return e.Next }

func usage(format string, args ...any) error { return &UsageError{fmt.Errorf("ctl: "+format, args...)} }

// verb is one row of ctl.
type verb struct {
	name, args string
	help       string
	run        func(c *Ctl, ctx context.Context, args []string) error
	names      string // what its arguments are completed with: who, bans, users
}

// verbs is the table of ctl, in the order that help shows. Each speaks to one
// or two rows of the interface.
func verbs() []verb {
	return []verb{
		{name: "who", help: "who is connected, and what they do", run: (*Ctl).who},
		{name: "top", help: "the same, live; keys sort and kick", run: (*Ctl).top},
		{name: "stats", help: "counts since the start", run: (*Ctl).stats},
		{name: "log", args: "[-f] [-n N] [--event KIND] [--user NAME] [--addr ADDR] [--session ID] [--failed]", help: "what has happened; -f: and what happens from now on", run: (*Ctl).log},
		{name: "kick", args: "ID|USER|ADDR [REASON]", help: "end sessions", run: (*Ctl).kick, names: "who"},
		{name: "ban", args: "USER|ADDR [TIME]", help: "let nobody in from there, for TIME or until unban; ends their sessions", run: (*Ctl).ban, names: "who"},
		{name: "unban", args: "USER|ADDR", help: "let them in again", run: (*Ctl).unban, names: "bans"},
		{name: "bans", help: "who is not let in", run: (*Ctl).bans},
		{name: "limit", args: "USER up|down|rate BYTES | USER sessions N | USER off", help: "bound rates (512K, 2M … a second) and sessions at once, in place of the record; without USER: show", run: (*Ctl).limit, names: "who"},
		{name: "users", args: "[list | add|change|passwd|remove …]", help: "who may log in; takes what ferry users takes", run: (*Ctl).users, names: "users"},
		{name: "drain", args: "[--for TIME] [TEXT]", help: "let nobody in any more: transfers finish; after TIME the rest is ended (a new start lets people in again)", run: (*Ctl).drain},
		{name: "resume", help: "let them in again", run: post("/v1/resume", "people are let in")},
		{name: "reload", help: "read settings, users and certificates again", run: post("/v1/reload", "read again")},
		{name: "stop", help: "end the server; transfers finish", run: post("/v1/stop", "the server ends as soon as its transfers have finished")},
		{name: "servers", help: "which servers run here", run: (*Ctl).servers},
		{name: "api", help: "the rows of the interface on the socket", run: (*Ctl).api},
		{name: "help", help: "this list", run: (*Ctl).help},
	}
}

// Help is the list of verbs.
func Help() string {
	var b strings.Builder
	for _, v := range verbs() {
		fmt.Fprintf(&b, "   %-8s %s\n", v.name, v.help)
		if v.args != "" {
			fmt.Fprintf(&b, "   %8s %s %s\n", "", v.name, v.args)
		}
	}
	return b.String()
}

// Run does what one command line says: options, a verb, its arguments. Without
// a verb it is a prompt.
func (c Ctl) Run(ctx context.Context, args []string) error {
	flags := c.flags("ctl")
	flags.StringVar(&c.Socket, "socket", c.Socket, "")
	flags.StringVar(&c.Server, "server", c.Server, "")
	flags.BoolVar(&c.JSON, "json", c.JSON, "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return c.help(ctx, nil)
	} else if err != nil {
		return usage("%w", err)
	}
	args = flags.Args()
	if len(args) > 0 && slices.Contains([]string{"help", "api", "servers"}, args[0]) {
		return c.do(ctx, args)
	}
	if err := c.connect(); err != nil {
		return err
	}
	defer c.client.Close()
	if len(args) == 0 {
		return c.prompt(ctx)
	}
	return c.do(ctx, args)
}

// flags has the options that every verb takes.
func (c *Ctl) flags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// do runs one verb.
func (c *Ctl) do(ctx context.Context, args []string) error {
	for _, v := range verbs() {
		if v.name != args[0] {
			continue
		}
		one := *c
		rest := args[1:]
		if v.name != "users" { // it passes its words on
			rest = slices.DeleteFunc(slices.Clone(rest), func(w string) bool { return w == "--json" })
			one.JSON = c.JSON || len(rest) < len(args)-1
		}
		return v.run(&one, ctx, rest)
	}
	return usage("there is no verb %q", args[0])
}

// connect finds the server that is meant.
func (c *Ctl) connect() (err error) {
	if c.Socket != "" {
		if c.client, err = Dial(c.Socket); err != nil {
			return &NoServerError{fmt.Errorf("ctl: %s: %w", c.Socket, err), "--socket PATH is what ferry serve has printed as control"}
		}
		return nil
	}
	all, err := Found(c.Dir)
	var names, former []string
	var serving []*Client
	for _, one := range all {
		names = append(names, one.About.Name)
		if c.Server == one.About.Name {
			c.client = one
		}
		if one.About.Replaced {
			former = append(former, one.About.Name)
		} else {
			serving = append(serving, one)
		}
	}
	if c.Server == "" && len(serving) == 1 {
		c.client = serving[0]
		for _, name := range former {
			fmt.Fprintf(c.Err, "ferry: the server before has sessions left: --server %s\n", clean(name))
		}
	}
	switch {
	case c.client != nil:
		return nil
	case len(all) == 0 && err != nil:
		return &NoServerError{fmt.Errorf("ctl: %w", err), "the server's own user and root may control it"}
	case len(all) == 0:
		return &NoServerError{fmt.Errorf("ctl: no server runs here (none has its socket in %s)", c.Dir), "--socket PATH names that of a server with another state directory"}
	case c.Server != "":
		return &NoServerError{fmt.Errorf("ctl: no server is called %s", c.Server), "there are " + strings.Join(names, ", ")}
	}
	return &NoServerError{fmt.Errorf("ctl: %d servers run here", len(all)), "--server NAME says which: " + strings.Join(names, ", ")}
}

// fetch gets a row of the interface and shows it: as it came with --json, else
// by show.
func fetch[T any](c *Ctl, ctx context.Context, path string, show func(T)) error {
	var raw json.RawMessage
	if err := c.client.Get(ctx, path, &raw); err != nil {
		return fmt.Errorf("ctl: %w", err)
	}
	return shown(c, raw, show)
}

// act posts to a row and shows what comes back.
func act[T any](c *Ctl, ctx context.Context, path string, what any, show func(T)) error {
	var raw json.RawMessage
	if err := c.client.Post(ctx, path, what, &raw); err != nil {
		return fmt.Errorf("ctl: %w", err)
	}
	return shown(c, raw, show)
}

func shown[T any](c *Ctl, raw json.RawMessage, show func(T)) error {
	if c.JSON {
		_, err := c.Out.Write(raw)
		return err
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("ctl: %w", err)
	}
	show(v)
	return nil
}

// post is a verb that needs no words.
func post(path, done string) func(*Ctl, context.Context, []string) error {
	return func(c *Ctl, ctx context.Context, args []string) error {
		if len(args) > 0 {
			return usage("%s takes no argument", path[len("/v1/"):])
		}
		return act(c, ctx, path, nil, func(any) { fmt.Fprintln(c.Out, done) })
	}
}

func (c *Ctl) help(context.Context, []string) error {
	if c.JSON {
		type row struct {
			Verb string `json:"verb"`
			Args string `json:"args,omitempty"`
			Help string `json:"help"`
		}
		var all []row
		for _, v := range verbs() {
			all = append(all, row{v.name, v.args, v.help})
		}
		return json.NewEncoder(c.Out).Encode(all)
	}
	_, err := fmt.Fprintf(c.Out, "ferry ctl [--server NAME | --socket PATH] [--json] [VERB …]; without a verb: a prompt\n\n%s", Help())
	return err
}

func (c *Ctl) api(context.Context, []string) error {
	if c.JSON {
		type row struct {
			Method string `json:"method"`
			Path   string `json:"path"`
			Help   string `json:"help"`
			Body   string `json:"body,omitempty"`
		}
		var all []row
		for _, r := range routes() {
			all = append(all, row{r.method, r.path, r.help, r.body})
		}
		return json.NewEncoder(c.Out).Encode(all)
	}
	_, err := io.WriteString(c.Out, Describe())
	return err
}
