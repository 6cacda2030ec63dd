package client

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"ferry/proto"
	"ferry/proto/data"
)

// ErrEnough is what the writer of RetrieveSpan returns when it wants no more.
var ErrEnough = errors.New("that is enough")

// Span is a part of a file: from a byte on, up to but without another. A To of
// 0 is the end of the file.
type Span struct{ From, To int64 }

// Ranges reports whether the server ends a download where it is told (RANG).
func (c *Client) Ranges() bool {
	return c.in.features.HasParam("RANG", "STREAM") && !c.Quirks().NoRange && c.params == proto.Binary()
}

// RetrieveSpan writes a part of a file to dst and returns how many bytes of it
// dst took. A server that knows RANG ends by itself behind the part; any other
// goes on to the end of the file, until dst says ErrEnough, which ends the
// download and is no error. Whether all of the part came is for the caller to
// see, whatever the end was: dst may want less than it said before. Of t,
// Params, Layers, Moved, Last and Probe count.
func (c *Client) RetrieveSpan(ctx context.Context, path string, s Span, dst io.Writer, t Transfer) (int64, error) {
	j := c.job("RETR", path, Transfer{Offset: s.From, Params: t.Params, Probe: t.Probe})
	if s.To > s.From && c.Ranges() {
		j.restart.until = s.To
	}
	o := c.layers(Transfer{Layers: t.Layers, Moved: t.Moved}, j.params)
	j.refusal = o.Supported()
	j.move = func(ctx context.Context, dc *data.Conn) (int64, error) {
		n, err := data.Receive(ctx, dst, dc, o)
		if errors.Is(err, ErrEnough) {
			return n, errStop
		}
		return n, err
	}
	run, err := c.run(ctx, j)
	if t.Last != nil {
		*t.Last = run.last()
	}
	if errors.Is(err, errStop) && ctx.Err() == nil {
		return run.n, nil
	}
	return run.n, err
}

// rangeTo is RANG in place of REST, draft-bryan-ftp-range §4: it counts the
// last byte in. taken: the server will end there.
func (c *Client) rangeTo(ctx context.Context, at restart) (taken bool, err error) {
	cmd := proto.Cmd("RANG", strconv.FormatInt(at.offset, 10), strconv.FormatInt(at.until-1, 10))
	r, err := c.do(ctx, cmd)
	if isRefusal(err) && !c.Broken() || err == nil && r.Code.Class() != proto.More {
		c.learn(func(q *Quirks) { q.NoRange = true })
		return false, nil
	}
	return err == nil, err
}

// Stamp is what tells one state of a remote file from another.
type Stamp struct {
	Size int64     // proto.NoSize when the server doesn't say
	Time time.Time // of the last change; zero when it doesn't say
}

// StampOf asks for both in one write.
func (c *Client) StampOf(ctx context.Context, path string) (Stamp, error) {
	s := Stamp{Size: proto.NoSize}
	if err := c.binary(ctx); err != nil {
		return s, err
	}
	var cmds []proto.Command
	q := c.Quirks()
	if !q.NoSize {
		cmds = append(cmds, proto.Cmd("SIZE", name(path)))
	}
	if !q.NoModTime {
		cmds = append(cmds, proto.Cmd("MDTM", name(path)))
	}
	answers, err := c.DoAll(ctx, cmds)
	for i, a := range answers {
		if a.Err != nil || a.Reply.Code.Class() != proto.Done {
			continue
		}
		if n, perr := sizeOf(a.Reply); cmds[i].Verb == "SIZE" && perr == nil {
			s.Size = n
		}
		if at, _, perr := proto.ParseTime(a.Reply.Text()); cmds[i].Verb == "MDTM" && perr == nil {
			s.Time = at
		}
	}
	return s, err
}
