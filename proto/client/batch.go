package client

import (
	"context"
	"fmt"

	"ferry/proto"
)

// Answer is what became of one command of DoAll.
type Answer struct {
	Reply proto.Reply
	Err   error // *proto.ReplyError, what proto refused to send, or nil
}

// DoAll sends commands in as few writes as the server stands, and returns
// their answers in order. The error is that of the connection, or ctx's: the
// commands behind the last answer have none, and may or may not have been
// carried out. No command may need a data connection.
func (c *Client) DoAll(ctx context.Context, cmds []proto.Command) ([]Answer, error) {
	for _, cmd := range cmds {
		if needsData(cmd.Verb) {
			return nil, fmt.Errorf("%s: %w", cmd.Verb, ErrData)
		}
		if err := c.mayReveal(ctx, cmd); err != nil {
			return nil, err
		}
	}
	answers := make([]Answer, 0, len(cmds))
	if err := c.ready(ctx); err != nil {
		return answers, err
	}
	for len(cmds) > 0 {
		sent, err := c.sendSome(ctx, cmds)
		if err != nil {
			return answers, err
		}
		for i, unsent := range sent {
			a := Answer{Err: unsent}
			if unsent == nil {
				if a.Reply, err = c.answer(ctx); err != nil {
					return answers, err
				}
				a.Err = refusal(cmds[i], a.Reply)
			}
			answers = append(answers, a)
		}
		if err := c.surplus(ctx); err != nil {
			return answers[:len(answers)-len(sent)], err
		}
		if cmds = cmds[len(sent):]; len(cmds) > 0 {
			c.stood = min(4*c.writeSize(), commandBytes)
		}
	}
	return answers, nil
}

// surplus looks whether more replies have come than commands were sent. One came
// twice, or unasked, and those behind it may all be taken for others: a size or
// a time of one file for that of the next.
func (c *Client) surplus(ctx context.Context) error {
	for len(c.owed) == 0 && c.conn.Pending() {
		r, err := c.receive(ctx, c.cfg.Timeouts.Reply)
		if err != nil { // 421, mostly: the answers before it are what they are
			return nil
		}
		if !c.echo || !stray(proto.Cmd("NOOP"), r) {
			return c.lose(&StepError{Reply: r})
		}
	}
	return nil
}

// sendSome sends the first commands, as many as go into one write. For each
// one that it took there is nil, or why it can't be sent.
func (c *Client) sendSome(ctx context.Context, cmds []proto.Command) (sent []error, err error) {
	for _, cmd := range cmds {
		size := len(cmd.Verb) + len(cmd.Arg) + 3
		if len(c.owed) > 0 && (c.alone() || c.conn.Queued()+size > c.writeSize()) {
			break
		}
		err := c.send(cmd)
		if lost := c.usable(); lost != nil {
			return sent, lost
		}
		sent = append(sent, err)
	}
	return sent, c.flush(ctx)
}

// writeSize is how many bytes of commands go into one write: four times as many
// each time that the server has answered all of one. Over TLS it stays as it
// begins: ProFTPD 1.3.8 reads a part of a longer record and then waits for the
// socket, which has nothing more, while the rest of the commands lies in its
// OpenSSL. In clear it takes two commands for one where the end of what it
// has read lies between the CR and the LF, so only servers that say that they are
// others get more, and those at once what their flights take.
func (c *Client) writeSize() int {
	if c.Encrypted() || !c.greets("ferry") && !c.greets("vsFTPd") && !c.greets("Pure-FTPd") {
		return batchBytes
	}
	return max(c.stood, windowBytes)
}

// alone reports whether the server takes one command at a time.
func (c *Client) alone() bool { return c.Quirks().NoPipeline }
