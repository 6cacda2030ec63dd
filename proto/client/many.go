package client

import (
	"context"
	"errors"
	"io"
	"time"

	"ferry/proto"
	"ferry/proto/data"
)

// Pull is one file that RetrieveBatch gets. Of Transfer, Offset, Marker,
// Params and OnMark must be zero.
type Pull struct {
	Path string
	Open func() (io.Writer, error) // called when the bytes come; closing is the caller's work
	Hash HashAlgo                  // the server is asked for the checksum; the caller compares it. "": it isn't
	Transfer
}

// Push is one file that StoreBatch sends; Transfer as in Pull.
type Push struct {
	Path string
	Open func() (io.Reader, error) // called when the server waits for the bytes; once more for a second try
	Time time.Time                 // of its last change; zero: it gets none. See Verdict.Timed
	Hash HashAlgo                  // as Pull's; where a checksum came nobody asks for the size
	Transfer
}

// Verdict is what became of one file of a batch.
type Verdict struct {
	N     int64       // bytes moved
	Err   error       // as Retrieve's and Store's; nil: the file is whole
	Hash  bool        // its SHA-256 was compared between the ends
	Sum   Hashed      // what the server says to Pull.Hash or Push.Hash, where Hash is false
	Timed bool        // it has Push.Time already
	Reply proto.Reply // the server's last; zero when none came
}

// RetrieveBatch gets the first of the files, as many as the server takes at
// once, and tells each what became of every one, in their order. done is how
// many have a verdict. The error is the connection's or ctx's, and those from
// done on were not moved; one file's failure doesn't concern the others.
//
// The commands of a batch are on their way together, so the only way out of it
// is to give up the connection: when ctx ends the Client is Broken. Nobody may
// use it within each.
//
// Whether the server stands this is tried with two files and kept in Quirks;
// with one that doesn't the first file alone is moved.
func (c *Client) RetrieveBatch(ctx context.Context, pulls []Pull, each func(i int, v Verdict)) (done int, err error) {
	return c.batch(ctx, len(pulls), func(i int) errand { return c.pull(pulls[i]) }, each)
}

// StoreBatch is RetrieveBatch in the other direction. What it did not get to
// may be an empty file at the server's end.
func (c *Client) StoreBatch(ctx context.Context, pushes []Push, each func(i int, v Verdict)) (done int, err error) {
	return c.batch(ctx, len(pushes), func(i int) errand { return c.push(pushes[i]) }, each)
}

// errand is one file of a batch.
type errand struct {
	job
	t    Transfer
	path string
	time time.Time // Push.Time
	hash HashAlgo  // asked for when it has moved

	// kept moves the bytes over a lane.
	kept func(ctx context.Context, dc *data.Conn, k *data.Keep, refused func() bool) (int64, error)
}

func (c *Client) pull(p Pull) errand {
	e := errand{job: c.job("RETR", p.Path, p.Transfer), t: p.Transfer, path: p.Path, hash: p.Hash}
	o := c.layers(p.Transfer, e.params)
	e.refusal = o.Supported()
	receive := func(ctx context.Context, dc *data.Conn, o data.Options) (int64, error) {
		dst, err := p.Open()
		switch {
		case err != nil && o.Keep == nil:
			return 0, &data.FileError{Err: err}
		case err != nil:
			dst = failing{err} // the file is read past
		}
		return data.Receive(ctx, dst, dc, o)
	}
	e.move = func(ctx context.Context, dc *data.Conn) (int64, error) { return receive(ctx, dc, o) }
	e.kept = func(ctx context.Context, dc *data.Conn, k *data.Keep, _ func() bool) (int64, error) {
		o := o
		o.Keep, o.Params = k, laneParams()
		return receive(ctx, dc, o)
	}
	return e
}

// failing is what can't be read or written.
type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }
func (f failing) Read([]byte) (int, error)  { return 0, f.error }

