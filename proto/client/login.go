package client

import (
	"context"
	"errors"
	"slices"
	"strings"

	"ferry/proto"
)

// Credentials say who logs in. An empty User is anonymous.
type Credentials struct {
	User    string
	Pass    proto.Secret
	Account proto.Secret
}

// Login logs in, asks for the features and sets TYPE I. Errors: *LoginError
// (another Login may follow), *LostError, ctx's.
func (c *Client) Login(ctx context.Context, who Credentials) error {
	if who.User == "" {
		who.User = "anonymous"
		if who.Pass == "" {
			who.Pass = "anonymous@" // RFC 1635: something with an at sign
		}
	}
	if !c.in.loggedIn {
		if err := c.enter(ctx, who); err != nil {
			return err
		}
		c.in.loggedIn = true
	}
	c.who = &who
	return c.settleIn(ctx)
}

// enter sends USER, PASS and ACCT, as far as the server asks for them.
//
// RFC 959 §5.4 and §6: USER may be answered 230 at once (no password), 331 or
// 332; PASS 230, 202 or 332.
func (c *Client) enter(ctx context.Context, who Credentials) error {
	name, err := c.reach(ctx, who.User)
	if err != nil {
		return err
	}
	return c.enterAs(ctx, who, name)
}

// enterAs is enter under the name that USER has to say.
func (c *Client) enterAs(ctx context.Context, who Credentials, name string) error {
	cmd := proto.Cmd("USER", name)
	r, err := c.do(ctx, cmd)
	if err == nil && r.Code == proto.NeedPassword {
		cmd = proto.Cmd("PASS", who.Pass.Reveal())
		r, err = c.do(ctx, cmd)
	}
	if err == nil && r.Code == proto.NeedAccount {
		if who.Account == "" {
			return &LoginError{User: who.User, Err: ErrNeedAccount}
		}
		cmd = proto.Cmd("ACCT", who.Account.Reveal())
		r, err = c.do(ctx, cmd)
	}
	if err == nil && r.Code.Class() != proto.Done {
		err = &proto.ReplyError{Command: cmd, Reply: r}
	}
	var re *proto.ReplyError
	if errors.As(err, &re) && !c.Broken() {
		return &LoginError{User: who.User, Err: re}
	}
	return err
}

// settleIn asks what a logged-in user wants to know, once.
func (c *Client) settleIn(ctx context.Context) error {
	// Android's servers refuse FEAT before the login, and others have more to
	// say after it.
	if c.cfg.Features != nil {
		return c.settleAlike(ctx)
	}
	if c.tls == nil && c.flier() && c.cfg.Charset == nil && !c.alone() {
		return c.settleAtOnce(ctx)
	}
	if err := c.askFeatures(ctx); err != nil {
		return err
	}
	c.recognise()
	if c.tls != nil && c.in.prot == 0 {
		if err := c.protectData(ctx); err != nil {
			return err
		}
	}
	_, err := c.DoAll(ctx, c.manners())
	return err
}

// settleAtOnce is settleIn in one write, at servers that are known: what they
// offer decides about nothing but UTF-8, and what they make of that is known, too.
func (c *Client) settleAtOnce(ctx context.Context) error {
	cmds := []proto.Command{proto.Cmd("FEAT"), proto.Cmd("TYPE", proto.TypeI.String())}
	if c.greets("ferry") {
		cmds = slices.Insert(cmds, 1, proto.Cmd("OPTS", "UTF8", "ON"))
	}
	answers, err := c.DoAll(ctx, cmds)
	if err != nil {
		return err
	}
	c.features(answers[0].Reply)
	c.recognise()
	if c.wantsUTF8() && len(cmds) == 2 {
		_, err = c.try(ctx, proto.Cmd("OPTS", "UTF8", "ON"))
	}
	return err
}

// settleAlike is settleIn of a session beside others, which have asked: what
// is left to say goes out in one write.
func (c *Client) settleAlike(ctx context.Context) error {
	c.in.features, c.cfg.Features = c.cfg.Features, nil // another user may have others
	c.recognise()
	if c.tls != nil && c.in.prot == 0 {
		if err := c.protectData(ctx); err != nil {
			return err
		}
	}
	_, err := c.DoAll(ctx, c.manners())
	return err
}

// manners are the commands that make a session like any other. Their refusal
// matters to nobody.
func (c *Client) manners() []proto.Command {
	var cmds []proto.Command
	if c.in.features.Has("CLNT") && (c.greets("G6 FTP") || c.greets("Raiden")) {
		cmds = append(cmds, proto.Cmd("CLNT", "ferry")) // or they refuse UTF8
	}
	if c.wantsUTF8() {
		cmds = append(cmds, proto.Cmd("OPTS", "UTF8", "ON"))
	}
	if c.greets("QTCP at ") && !c.cfg.NativeNames {
		// IBM i begins with LIBRARY/FILE.MEMBER names; 1 means paths.
		cmds = append(cmds, proto.Cmd("SITE", "NAMEFMT 1"), proto.Cmd("SITE", "LISTFMT 1"))
	}
	return append(cmds, proto.Cmd("TYPE", proto.TypeI.String()))
}

// askFeatures sends FEAT; a server that doesn't know it has none.
func (c *Client) askFeatures(ctx context.Context) error {
	r, err := c.try(ctx, proto.Cmd("FEAT"))
	if err != nil {
		return err
	}
	c.features(r)
	return nil
}

// features takes in the reply to FEAT.
func (c *Client) features(r proto.Reply) {
	c.in.features = proto.Features{}
	if r.Code.Class() == proto.Done {
		c.in.features = proto.ParseFeatures(r)
	}
}

// wantsUTF8 tells whether OPTS UTF8 ON is worth sending: only where FEAT
// offers it. FileZilla Server is UTF-8 anyway, and its authors ask not to be
// sent it.
func (c *Client) wantsUTF8() bool {
	return c.in.features.Has("UTF8") && !c.greets("FileZilla") && c.cfg.Charset == nil
}

// greets reports whether the greeting names a piece of software.
func (c *Client) greets(name string) bool {
	text := strings.ToLower(strings.Join(c.greeting.Lines, "\n"))
	return strings.Contains(text, strings.ToLower(name))
}

// try is do where a refusal is an answer like any other.
func (c *Client) try(ctx context.Context, cmd proto.Command) (proto.Reply, error) {
	r, err := c.do(ctx, cmd)
	var re *proto.ReplyError
	if errors.As(err, &re) && !c.Broken() {
		err = nil
	}
	return r, err
}

// Account sends ACCT: some servers ask for it at a single command (532).
func (c *Client) Account(ctx context.Context, account proto.Secret) error {
	_, err := c.done(ctx, "ACCT", account.Reveal())
	return err
}

// Reinit ends the login, not the connection (REIN). RFC 959 §4.1.1: all
// parameters are as at the greeting.
//
// Under TLS a new connection takes the place of this one: RFC 4217 has TLS end
// at REIN, servers differ in whether and when, and many know no REIN at all.
func (c *Client) Reinit(ctx context.Context) error {
	if c.tls == nil {
		_, err := c.done(ctx, "REIN")
		return err
	}
	if err := c.ready(ctx); err != nil {
		return err
	}
	fresh, err := Dial(ctx, c.host, c.again())
	if err != nil {
		return err
	}
	return c.become(ctx, fresh)
}
