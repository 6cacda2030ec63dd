package client

import (
	"context"

	"ferry/proto"
)

// Pwd is the current directory. RFC 959 §4.1.3, appendix II.
func (c *Client) Pwd(ctx context.Context) (string, error) {
	r, err := c.done(ctx, "PWD")
	if err != nil {
		return "", err
	}
	if c.in.cwd == "" {
		return "", &proto.SyntaxError{What: "reply to PWD", Text: r.String()}
	}
	return c.in.cwd, nil
}

// ChangeDir changes the current directory.
func (c *Client) ChangeDir(ctx context.Context, dir string) error {
	_, err := c.done(ctx, "CWD", name(dir))
	return err
}

// ChangeToParent goes one directory up.
func (c *Client) ChangeToParent(ctx context.Context) error {
	r, err := c.done(ctx, "CDUP")
	if unknownCommand(r) && !c.Broken() {
		return c.ChangeDir(ctx, "..")
	}
	return err
}

// MakeDir makes a directory and returns its name as the server tells it, or
// as it was asked for when the server tells none.
func (c *Client) MakeDir(ctx context.Context, dir string) (string, error) {
	r, err := c.done(ctx, "MKD", name(dir))
	if err != nil {
		return "", err
	}
	if made, ok := proto.Unquote(r.Text()); ok && r.Code == proto.PathCreated && len(r.Text()) > 0 && r.Text()[0] == '"' {
		return made, nil
	}
	return dir, nil
}

// RemoveDir removes an empty directory.
func (c *Client) RemoveDir(ctx context.Context, dir string) error {
	_, err := c.done(ctx, "RMD", name(dir))
	return err
}

// inside runs f with dir as the current directory, and goes back. A client
// that can't go back is in an unknown place, where every relative name would
// mean another file: it is Broken then.
func (c *Client) inside(ctx context.Context, dir string, f func() error) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	home := c.in.cwd
	if home == "" {
		var err error
		if home, err = c.Pwd(ctx); err != nil {
			return err
		}
	}
	err := c.ChangeDir(ctx, dir)
	if err == nil {
		err = f()
	}
	if c.Broken() {
		return err
	}
	// The way back is walked also when ctx has ended, and when the server would not
	// go in: what it says is no proof of where it is.
	back, cancel := bound(context.WithoutCancel(ctx), c.cfg.Timeouts.Abort)
	defer cancel()
	if berr := c.ChangeDir(back, home); berr != nil {
		return c.breakWith(berr)
	}
	c.in.cwd = home
	return err
}
