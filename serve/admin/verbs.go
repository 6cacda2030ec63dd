package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferry/serve/live"
	"ferry/serve/users"
)

func (c *Ctl) who(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return usage("who takes no argument")
	}
	return fetch(c, ctx, "/v1/sessions", func(all []live.Session) { showSessions(c.Out, all, time.Now()) })
}

func (c *Ctl) stats(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return usage("stats takes no argument")
	}
	if err := c.client.Get(ctx, "/v1/about", &c.client.About); err != nil { // another process may answer by now
		return fmt.Errorf("ctl: %w", err)
	}
	return fetch(c, ctx, "/v1/stats", func(s live.Stats) { showStats(c.Out, c.client.About, s, time.Now()) })
}

func (c *Ctl) bans(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return usage("bans takes no argument")
	}
	return fetch(c, ctx, "/v1/bans", func(all []live.Ban) { showBans(c.Out, all, time.Now()) })
}

func (c *Ctl) servers(context.Context, []string) error {
	all, err := Found(c.Dir)
	if err != nil {
		return fmt.Errorf("ctl: %w", err)
	}
	abouts := []About{}
	for _, one := range all {
		abouts = append(abouts, one.About)
		one.Close()
	}
	if c.JSON {
		return json.NewEncoder(c.Out).Encode(abouts)
	}
	showServers(c.Out, abouts)
	return nil
}

func (c *Ctl) kick(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usage("kick: who? a session's number, a user or an address")
	}
	q := map[string]string{"who": args[0], "reason": strings.Join(args[1:], " ")}
	return act(c, ctx, "/v1/kick", q, func(n Count) { fmt.Fprintf(c.Out, "%s ended\n", sessions(n.Count)) })
}

func (c *Ctl) ban(ctx context.Context, args []string) error {
	if len(args) == 0 || len(args) > 2 {
		return usage("ban: a user or an address is wanted, and a time if it is not for good")
	}
	q := map[string]string{"who": args[0]}
	if len(args) == 2 {
		q["for"] = args[1]
	}
	return act(c, ctx, "/v1/ban", q, func(n Count) { fmt.Fprintf(c.Out, "banned; %s ended\n", sessions(n.Count)) })
}

func (c *Ctl) unban(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return usage("unban: one user or address is wanted")
	}
	return act(c, ctx, "/v1/unban", map[string]string{"who": args[0]}, func(n Count) { fmt.Fprintln(c.Out, "let in again") })
}

func sessions(n int) string {
	if n == 1 {
		return "1 session"
	}
	return fmt.Sprintf("%d sessions", n)
}

// limit changes one bound and keeps the user's others.
func (c *Ctl) limit(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fetch(c, ctx, "/v1/limits", func(all []live.Limit) { showLimits(c.Out, all) })
	}
	l, err := c.limitOf(ctx, args)
	if err != nil {
		return err
	}
	return act(c, ctx, "/v1/limit", l, func(l live.Limit) { showLimits(c.Out, []live.Limit{l}) })
}

func (c *Ctl) limitOf(ctx context.Context, args []string) (live.Limit, error) {
	l := live.Limit{User: args[0]}
	if len(args) == 2 && args[1] == "off" {
		return l, nil
	}
	if len(args) != 3 {
		return l, usage("limit: a user, what (up, down, rate, sessions) and how much are wanted, or a user and off")
	}
	n, err := users.ParseSize(args[2])
	if err != nil {
		return l, usage("limit: %w", err)
	}
	var all []live.Limit
	if err := c.client.Get(ctx, "/v1/limits", &all); err != nil {
		return l, fmt.Errorf("ctl: %w", err)
	}
	for _, old := range all {
		if old.User == l.User {
			l = old
		}
	}
	many := int(min(n, 1<<31-1))
	switch args[1] {
	case "up":
		l.Up = &n
	case "down":
		l.Down = &n
	case "rate":
		l.Up, l.Down = &n, &n
	case "sessions":
		l.Sessions = &many
	default:
		return l, usage("limit: %q is none of up, down, rate, sessions", args[1])
	}
	return l, nil
}

// users lists what the server knows, and edits the file with the rights of
// whoever runs ctl: the server itself need not be able to.
func (c *Ctl) users(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] == "list" || args[0] == "--json" {
		c.JSON = c.JSON || len(args) > 0 && args[len(args)-1] == "--json"
		return fetch(c, ctx, "/v1/users", func(u Users) { showUsers(c.Out, u) })
	}
	if c.client.About.Users == "" || c.Users == nil {
		return errors.New("ctl: this server has no users file (ferry serve --users FILE)")
	}
	out := c.Out
	if c.JSON {
		out = c.Err // what is said of the edit; the answer is who there is now
	}
	if err := c.Users(ctx, out, c.client.About.Users, args); err != nil || !slices.Contains(edits(), args[0]) || len(args) < 2 {
		return err
	}
	q := map[string]string{"act": args[0], "name": args[len(args)-1]}
	return act(c, ctx, "/v1/users/edited", q, func(Users) {})
}

func (c *Ctl) drain(ctx context.Context, args []string) error {
	flags := c.flags("drain")
	patience := flags.Duration("for", 0, "")
	if err := flags.Parse(args); err != nil {
		return usage("drain: %w", err)
	}
	q := map[string]string{"text": strings.Join(flags.Args(), " ")}
	if *patience > 0 {
		q["for"] = patience.String()
	}
	return act(c, ctx, "/v1/drain", q, func(s live.Stats) {
		fmt.Fprintf(c.Out, "nobody is let in any more; %s, %d transfers under way\n", sessions(s.Sessions), s.Transfers)
	})
}

func (c *Ctl) log(ctx context.Context, args []string) error {
	flags := c.flags("log")
	q := url.Values{}
	follow := flags.Bool("f", false, "")
	last := flags.Int("n", 20, "")
	failed := flags.Bool("failed", false, "")
	for _, name := range []string{"event", "user", "addr", "session"} {
		flags.Func(name, "", func(v string) error { q.Set(name, v); return nil })
	}
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return usage("log: %w", errors.Join(err, extra(flags.Args())))
	}
	q.Set("last", strconv.Itoa(*last))
	if *follow {
		q.Set("follow", "1")
	}
	if *failed {
		q.Set("failed", "1")
	}
	f := follower{ctl: c, q: q, show: func(line []byte) error {
		if c.JSON {
			_, err := c.Out.Write(line)
			return err
		}
		return showLine(c.Out, line)
	}}
	run := f.run
	if !*follow {
		run = func(ctx context.Context) error { return f.of(ctx, c.client, q) }
	}
	if err := run(ctx); err != nil {
		return fmt.Errorf("ctl: log: %w", err)
	}
	return nil
}

func extra(words []string) error {
	if len(words) == 0 {
		return nil
	}
	return fmt.Errorf("%q is too much", words[0])
}