func (c *Client) push(p Push) errand {
	e := errand{job: c.job("STOR", p.Path, p.Transfer), t: p.Transfer, path: p.Path, time: p.Time, hash: p.Hash}
	o := c.layers(p.Transfer, e.params)
	e.refusal = o.Supported()
	e.toServer, e.size = true, p.Size
	e.move = func(ctx context.Context, dc *data.Conn) (int64, error) {
		src, err := p.Open()
		if err != nil {
			return 0, &data.FileError{Err: err}
		}
		return data.Send(ctx, dc, src, o)
	}
	e.kept = func(ctx context.Context, dc *data.Conn, k *data.Keep, refused func() bool) (int64, error) {
		o := o
		o.Keep, o.Params = k, laneParams()
		src, err := p.Open()
		if err != nil {
			src = failing{err}
		}
		left := int64(-1)
		if p.Size > 0 {
			left = p.Size
		}
		return data.Send(ctx, dc, &stopper{src, refused, left}, o)
	}
	e.rewind = func(moved int64) error { // Open is called anew
		if p.Moved != nil {
			p.Moved.Add(-moved)
		}
		return nil
	}
	return e
}

// batch moves the first of n files.
func (c *Client) batch(ctx context.Context, n int, errandOf func(int) errand, each func(int, Verdict)) (int, error) {
	if n == 0 {
		return 0, nil
	}
	if err := c.ready(ctx); err != nil {
		return 0, err
	}
	first := errandOf(0)
	if c.lanes(first.params) {
		done, err := c.overLane(ctx, n, first, errandOf, each)
		if done > 0 || err != nil || !c.Quirks().NoChannel {
			return done, err
		}
	}
	most := min(n, c.flightSize(first.toServer))
	if most < 2 {
		v, err := c.single(ctx, first)
		each(0, v)
		return 1, err
	}
	errands := []errand{first}
	for len(errands) < most {
		errands = append(errands, errandOf(len(errands)))
	}
	return c.fly(ctx, errands, each)
}

// overLane moves all the files over a lane. Where none can be had, nothing has
// happened.
func (c *Client) overLane(ctx context.Context, n int, first errand, errandOf func(int) errand, each func(int, Verdict)) (int, error) {
	if err := c.openLane(ctx); err != nil {
		if c.Broken() || ctx.Err() != nil {
			return 0, err
		}
		c.learn(func(q *Quirks) { q.NoChannel = true })
		return 0, nil
	}
	errands := []errand{first}
	for len(errands) < n {
		errands = append(errands, errandOf(len(errands)))
	}
	return c.drive(ctx, errands, each)
}

// flightSize is how many files may be under way together.
func (c *Client) flightSize(up bool) int {
	q := c.Quirks()
	switch {
	case c.cfg.Data.Listens(), q.NoPipeline, q.NoBatch, q.ConnectFirst, c.wantsPRET():
		return 1
	case c.flies(up), c.flier():
		return maxFlight
	case !q.Reachable:
		return 1
	}
	return 2 // is it one that stands it?
}

// single moves one file by itself. The error is the connection's.
func (c *Client) single(ctx context.Context, e errand) (Verdict, error) {
	run, err := c.run(ctx, e.job)
	if err == nil {
		err = c.check(ctx, checking{e.path, e.t, run})
	}
	v := Verdict{N: run.n, Err: err, Reply: run.last()}
	if err == nil && e.hash != "" {
		v.Sum.Sum, v.Sum.Err = c.Hash(ctx, e.path, e.hash, 0, 0)
	}
	if ctx.Err() != nil {
		return v, context.Cause(ctx)
	}
	return v, c.usable()
}

// doubtful reports a failure in a flight that says less of the file than of the
// flight: the data connection was not there, or the server lost its place.
func (c *Client) doubtful(t *transfer, err error) bool {
	var re *proto.ReplyError
	if c.Broken() || t == nil || t.n > 0 && !t.toServer || !errors.As(err, &re) {
		return false
	}
	switch re.Reply.Code {
	case proto.CantOpenData, proto.TransferAborted, proto.BadNetwork,
		proto.Unrecognised, proto.NotImplemented, proto.BadSequence:
		return true
	}
	return false
}
