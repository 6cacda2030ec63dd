package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/proto/list"
)

// Listed is what a directory of ListDirs holds. Lines are good also next to an
// error; they are all there is only without one.
type Listed struct {
	Lines []list.Line
	Err   error
}

// ListDirs lists many directories, such as a level of a tree, in as few round
// trips as the server stands: by STAT, whose answers come on the control
// connection, many in one write; at ferry's own server by MLSD over a data
// connection that stays; else one by one, as List. The error is the
// connection's or ctx's, and those without a place in the result were not
// listed.
//
// STAT tells times as LIST does, to the minute at best. It shows hidden names.
func (c *Client) ListDirs(ctx context.Context, paths []string) ([]Listed, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	if c.cfg.Lists == ListsAuto && c.hasMLSD() && c.lanes(c.params) {
		if err := c.openLane(ctx); err == nil {
			return c.listOverLane(ctx, paths)
		} else if c.Broken() || ctx.Err() != nil {
			return nil, err
		}
		c.learn(func(q *Quirks) { q.NoChannel = true })
	}
	known, partly := map[string]Listed{}, map[string]Listed{}
	if !c.ListsSingly() && !c.lanes(c.params) {
		if err := c.statAll(ctx, paths, known, partly); err != nil {
			return nil, err
		}
	}
	var all []Listed
	for _, path := range paths {
		l, ok := known[path]
		if !ok && awkward(path) && c.cfg.Lists == ListsAuto && !c.hasMLSD() {
			l, ok = c.statInside(ctx, path)
		}
		if !ok && !c.Broken() {
			part, asked := partly[path]
			l = c.listBeside(ctx, path, part)
			if asked && part.Err != nil && l.Err == nil && len(l.Lines) > 0 {
				c.learn(func(q *Quirks) { q.NoStatList = true })
			}
		}
		if err := c.usable(); err != nil || ctx.Err() != nil {
			return all, errors.Join(err, context.Cause(ctx))
		}
		all = append(all, l)
	}
	return all, nil
}

// ListsSingly reports that each directory of ListDirs costs round trips of its own:
// several sessions list many sooner than one.
func (c *Client) ListsSingly() bool {
	q := c.Quirks()
	return c.cfg.Lists != ListsAuto || q.NoPipeline || q.NoStatList
}

func (c *Client) listOne(ctx context.Context, path string) (l Listed) {
	for line, err := range c.List(ctx, path) {
		if l.Err = err; err == nil {
			l.Lines = append(l.Lines, line)
		}
	}
	return l
}

// listBeside lists a directory of which STAT has shown a part. In stream mode a
// listing whose connection was cut ends as a whole one does, and the server may
// not know: one that lacks what STAT has shown is asked for once more. What is
// gone then as well, somebody has removed meanwhile.
func (c *Client) listBeside(ctx context.Context, path string, part Listed) Listed {
	l := c.listOne(ctx, path)
	if l.Err != nil || !l.lacks(part) || c.Broken() || ctx.Err() != nil {
		return l
	}
	return c.listOne(ctx, path)
}

// lacks reports that other has a name which l has not.
func (l Listed) lacks(other Listed) bool {
	names := map[string]bool{}
	for _, line := range l.Lines {
		names[line.Entry.Name] = true
	}
	return slices.ContainsFunc(other.Lines, func(line list.Line) bool {
		return line.Verdict == list.Understood && !names[line.Entry.Name]
	})
}

// statAll asks for all of the directories by STAT: known are the answers that are
// certain to be whole, partly the others; those with an Err were refused for good.
func (c *Client) statAll(ctx context.Context, paths []string, known, partly map[string]Listed) error {
	var cmds []proto.Command
	var of []string
	for _, path := range paths {
		if path == "" || awkward(path) {
			continue
		}
		cmds, of = append(cmds, proto.Cmd("STAT", c.statFlags()+path)), append(of, path)
	}
	escapes := c.conn.Escapes()
	answers, err := c.DoAll(ctx, cmds)
	if c.misread(escapes) {
		return err
	}
	for i, a := range answers {
		if l, whole := c.statListing(a); whole {
			known[of[i]] = l
		} else {
			var reply *proto.ReplyError
			if errors.As(a.Err, &reply) && reply.Reply.Code.Class() == proto.Fail {
				l.Err = a.Err
			}
			partly[of[i]] = l
		}
	}
	return err
}

