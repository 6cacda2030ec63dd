package client

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"ferry/proto"
)

// Spreads reports whether the server puts a file together from ranges that
// several sessions send: it takes RANG and STOR into a file that is there, many
// at a time, and ALLO in front of the first gives it its size. ferry's does, and
// says so (RANG STREAM;ALLO); nobody else is asked.
func (c *Client) Spreads() bool {
	return c.Ranges() && c.in.features.HasParam("RANG", "ALLO")
}

// StoreSpan writes src into a part of a remote file and leaves the rest of it as
// it is. If there is no file yet, s must begin with the first byte, and t.Size is
// how long it becomes. The number is how many bytes went out; without an error
// they are there, and are as many as the part has. Of t, Size, Moved, Last and
// Probe count.
func (c *Client) StoreSpan(ctx context.Context, path string, s Span, src io.Reader, t Transfer) (int64, error) {
	if s.From < 0 || s.To <= s.From {
		return 0, fmt.Errorf("%.200q: no bytes from %d to %d", path, s.From, s.To)
	}
	if t.Size > 0 {
		if err := c.ensure(ctx, c.params); err != nil {
			return 0, err // it would come between
		}
		if _, err := c.do(ctx, proto.Cmd("ALLO", strconv.FormatInt(t.Size, 10))); err != nil {
			return 0, err
		}
	}
	j := c.upload("STOR", path, src, Transfer{Moved: t.Moved, Probe: t.Probe})
	j.restart = restart{offset: s.From, until: s.To, exact: true}
	run, err := c.run(ctx, j)
	t.heard(run)
	if err == nil && run.n != s.To-s.From {
		err = &SizeError{Path: path, Got: run.n, Want: s.To - s.From, By: "the caller"}
	}
	return run.n, err
}
