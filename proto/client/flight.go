package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ferry/proto"
	"ferry/proto/data"
)

// A flight is several files on their way together: EPSV and RETR (or STOR) of
// all of them in one write, then one data connection after the other.
//
//	EPSV RETR a EPSV RETR b EPSV RETR c ─▶     one write, at most flightBytes
//	229 ◀─      dial ═▶ 150 data 226 229 ◀─      dial ═▶ 150 data 226 229 …
//
// The answer to the next EPSV comes with the end of the file before it, which
// saves a round trip a file. Nothing is written until all are answered: the
// server has read the whole write by then, and nothing lies in its socket that
// it could take for an interruption (measured: a sliding window is refused by
// Pure-FTPd, and by ProFTPD for STOR).
type flight struct {
	c       *Client
	errands []errand
	landed  []landing // of the first errands
	first   *channel  // of the first errand, which stands before it is asked for; nil: it has its EPSV as the others
	trial   bool      // whether the server stands it isn't known
	lost    bool      // of a trial: where the session is isn't known either, and is asked first
}

// landing is one file of a flight after its last reply.
type landing struct {
	checking
	err  error
	ask  bool // only SIZE can tell whether it is whole
	sum  Hashed
	redo bool // the flight may be what failed it, not the file
}

// fly moves the first errands, as many as go into one write, and tells each.
func (c *Client) fly(ctx context.Context, errands []errand, each func(int, Verdict)) (int, error) {
	f := &flight{c: c, errands: errands, trial: !c.flies(errands[0].toServer)}
	if err := f.prepare(ctx); err != nil {
		return 0, err
	}
	if err := f.reach(ctx); err != nil {
		if c.over(ctx) != nil {
			return 0, c.over(ctx)
		}
		each(0, Verdict{Err: err})
		return 1, nil
	}
	c.linger()
	refused, err := f.launch(ctx)
	if err == nil && f.lost { // the answer is kept; without one there is no way back, and no need of one
		_, err = f.c.answer(ctx)
	}
	if err != nil {
		return 0, err
	}
	for i := 0; i < len(refused) && !c.Broken() && !f.mistaken(ctx); i++ {
		f.land(ctx, f.errands[i], refused[i])
	}
	if f.mistaken(ctx) {
		return f.ground(ctx, each)
	}
	f.weigh(ctx)
	return f.report(ctx, each)
}

// prepare does what must be done before, and once.
func (f *flight) prepare(ctx context.Context) error {
	c := f.c
	f.lost = f.trial && c.in.cwd == ""
	if err := c.ensure(ctx, f.errands[0].params); err != nil {
		return err
	}
	return c.restartAt(ctx, f.errands[0].cmd, restart{})
}

// reach makes the first data connection that there is with this server before
// anything stands behind it: whether there will be one, nobody knows yet.
func (f *flight) reach(ctx context.Context) (err error) {
	if f.c.Quirks().Reachable {
		return nil
	}
	f.first, err = f.c.arrange(ctx, f.errands[0].cmd)
	return err
}

// launch writes the commands. For each errand that it took there is nil, or
// why it can't be sent.
func (f *flight) launch(ctx context.Context) (refused []error, err error) {
	open := proto.Cmd("EPSV")
	if f.c.cfg.Data == PassivePlain || f.c.Quirks().NoEPSV && f.c.cfg.Data == Passive {
		open = proto.Cmd("PASV")
	}
	if f.lost {
		if err := f.c.send(proto.Cmd("PWD")); err != nil {
			return nil, err
		}
	}
	most := f.c.flightBytes()
	for i, e := range f.errands {
		cmds := []proto.Command{open, e.cmd}
		if f.c.announces(e.job) {
			cmds = []proto.Command{e.announcement(), open, e.cmd}
		}
		if i == 0 && f.first != nil {
			cmds = slices.DeleteFunc(cmds, func(c proto.Command) bool { return c == open })
		}
		if i > 0 && f.c.conn.Queued()+length(cmds) > most {
			break
		}
		unfit := errors.Join(e.refusal, f.c.sendable(e.cmd))
		for _, cmd := range cmds {
			if unfit != nil {
				break
			}
			if err := f.c.send(cmd); err != nil {
				return nil, err
			}
		}
		refused = append(refused, unfit)
	}
	return refused, f.c.flush(ctx)
}

