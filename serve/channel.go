package serve

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/users"
)

// channel is a data connection that stays for many files: ferry's own way to
// move small ones without a round trip each.
//
//	MODE B ─▶ 200
//	EPSV ─▶ 229, connection, CHAN ─▶ 225       it stands, under TLS as PROT says
//	RETR a ─▶ 125 … 250                        as often as wanted, and commands
//	STOR b ─▶ 125 … 250                        need not wait for replies
//	MODE S, TYPE, STRU, EPSV, PASV, PORT, EPRT, REIN, an ABOR that cuts a file
//
// RFC 959 §3.2 and §5.4 have the parts: connections that stay open in block
// mode, 125, 225 and 250. What CHAN adds (and FEAT announces):
//
//   - Every file ends in a marker block with its SHA-256, which is compared
//     before an upload counts, and an upload's may tell its time (data.Keep).
//   - To every STOR, APPE and STOU belongs one file on the channel, also when
//     the command is refused: it is read past. The refusal is sent at once, so
//     that the sender may cut the file short.
type channel struct {
	nc    net.Conn // under TLS or not
	conn  *data.Conn
	cover *cover
}

// chanCmd is CHAN: the connection that was agreed on is made now.
func (s *session) chanCmd(ctx context.Context, _ string) (proto.Reply, error) {
	if s.params != channelParams() {
		return proto.Reply{}, refuse(outOfOrder, "CHAN wants TYPE I, STRU F and MODE B.")
	}
	if s.meet == nil {
		return proto.Reply{}, refuse(outOfOrder, "Send EPSV, PASV, EPRT or PORT first.")
	}
	s.dropChannel()
	cover, err := s.cover(job{marks: true}) // no tickets: there is nobody to read them while a file goes up
	if err != nil {
		return proto.Reply{}, err
	}
	m, err := s.takeMeeting()
	if err != nil {
		return proto.Reply{}, err
	}
	s.flush() // a client may wait for replies before it connects
	ctx, t := s.start(ctx, job{verb: "CHAN", work: noWork})
	go t.run(ctx, s, func(ctx context.Context) error {
		return t.guarded(s, func() error { return t.openChannel(ctx, m, cover) })
	})
	return proto.Reply{}, nil
}

// noWork marks a job that has no transfer of its own to log.
func noWork(context.Context, *atomic.Int64) (proto.Reply, error) { return proto.Reply{}, nil }

func channelParams() proto.Params {
	p := proto.Binary()
	p.Mode = proto.Block
	return p
}

// openChannel meets the peer. In the mover.
func (t *transfer) openChannel(ctx context.Context, m meeting, cover *cover) error {
	nc, err := m.connect(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return &fault{noDataConnection, "Can't open the data connection.", err}
	}
	if nc, err = cover.protect(ctx, nc); err != nil {
		reset(nc)
		nc.Close()
		return err
	}
	t.kept = &channel{nc: nc, conn: data.NewConn(nc), cover: cover}
	t.kept.rest()
	t.reply = proto.Replyf(proto.DataOpenIdle, "Data connection open for any number of files.")
	return nil
}

// beginKept is begin over the channel.
func (s *session) beginKept(ctx context.Context, j job) error {
	// SECURITY: what the user may send in clear is asked for each file, too: the
	// record may have changed since CHAN.
	if cover, err := s.cover(j); err != nil {
		return j.end(ctx, err)
	} else if cover != nil && s.channel.cover == nil {
		return j.end(ctx, refuse(dataInClear, "The data connection is not encrypted: send EPSV and CHAN again."))
	}
	mark := j.mark
	mark.Code = proto.DataAlreadyOpen
	s.conn.WriteReply(mark)
	ctx, t := s.start(ctx, j)
	t.reply = proto.Replyf(proto.ActionOK, "Transfer complete.")
	t.pace = s.pacer()
	if j.ended != nil {
		*j.ended = endSealed // the file's end is in the data
	}
	ch, keep := s.takeChannel(), &data.Keep{}
	opt := s.dataOptions(j)
	opt.Moved, opt.Keep = &t.moved, keep
	if t.pace == nil {
		opt.Toll = s.toll(ctx, j.marks)
	}
	date := s.dater(j)
	body := func(ctx context.Context) error {
		err := t.guarded(s, func() error { return t.overChannel(ctx, ch, opt) })
		if err = t.guarded(s, func() error { return t.end(ctx, err) }); err == nil {
			t.date(ctx, date, keep.Got)
		}
		return err
	}
	if s.soon(t, ch, keep) {
		t.err = body(ctx)
		t.cancel(nil)
		s.finish()
		return nil
	}
	go t.run(ctx, s, body)
	return nil
}

// soon reports whether the file of a job is over at once, so that the owner may
// carry it: a small upload that has come, or a small download that waits for others
// or is sent here. What the kernel has no room for is left to move.
func (s *session) soon(t *transfer, ch *channel, k *data.Keep) bool {
	switch {
	case t.into != nil:
		return ch.conn.Arrived(briefSize)
	case t.brief == nil || !ch.conn.AtOnce():
		return false
	}
	n, err := ch.conn.Pack(t.brief, t.total, k)
	t.moved.Store(n)
	t.move = func(context.Context, *data.Conn, data.Options) error { return moved(err) }
	if t.waits = s.gathers(ch); t.waits {
		return true
	}
	serr := ch.conn.SendPackedNow()
	if serr != nil {
		k.InStep, err = false, cmp.Or(err, serr)
	}
	return serr != nil || ch.conn.Packed() == 0
}

