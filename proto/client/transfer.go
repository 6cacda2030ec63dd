package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"ferry/proto"
	"ferry/proto/data"
)

// job is one use of a data connection.
type job struct {
	cmd    proto.Command
	params proto.Params
	restart
	refusal  error // why this end can't do it, nil if it can
	toServer bool  // which way the data goes
	size     int64 // how many bytes go to the server; 0: not known
	held     bool  // it is a file's, whose bytes may be waited for past the poller
	onMark   func(proto.Reply)
	move     func(ctx context.Context, dc *data.Conn) (int64, error)
	rewind   func(moved int64) error // brings the source back to where it began; nil: it can't
	again    bool                    // it is the second try
	probe    *Probe                  // learns which connection it is; nil: nobody asks
}

// restart is where a transfer begins: at the start, at an offset, or at a
// marker.
type restart struct {
	offset int64
	marker string
	until  int64 // behind the last byte wanted, where the server can end there; 0: its end
	exact  bool  // nothing will do that doesn't end there
}

// transfer is a job under way.
type transfer struct {
	job
	c     *Client
	ch    *channel
	eager bool // the command went out before the connection stood

	flying bool // the commands of other files are on their way behind it

	sealing bool // a TLS handshake of the data connection was begun
	resumed bool // it resumed the control connection's session

	mark     proto.Reply // the first 1xx
	wire     int64       // bytes that came over a connection that counts them
	n        int64       // file bytes moved
	cut      bool        // the end of the data was not announced (TLS)
	aborted  bool        // by this end: what the server says then is no reason
	standing atomic.Bool // the data connection is there
	watch    <-chan verdict
	read     func()      // reads the control connection to the last reply
	later    *time.Timer // begins it; nil: it was begun at once
	final    *verdict    // the last reply, once it was read
}

// run does a job. The transfer that it returns has what is known of it, also
// next to an error.
func (c *Client) run(ctx context.Context, j job) (*transfer, error) {
	if err := errors.Join(j.refusal, c.sendable(j.cmd)); err != nil {
		return &transfer{job: j}, err
	}
	t, err := c.once(ctx, j)
	var re *proto.ReplyError
	if t.eager && t.n == 0 && errors.As(err, &re) && re.Reply.Code == proto.CantOpenData && !c.Broken() {
		// A server that looks for the connection when the command comes.
		c.learn(func(q *Quirks) { q.ConnectFirst = true })
		return c.once(ctx, j)
	}
	if c.unresumed(t, err) {
		return c.onceMore(ctx, t, err)
	}
	return t, err
}

func (c *Client) once(ctx context.Context, j job) (*transfer, error) {
	t := &transfer{job: j, c: c}
	if err := t.prepare(ctx); err != nil {
		return t, err
	}
	mctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	err := t.begin(mctx, cancel)
	if err == nil {
		err = t.carry(mctx)
	}
	return t, t.finish(ctx, err)
}

// prepare sets the parameters, arranges the data connection and says where to
// begin.
//
// RFC 959 §4.1.3: REST must be followed at once by the command that uses it,
// so it comes after EPSV and PORT.
func (t *transfer) prepare(ctx context.Context) (err error) {
	if err = t.c.ensure(ctx, t.params); err != nil {
		return err
	}
	if t.ch, err = t.c.arrange(ctx, t.cmd); err != nil {
		return err
	}
	if err = t.c.restartAt(ctx, t.cmd, t.restart); err != nil {
		t.ch.close()
	}
	t.eager = t.ch.ln == nil && t.ch.nc == nil
	return err
}

// restartAt sends REST where it is needed: also to take back one that was not
// used, or that the server may still remember: some don't forget it after a
// transfer.
func (c *Client) restartAt(ctx context.Context, cmd proto.Command, at restart) error {
	if at.until > 0 {
		if taken, err := c.rangeTo(ctx, at); taken || err != nil {
			return err
		}
		if at.exact {
			return fmt.Errorf("%w: it refuses RANG", ErrNoRestart)
		}
	}
	arg := at.marker
	switch {
	case arg != "":
	case at.offset > 0:
		arg = strconv.FormatInt(at.offset, 10)
	case c.in.restart || c.in.resumed && transfers(cmd.Verb):
		_, err := c.try(ctx, proto.Cmd("REST", "0"))
		c.in.resumed = false
		return err
	default:
		return nil
	}
	r, err := c.do(ctx, proto.Cmd("REST", arg))
	if isRefusal(err) && !c.Broken() || err == nil && r.Code.Class() != proto.More {
		return fmt.Errorf("%w: %w", ErrNoRestart, &proto.ReplyError{Command: proto.Cmd("REST", arg), Reply: r})
	}
	return err
}