// length is how many bytes commands have on the wire.
func length(cmds []proto.Command) (n int) {
	for _, cmd := range cmds {
		n += len(cmd.Verb) + len(cmd.Arg) + 3
	}
	return n
}

// flightBytes is how much of several transfers goes into one write.
func (c *Client) flightBytes() int {
	if !c.Encrypted() && (c.greets("vsFTPd") || c.greets("ferry")) {
		return windowBytes
	}
	return batchBytes
}

// land carries the next file of the flight. After it either nothing of this
// file is owed any more, or the client is Broken.
func (f *flight) land(ctx context.Context, e errand, unfit error) {
	t := &transfer{job: e.job, c: f.c, ch: &channel{brief: true}, flying: true}
	if f.first != nil {
		t.ch, f.first = f.first, nil
	}
	l := landing{checking: checking{e.path, e.t, t}, err: unfit}
	if unfit == nil {
		l.err = f.carry(ctx, t)
		l.redo = f.c.doubtful(t, l.err)
	}
	if l.err == nil {
		l.ask, l.err = l.known()
	}
	f.landed = append(f.landed, l)
}

func (f *flight) carry(ctx context.Context, t *transfer) error {
	mctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	err := t.approach(mctx, cancel)
	if err == nil && t.final == nil {
		err = t.carry(mctx)
	}
	return t.finish(ctx, err)
}

// approach reads the reply to EPSV or PASV and makes the connection. The first
// reply to the transfer is not waited for: an upload, or a TLS handshake, is on
// its way before, which saves a round trip. One that is there already may save
// the connection, or tell why there is none.
func (t *transfer) approach(ctx context.Context, cancel context.CancelCauseFunc) error {
	if err := t.announced(ctx); err != nil {
		return err
	}
	var derr error
	if t.ch.nc == nil {
		r, err := t.c.answer(ctx)
		if err != nil {
			return err
		}
		t.ch.addr, derr = t.c.offered(r)
	}
	early := derr == nil && t.c.conn.Pending()
	if derr == nil && !early {
		derr = t.c.stand(ctx, t.ch)
	}
	if early || derr != nil {
		if err := t.opening(ctx, derr); err != nil || t.final != nil {
			return err
		}
		if derr = t.c.stand(ctx, t.ch); derr != nil {
			return derr
		}
	}
	t.standing.Store(true)
	t.follow(ctx, cancel)
	return nil
}

// opening reads the first reply; derr is why there is no connection. Its error
// is a refusal, or derr.
func (t *transfer) opening(ctx context.Context, derr error) error {
	r, err := t.firstReply(ctx, derr)
	switch {
	case err != nil:
		return errors.Join(derr, err)
	case r.Code.Class() == proto.Mark:
		t.mark = r
		return derr
	}
	t.take(verdict{reply: r})
	return t.refused()
}

// offered is where the server listens, by its reply to EPSV or PASV.
func (c *Client) offered(r proto.Reply) (string, error) {
	switch r.Code {
	case proto.ExtendedPassive:
		port, err := proto.ParseExtendedPassive(r.Text())
		return c.peerPort(port), err
	case proto.PassiveMode:
		at, err := proto.ParsePassive(r.Text())
		return c.choose(at), err
	}
	return "", &DataError{Err: &proto.ReplyError{Command: proto.Cmd("EPSV"), Reply: r}}
}