// gathers reports whether the next command has come, and sends more: small files
// that are asked for together go out together.
func (s *session) gathers(ch *channel) bool {
	return s.held == nil && ch.conn.Packed() < data.PackMost && s.conn.Foresees("RETR")
}

// unload sends files that wait on the channel when no other follows them: what is
// said behind them must not be heard before they have gone.
func (s *session) unload(ctx context.Context) {
	if s.channel == nil || s.channel.conn.Packed() == 0 || !s.over && s.gathers(s.channel) {
		return
	}
	if err := s.channel.conn.SendPackedNow(); err != nil || s.channel.conn.Packed() > 0 {
		s.quietly(ctx, "RETR", func(context.Context, *data.Conn, data.Options) error { return err })
	}
}

// overChannel moves one file, and keeps the channel if it stands between two
// files then.
func (t *transfer) overChannel(ctx context.Context, ch *channel, o data.Options) error {
	defer func() {
		if t.kept == nil {
			ch.cut()
		}
	}()
	keep := o.Keep
	if !t.marks && t.verb != "RETR" { // a listing: its end is in the data, and it has no sum
		o.Keep = nil
	}
	ch.lend(ctx, t)
	err := error(nil)
	if !t.waits {
		err = moved(ch.conn.SendPacked(ctx, o))
	}
	if err != nil {
		keep.InStep = false
	} else {
		err = t.move(ctx, ch.conn, o)
	}
	if ch.rest(); keep.InStep || o.Keep == nil && err == nil {
		t.kept = ch
	}
	return err
}

// skip reads past the upload that belongs to a refused command.
func (s *session) skip(ctx context.Context, verb string) { s.quietly(ctx, verb, data.Skip) }

// quietly does something on the channel that no reply tells of.
func (s *session) quietly(ctx context.Context, verb string, work func(context.Context, *data.Conn, data.Options) error) {
	ch := s.takeChannel()
	ctx, t := s.start(ctx, job{verb: verb, work: noWork})
	t.silent = true
	t.pace = s.pacer()
	o := s.dataOptions(t.job)
	o.Moved = &t.moved
	go t.run(ctx, s, func(ctx context.Context) error {
		return t.guarded(s, func() error {
			ch.lend(ctx, t)
			err := ch.conn.SendPacked(ctx, o)
			if err == nil {
				err = work(ctx, ch.conn, o)
			}
			if ch.rest(); err == nil {
				t.kept = ch
				return nil
			}
			ch.cut()
			return err
		})
	})
}

// sends reports a command to which a file on the channel belongs.
func (s *session) sends(verb string) bool {
	return s.channel != nil && s.xfer == nil && (verb == "STOR" || verb == "APPE" || verb == "STOU")
}

// takeChannel hands the channel to a mover; finish puts it back.
func (s *session) takeChannel() *channel {
	ch := s.channel
	s.channel = nil
	return ch
}

// dropChannel ends a channel that no file is on, or but small ones that have been
// answered for already.
func (s *session) dropChannel() {
	if s.channel != nil {
		_ = s.channel.conn.SendPackedNow()
		_ = s.channel.conn.Close()
		s.channel = nil
	}
}

// lend gives the channel to a transfer: its rates hold, and its end.
func (c *channel) lend(ctx context.Context, t *transfer) {
	c.conn.Over(t.slowed(ctx, c.nc))
	c.watch(func() bool { return ctx.Err() != nil })
}

func (c *channel) rest() {
	c.conn.Over(c.nc)
	c.watch(func() bool { return false })
}

// watch tells what is below TLS when its transfer has been broken off.
func (c *channel) watch(ended func() bool) {
	if tc, ok := c.nc.(*tls.Conn); ok {
		if w, ok := tc.NetConn().(*watched); ok {
			w.ended = ended
		}
	}
}

// cut ends a channel in the middle of a file.
func (c *channel) cut() {
	reset(c.nc)
	_ = c.conn.Close()
}

// dater sets the time of an upload that has told it, as far as its user may;
// nil: nothing does.
func (s *session) dater(j job) func(ctx context.Context, at time.Time) error {
	if !j.marks || !s.mayAt(users.Chmod, j.path) {
		return nil
	}
	files, path := s.store, j.path
	return func(ctx context.Context, at time.Time) error { return files.SetModTime(ctx, path, at) }
}

// date sets the time that came behind an upload, and says so in the reply.
func (t *transfer) date(ctx context.Context, set func(context.Context, time.Time) error, facts string) {
	for fact := range strings.SplitSeq(facts, ";") {
		stamp, ok := strings.CutPrefix(fact, "modify=")
		if !ok || set == nil {
			continue
		}
		if at, _, err := proto.ParseTime(stamp); err == nil && set(ctx, at) == nil {
			t.reply = proto.Replyf(proto.ActionOK, "modify=%s; Transfer complete.", proto.FormatTime(at))
		}
	}
}