// misread reports names that are not those of the server, since so many IACs had
// come before: vsftpd and ProFTPD don't double those of a listing here.
func (c *Client) misread(escapes int) bool {
	return c.conn.Escapes() > escapes && !c.greets("ferry")
}

// statInside asks a directory for its listing from within. LIST would not show
// hidden names.
func (c *Client) statInside(ctx context.Context, path string) (l Listed, whole bool) {
	escapes := c.conn.Escapes()
	err := c.inside(ctx, path, func() error {
		r, err := c.done(ctx, "STAT", c.statFlags()+".")
		l, whole = c.statListing(Answer{Reply: r, Err: err})
		return nil
	})
	return l, whole && err == nil && !c.misread(escapes)
}

// statFlags make STAT show hidden names, and so the two that tell that it does.
func (c *Client) statFlags() string {
	switch {
	case c.cfg.ListFlags != "":
		return c.cfg.ListFlags + " "
	case c.greets("Pure-FTPd"):
		return "-a "
	}
	return ""
}

// statListing reads an answer to STAT. It is taken for whole when the directory
// itself is in it: then it is one, was read, and nothing is hidden. pyftpdlib
// and ferry never show it, and hide nothing. vsftpd answers with nothing at all where
// it can't read.
func (c *Client) statListing(a Answer) (l Listed, whole bool) {
	r := a.Reply
	if a.Err != nil || r.Code != proto.DirectoryStatus && r.Code != proto.FileStatus || len(r.Lines) < 3 {
		return l, false
	}
	if curtailed(proto.Reply{Lines: []string{r.Lines[0], r.Lines[len(r.Lines)-1]}}) {
		return l, false // List says it better
	}
	whole = c.greets("pyftpdlib") || c.greets("ferry")
	o := list.Options{Location: c.cfg.Location, System: c.in.system, Now: time.Now()}
	for line, err := range list.Read(strings.NewReader(between(r.Lines)), o) {
		if err != nil {
			return l, false
		}
		if line.Verdict == list.Understood && (line.Entry.Name == "." || line.Entry.Name == "..") {
			whole = true
			continue
		}
		l.Lines = append(l.Lines, c.cfg.Charset.line(line))
	}
	return l, whole
}

// listOverLane lists by MLSD over the lane, the commands ahead of the listings.
func (c *Client) listOverLane(ctx context.Context, paths []string) ([]Listed, error) {
	v := &convoy{Client: c}
	for _, path := range paths {
		e := errand{job: job{cmd: proto.Cmd("MLSD", name(path))}, path: path}
		v.errands = append(v.errands, e)
		v.unfit = append(v.unfit, c.sendable(e.cmd))
	}
	var all []Listed
	for i, e := range v.errands {
		if v.unfit[i] != nil {
			all = append(all, Listed{Err: v.unfit[i]})
			continue
		}
		if err := v.fill(ctx); err != nil {
			return all, err
		}
		l := v.listing(ctx, e)
		if err := v.over(ctx); err != nil {
			return all, err
		}
		v.replied()
		all = append(all, l)
	}
	return all, nil
}

// listing reads one listing from the lane.
func (v *convoy) listing(ctx context.Context, e errand) (l Listed) {
	_, final, err := v.opening(ctx, e)
	if err != nil || final {
		return Listed{Err: err}
	}
	o := data.Options{Params: laneParams(), Stall: v.cfg.Timeouts.Stall, Max: maxListing}
	r, err := data.NewReader(ctx, v.lane.conn, o)
	if err == nil {
		for line, rerr := range list.Read(r, list.Options{Format: list.MLSx, Now: time.Now()}) {
			if err = rerr; err == nil {
				l.Lines = append(l.Lines, v.cfg.Charset.line(line))
			}
		}
		_ = r.Close()
	}
	if err != nil {
		l.Err = v.derail(ctx, e, err)
		return l
	}
	reply, err := v.answer(ctx)
	switch {
	case err != nil:
		l.Err = err
	case reply.Code.Class() != proto.Done:
		l.Err = &proto.ReplyError{Command: e.cmd, Reply: reply}
	case curtailed(reply):
		l.Err = fmt.Errorf("%w: %s", ErrIncomplete, reply.Text())
	}
	return l
}
