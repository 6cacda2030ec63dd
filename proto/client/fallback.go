package client

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"time"

	"ferry/proto"
)

// Servers that want data connections to resume the TLS session of their
// control connection, and don't see it done with TLS 1.3 though it was, are
// many. With TLS 1.2 it works.

// unresumed reports a transfer that failed for the server did not take its
// data connection for ours.
func (c *Client) unresumed(t *transfer, err error) bool {
	var re *proto.ReplyError
	if !t.sealing || t.again || c.Broken() || c.who == nil || !errors.As(err, &re) || t.n > 0 && !t.toServer {
		return false
	}
	switch re.Reply.Code {
	case proto.BadNetwork: // vsftpd: 522 session reuse required
		return true
	case proto.CantOpenData, proto.TransferAborted, proto.FileBusy:
		text := strings.ToLower(re.Reply.Text())
		for _, word := range []string{"tls", "ssl", "session", "resum", "reuse"} {
			if strings.Contains(text, word) {
				return true
			}
		}
		return !t.resumed // ProFTPD: 425 Operation not permitted
	}
	return false
}

// onceMore makes the session anew and repeats a transfer whose data connection
// was not taken for ours: over TLS 1.2, unless it was only that the session
// had grown too old to be resumed.
func (c *Client) onceMore(ctx context.Context, t *transfer, failure error) (*transfer, error) {
	j := t.job
	j.again = true
	if c.tls.conn.ConnectionState().Version == tls.VersionTLS13 && time.Since(c.tls.since) < oldSession {
		c.learn(func(q *Quirks) { q.NoTLS13 = true })
	} else if time.Since(c.tls.since) < oldSession {
		return t, failure // with TLS 1.2, and still
	}
	if err := c.renew(ctx); err != nil {
		if c.Broken() || ctx.Err() != nil {
			return t, err
		}
		return t, failure
	}
	if t.toServer && (j.rewind == nil || j.rewind(t.n) != nil) {
		return t, failure // but the next transfer will do
	}
	return c.once(ctx, j)
}

// renew puts a new session in the place of this one: same user, same
// directory.
func (c *Client) renew(ctx context.Context) error {
	dir, err := c.Pwd(ctx)
	if err != nil {
		return err
	}
	return c.renewAt(ctx, dir)
}

// renewAt is renew where the directory is known: the old session may be
// Broken.
func (c *Client) renewAt(ctx context.Context, dir string) error {
	fresh, err := Dial(ctx, c.host, c.again())
	if err != nil {
		return err
	}
	if err = fresh.Login(ctx, *c.who); err == nil {
		err = fresh.ChangeDir(ctx, dir)
	}
	if err != nil {
		_ = fresh.Close()
		return err
	}
	return c.become(ctx, fresh)
}

// again is how the next connection to this server is made.
func (c *Client) again() Config {
	cfg := c.cfg
	cfg.Quirks = c.Quirks()
	cfg.Security.Seen = true
	return cfg
}

// become takes over the connection of another Client.
func (c *Client) become(ctx context.Context, fresh *Client) error {
	qctx, cancel := context.WithTimeout(ctx, quitWait)
	defer cancel()
	_, _ = c.do(qctx, proto.Cmd("QUIT"))
	c.mu.Lock()
	defer c.mu.Unlock()
	if errors.Is(c.lost, ErrClosed) {
		_ = fresh.Close()
		return c.lost
	}
	_ = c.conn.Close()
	c.lost = nil
	c.conn, c.tls, c.in, c.peer, c.greeting = fresh.conn, fresh.tls, fresh.in, fresh.peer, fresh.greeting
	c.owed, c.echo = nil, false
	c.leaveLane()
	return nil
}
