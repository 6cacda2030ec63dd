package client

import (
	"context"
	"strconv"

	"ferry/proto"
)

// announces reports whether an upload has its size in front, in the same write
// (RFC 959 §4.1.3: ALLO): in stream mode the end of a connection is the end of the
// file, and a server that knows how many bytes were to come makes no shorter one
// of what somebody in between has cut. ferry's does, and says so.
func (c *Client) announces(j job) bool {
	return j.toServer && j.size > 0 && j.cmd.Verb == "STOR" && j.restart == restart{} && j.params == proto.Binary() && c.Spreads() && !c.alone()
}

// announcement tells how many bytes come.
func (j job) announcement() proto.Command {
	return proto.Cmd("ALLO", strconv.FormatInt(j.size, 10))
}

// announced reads the answer to it. A server that has no room says so again to
// the upload itself.
func (t *transfer) announced(ctx context.Context) error {
	if !t.c.announces(t.job) {
		return nil
	}
	_, err := t.c.answer(ctx)
	return err
}
