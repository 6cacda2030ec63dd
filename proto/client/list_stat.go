package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/list"
)

// Lists says how directories are listed.
type Lists byte

const (
	ListsAuto   Lists = iota // MLSD, else LIST; STAT where no data connection can be had
	ListsByLIST              // LIST: some servers hide names from MLSD
	ListsBySTAT              // on the control connection
)

// listDir lists a directory in the way that the configuration has.
func (c *Client) listDir(ctx context.Context, path string, each func(list.Line) bool) error {
	if c.cfg.Lists == ListsBySTAT || c.cfg.Lists == ListsAuto && c.in.statLists {
		return c.listByStat(ctx, path, each)
	}
	given := false
	err := c.listByData(ctx, path, func(l list.Line) bool {
		given = true
		return each(l)
	})
	if c.cfg.Lists != ListsAuto || given || !unmet(err) || ctx.Err() != nil || c.Broken() {
		return err
	}
	serr := c.listByStat(ctx, path, each)
	switch {
	case serr == nil || errors.Is(serr, errStop):
		c.in.statLists = true // the next one need not wait for nothing
		return serr
	case isRefusal(serr) && !c.Broken():
		return err
	}
	return serr
}

// listByStat asks for the listing as a reply. RFC 959 §4.1.3 (STAT): "as if
// LIST, but over the control connection". What the reply's bound cuts off
// breaks the connection, so that a part never passes for the whole.
//
// vsftpd answers for a directory that is not there as for one that has
// nothing in it, so that is asked for.
func (c *Client) listByStat(ctx context.Context, path string, each func(list.Line) bool) error {
	arg := path
	switch {
	case arg == "":
		arg = "." // without an argument STAT is about the server
	case strings.HasPrefix(arg, "-"):
		arg = "./" + arg
	}
	if flags := c.cfg.ListFlags; flags != "" {
		arg = flags + " " + arg
	}
	cmd := proto.Cmd("STAT", arg)
	r, err := c.done(ctx, cmd.Verb, cmd.Arg)
	switch {
	case err != nil:
		return err
	case r.Code != proto.DirectoryStatus && r.Code != proto.FileStatus:
		return &proto.ReplyError{Command: cmd, Reply: r} // 211: about the server all the same
	case curtailed(proto.Reply{Lines: []string{r.Lines[0], r.Lines[len(r.Lines)-1]}}):
		err = fmt.Errorf("%w: %s", ErrIncomplete, r.Lines[len(r.Lines)-1])
	}
	some := false
	o := list.Options{Location: c.cfg.Location, System: c.in.system, Now: time.Now()}
	for l, lerr := range list.Read(strings.NewReader(between(r.Lines)), o) {
		if lerr != nil {
			return errors.Join(lerr, err)
		}
		some = true
		if l.Verdict == list.Understood && (l.Entry.Name == "." || l.Entry.Name == "..") {
			continue // vsftpd and ProFTPD have them here, if not in LIST
		}
		if !each(c.cfg.Charset.line(l)) {
			return errStop
		}
	}
	if !some && err == nil && path != "" {
		return c.inside(ctx, path, func() error { return nil })
	}
	return err
}

// between are the lines of a listing without the reply's first and last. They
// are indented where a server keeps to RFC 959 §4.2.
func between(lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		if i == 0 || i == len(lines)-1 {
			continue
		}
		b.WriteString(strings.TrimPrefix(line, " "))
		b.WriteString("\r\n")
	}
	return b.String()
}

// SetLists changes how directories are listed from now on.
func (c *Client) SetLists(l Lists) { c.cfg.Lists = l }