// giveUp ends a file of a flight that went wrong. Where the data connection
// can be cut the server sees the end of it, and goes on to the next; else the
// session is lost, since ABOR would only come to its turn behind the others.
func (t *transfer) giveUp(ctx context.Context, err error) {
	t.ch.reset()
	if t.standing.Load() && ctx.Err() == nil && !isTimeout(err) && !errors.Is(err, data.ErrStalled) {
		t.conclude(ctx)
		return
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	_ = t.c.breakWith(fmt.Errorf("left in the middle of a batch: %w", err))
}

// mistaken reports a trial that shows that the server does not stand flights:
// it lost its place, there was no data connection to be had, or it waited for
// one until it closed the session (pyftpdlib, with 421). A control connection
// that broke by itself shows nothing.
func (f *flight) mistaken(ctx context.Context) bool {
	if !f.trial || len(f.landed) == 0 || ctx.Err() != nil {
		return false
	}
	var se *StepError
	var de *DataError
	var re *proto.ReplyError
	lost, last := f.c.usable(), f.landed[len(f.landed)-1]
	left := errors.As(lost, &re) && re.Reply.Code == proto.Unavailable
	return left || last.redo || errors.As(last.err, &de) || errors.As(lost, &se) || errors.As(lost, &de) || isTimeout(lost)
}

// errNoBatch ends a session that was tried with a flight.
var errNoBatch = errors.New("the server doesn't stand several files in one write")

// ground gives flights up for this server: with a new session, since it is not
// known what the old one will still say, and the first file by itself.
func (f *flight) ground(ctx context.Context, each func(int, Verdict)) (int, error) {
	c, dir := f.c, f.c.in.cwd
	_ = c.breakWith(errNoBatch)
	c.learn(func(q *Quirks) { q.NoBatch = true })
	if c.who == nil || dir == "" {
		return 0, c.usable()
	}
	if err := c.renewAt(ctx, dir); err != nil {
		return 0, err
	}
	v, err := c.single(ctx, f.errands[0])
	each(0, v)
	return 1, err
}

// sumUp asks for the checksums of what has arrived, all in one write. Where one
// comes, the size is in it.
func (f *flight) sumUp(ctx context.Context) {
	algo, of, paths := f.errands[0].hash, []*landing(nil), []string(nil)
	for i := range f.landed {
		if l := &f.landed[i]; l.err == nil && algo != "" {
			of, paths = append(of, l), append(paths, l.path)
		}
	}
	if len(of) == 0 || f.c.Broken() {
		return
	}
	sums, err := f.c.HashAll(ctx, paths, algo)
	for i, l := range of {
		if i >= len(sums) {
			l.err = err
			continue
		}
		l.sum = sums[i]
		l.ask = l.ask && l.sum.Err != nil
	}
}

// weigh asks for the sizes that nobody told, all in one write.
func (f *flight) weigh(ctx context.Context) {
	f.sumUp(ctx)
	var cmds []proto.Command
	var of []*landing
	for i := range f.landed {
		if l := &f.landed[i]; l.ask && l.err == nil {
			of, cmds = append(of, l), append(cmds, proto.Cmd("SIZE", l.run.cmd.Arg))
		}
	}
	if len(cmds) == 0 || f.c.Quirks().NoSize && !f.c.Broken() {
		return
	}
	answers, err := f.c.DoAll(ctx, cmds)
	for i, l := range of {
		if l.err = err; i < len(answers) {
			if unknownCommand(answers[i].Reply) {
				f.c.learn(func(q *Quirks) { q.NoSize = true })
			}
			size, serr := sizeOf(answers[i].Reply)
			l.err = l.told(size, answers[i].Err == nil && serr == nil)
		}
	}
}

// report tells each file's verdict, after a second try by itself for what the
// flight may have failed, and notes whether the server stands flights.
func (f *flight) report(ctx context.Context, each func(int, Verdict)) (int, error) {
	for i, l := range f.landed {
		v := Verdict{N: l.run.n, Err: l.err, Reply: l.run.last(), Sum: l.sum}
		if l.redo && !f.c.Broken() && f.errands[i].rewindable(l.run.n) {
			v, _ = f.c.single(ctx, f.errands[i])
		}
		each(i, v)
	}
	n := len(f.landed)
	if f.trial && n > 1 && f.landed[n-1].err == nil {
		f.c.flown(f.errands[0].toServer)
	}
	if ctx.Err() != nil {
		return n, context.Cause(ctx)
	}
	return n, f.c.usable()
}

func (e errand) rewindable(moved int64) bool {
	return !e.toServer || e.rewind != nil && e.rewind(moved) == nil
}

// flies reports whether the server has shown that it stands flights.
func (c *Client) flies(up bool) bool {
	q := c.Quirks()
	return up && q.BatchUp || !up && q.BatchDown
}

// flier reports whether the server says that it is one that stands flights
// (measured on all of them).
func (c *Client) flier() bool {
	return slices.ContainsFunc([]string{"vsFTPd", "ProFTPD", "Pure-FTPd", "ferry"}, c.greets)
}

func (c *Client) flown(up bool) {
	c.learn(func(q *Quirks) {
		if up {
			q.BatchUp = true
		} else {
			q.BatchDown = true
		}
	})
}
