package client

import (
	"errors"
	"io"
	"net"
	"os"
	"time"

	"ferry/proto"
)

// lose breaks the client for good and closes the connection. The first cause
// is the one that every later call returns.
func (c *Client) lose(err error) error {
	// A server that had enough says why and closes; our next command may fail
	// before its last words are read.
	var re *proto.ReplyError
	if !errors.As(err, &re) && isCut(err) && !errors.Is(err, ErrHangup) {
		_ = c.conn.SetReadDeadline(after(lastWords))
		if r, rerr := c.read(); rerr == nil && r.Code == proto.Unavailable {
			err = &proto.ReplyError{Command: c.awaited(), Reply: r}
		}
	}
	return c.breakWith(err)
}

func (c *Client) breakWith(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost == nil {
		c.lost = &LostError{Host: c.host, Command: c.awaited(), Err: err}
	}
	c.closeRoad()
	_ = c.conn.Close()
	return c.lost
}

// Hear takes in what the server said unasked: a 421, or that it has hung up,
// which makes the Client Broken before something is sent in vain.
func (c *Client) Hear() {
	if c.busy || len(c.owed) > 0 || c.Broken() {
		return
	}
	_ = c.conn.SetReadDeadline(after(hearWait))
	switch r, err := c.read(); {
	case err == nil:
		_ = c.farewell(r)
	case !isTimeout(err) || len(r.Lines) > 0:
		_ = c.lose(replyTimeout(err, hearWait))
	}
}

// usable returns why the client can't be used any more.
func (c *Client) usable() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost
}

// isCut reports a connection that the other end closed.
func isCut(err error) bool {
	var oe *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.As(err, &oe) && !oe.Timeout() && !errors.Is(err, net.ErrClosed)
}

// isLocal reports a failure of the local file, whose own words may be those of
// a connection: a pipe, or a file system over the network.
func isLocal(err error) bool {
	var le *LocalError
	return errors.As(err, &le)
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func replyTimeout(err error, wait time.Duration) error {
	if isTimeout(err) && errors.Is(err, os.ErrDeadlineExceeded) {
		return &TimeoutError{What: "reply", After: wait}
	}
	if errors.Is(err, io.EOF) {
		return ErrHangup
	}
	return err
}
