package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"ferry/proto"
)

// Ending is what is left to do for an upload that has arrived.
type Ending struct {
	Temp string      // the name under which it arrived
	Name string      // the name it gets; "" or Temp: it has it
	Time time.Time   // of its last change; zero: it gets none
	Mode fs.FileMode // permission bits; 0: those that new files get

	Shown *bool // becomes true if the server shows a file under its new name then; nil: it isn't asked
}

// FinishAll gives files their times and names, all in as few writes as the
// server stands. Each has its own error: that of the rename, since a time that
// can't be set is no reason to refuse one. The error is that of DoAll, and the
// files behind the last answer may or may not have been renamed.
//
// Times are only set where it is known how: see TimesKnown.
func (c *Client) FinishAll(ctx context.Context, files []Ending) ([]error, error) {
	var cmds []proto.Command
	last := make([]int, len(files)) // the commands up to here are the file's
	looks := map[int]*bool{}        // by command
	for i, f := range files {
		if way, ok := c.timeWay(f.Temp, f.Time); ok {
			cmds = append(cmds, way)
		}
		if f.Mode != 0 && !c.Quirks().NoChmod {
			cmds = append(cmds, chmod(f.Temp, f.Mode))
		}
		if f.Name != "" && f.Name != f.Temp {
			cmds = append(cmds, proto.Cmd("RNFR", name(f.Temp)), proto.Cmd("RNTO", c.newName(f.Name)))
		}
		last[i] = len(cmds)
		if f.Shown != nil {
			looks[len(cmds)] = f.Shown
			cmds = append(cmds, c.look(f.Name))
		}
	}
	answers, err := c.DoAll(ctx, cmds)
	for i, a := range answers {
		c.chmodded(cmds[i], a.Reply)
		if shown := looks[i]; shown != nil {
			*shown = a.Err == nil && a.Reply.Code.Class() == proto.Done
		}
	}
	var errs []error
	for i, f := range files {
		if last[i] > len(answers) {
			break
		}
		errs = append(errs, nil)
		if f.Name != "" && f.Name != f.Temp {
			errs[i] = renamed(answers[last[i]-2], answers[last[i]-1])
		}
	}
	return errs, err
}

// look is the one command that shows a file.
func (c *Client) look(path string) proto.Command {
	if c.in.features.Has("MLST") {
		return proto.Cmd("MLST", name(path))
	}
	return proto.Cmd("SIZE", name(path))
}

// SetTimes gives files or directories their times, in as few writes as the
// server stands, where it is known how: else it does nothing.
func (c *Client) SetTimes(ctx context.Context, files []Ending) ([]Answer, error) {
	var cmds []proto.Command
	for _, f := range files {
		if way, ok := c.timeWay(f.Temp, f.Time); ok {
			cmds = append(cmds, way)
		}
	}
	return c.DoAll(ctx, cmds)
}

// Chmod sets the permission bits of a file, by SITE CHMOD, which no RFC has and
// most servers on Unix. Where it is known not to be there it is
// errors.ErrUnsupported and nothing is sent.
func (c *Client) Chmod(ctx context.Context, path string, mode fs.FileMode) error {
	if c.Quirks().NoChmod {
		return errors.ErrUnsupported
	}
	cmd := chmod(path, mode)
	r, err := c.do(ctx, cmd)
	c.chmodded(cmd, r)
	return err
}

func chmod(path string, mode fs.FileMode) proto.Command {
	return proto.Cmd("SITE", fmt.Sprintf("CHMOD %03o %s", mode.Perm(), name(path)))
}

// chmodded notes a server that doesn't know the command.
func (c *Client) chmodded(cmd proto.Command, r proto.Reply) {
	if cmd.Verb == "SITE" && (r.Code == proto.Unrecognised || r.Code == proto.NotImplemented) {
		c.learn(func(q *Quirks) { q.NoChmod = true })
	}
}

// renamed is what the answers to RNFR and RNTO mean together.
func renamed(from, to Answer) error {
	if from.Err != nil {
		return from.Err
	}
	if to.Err == nil && to.Reply.Code.Class() != proto.Done {
		return &proto.ReplyError{Command: proto.Cmd("RNTO"), Reply: to.Reply}
	}
	return to.Err
}

// TimesKnown reports whether it is known how this server sets times, or that
// it can't. SetModTime finds out.
func (c *Client) TimesKnown() bool {
	return c.in.features.Has("MFMT") || c.Quirks().SetTime != ""
}

// timeWay is the command that sets a file's time, where it is known.
func (c *Client) timeWay(path string, t time.Time) (proto.Command, bool) {
	known := c.Quirks().SetTime
	if t.IsZero() || !c.TimesKnown() {
		return proto.Command{}, false
	}
	for _, way := range c.timeWays(name(path), t) {
		if way.sure || way.name == known {
			return way.cmd, true
		}
	}
	return proto.Command{}, false
}