// begin sends the command and reads its first reply.
func (t *transfer) begin(ctx context.Context, cancel context.CancelCauseFunc) error {
	if t.c.announces(t.job) {
		if err := t.c.send(t.announcement()); err != nil {
			return err
		}
	}
	if err := t.c.post(ctx, t.cmd); err != nil {
		return err
	}
	derr := t.catchUp(ctx)
	if err := t.announced(ctx); err != nil {
		return errors.Join(derr, err)
	}
	r, err := t.firstReply(ctx, derr)
	switch {
	case derr != nil && err != nil && !t.c.Broken():
		return derr
	case err != nil:
		return err
	case r.Code.Class() != proto.Mark:
		// A 2xx without a mark is said by servers that have nothing to send.
		t.take(verdict{reply: r})
		return errors.Join(t.refused(), derr)
	}
	t.mark = r
	if derr == nil {
		t.standing.Store(t.ch.nc != nil)
		t.follow(ctx, cancel)
	}
	return derr
}

// catchUp makes the data connection of an eager transfer.
func (t *transfer) catchUp(ctx context.Context) error {
	if !t.eager {
		return nil
	}
	err := t.c.stand(ctx, t.ch)
	if err != nil {
		t.c.learn(func(q *Quirks) { q.Reachable = false })
	}
	return err
}

// firstReply waits for the answer to the command. Without a data connection
// it only looks whether a refusal is on its way, which would be the reason.
func (t *transfer) firstReply(ctx context.Context, derr error) (proto.Reply, error) {
	if derr != nil {
		gctx, cancel := context.WithTimeout(ctx, grace)
		defer cancel()
		return t.c.receive(gctx, 0)
	}
	return t.c.receive(ctx, t.c.cfg.Timeouts.Reply)
}

// carry moves the bytes.
func (t *transfer) carry(ctx context.Context) error {
	if t.final != nil && t.ch.nc == nil { // said to be over: wait no longer than grace
		gctx, cancel := context.WithTimeout(ctx, grace)
		defer cancel()
		ctx = gctx
	}
	if err := t.c.stand(ctx, t.ch); err != nil {
		if t.final != nil {
			return nil
		}
		return err
	}
	t.probe.look(t.ch.nc)
	if t.held {
		t.ch.nc = t.c.hold(t.ch.nc)
	}
	nc, err := t.protect(ctx)
	if err != nil {
		return err
	}
	counted := &counter{Conn: nc}
	if t.params.Type.Text() && !t.toServer {
		nc = counted
	}
	t.standing.Store(true)
	t.c.busy = true
	defer func() { t.c.busy = false }()
	t.n, err = t.move(ctx, data.NewConn(nc))
	t.wire = counted.read
	t.cut = t.cutMatters()
	return t.blame(err)
}

// blame says whose failure it is that ended the bytes: the local file's, the
// data connection's, or what is wrong with the bytes.
func (t *transfer) blame(err error) error {
	var fe *data.FileError
	var pe *proto.ParamError
	switch {
	case err == nil, errors.Is(err, errStop), errors.As(err, &pe):
		return err
	case errors.As(err, &fe):
		return &LocalError{Err: fe.Err}
	}
	for _, own := range []error{data.ErrTooLarge, data.ErrSuspect, data.ErrRecord, data.ErrPages} {
		if errors.Is(err, own) {
			return err
		}
	}
	return &DataError{Addr: t.ch.remote(), Err: err}
}

// Sendable tells whether a name can be sent at all: not with a line end or NUL in
// it, not longer than a command may be, and only of what the charset has.
func (c *Client) Sendable(name string) error { return c.sendable(proto.Cmd("STOR", name)) }

// sendable refuses early what proto would refuse to send.
func (c *Client) sendable(cmd proto.Command) error {
	if strings.ContainsAny(cmd.Arg, "\r\n\x00") {
		return &proto.SyntaxError{What: "name", Text: cmd.Arg, Why: "holds a line end or NUL"}
	}
	if len(cmd.Arg) > proto.MaxCommand-8 {
		return proto.ErrLineTooLong
	}
	_, err := c.cfg.Charset.command(cmd)
	return err
}
