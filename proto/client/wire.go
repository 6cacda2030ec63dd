package client

import (
	"context"
	"time"

	"ferry/proto"
)

// send queues a command; from now on its reply is owed. A command that can't
// be sent (CR, LF or NUL in a name) is refused and nothing has happened.
func (c *Client) send(cmd proto.Command) error {
	if err := c.usable(); err != nil {
		return err
	}
	if may := c.cfg.Permit; may != nil {
		if err := may(cmd); err != nil {
			return err
		}
	}
	wire, err := c.cfg.Charset.command(cmd)
	if err != nil {
		return err
	}
	if err := c.conn.WriteCommand(wire); err != nil {
		return err
	}
	c.owed = append(c.owed, cmd)
	return nil
}

// flush writes what is queued, at once.
func (c *Client) flush(ctx context.Context) error {
	_ = c.conn.SetWriteDeadline(after(c.cfg.Timeouts.Reply))
	release := proto.Guard(ctx, writeOnly{c.conn})
	err := c.conn.Flush()
	release()
	if err != nil {
		return c.lose(proto.Cause(ctx, err))
	}
	return nil
}

// post is send and flush.
func (c *Client) post(ctx context.Context, cmd proto.Command) error {
	if err := c.send(cmd); err != nil {
		return err
	}
	return c.flush(ctx)
}

// writeOnly lets a Guard end writes and leave a reader alone.
type writeOnly struct{ c *proto.Conn }

func (w writeOnly) SetDeadline(t time.Time) error { return w.c.SetWriteDeadline(t) }

// readOnly is its counterpart.
type readOnly struct{ c *proto.Conn }

func (r readOnly) SetDeadline(t time.Time) error { return r.c.SetReadDeadline(t) }

// receive waits for one reply, be it a mark, an answer or a stray, for at
// most wait. When ctx ends first, the reply stays owed and the connection in
// step, unless it broke off in the middle of a reply.
func (c *Client) receive(ctx context.Context, wait time.Duration) (proto.Reply, error) {
	if err := c.usable(); err != nil {
		return proto.Reply{}, err
	}
	if err := ctx.Err(); err != nil {
		return proto.Reply{}, context.Cause(ctx)
	}
	_ = c.conn.SetReadDeadline(after(wait))
	release := proto.Guard(ctx, readOnly{c.conn})
	r, err := c.read()
	release()
	switch {
	case err == nil:
		return r, c.farewell(r)
	case len(r.Lines) == 0 && isTimeout(err) && ctx.Err() != nil:
		return r, context.Cause(ctx)
	}
	return r, c.lose(replyTimeout(proto.Cause(ctx, err), wait))
}

// read reads one reply with whatever deadline is set. On an error the reply
// has the lines that came before it.
func (c *Client) read() (proto.Reply, error) {
	var r proto.Reply
	err := c.conn.ReadReplyFunc(func(code proto.Code, line string) error {
		r.Code = code
		r.Lines = append(r.Lines, c.cfg.Charset.shown(line))
		return nil
	})
	return r, err
}

// farewell breaks the client on a 421, wherever it comes.
//
// RFC 959 §5.4: 421 may be the reply to any command; the server closes the
// control connection behind it.
func (c *Client) farewell(r proto.Reply) error {
	if r.Code != proto.Unavailable {
		return nil
	}
	return c.lose(&proto.ReplyError{Command: c.awaited(), Reply: r})
}

// answer reads the last reply to the command that waits longest for it, past
// marks and strays.
func (c *Client) answer(ctx context.Context) (proto.Reply, error) {
	cmd := c.awaited()
	for marks, strays := 0, 0; ; {
		r, err := c.receive(ctx, max(c.cfg.Timeouts.Reply, c.patience))
		if err != nil {
			return r, err
		}
		switch {
		case c.echo && stray(cmd, r) && strays < maxStrays:
			strays++
		case outOfStep(cmd, r):
			return r, c.lose(&StepError{Reply: r})
		case r.Code.Class() == proto.Mark && marks < maxMarks:
			marks++
		default:
			c.paid(cmd, r)
			return r, nil
		}
	}
}

// stray reports a reply that can't be an answer to cmd, but may be a late one
// to the transfer before it: servers are known that say 150 or 226 twice, and
// that send 426 behind the answer to ABOR.
func stray(cmd proto.Command, r proto.Reply) bool {
	switch r.Code {
	case proto.TransferDone, proto.TransferAborted, proto.OpeningData, proto.DataAlreadyOpen:
		return !needsData(cmd.Verb) && cmd.Verb != "ABOR"
	}
	return false
}

// awaited is the command whose reply comes next.
func (c *Client) awaited() proto.Command {
	if len(c.owed) == 0 {
		return proto.Command{}
	}
	return c.owed[0]
}

// paid takes a command off what is owed and learns from its reply.
func (c *Client) paid(cmd proto.Command, r proto.Reply) {
	if len(c.owed) > 0 {
		c.owed = c.owed[:copy(c.owed, c.owed[1:])]
	}
	c.echo = needsData(cmd.Verb) || c.echo && cmd.Verb == "ABOR"
	c.observe(cmd, r)
}

// ready makes sure that a command can be sent and that the next reply is its.
func (c *Client) ready(ctx context.Context) error {
	if c.busy {
		return ErrBusy
	}
	return c.settle(ctx)
}

// settle reads the replies that a cancelled call left owed.
func (c *Client) settle(ctx context.Context) error {
	for len(c.owed) > 0 {
		if _, err := c.answer(ctx); err != nil {
			return err
		}
	}
	return c.usable()
}

// do sends one command and returns its last reply. The error is a
// *proto.ReplyError when the reply refuses.
func (c *Client) do(ctx context.Context, cmd proto.Command) (proto.Reply, error) {
	if err := ctx.Err(); err != nil {
		return proto.Reply{}, context.Cause(ctx)
	}
	if err := c.ready(ctx); err != nil {
		return proto.Reply{}, err
	}
	if err := c.mayReveal(ctx, cmd); err != nil {
		return proto.Reply{}, err
	}
	asked := time.Now()
	if err := c.post(ctx, cmd); err != nil {
		return proto.Reply{}, err
	}
	r, err := c.answer(ctx)
	if err != nil {
		return r, err
	}
	c.answered(time.Since(asked))
	return r, refusal(cmd, r)
}

// done is do for commands whose only good answer is 2xx.
func (c *Client) done(ctx context.Context, verb string, arg ...string) (proto.Reply, error) {
	cmd := proto.Cmd(verb, arg...)
	r, err := c.do(ctx, cmd)
	if err == nil && r.Code.Class() != proto.Done {
		err = &proto.ReplyError{Command: cmd, Reply: r}
	}
	return r, err
}

// refusal is the error that a reply means, nil if it means none.
func refusal(cmd proto.Command, r proto.Reply) error {
	bad := r.Code.Class() >= proto.Retry || r.Code.Class() == 0
	// 202, "superfluous at this site": nothing was done. Where RFC 959 §5.4
	// has it for a command that need not be done, that is as good as done.
	if r.Code == proto.Superfluous {
		switch cmd.Verb {
		case "PASS", "ACCT", "ALLO", "SMNT":
		default:
			bad = true
		}
	}
	if !bad {
		return nil
	}
	return &proto.ReplyError{Command: cmd, Reply: r}
}

// after is the deadline d from now; none for a d of zero.
func after(d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	return time.Now().Add(d)
}
