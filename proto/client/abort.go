package client

import (
	"context"

	"ferry/proto"
)

// synch is Telnet's IP and Synch, RFC 959 §4.1.3: IAC IP IAC DM.
var synch = [...]byte{255, 244, 255, 242}

// abort ends a transfer that the server has not ended: ABOR, then the data
// connection is cut, then the replies are read, within Timeouts.Abort, until it
// is certain that none is owed. When that can't be had the client is Broken.
//
// What servers send is one of: 426 226; 226 226 (it was over already); 226
// alone; 226 426, out of order; 500 for ABOR and a reply for the transfer in
// either order; nothing. Counting can't tell, so PWD follows as a fence: no
// other command is answered 257.
func (t *transfer) abort(ctx context.Context) {
	c := t.c
	t.aborted = true
	actx, cancel := bound(context.WithoutCancel(ctx), c.cfg.Timeouts.Abort)
	defer cancel()
	if c.cfg.AbortSynch {
		c.conn.WriteRaw(synch[:])
	}
	if c.send(proto.Cmd("ABOR")) != nil || c.flush(actx) != nil {
		return
	}
	t.ch.reset()
	if err := t.ending(actx); err != nil {
		c.abandon(err)
		return
	}
	if c.Broken() {
		return
	}
	if err := c.fence(actx); err != nil {
		c.abandon(err)
	}
}

// ending waits for the first reply behind ABOR: the transfer's, most likely.
func (t *transfer) ending(ctx context.Context) error {
	if t.watch != nil {
		t.attend()
		select {
		case v := <-t.watch:
			t.take(v)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for range maxMarks {
		r, err := t.c.receive(ctx, 0)
		if err != nil {
			return err
		}
		if r.Code.Class() != proto.Mark {
			t.take(verdict{reply: r})
			return nil
		}
	}
	return &proto.SyntaxError{What: "reply", Why: "endless marks"}
}

// fence sends PWD behind ABOR and reads until nothing is owed.
func (c *Client) fence(ctx context.Context) error {
	pwd := proto.Cmd("PWD")
	if err := c.post(ctx, pwd); err != nil {
		return err
	}
	answered := false // ABOR was
	for range maxStrays + 2 {
		r, err := c.receive(ctx, 0)
		switch {
		case err != nil:
			return err
		case r.Code.Class() == proto.Mark:
		case r.Code == proto.TransferDone || r.Code == proto.DataOpenIdle || r.Code == proto.TransferAborted:
			answered = true
		case r.Code == proto.PathCreated || answered:
			c.owed, c.echo = nil, false
			c.observe(pwd, r)
			return nil
		default:
			answered = true
		}
	}
	return &proto.SyntaxError{What: "reply to PWD", Why: "endless"}
}

// abandon breaks the client, unless it is broken already.
func (c *Client) abandon(err error) {
	if !c.Broken() {
		_ = c.breakWith(&TimeoutError{What: "answer to ABOR", After: c.cfg.Timeouts.Abort})
		_ = err
	}
}
