package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"ferry/serve/live"
)

// prompt is ctl alone: the same verbs, a line each.
func (c *Ctl) prompt(ctx context.Context) error {
	if c.Prompt == nil {
		return c.help(ctx, nil)
	}
	read, out, done, err := c.Prompt("ctl "+clean(c.client.About.Name)+"> ", func(before string) []string { return c.complete(ctx, before) })
	if err != nil {
		return fmt.Errorf("ctl: %w", err)
	}
	c.Out = out
	v := newInterrupts(done)
	defer v.end()
	defer context.AfterFunc(ctx, v.done)() // read ends with it
	for ctx.Err() == nil {
		line, err := read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("ctl: %w", err)
		}
		words, err := split(line)
		switch {
		case err != nil:
			fmt.Fprintf(out, "%v\n", err)
		case len(words) == 0:
		case words[0] == "quit" || words[0] == "exit" || words[0] == "bye":
			return nil
		default:
			if err := v.run(ctx, func(ctx context.Context) error { return c.do(ctx, words) }); err != nil {
				fmt.Fprintln(out, clean(err.Error()))
			}
		}
	}
	return nil
}

// complete is what may stand where the line ends: verbs, then whom they are
// about as it is now.
func (c *Ctl) complete(ctx context.Context, before string) []string {
	words := strings.Fields(before)
	if len(words) == 0 || len(words) == 1 && !strings.HasSuffix(before, " ") {
		var names []string
		for _, v := range append(verbs(), verb{name: "quit"}) {
			names = append(names, v.name)
		}
		return starting(names, strings.TrimSpace(before))
	}
	for _, v := range verbs() {
		if v.name == words[0] {
			return starting(c.candidates(ctx, v.names), before[strings.LastIndexByte(before, ' ')+1:])
		}
	}
	return nil
}

// SECURITY: a name with a control or a blank in it is not offered: it could not
// be typed as it is, and what it shows would not be what it does.
func (c *Ctl) candidates(ctx context.Context, kind string) (all []string) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	add := func(name string) {
		if name != "" && clean(name) == name && !strings.ContainsAny(name, " \t'\"\\") {
			all = append(all, name)
		}
	}
	switch kind {
	case "who":
		var here []live.Session
		_ = c.client.Get(ctx, "/v1/sessions", &here)
		for _, s := range here {
			add(s.User)
			add(s.Peer.Addr().String())
			add(fmt.Sprint(s.ID))
		}
	case "bans":
		var bans []live.Ban
		_ = c.client.Get(ctx, "/v1/bans", &bans)
		for _, b := range bans {
			add(b.User)
			if b.Address.IsValid() {
				add(b.Address.String())
			}
		}
	case "users":
		all = append([]string{"list"}, edits()...)
		var u Users
		_ = c.client.Get(ctx, "/v1/users", &u)
		for _, r := range u.Users {
			add(r.Name)
		}
	}
	return all
}

func starting(all []string, with string) (some []string) {
	seen := map[string]bool{}
	for _, a := range all {
		if strings.HasPrefix(a, with) && !seen[a] {
			seen[a] = true
			some = append(some, a)
		}
	}
	sort.Strings(some)
	return some
}

// Console is the prompt in the terminal of the server itself, whose log comes
// above the line. It returns when the line editor ends.
func Console(ctx context.Context, c Ctl, path string) error {
	client, err := waitFor(ctx, path)
	if err != nil {
		return err
	}
	defer client.Close()
	c.client = client
	return c.prompt(ctx)
}

// waitFor dials a socket that is just being opened.
func waitFor(ctx context.Context, path string) (*Client, error) {
	for {
		c, err := Dial(path)
		if err == nil || ctx.Err() != nil {
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(livePause):
		}
	}
}
