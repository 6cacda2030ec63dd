package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ferry/proto"
	"ferry/proto/data"
)

// A lane is a data connection that stays for many files: what CHAN opens at
// servers that announce it (ferry's). Commands run ahead of the files, so that
// a small one costs no round trip.
//
//	EPSV 229, connection, CHAN 225
//	RETR a RETR b RETR c … ─▶
//	           125 data 250, 125 data 250, 550, …    in order, as fast as the line
//
// serve/channel.go has the rules; package data (Keep) what is on the wire.
type lane struct {
	ch   *channel
	conn *data.Conn
}

// Channel says whether lanes are used where a server offers them (CHAN).
type Channel byte

const (
	ChannelAuto Channel = iota
	ChannelOff          // a data connection each, as with any other server
)

// SetChannel changes it for the files that follow.
func (c *Client) SetChannel(how Channel) { c.cfg.Channel = how }

// chanFeature is the word in FEAT.
const chanFeature = "CHAN"

// lanes reports whether files with these parameters may go over a lane.
func (c *Client) lanes(p proto.Params) bool {
	q := c.Quirks()
	return c.cfg.Channel == ChannelAuto && c.in.features.Has(chanFeature) && !c.cfg.Data.Listens() && !q.NoPipeline && !q.NoChannel && p == proto.Binary()
}

// Commits reports whether the server gives an upload its name only when all
// of it has come, with the right sum, so that StoreBatch needs no temporary names.
func (c *Client) Commits() bool { return c.lanes(c.params) }

func laneParams() proto.Params {
	p := proto.Binary()
	p.Mode = proto.Block
	return p
}

