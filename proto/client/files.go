package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ferry/proto"
)

// Delete removes a file.
func (c *Client) Delete(ctx context.Context, path string) error {
	_, err := c.done(ctx, "DELE", name(path))
	return err
}

// Rename renames. Whether an existing target is replaced, and whether 250
// means that anything happened at all, is the server's business.
func (c *Client) Rename(ctx context.Context, from, to string) error {
	cmd, rnto := proto.Cmd("RNFR", name(from)), proto.Cmd("RNTO", c.newName(to))
	if err := c.sendable(rnto); err != nil {
		return err
	}
	r, err := c.do(ctx, cmd)
	if err != nil {
		return err
	}
	if r.Code.Class() != proto.More {
		return &proto.ReplyError{Command: cmd, Reply: r}
	}
	_, err = c.done(ctx, rnto.Verb, rnto.Arg)
	return err
}

// Size is the size of a file in bytes (SIZE under TYPE I). RFC 3659 §4.
func (c *Client) Size(ctx context.Context, path string) (int64, error) {
	if err := c.binary(ctx); err != nil {
		return 0, err
	}
	r, err := c.done(ctx, "SIZE", name(path))
	if unknownCommand(r) {
		c.learn(func(q *Quirks) { q.NoSize = true })
	}
	if err != nil {
		return 0, err
	}
	return sizeOf(r)
}

// sizeOf reads the reply to SIZE. IIS describes directories in one of many
// lines.
func sizeOf(r proto.Reply) (int64, error) {
	field, _, _ := strings.Cut(strings.TrimSpace(r.Text()), " ")
	n, perr := strconv.ParseInt(field, 10, 64)
	if perr != nil || n < 0 || len(r.Lines) > 1 {
		return 0, &proto.SyntaxError{What: "reply to SIZE", Text: r.String()}
	}
	return n, nil
}

// ModTime is the time of a file's last change, UTC. RFC 3659 §3.
func (c *Client) ModTime(ctx context.Context, path string) (time.Time, error) {
	r, err := c.done(ctx, "MDTM", name(path))
	if unknownCommand(r) {
		c.learn(func(q *Quirks) { q.NoModTime = true })
	}
	if err != nil {
		return time.Time{}, err
	}
	t, _, err := proto.ParseTime(r.Text())
	return t, err
}

// unknownCommand reports a reply that says that the server doesn't know the
// command, rather than the file.
func unknownCommand(r proto.Reply) bool {
	return r.Code == proto.Unrecognised || r.Code == proto.NotImplemented || r.Code == proto.Superfluous
}

// SetModTime sets the time of a file's last change: MFMT, else MDTM with a
// time, else SITE UTIME. What worked is remembered. errors.ErrUnsupported when
// the server knows none of them; *proto.ReplyError of the first that it knows
// and refuses.
func (c *Client) SetModTime(ctx context.Context, path string, t time.Time) error {
	quirk := c.Quirks().SetTime
	if quirk == "-" {
		return fmt.Errorf("set the time of a file: %w", errors.ErrUnsupported)
	}
	var refused error
	for _, way := range c.timeWays(name(path), t) {
		if quirk != "" && way.name != quirk {
			continue
		}
		_, err := c.done(ctx, way.cmd.Verb, way.cmd.Arg)
		if err == nil {
			c.learn(func(q *Quirks) { q.SetTime = way.name })
			return nil
		}
		if !isRefusal(err) || c.Broken() {
			return err
		}
		refused = err
		if way.sure {
			return err
		}
	}
	if quirk == "" {
		c.learn(func(q *Quirks) { q.SetTime = "-" })
	}
	return fmt.Errorf("%w: %w", errors.ErrUnsupported, refused)
}

// timeWay is one way to set a time.
type timeWay struct {
	name string
	cmd  proto.Command
	sure bool // the server announced it: a refusal is about the file
}

// timeWays are the ways to try, in order. MDTM with a time is read as the name
// of a file by servers that don't have it: they answer 550 and do nothing.
func (c *Client) timeWays(path string, t time.Time) []timeWay {
	stamp := proto.FormatTime(t)
	mfmt := timeWay{"MFMT", proto.Cmd("MFMT", stamp, path), true}
	if c.in.features.Has("MFMT") {
		return []timeWay{mfmt}
	}
	ways := []timeWay{
		{"MDTM", proto.Cmd("MDTM", stamp, path), false},
		{"UTIME", proto.Cmd("SITE", "UTIME", stamp, path), false},
		{"UTIME5", proto.Cmd("SITE", "UTIME", path, stamp, stamp, stamp, "UTC"), false},
	}
	if len(c.in.features) == 0 {
		mfmt.sure = false
		ways = append([]timeWay{mfmt}, ways...)
	}
	return ways
}

// Status is STAT: of the server, or with a path a listing on the control
// connection.
func (c *Client) Status(ctx context.Context, path string) (proto.Reply, error) {
	return c.done(ctx, "STAT", name(path))
}

// HelpRemote is the server's HELP, of everything or of one command.
func (c *Client) HelpRemote(ctx context.Context, arg string) (proto.Reply, error) {
	return c.done(ctx, "HELP", arg)
}

// Site sends SITE.
func (c *Client) Site(ctx context.Context, arg string) (proto.Reply, error) {
	return c.do(ctx, proto.Cmd("SITE", arg))
}

// Noop does nothing, and shows that the server is there.
func (c *Client) Noop(ctx context.Context) error {
	_, err := c.done(ctx, "NOOP")
	return err
}

// System is the text of SYST. It is asked for once.
func (c *Client) System(ctx context.Context) (string, error) {
	if c.in.system != "" {
		return c.in.system, nil
	}
	r, err := c.done(ctx, "SYST")
	if err != nil {
		return "", err
	}
	c.in.system = r.Text()
	return c.in.system, nil
}