// openLane opens a lane, unless there is one.
func (c *Client) openLane(ctx context.Context) error {
	if c.lane != nil {
		return nil
	}
	ch, err := c.approachLane(ctx)
	if err != nil {
		return err
	}
	open := proto.Cmd(chanFeature)
	t := &transfer{c: c, ch: ch, job: job{cmd: open, toServer: false}}
	err = c.post(ctx, open)
	if err == nil {
		if err = c.stand(ctx, ch); err == nil {
			_, err = t.protect(ctx)
		}
		r, rerr := c.answer(ctx)
		if rerr == nil && r.Code != proto.DataOpenIdle {
			rerr = &proto.ReplyError{Command: open, Reply: r}
		}
		err = errors.Join(rerr, err)
	}
	if err != nil {
		ch.reset()
		return err
	}
	nc := ch.nc
	if ch.tls != nil {
		nc = ch.tls.Conn
	}
	c.lane = &lane{ch: ch, conn: data.NewConn(nc)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.road = ch.nc
	if c.lost != nil {
		c.closeRoad()
	}
	return c.lost
}

// approachLane sets the mode of a lane and arranges its connection; in one write
// where that is all there is to be set, which saves a round trip.
func (c *Client) approachLane(ctx context.Context) (*channel, error) {
	lane := laneParams()
	stream := lane
	stream.Mode = proto.Stream
	if c.in.params != stream || c.cfg.Data == PassivePlain || c.Quirks().NoEPSV || c.alone() {
		if err := c.ensure(ctx, lane); err != nil {
			return nil, err
		}
		return c.passive(ctx)
	}
	if err := c.serveTLS(ctx); err != nil {
		return nil, err
	}
	answers, err := c.DoAll(ctx, []proto.Command{proto.Cmd("MODE", lane.Mode.String()), proto.Cmd("EPSV")})
	switch {
	case err != nil:
		return nil, err
	case answers[0].Err != nil:
		return nil, answers[0].Err
	case answers[1].Err != nil:
		return c.passive(ctx)
	}
	ch, err := c.listened(ctx, answers[1].Reply)
	if err != nil && c.cfg.Data == Passive && isAnswer(err) && !c.Broken() && ctx.Err() == nil {
		return c.plain(ctx)
	}
	return ch, err
}

// closeRoad closes what is below the lane, whoever uses it. c.mu is held.
func (c *Client) closeRoad() {
	if c.road != nil {
		_ = c.road.Close()
		c.road = nil
	}
}

// leaveLane ends the lane, if there is one: any other data connection does.
func (c *Client) leaveLane() {
	if c.lane != nil {
		c.lane.ch.close()
		c.lane = nil
		c.mu.Lock()
		c.road = nil
		c.mu.Unlock()
	}
}

// convoy is files on their way over a lane.
type convoy struct {
	*Client
	errands []errand
	unfit   []error // why an errand is not sent, nil if it is
	sent    int     // errands whose commands are queued
	ahead   []int   // the sizes of commands that wait for their replies
	waiting int     // their sum
}

// drive moves all the errands over the lane and tells each.
func (c *Client) drive(ctx context.Context, errands []errand, each func(int, Verdict)) (int, error) {
	v := &convoy{Client: c, errands: errands}
	for _, e := range errands {
		v.unfit = append(v.unfit, errors.Join(e.refusal, c.sendable(e.cmd)))
	}
	if err := c.restartAt(ctx, errands[0].cmd, restart{}); err != nil {
		return 0, err
	}
	if errands[0].toServer {
		return v.upload(ctx, each)
	}
	return v.download(ctx, each)
}

// fill sends commands until enough of them are on their way. It does nothing
// while half of them still are, so that writes are few.
func (v *convoy) fill(ctx context.Context) error {
	if v.waiting > aheadBytes/2 {
		return nil
	}
	for ; v.sent < len(v.errands) && v.waiting < aheadBytes; v.sent++ {
		if v.unfit[v.sent] != nil {
			continue
		}
		cmd := v.errands[v.sent].cmd
		if err := v.send(cmd); err != nil {
			return err
		}
		size := len(cmd.Verb) + len(cmd.Arg) + 3
		v.ahead = append(v.ahead, size)
		v.waiting += size
	}
	if v.conn.Queued() == 0 {
		return nil
	}
	return v.flush(ctx)
}

// replied takes one command off those on their way.
func (v *convoy) replied() {
	v.waiting -= v.ahead[0]
	v.ahead = v.ahead[1:]
}

// download receives the files one after the other.
func (v *convoy) download(ctx context.Context, each func(int, Verdict)) (int, error) {
	for i, e := range v.errands {
		if v.unfit[i] != nil {
			each(i, Verdict{Err: v.unfit[i]})
			continue
		}
		if err := v.fill(ctx); err != nil {
			return i, err
		}
		verdict := v.fetch(ctx, e)
		each(i, verdict)
		if err := v.over(ctx); err != nil {
			return i + 1, err
		}
		v.replied()
	}
	return len(v.errands), nil
}

// fetch is one download. After it either nothing of it is owed, or the Client
// is Broken.
func (v *convoy) fetch(ctx context.Context, e errand) Verdict {
	mark, final, err := v.opening(ctx, e)
	if err != nil || final {
		return Verdict{Err: err}
	}
	k := &data.Keep{}
	v.busy = true
	n, err := e.kept(ctx, v.lane.conn, k, nil)
	v.busy = false
	if !k.InStep {
		return Verdict{N: n, Err: v.derail(ctx, e, err)}
	}
	r, rerr := v.answer(ctx)
	if rerr == nil && r.Code.Class() != proto.Done {
		rerr = &proto.ReplyError{Command: e.cmd, Reply: r}
	}
	run := &transfer{job: e.job, c: v.Client, mark: mark, n: n}
	if err = kept(errors.Join(rerr, err)); err == nil {
		_, err = checking{e.path, e.t, run}.known()
	}
	return Verdict{N: n, Err: err, Hash: err == nil, Reply: r}
}

// opening reads the first reply to an errand; final: it was the last, too.
func (v *convoy) opening(ctx context.Context, e errand) (mark proto.Reply, final bool, err error) {
	r, err := v.receive(ctx, v.cfg.Timeouts.Reply)
	switch {
	case err != nil:
		return r, true, err
	case outOfStep(e.cmd, r):
		return r, true, v.lose(&StepError{Reply: r})
	case r.Code.Class() == proto.Mark:
		return r, false, nil
	}
	v.paid(e.cmd, r)
	if r.Code.Class() == proto.Done { // without a mark nothing was moved
		return r, true, v.lose(&StepError{Reply: r})
	}
	return r, true, &proto.ReplyError{Command: e.cmd, Reply: r}
}

// derail ends a session whose lane broke in the middle of a file: the server
// may have said why.
func (v *convoy) derail(ctx context.Context, e errand, err error) error {
	if ctx.Err() == nil {
		gctx, cancel := context.WithTimeout(ctx, grace)
		defer cancel()
		if r, rerr := v.receive(gctx, 0); rerr == nil && r.Code.Class() >= proto.Retry {
			err = &proto.ReplyError{Command: e.cmd, Reply: r}
		}
	} else {
		err = context.Cause(ctx)
	}
	_ = v.breakWith(fmt.Errorf("left in the middle of a batch: %w", err))
	v.leaveLane()
	return &DataError{Addr: v.host, Err: err}
}

// over is why no more can be done.
func (c *Client) over(ctx context.Context) error {
	if ctx.Err() != nil {
		_ = c.breakWith(context.Cause(ctx))
		return context.Cause(ctx)
	}
	return c.usable()
}

// kept says whose failure an error of package data is.
func kept(err error) error {
	var fe *data.FileError
	if errors.As(err, &fe) && !isRefusal(err) {
		return &LocalError{Err: fe.Err}
	}
	return err
}

// carried is what became of the bytes of an upload.
type carried struct {
	n   int64
	err error
	in  bool // the lane stands between two files
}

// stopper is the source of an upload, which ends early when the server has
// refused the file, and with an error when it is not as long as was said: then
// it was written to meanwhile.
type stopper struct {
	io.Reader
	refused func() bool
	left    int64 // bytes to come, below zero: not known
}

var errRefusedAlready = errors.New("refused already")

func (s *stopper) Read(p []byte) (int, error) {
	if s.refused() {
		return 0, errRefusedAlready
	}
	n, err := s.Reader.Read(p)
	if s.left >= 0 {
		if s.left -= int64(n); s.left < 0 {
			return 0, errors.New("the file is longer than it was")
		}
		if err == io.EOF && s.left > 0 {
			return n, fmt.Errorf("the file is shorter than it was: %w", io.ErrUnexpectedEOF)
		}
	}
	return n, err
}
